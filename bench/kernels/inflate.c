/* SPDX-License-Identifier: MIT */
/*
 * inflate.c - decode a deflate stream (RFC 1951) of one block with fixed codes,
 * through tables that are built from the lengths of the codes; a small encoder
 * has made it.
 */
#include "kernels.h"
#include <string.h>

#define TEXT 4096u
#define SYMBOLS 288u
#define DISTANCES 30u
#define CODE_MAX 9u

static uint8_t text[TEXT], inflated[TEXT];
static uint8_t stream[2 * TEXT + 16];
static uint8_t lengths[SYMBOLS], distance_lengths[DISTANCES];
static uint16_t symbol_table[1 << CODE_MAX], distance_table[1 << CODE_MAX];

static const uint16_t length_base[] = {
    3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
    31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
static const uint8_t length_bits[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1,
                                      1, 1, 2, 2, 2, 2, 3, 3, 3, 3,
                                      4, 4, 4, 4, 5, 5, 5, 5, 0};
static const uint16_t distance_base[] = {
    1,   2,   3,   4,   5,   7,    9,    13,   17,   25,   33,   49,    65,
    97,  129, 193, 257, 385, 513,  769,  1025, 1537, 2049, 3073, 4097,  6145,
    8193, 12289, 16385, 24577};
static const uint8_t distance_bits[] = {0, 0, 0, 0, 1, 1, 2,  2,  3,  3,
                                        4, 4, 5, 5, 6, 6, 7,  7,  8,  8,
                                        9, 9, 10, 10, 11, 11, 12, 12, 13, 13};

/* --- the input ---------------------------------------------------------- */

struct writer {
    uint8_t *at;
    uint64_t bits;
    unsigned count;
};

static void write_bits(struct writer *out, uint32_t bits, unsigned count)
{
    out->bits |= (uint64_t)bits << out->count;
    out->count += count;
    for (; out->count >= 8; out->count -= 8, out->bits >>= 8)
        *out->at++ = (uint8_t)out->bits;
}

/* Codes stand with their first bit lowest. */
static uint32_t reversed(uint32_t code, unsigned count)
{
    uint32_t result = 0;

    for (; count; count--, code >>= 1)
        result = result << 1 | (code & 1);
    return result;
}

static void write_symbol(struct writer *out, uint32_t symbol)
{
    if (symbol < 144)
        write_bits(out, reversed(0x30 + symbol, 8), 8);
    else if (symbol < 256)
        write_bits(out, reversed(0x190 + symbol - 144, 9), 9);
    else if (symbol < 280)
        write_bits(out, reversed(symbol - 256, 7), 7);
    else
        write_bits(out, reversed(0xc0 + symbol - 280, 8), 8);
}

static void write_match(struct writer *out, uint32_t length, uint32_t distance)
{
    unsigned l = 28, d = DISTANCES - 1;

    while (length_base[l] > length)
        l--;
    while (distance_base[d] > distance)
        d--;
    write_symbol(out, 257 + l);
    write_bits(out, length - length_base[l], length_bits[l]);
    write_bits(out, reversed(d, 5), 5);
    write_bits(out, distance - distance_base[d], distance_bits[d]);
}

static uint32_t match_length(uint32_t here, uint32_t there)
{
    uint32_t length = 0;

    while (length < 258 && here + length < TEXT &&
           text[here + length] == text[there + length])
        length++;
    return length;
}

static void deflate(void)
{
    struct writer out = {stream, 0, 0};
    static uint16_t last[4096];

    memset(last, 0, sizeof(last));
    write_bits(&out, 3, 3); /* the last block, fixed codes */
    for (uint32_t i = 0, length; i < TEXT; i += length) {
        uint32_t word = 0, hash, there;

        memcpy(&word, text + i, i + 3 <= TEXT ? 3 : 0);
        hash = word * 0x9e3779b1u >> 20;
        there = last[hash];
        last[hash] = (uint16_t)i;
        length = there < i ? match_length(i, there) : 0;
        if (length >= 3) {
            write_match(&out, length, i - there);
        } else {
            write_symbol(&out, text[i]);
            length = 1;
        }
    }
    write_symbol(&out, 256);
    write_bits(&out, 0, 15);
}

/* Words of a small language, again and again. */
static void write_text(void)
{
    uint64_t state = KERNEL_SEED;
    uint8_t words[32][8];

    for (unsigned i = 0; i < sizeof(words); i++)
        (&words[0][0])[i] = (uint8_t)(' ' + kernel_random(&state) % 64 * 3);
    for (unsigned i = 0; i < TEXT;) {
        const uint8_t *word = words[kernel_random(&state) % 32];

        for (unsigned j = 0; j < 3 + (word[0] & 7u) % 6 && i < TEXT; j++)
            text[i++] = word[j];
    }
}

void kernel_inflate_prepare(void)
{
    for (unsigned i = 0; i < SYMBOLS; i++)
        lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    memset(distance_lengths, 5, sizeof(distance_lengths));
    write_text();
    deflate();
}

/* --- what is measured --------------------------------------------------- */

struct reader {
    const uint8_t *at;
    uint32_t bits, count;
};

static uint32_t peek(struct reader *in)
{
    while (in->count <= 24) {
        in->bits |= (uint32_t)*in->at++ << in->count;
        in->count += 8;
    }
    return in->bits;
}

static uint32_t read_bits(struct reader *in, uint32_t count)
{
    uint32_t bits = peek(in) & ((1u << count) - 1);

    in->bits >>= count;
    in->count -= count;
    return bits;
}

/* Entries: a symbol times 16, plus the length of its code (3.2.2). */
static void build_table(uint16_t *table, const uint8_t *length, uint32_t count)
{
    uint32_t code = 0;

    for (uint32_t bits = 1; bits <= CODE_MAX; bits++, code <<= 1)
        for (uint32_t symbol = 0; symbol < count; symbol++) {
            if (length[symbol] != bits)
                continue;
            for (uint32_t i = reversed(code, bits); i < 1u << CODE_MAX;
                 i += 1u << bits)
                table[i] = (uint16_t)(symbol << 4 | bits);
            code++;
        }
}

static uint32_t read_symbol(struct reader *in, const uint16_t *table)
{
    uint32_t entry = table[peek(in) & ((1u << CODE_MAX) - 1)];

    in->bits >>= entry & 15;
    in->count -= entry & 15;
    return entry >> 4;
}

static uint8_t *copy_match(struct reader *in, uint8_t *to, uint32_t symbol)
{
    uint32_t l = symbol - 257;
    uint32_t length = length_base[l] + read_bits(in, length_bits[l]);
    uint32_t d = read_symbol(in, distance_table);
    const uint8_t *from =
        to - distance_base[d] - read_bits(in, distance_bits[d]);

    for (; length; length--)
        *to++ = *from++;
    return to;
}

static uint32_t inflate(uint8_t *to)
{
    struct reader in = {stream, 0, 0};
    uint8_t *start = to;
    uint32_t symbol;

    read_bits(&in, 3);
    build_table(symbol_table, lengths, SYMBOLS);
    build_table(distance_table, distance_lengths, DISTANCES);
    while ((symbol = read_symbol(&in, symbol_table)) != 256)
        if (symbol < 256)
            *to++ = (uint8_t)symbol;
        else
            to = copy_match(&in, to, symbol);
    return (uint32_t)(to - start);
}

uint32_t kernel_inflate(uint32_t rounds)
{
    uint32_t sum = 0;

    while (rounds--)
        sum = inflate(inflated);
    for (unsigned i = 0; i < TEXT; i++)
        sum = kernel_fold(sum, inflated[i]);
    return kernel_fold(sum, memcmp(text, inflated, TEXT) == 0);
}
