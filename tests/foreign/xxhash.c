/* SPDX-License-Identifier: MIT */
/* xxhash.c - XXH32, XXH64 and XXH3 of Debian's libxxhash-dev. */
#define XXH_STATIC_LINKING_ONLY
#define XXH_IMPLEMENTATION
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

static unsigned char bytes[5000];

static void print(const char *name, size_t size, uint64_t high, uint64_t low)
{
    printf("%s %zu: %016llx%016llx\n", name, size, (unsigned long long)high,
           (unsigned long long)low);
}

static void in_pieces(size_t size)
{
    XXH32_state_t *s32 = XXH32_createState();
    XXH64_state_t *s64 = XXH64_createState();
    XXH3_state_t *s3 = XXH3_createState();

    XXH32_reset(s32, 5);
    XXH64_reset(s64, 5);
    XXH3_64bits_reset_withSeed(s3, 5);
    for (size_t at = 0; at < size; at += 97) {
        size_t piece = size - at < 97 ? size - at : 97;

        XXH32_update(s32, bytes + at, piece);
        XXH64_update(s64, bytes + at, piece);
        XXH3_64bits_update(s3, bytes + at, piece);
    }
    print("pieces", size, XXH32_digest(s32), XXH64_digest(s64));
    print("pieces3", size, 0, XXH3_64bits_digest(s3));
    XXH32_freeState(s32);
    XXH64_freeState(s64);
    XXH3_freeState(s3);
}

int tp_main(void)
{
    static const size_t sizes[] = {0,  1,   3,   4,   8,    9,   16,  17,
                                   31, 128, 129, 240, 241, 1024, 5000};

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 7919 >> 3);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        XXH128_hash_t both = XXH3_128bits(bytes, sizes[i]);
        XXH64_canonical_t canonical;

        print("32,64", sizes[i], XXH32(bytes, sizes[i], 1),
              XXH64(bytes, sizes[i], 2));
        print("3", sizes[i], XXH3_64bits(bytes, sizes[i]),
              XXH3_64bits_withSeed(bytes, sizes[i], 99));
        print("128", sizes[i], both.high64, both.low64);
        both = XXH128(bytes, sizes[i], 3);
        XXH64_canonicalFromHash(&canonical, both.low64);
        print("128s", sizes[i], both.high64, XXH64_hashFromCanonical(&canonical));
        in_pieces(sizes[i]);
    }
    return 0;
}
