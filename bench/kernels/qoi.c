/* SPDX-License-Identifier: MIT */
/*
 * qoi.c - decode an image of 64 by 64 pixels in the format QOI, which an
 * encoder for its input has made. Source: "The Quite OK Image Format", 1.0.
 */
#include "kernels.h"
#include <stdbool.h>
#include <string.h>

#define SIDE 64u
#define PIXELS (SIDE * SIDE)

struct pixel {
    uint8_t r, g, b, a;
};

enum tag { TAG_INDEX = 0x00, TAG_DIFF = 0x40, TAG_LUMA = 0x80, TAG_RUN = 0xc0,
           TAG_RGB = 0xfe };

static struct pixel image[PIXELS], decoded[PIXELS];
static uint8_t stream[PIXELS * 5];
static uint32_t stream_bytes;

static unsigned place_of(struct pixel p)
{
    return (p.r * 3u + p.g * 5u + p.b * 7u + p.a * 11u) % 64;
}

static bool same(struct pixel p, struct pixel q)
{
    return p.r == q.r && p.g == q.g && p.b == q.b && p.a == q.a;
}

/* Flat parts, slopes and some noise. */
static void paint(void)
{
    uint64_t state = KERNEL_SEED;

    for (unsigned i = 0; i < PIXELS; i++) {
        unsigned x = i % SIDE, y = i / SIDE;
        uint64_t noise = kernel_random(&state);
        struct pixel p = {(uint8_t)(x * 2), (uint8_t)(x + y), (uint8_t)(y * 3),
                          255};

        if (y % 16 < 5)
            p = (struct pixel){(uint8_t)(y / 16 * 40), 200, 30, 255};
        if (y % 16 >= 12 && noise % 4 == 0)
            p = (struct pixel){(uint8_t)(noise >> 8), (uint8_t)(noise >> 16),
                               (uint8_t)(noise >> 24), 255};
        image[i] = p;
    }
}

static uint8_t *encode_change(uint8_t *at, struct pixel p, struct pixel before)
{
    int r = (int8_t)(p.r - before.r), g = (int8_t)(p.g - before.g),
        b = (int8_t)(p.b - before.b);

    if (r >= -2 && r < 2 && g >= -2 && g < 2 && b >= -2 && b < 2) {
        *at++ = (uint8_t)(TAG_DIFF | (r + 2) << 4 | (g + 2) << 2 | (b + 2));
    } else if (g >= -32 && g < 32 && r - g >= -8 && r - g < 8 && b - g >= -8 &&
               b - g < 8) {
        *at++ = (uint8_t)(TAG_LUMA | (g + 32));
        *at++ = (uint8_t)((r - g + 8) << 4 | (b - g + 8));
    } else {
        *at++ = TAG_RGB;
        *at++ = p.r, *at++ = p.g, *at++ = p.b;
    }
    return at;
}

void kernel_qoi_prepare(void)
{
    struct pixel seen[64] = {{0, 0, 0, 0}}, before = {0, 0, 0, 255};
    uint8_t *at = stream;
    unsigned run = 0;

    paint();
    for (unsigned i = 0; i < PIXELS; before = image[i++]) {
        struct pixel p = image[i];
        bool goes_on = same(p, before);

        if (goes_on && ++run < 62 && i + 1 < PIXELS)
            continue;
        if (run)
            *at++ = (uint8_t)(TAG_RUN | (run - 1));
        run = 0;
        if (goes_on)
            continue;
        if (same(seen[place_of(p)], p))
            *at++ = (uint8_t)(TAG_INDEX | place_of(p));
        else
            at = encode_change(at, p, before);
        seen[place_of(p)] = p;
    }
    stream_bytes = (uint32_t)(at - stream);
}

static const uint8_t *decode_pixel(const uint8_t *at, struct pixel *p,
                                   const struct pixel *seen, unsigned *run)
{
    uint8_t tag = *at++;

    if (tag == TAG_RGB) {
        p->r = at[0], p->g = at[1], p->b = at[2];
        return at + 3;
    }
    switch (tag & 0xc0) {
    case TAG_INDEX:
        *p = seen[tag & 63];
        break;
    case TAG_DIFF:
        p->r = (uint8_t)(p->r + (tag >> 4 & 3) - 2);
        p->g = (uint8_t)(p->g + (tag >> 2 & 3) - 2);
        p->b = (uint8_t)(p->b + (tag & 3) - 2);
        break;
    case TAG_LUMA: {
        int g = (tag & 63) - 32;

        p->r = (uint8_t)(p->r + g - 8 + (*at >> 4));
        p->g = (uint8_t)(p->g + g);
        p->b = (uint8_t)(p->b + g - 8 + (*at & 15));
        at++;
        break;
    }
    default:
        *run = tag & 63;
    }
    return at;
}

static void decode(struct pixel *to, uint32_t pixels)
{
    const uint8_t *at = stream, *end = stream + stream_bytes;
    struct pixel seen[64], p = {0, 0, 0, 255};
    unsigned run = 0;

    memset(seen, 0, sizeof(seen));
    for (uint32_t i = 0; i < pixels; i++) {
        if (run)
            run--;
        else if (at < end) {
            at = decode_pixel(at, &p, seen, &run);
            seen[place_of(p)] = p;
        }
        to[i] = p;
    }
}

uint32_t kernel_qoi(uint32_t rounds)
{
    uint32_t sum = 0;

    while (rounds--)
        decode(decoded, PIXELS);
    for (unsigned i = 0; i < PIXELS; i++)
        sum = kernel_fold(sum, decoded[i].r | decoded[i].g << 8 |
                                   decoded[i].b << 16);
    return kernel_fold(sum, same(decoded[PIXELS / 3], image[PIXELS / 3]));
}
