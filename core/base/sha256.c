/* SPDX-License-Identifier: MIT */
/*
 * sha256.c - SHA-256. Its constants are the fractions of roots of primes, and
 * are worked out here.
 * Source: FIPS 180-4, sections 4.1.2, 4.2.2, 5.1.1, 5.3.3 and 6.2.2.
 */
#include "tepal_trusted/sha256.h"
#include "tepal_trusted/base.h"

#define BLOCK 64u
#define ROUNDS 64u
#define WORDS 8u
#define LENGTH_AT 56u /* of the last block: the length in bits */

struct digest {
    uint32_t round[ROUNDS]; /* constants */
    uint32_t state[WORDS];
};

static bool is_prime(uint32_t number)
{
    uint32_t divisor;

    for (divisor = 2; divisor * divisor <= number; divisor++)
        if (number % divisor == 0)
            return false;
    return true;
}

/* The first 32 bits of the fraction of @prime's square or cube root. */
static uint32_t root_fraction(uint32_t prime, bool cube)
{
    const unsigned __int128 power = (unsigned __int128)prime
                                    << (cube ? 96 : 64);
    uint64_t root = 0, bit;

    for (bit = 1ull << 37; bit; bit >>= 1) {
        unsigned __int128 more = root | bit;

        if ((cube ? more * more * more : more * more) <= power)
            root |= bit;
    }
    return (uint32_t)root;
}

static void begin(struct digest *digest)
{
    uint32_t prime = 1, i;

    for (i = 0; i < ROUNDS; i++) {
        while (!is_prime(++prime))
            ;
        digest->round[i] = root_fraction(prime, true);
        if (i < WORDS)
            digest->state[i] = root_fraction(prime, false);
    }
}

static uint32_t rotate(uint32_t word, uint32_t right)
{
    return word >> right | word << (32 - right);
}

static void expand(uint32_t schedule[ROUNDS], const uint8_t *block)
{
    uint32_t i;

    for (i = 0; i < 16; i++) {
        __builtin_memcpy(&schedule[i], block + 4 * i, 4);
        schedule[i] = __builtin_bswap32(schedule[i]);
    }
    for (; i < ROUNDS; i++) {
        uint32_t a = schedule[i - 15], b = schedule[i - 2];

        schedule[i] = schedule[i - 16] + schedule[i - 7] +
                      (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) +
                      (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
    }
}

static void add_block(struct digest *digest, const uint8_t *block)
{
    uint32_t schedule[ROUNDS], s[WORDS], i, j;

    expand(schedule, block);
    __builtin_memcpy(s, digest->state, sizeof(s));
    for (i = 0; i < ROUNDS; i++) {
        uint32_t a = s[0], e = s[4];
        uint32_t choice = (e & s[5]) ^ (~e & s[6]);
        uint32_t majority = (a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]);
        uint32_t first = s[7] + choice + digest->round[i] + schedule[i] +
                         (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25));
        uint32_t second = majority +
                          (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22));

        for (j = WORDS - 1; j > 0; j--)
            s[j] = s[j - 1];
        s[4] += first;
        s[0] = first + second;
    }
    for (i = 0; i < WORDS; i++)
        digest->state[i] += s[i];
}

/* What is left after whole blocks, the end mark and the length. */
static void add_end(struct digest *digest, const uint8_t *rest, size_t size)
{
    uint64_t bits = __builtin_bswap64((uint64_t)size * 8);
    size_t left = size % BLOCK;
    uint8_t block[2 * BLOCK] = {0};
    uint8_t *last = left < LENGTH_AT ? block : block + BLOCK;

    if (left)
        __builtin_memcpy(block, rest, left);
    block[left] = 0x80;
    __builtin_memcpy(last + LENGTH_AT, &bits, sizeof(bits));
    add_block(digest, block);
    if (last != block)
        add_block(digest, last);
}

void sha256_text(char text[SHA256_TEXT], const uint8_t *bytes, size_t size)
{
    struct digest digest;
    size_t at;
    uint32_t i;

    begin(&digest);
    for (at = 0; size - at >= BLOCK; at += BLOCK)
        add_block(&digest, bytes + at);
    add_end(&digest, bytes + at, size);
    for (i = 0; i < WORDS; i++)
        text_format(text + 8 * i, SHA256_TEXT - 8 * i, "%08x",
                    digest.state[i]);
}
