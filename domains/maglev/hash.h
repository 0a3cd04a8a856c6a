/* SPDX-License-Identifier: MIT */
/*
 * hash.h - SipHash of whole words: a hash that who does not have the key
 * cannot make collide, short enough for each frame.
 *
 * The last word is the final block of the paper: the input's length, modulo
 * 256, in its top byte. So the value is that of SipHash over bytes.
 * Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012,
 * section 2.
 */
#pragma once
#include "tepal/types.h"

struct sip_key {
    uint64_t k0, k1;
};

/* Rounds: c for each word, d at the end. 1-3 here; the paper proposes 2-4. */
#define SIP_C 1
#define SIP_D 3

struct sip_state {
    uint64_t v0, v1, v2, v3;
};

TP_INLINE uint64_t sip_rotate(uint64_t word, uint32_t bits)
{
    return word << bits | word >> (64 - bits);
}

TP_INLINE void sip_round(struct sip_state *s)
{
    s->v0 += s->v1;
    s->v2 += s->v3;
    s->v1 = sip_rotate(s->v1, 13) ^ s->v0;
    s->v3 = sip_rotate(s->v3, 16) ^ s->v2;
    s->v0 = sip_rotate(s->v0, 32) + s->v3;
    s->v2 += s->v1;
    s->v1 = sip_rotate(s->v1, 17) ^ s->v2;
    s->v3 = sip_rotate(s->v3, 21) ^ s->v0;
    s->v2 = sip_rotate(s->v2, 32);
}

/* Without a loop, since @count is known: at most 4. */
TP_INLINE void sip_rounds(struct sip_state *s, uint32_t count)
{
    if (count > 3)
        sip_round(s);
    if (count > 2)
        sip_round(s);
    if (count > 1)
        sip_round(s);
    if (count > 0)
        sip_round(s);
}

TP_INLINE struct sip_state sip_begin(struct sip_key key)
{
    return (struct sip_state){
        key.k0 ^ 0x736f6d6570736575,
        key.k1 ^ 0x646f72616e646f6d,
        key.k0 ^ 0x6c7967656e657261,
        key.k1 ^ 0x7465646279746573,
    };
}

TP_INLINE void sip_word(struct sip_state *s, uint64_t word, uint32_t c)
{
    s->v3 ^= word;
    sip_rounds(s, c);
    s->v0 ^= word;
}

TP_INLINE uint64_t sip_end(struct sip_state *s, uint32_t d)
{
    s->v2 ^= 0xff;
    sip_rounds(s, d);
    return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}
