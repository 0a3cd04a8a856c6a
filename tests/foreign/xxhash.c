/* SPDX-License-Identifier: MIT */
/* xxHash: all four hashes, at once and in pieces, of every length up to 600. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "foreign.h"

static unsigned char data[5000], secret[200];

static void print_wide(const char *what, XXH128_hash_t hash)
{
    XXH128_canonical_t bytes;

    XXH128_canonicalFromHash(&bytes, hash);
    hash = XXH128_hashFromCanonical(&bytes);
    printf("%s %016llx%016llx\n", what, (unsigned long long)hash.high64,
           (unsigned long long)hash.low64);
}

static void at_once(size_t length)
{
    uint64_t sum = XXH32(data, length, 7);

    sum = sum * 31 + XXH64(data, length, 9);
    sum = sum * 31 + XXH3_64bits(data, length);
    sum = sum * 31 + XXH3_64bits_withSeed(data, length, 11);
    sum = sum * 31 + XXH3_64bits_withSecret(data, length, secret, 150);
    sum = sum * 31 + XXH3_128bits(data, length).low64;
    sum = sum * 31 + XXH3_128bits_withSeed(data, length, 13).high64;
    sum = sum * 31 + XXH3_128bits_withSecret(data, length, secret, 150).low64;
    sum = sum * 31 + XXH128(data, length, 15).high64;
    printf("%d: %016llx\n", (int)length, (unsigned long long)sum);
}

static void narrow_in_pieces(void)
{
    XXH32_state_t *a = XXH32_createState(), *b = XXH32_createState();
    XXH64_state_t *c = XXH64_createState(), *d = XXH64_createState();
    XXH32_canonical_t small;
    XXH64_canonical_t large;

    XXH32_reset(a, 1);
    XXH64_reset(c, 1);
    for (size_t i = 0, step = 1; i + step < sizeof data; i += step, step += 3) {
        XXH32_update(a, data + i, step);
        XXH64_update(c, data + i, step);
    }
    XXH32_copyState(b, a);
    XXH64_copyState(d, c);
    XXH32_canonicalFromHash(&small, XXH32_digest(b));
    XXH64_canonicalFromHash(&large, XXH64_digest(d));
    printf("pieces %08x %016llx\n", XXH32_hashFromCanonical(&small),
           (unsigned long long)XXH64_hashFromCanonical(&large));
    XXH32_freeState(a), XXH32_freeState(b);
    XXH64_freeState(c), XXH64_freeState(d);
}

static void wide_in_pieces(void)
{
    XXH3_state_t *one = XXH3_createState(), *two = XXH3_createState();
    XXH128_hash_t first, second;

    XXH3_64bits_reset(one);
    XXH3_128bits_reset_withSeed(two, 99);
    for (size_t i = 0; i < sizeof data; i += 50) {
        XXH3_64bits_update(one, data + i, 50);
        XXH3_128bits_update(two, data + i, 50);
    }
    printf("wide %016llx\n", (unsigned long long)XXH3_64bits_digest(one));
    first = XXH3_128bits_digest(two);
    print_wide("seed", first);
    XXH3_copyState(one, two);
    XXH3_128bits_reset(one);
    XXH3_128bits_update(one, data, 1000);
    second = XXH3_128bits_digest(one);
    print_wide("none", second);
    printf("%d %d %d\n", XXH128_isEqual(first, second),
           XXH128_isEqual(first, first), XXH128_cmp(&first, &second) > 0);
    XXH3_64bits_reset_withSeed(one, 3);
    XXH3_64bits_update(one, data, 3000);
    printf("seed %016llx\n", (unsigned long long)XXH3_64bits_digest(one));
    XXH3_64bits_reset_withSecret(one, secret, 180);
    XXH3_64bits_update(one, data, 3000);
    printf("secret %016llx\n", (unsigned long long)XXH3_64bits_digest(one));
    XXH3_128bits_reset_withSecret(one, secret, 180);
    XXH3_128bits_update(one, data, 300);
    print_wide("secret", XXH3_128bits_digest(one));
    XXH3_freeState(one), XXH3_freeState(two);
}

int tp_main(void)
{
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)random_bits();
    for (size_t i = 0; i < sizeof secret; i++)
        secret[i] = (unsigned char)random_bits();
    printf("version %u\n", XXH_versionNumber());
    for (size_t length = 0; length < 600; length++)
        at_once(length);
    at_once(sizeof data);
    narrow_in_pieces();
    wide_in_pieces();
    return 0;
}
