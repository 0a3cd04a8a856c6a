/* SPDX-License-Identifier: MIT */
/* verification.c - see verification.h. */
#include "verification.h"
#include "code.h"
#include "tepal_trusted/verify.h"
#include <stdlib.h>
#include <string.h>

#define SHA256_ROUND_BYTES 2048u /* of the kernel */

/* What verify_text() works on, as large as the largest file needs. */
struct bench_area {
    uint8_t *text;
    void *scratch;
    uint32_t *entries;
};

static bool area_make(struct bench_area *area,
                      const struct verification *files, uint32_t count)
{
    uint32_t text = 0, ftab = 0, i;

    for (i = 0; i < count; i++) {
        const struct image *image = &files[i].image;

        if (image->text.file_bytes > text)
            text = image->text.file_bytes;
        if (image->ftab_bytes > ftab)
            ftab = image->ftab_bytes;
    }
    area->text = malloc(text);
    area->scratch = malloc(verify_scratch_bytes(text));
    area->entries = malloc(ftab);
    return area->text && area->scratch && area->entries;
}

static void area_free(struct bench_area *area)
{
    free(area->text);
    free(area->scratch);
    free(area->entries);
}

/* As core/loader/load.c calls it. */
static bool verify(const struct image *image, const struct bench_area *area)
{
    struct verify_input input =
        image_verify_input(image, area->text, area->entries);

    return verify_text(&input, area->scratch).rule == VERIFY_OK;
}

static void copy_text(const struct image *image, const struct bench_area *area)
{
    memcpy(area->text, image->file + image->text.file_offset,
           image->text.file_bytes);
    __asm__ volatile("" : : "r"(area->text) : "memory");
}

/* The SHA-256 of a whole number of its rounds; returns the bytes. */
static uint32_t hash_bytes(uint32_t bytes)
{
    uint32_t rounds = (bytes + SHA256_ROUND_BYTES - 1) / SHA256_ROUND_BYTES;

    (void)code_native_run(KERNEL_sha256, rounds);
    return rounds * SHA256_ROUND_BYTES;
}

/* TSC cycles a byte; less than 0: refused. */
static double take_turn(const struct image *image,
                        const struct bench_area *area,
                        enum verification_way way)
{
    uint32_t bytes = image->text.file_bytes;
    uint64_t begin, end;
    bool fine = true;

    begin = clock_begin();
    switch (way) {
    case VERIFICATION_VERIFY:
        fine = verify(image, area);
        break;
    case VERIFICATION_MEMCPY:
        copy_text(image, area);
        break;
    case VERIFICATION_SHA256:
        bytes = hash_bytes(bytes);
        break;
    case VERIFICATION_WAYS:
        break;
    }
    end = clock_end();
    return fine ? (double)(end - begin) / bytes : -1;
}

static bool take_turns(struct verification *file,
                       const struct bench_area *area, uint32_t turn)
{
    uint32_t way;

    copy_text(&file->image, area);
    for (way = 0; way < VERIFICATION_WAYS; way++) {
        file->values[way][turn] =
            take_turn(&file->image, area, (enum verification_way)way);
        if (file->values[way][turn] < 0)
            return false;
    }
    return true;
}

static const char *measure(struct verification *files, uint32_t count,
                           const struct bench_area *area)
{
    uint32_t turn, i, way;

    (void)code_native_run(KERNEL_sha256, 0);
    for (i = 0; i < count; i++) /* warms up */
        if (!take_turns(&files[i], area, 0))
            return "a text is refused by the verifier";
    for (turn = 0; turn < VERIFICATION_TURNS; turn++)
        for (i = 0; i < count; i++)
            (void)take_turns(&files[i], area, turn);
    for (i = 0; i < count; i++)
        for (way = 0; way < VERIFICATION_WAYS; way++)
            files[i].cycles[way] =
                sample_of(files[i].values[way], VERIFICATION_TURNS);
    return NULL;
}

const char *verification_measure(struct verification *files, uint32_t count)
{
    struct bench_area area;
    const char *why = "no memory";

    clock_pin();
    if (area_make(&area, files, count))
        why = measure(files, count, &area);
    area_free(&area);
    return why;
}

struct sample verification_total(const struct verification *files,
                                 uint32_t count, enum verification_way way)
{
    struct sample total = {0, 0, 0};
    double bytes = 0;
    uint32_t i;

    for (i = 0; i < count; i++) {
        double weight = files[i].image.text.file_bytes;

        total.minimum += weight * files[i].cycles[way].minimum;
        total.median += weight * files[i].cycles[way].median;
        total.p99 += weight * files[i].cycles[way].p99;
        bytes += weight;
    }
    total.minimum /= bytes;
    total.median /= bytes;
    total.p99 /= bytes;
    return total;
}
