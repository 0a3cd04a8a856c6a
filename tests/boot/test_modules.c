/* SPDX-License-Identifier: MIT */
/*
 * test_modules.c - what the bare-metal kernel reads of the files that a loader
 * brought: archives, and captures that are played from memory.
 */
#include "modules.h"
#include "suite_run.h"
#include "wire_memory.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An archive, grown member by member. */
struct archive {
    uint8_t bytes[4096];
    size_t size;
};

static void pad(struct archive *archive)
{
    while (archive->size % 4)
        archive->bytes[archive->size++] = 0;
}

static void add(struct archive *archive, const char *name, const char *content)
{
    size_t bytes = strlen(content);

    archive->size += (size_t)sprintf(
        (char *)archive->bytes + archive->size,
        "070701%08x%08x%08x%08x%08x%08x%08zx%08x%08x%08x%08x%08zx%08x%s", 1,
        0100644, 0, 0, 1, 0, bytes, 0, 0, 0, 0, strlen(name) + 1, 0, name);
    archive->size++; /* the name's end */
    pad(archive);
    memcpy(archive->bytes + archive->size, content, bytes);
    archive->size += bytes;
    pad(archive);
}

/* A copy without a byte to spare: sanitizers see what is read behind it. */
static uint8_t *copy_of(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);

    ck_assert_ptr_nonnull(copy);
    memcpy(copy, bytes, size);
    return copy;
}

static void bring(struct boot_info *info, const uint8_t *bytes, size_t size,
                  const char *name)
{
    struct boot_module *module = &info->modules[info->module_count++];

    module->place = (struct boot_range){(uintptr_t)bytes,
                                        (uintptr_t)bytes + size};
    strcpy(module->name, name);
}

static void claim_is(const char *name, const char *content)
{
    struct module_file file;

    ck_assert_msg(modules_find(name, &file), "no %s", name);
    ck_assert_uint_eq(file.size, strlen(content));
    ck_assert_mem_eq(file.bytes, content, file.size);
}

/* Source: design, section 6: a manifest and the .dom files are modules. */
START_TEST(files_are_found_as_modules_and_in_archives)
{
    static struct boot_info info;
    static struct archive archive;
    struct module_file file;

    memset(&info, 0, sizeof(info));
    add(&archive, "a.manifest", "system a\n");
    add(&archive, "./domains/b.dom", "code");
    add(&archive, "empty", "");
    add(&archive, "TRAILER!!!", "");
    bring(&info, archive.bytes, archive.size, "");
    bring(&info, (const uint8_t *)"alone", 5, "/boot/c.pcap");
    modules_init(&info);
    claim_is("a.manifest", "system a\n");
    claim_is("b.dom", "code");
    claim_is("empty", "");
    claim_is("c.pcap", "alone");
    ck_assert(!modules_find("d.dom", &file));
    ck_assert(!modules_find("domains/b.dom", &file));
}
END_TEST

/* Rule: whatever an archive says of lengths, a file lies inside the archive. */
START_TEST(damaged_archives_have_no_files_beyond_their_ends)
{
    static const char *const names[] = {"a.manifest", "b.dom", "c", ""};
    static struct boot_info info;
    static struct archive archive;
    struct module_file file;
    unsigned random = 1;
    uint8_t *copy;
    size_t size, i;
    int tries;

    add(&archive, "a.manifest", "system a\n");
    add(&archive, "b.dom", "code");
    add(&archive, "c", "more");
    for (tries = 0; tries < 20000; tries++) {
        random = random * 1103515245u + 12345u;
        size = random >> 8 & 1 ? archive.size : (random >> 9) % archive.size;
        copy = copy_of(archive.bytes, size);
        for (i = 0; size && i < (random >> 16) % 4; i++) {
            random = random * 1103515245u + 12345u;
            copy[(random >> 8) % size] =
                (uint8_t)"0123456789abcdefF\0\xff/"[(random >> 4) % 20];
        }
        memset(&info, 0, sizeof(info));
        bring(&info, copy, size, "");
        modules_init(&info);
        for (i = 0; i < 4; i++)
            if (modules_find(names[i], &file)) {
                ck_assert(file.bytes >= copy);
                ck_assert(file.bytes + file.size <= copy + size);
            }
        free(copy);
    }
}
END_TEST

/* --- captures ------------------------------------------------------------- */

static uint8_t written[1 << 16];
static size_t written_bytes;

static void keep(const void *bytes, size_t count)
{
    ck_assert(count <= sizeof(written) - written_bytes);
    memcpy(written + written_bytes, bytes, count);
    written_bytes += count;
}

static uint64_t no_time(void)
{
    return 42;
}

static size_t put32(uint8_t *at, uint32_t value)
{
    memcpy(at, &value, 4);
    return 4;
}

/* A record whose frame is @bytes long, of which so many were captured. */
static size_t put_record(uint8_t *at, uint32_t seconds, uint32_t captured,
                         uint32_t bytes)
{
    size_t size = put32(at, seconds);

    size += put32(at + size, seconds + 1);
    size += put32(at + size, captured);
    size += put32(at + size, bytes);
    memset(at + size, (int)seconds, captured);
    return size + captured;
}

static size_t make_capture(uint8_t *at)
{
    size_t size = put32(at, 0xa1b2c3d4);

    size += put32(at + size, 2 | 4 << 16);
    size += put32(at + size, 0);
    size += put32(at + size, 0);
    size += put32(at + size, 65535);
    size += put32(at + size, 1);
    size += put_record(at + size, 1, 60, 60);
    size += put_record(at + size, 2, 60, 61); /* truncated */
    size += put_record(at + size, 3, 13, 13); /* short */
    size += put_record(at + size, 4, 1515, 1515);
    size += put_record(at + size, 5, 1514, 1514);
    return size + put_record(at + size, 6, 14, 14);
}

/* Play all of it, each frame sent back at once; how many. */
static uint32_t play(struct wire_memory *wire, const uint8_t *bytes,
                     size_t size)
{
    const uint8_t *frame;
    uint32_t length, frames = 0;
    uint64_t when;

    written_bytes = 0;
    while ((frame = wire->wire.ops->receive(&wire->wire, &length))) {
        ck_assert(frame >= bytes && frame + length <= bytes + size);
        ck_assert(length >= 14 && length <= 1514);
        wire->wire.ops->send(&wire->wire, frame, length);
        frames++;
    }
    ck_assert(wire->wire.ops->ended(&wire->wire));
    ck_assert(!wire->wire.ops->next(&wire->wire, &when));
    return frames;
}

/* Source: docs/REPLAY.md, "Records that are no plain frames". */
START_TEST(frames_are_played_and_kept_with_their_time_stamps)
{
    static uint8_t bytes[8192];
    size_t size = make_capture(bytes), header = 24;
    struct wire_memory wire;
    uint64_t when;

    written_bytes = 0;
    ck_assert_ptr_null(wire_memory_open(&wire, bytes, size, no_time, keep));
    ck_assert_uint_eq(written_bytes, header);
    ck_assert_mem_eq(written, bytes, header);
    ck_assert(wire.wire.ops->next(&wire.wire, &when));
    ck_assert_uint_eq(when, 42);
    ck_assert_uint_eq(play(&wire, bytes, size), 3);
    ck_assert_uint_eq(wire.skipped, 3);
    ck_assert_uint_eq(wire.frames_out, 3);
    ck_assert_uint_eq(written_bytes, 3 * 16 + 60 + 1514 + 14);
    ck_assert_mem_eq(written, bytes + header, 16 + 60);
}
END_TEST

/* Rule: a capture is refused by its header alone, and says what is wrong. */
START_TEST(what_is_no_capture_is_refused)
{
    static uint8_t bytes[8192];
    size_t size = make_capture(bytes);
    struct wire_memory wire;

    ck_assert_ptr_nonnull(wire_memory_open(&wire, bytes, 23, no_time, NULL));
    put32(bytes + 20, 101);
    ck_assert_ptr_nonnull(wire_memory_open(&wire, bytes, size, no_time, NULL));
    put32(bytes + 20, 1);
    put32(bytes, 0x0a0d0d0a);
    ck_assert_ptr_nonnull(wire_memory_open(&wire, bytes, size, no_time, NULL));
}
END_TEST

/* Rule: a damaged capture is played as far as it is one, and not beyond. */
START_TEST(damaged_captures_end_early)
{
    static uint8_t bytes[8192];
    size_t size = make_capture(bytes), cut;
    struct wire_memory wire;
    unsigned random = 1;
    uint8_t *copy;
    int tries;

    for (tries = 0; tries < 20000; tries++) {
        random = random * 1103515245u + 12345u;
        cut = random >> 8 & 1 ? size : 24 + (random >> 9) % (size - 24);
        copy = copy_of(bytes, cut);
        random = random * 1103515245u + 12345u;
        copy[(random >> 8) % cut] = (uint8_t)(random >> 24);
        if (!wire_memory_open(&wire, copy, cut, no_time, keep))
            ck_assert_uint_le(play(&wire, copy, cut), size / 30);
        free(copy);
        written_bytes = 0;
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("modules");
    TCase *tcase = tcase_create("modules");

    tcase_add_test(tcase, files_are_found_as_modules_and_in_archives);
    tcase_add_test(tcase, damaged_archives_have_no_files_beyond_their_ends);
    tcase_add_test(tcase, frames_are_played_and_kept_with_their_time_stamps);
    tcase_add_test(tcase, what_is_no_capture_is_refused);
    tcase_add_test(tcase, damaged_captures_end_early);
    suite_add_tcase(suite, tcase);
    return suite_run(suite, CK_FORK_GETENV);
}
