/* SPDX-License-Identifier: MIT */
/*
 * mutants.c - damaged images, for decode.test.
 *
 * usage: mutants SEED COUNT FOLDER FILE...
 * Writes COUNT files into FOLDER, each a FILE (of at most 64 KiB) with some
 * bytes changed, repeated, taken away or put in; the same for the same SEED.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BYTES_MAX = 65536, ROOM = 2 * BYTES_MAX };

static uint64_t state;

static uint32_t below(uint32_t count)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return count ? (uint32_t)((state >> 20) % count) : 0;
}

static void change_byte(uint8_t *bytes, uint32_t size)
{
    static const uint8_t extremes[] = {0, 1, 0x7f, 0x80, 0xff};
    uint32_t at = below(below(2) ? size : size < 64 ? size : 64);

    switch (below(3)) {
    case 0:
        bytes[at] = (uint8_t)below(256);
        break;
    case 1:
        bytes[at] ^= (uint8_t)(1 << below(8));
        break;
    default:
        bytes[at] = extremes[below(sizeof(extremes))];
        break;
    }
}

/* Copy a piece over or into another place; the size after that. */
static uint32_t copy_piece(uint8_t *bytes, uint32_t size, int inserts)
{
    uint32_t from = below(size), to = below(size);
    uint32_t length = below(size - from < 256 ? size - from : 256);

    if (inserts && size + length <= ROOM) {
        memmove(bytes + to + length, bytes + to, size - to);
        return size + length;
    }
    if (length > size - to)
        length = size - to;
    memmove(bytes + to, bytes + from, length);
    return size;
}

static uint32_t mutate(uint8_t *bytes, uint32_t size)
{
    for (uint32_t n = 1 + below(8); n > 0 && size > 1; n--)
        switch (below(12)) {
        case 0:
            size -= below(size / 2);
            break;
        case 1:
            size = copy_piece(bytes, size, 1);
            break;
        case 2:
            size = copy_piece(bytes, size, 0);
            break;
        default:
            change_byte(bytes, size);
            break;
        }
    return size;
}

static int write_mutant(const char *folder, unsigned long number,
                        const char *path)
{
    static uint8_t bytes[ROOM];
    const char *dot = strrchr(path, '.');
    char name[4096];
    FILE *in = fopen(path, "rb"), *out;
    uint32_t size;

    if (!in)
        return 0;
    size = (uint32_t)fread(bytes, 1, BYTES_MAX, in);
    fclose(in);
    size = mutate(bytes, size);
    snprintf(name, sizeof(name), "%s/%06lu%s", folder, number, dot ? dot : "");
    out = fopen(name, "wb");
    return out && fwrite(bytes, 1, size, out) == size && fclose(out) == 0;
}

int main(int argc, char **argv)
{
    unsigned long count;

    if (argc < 5)
        return 2;
    state = strtoull(argv[1], NULL, 10) * 0x9e3779b97f4a7c15 + 1;
    count = strtoul(argv[2], NULL, 10);
    for (unsigned long i = 0; i < count; i++)
        if (!write_mutant(argv[3], i, argv[4 + below((uint32_t)argc - 4)])) {
            perror(argv[3]);
            return 1;
        }
    return 0;
}
