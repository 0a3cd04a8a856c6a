/* SPDX-License-Identifier: MIT */
/* frames.c - see frames.h. Source: RFC 791, 768, 9293, 8200; IEEE 802.1Q. */
#include "frames.h"
#include <string.h>

/* SplitMix64 (Steele, Lea and Flood, 2014). */
uint64_t dice_throw(struct dice *dice)
{
    uint64_t z = dice->state += 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

uint32_t dice_below(struct dice *dice, uint32_t sides)
{
    return (uint32_t)((dice_throw(dice) >> 32) * sides >> 32);
}

static void put(struct frame *frame, const void *bytes, uint32_t count)
{
    memcpy(frame->data + frame->length, bytes, count);
    frame->length += count;
}

static void put8(struct frame *frame, uint32_t value)
{
    frame->data[frame->length++] = (uint8_t)value;
}

static void put16(struct frame *frame, uint32_t value)
{
    put8(frame, value >> 8);
    put8(frame, value);
}

static void set16(struct frame *frame, uint32_t at, uint32_t value)
{
    frame->data[at] = (uint8_t)(value >> 8);
    frame->data[at + 1] = (uint8_t)value;
}

static void put_noise(struct frame *frame, uint32_t count, struct dice *dice)
{
    while (count-- > 0)
        put8(frame, dice ? dice_below(dice, 256) : 0);
}

/* What a flow's number says; its bytes come from a generator of its own. */
struct identity {
    uint8_t bytes[36]; /* addresses, ports */
    bool is_ipv6;
    uint8_t protocol;
};

static struct identity identity_of(uint32_t number)
{
    struct dice dice = {number * UINT64_C(0x100000001) + 1};
    struct identity identity;
    uint32_t i;

    for (i = 0; i < sizeof(identity.bytes); i++)
        identity.bytes[i] = (uint8_t)dice_below(&dice, 256);
    identity.is_ipv6 = dice_below(&dice, 3) == 0;
    identity.protocol = dice_below(&dice, 2) ? 6 : 17;
    return identity;
}

/* How a frame of a flow is wrapped. */
struct wrapping {
    uint32_t tags, options; /* of IPv4: words */
    uint32_t extensions;    /* of IPv6: headers */
    uint32_t payload, padding;
    uint32_t protocol; /* instead of the flow's; 0 = its own */
    bool is_fragment;
    uint32_t fragment; /* its 16 bits, in the place where IPv4 has them */
};

static void put_ethernet(struct frame *frame, const struct wrapping *wrapping,
                         uint32_t type, struct dice *dice)
{
    uint32_t i;

    frame->length = 0;
    put(frame, "\x02\x11\x22\x33\x44\x55", 6);
    put(frame, "\x02\x66\x77\x88\x99\xaa", 6);
    for (i = 0; i < wrapping->tags; i++) {
        put16(frame, i + 1 < wrapping->tags ? 0x88a8 : 0x8100);
        put_noise(frame, 2, dice);
    }
    put16(frame, type);
}

static void put_transport(struct frame *frame, uint32_t protocol,
                          const uint8_t *ports, uint32_t payload,
                          struct dice *dice)
{
    put(frame, ports, 4);
    if (protocol == 17) {
        put16(frame, 8 + payload);
        put16(frame, 0);
    } else {
        put_noise(frame, 8, dice);
        put16(frame, 0x5010);
        put_noise(frame, 6, dice);
    }
    put_noise(frame, payload, dice);
}

static void put_ipv4(struct frame *frame, const struct identity *identity,
                     const struct wrapping *wrapping, uint32_t protocol,
                     struct dice *dice)
{
    const uint32_t start = frame->length;

    put8(frame, 0x40 + 5 + wrapping->options);
    put_noise(frame, 5, dice);
    put16(frame, wrapping->is_fragment ? wrapping->fragment : 0x4000);
    put8(frame, 64);
    put8(frame, protocol);
    put_noise(frame, 2, dice);
    put(frame, identity->bytes, 8);
    put_noise(frame, 4 * wrapping->options, dice);
    put_transport(frame, protocol, identity->bytes + 32, wrapping->payload,
                  dice);
    set16(frame, start + 2, frame->length - start);
}

static uint32_t extension_kind(uint32_t i, struct dice *dice)
{
    static const uint8_t kinds[] = {43, 60, 44};

    return i == 0 && dice_below(dice, 2) ? 0 : kinds[dice_below(dice, 3)];
}

/* A chain; a fragment header in it is that of a whole datagram. */
static void put_extensions(struct frame *frame, uint32_t next_at,
                           const struct wrapping *wrapping, struct dice *dice)
{
    uint32_t i, kind, words;

    for (i = 0; i < wrapping->extensions; i++) {
        kind = extension_kind(i, dice);
        words = kind == 44 ? 0 : dice_below(dice, 4);
        frame->data[next_at] = (uint8_t)kind;
        next_at = frame->length;
        put8(frame, 0);
        put8(frame, words);
        put16(frame, kind == 44 ? 0 : 0x0104);
        put_noise(frame, 4 + 8 * words, dice);
    }
    if (wrapping->is_fragment) {
        frame->data[next_at] = 44;
        next_at = frame->length;
        put16(frame, 0);
        put16(frame, (wrapping->fragment & 0x1fff) << 3 |
                         (wrapping->fragment >> 13 & 1));
        put_noise(frame, 4, dice);
    }
    frame->data[next_at] = (uint8_t)wrapping->protocol;
}

static void put_ipv6(struct frame *frame, const struct identity *identity,
                     const struct wrapping *wrapping, uint32_t protocol,
                     struct dice *dice)
{
    const uint32_t start = frame->length;
    struct wrapping inner = *wrapping;

    inner.protocol = protocol;
    put8(frame, 0x60);
    put_noise(frame, 5, dice);
    put8(frame, protocol);
    put8(frame, 64);
    put(frame, identity->bytes, 32);
    put_extensions(frame, start + 6, &inner, dice);
    put_transport(frame, protocol, identity->bytes + 32, wrapping->payload,
                  dice);
    set16(frame, start + 4, frame->length - start - 40);
}

static void put_wrapped(struct frame *frame, uint32_t number,
                        const struct wrapping *wrapping, struct dice *dice)
{
    const struct identity identity = identity_of(number);
    const uint32_t protocol =
        wrapping->protocol ? wrapping->protocol : identity.protocol;

    put_ethernet(frame, wrapping, identity.is_ipv6 ? 0x86dd : 0x0800, dice);
    if (identity.is_ipv6)
        put_ipv6(frame, &identity, wrapping, protocol, dice);
    else
        put_ipv4(frame, &identity, wrapping, protocol, dice);
    put_noise(frame, wrapping->padding, dice);
}

static struct wrapping any_wrapping(struct dice *dice)
{
    struct wrapping wrapping = {
        .tags = dice_below(dice, 4) ? 0 : dice_below(dice, 3),
        .options = dice_below(dice, 4) ? 0 : dice_below(dice, 11),
        .extensions = dice_below(dice, 4) ? 0 : dice_below(dice, 9),
        .payload =
            dice_below(dice, 8) ? dice_below(dice, 32) : dice_below(dice, 1000),
        .padding = dice_below(dice, 8) ? 0 : dice_below(dice, 40),
    };
    return wrapping;
}

void frame_of_flow(struct frame *frame, uint32_t number, struct dice *dice)
{
    const struct wrapping wrapping = any_wrapping(dice);

    put_wrapped(frame, number, &wrapping, dice);
}

void frame_plain(struct frame *frame, uint32_t number)
{
    const struct wrapping wrapping = {0};

    put_wrapped(frame, number, &wrapping, NULL);
}

/* A byte of the headers, so that it matters. */
static void change_bytes(struct frame *frame, struct dice *dice)
{
    uint32_t count = 1 + dice_below(dice, 3), at;

    while (count-- > 0) {
        at = 12 + dice_below(dice, 60);
        if (at < frame->length)
            frame->data[at] = (uint8_t)dice_below(dice, 256);
    }
}

void frame_any(struct frame *frame, uint32_t flows, struct dice *dice)
{
    static const uint8_t others[] = {1, 58, 50, 51, 59, 132, 0, 44, 60};
    const uint32_t what = dice_below(dice, 100);
    struct wrapping wrapping = any_wrapping(dice);

    if (what < 2) { /* up to a length that no frame has */
        frame->length = 0;
        put_noise(frame, dice_below(dice, 128), dice);
        if (what == 1)
            frame->length = dice_below(dice, 65536);
        return;
    }
    if (what < 5)
        wrapping.tags = 3;
    else if (what < 8)
        wrapping.extensions = 9 + dice_below(dice, 3);
    else if (what < 13)
        wrapping.protocol = others[dice_below(dice, sizeof(others))];
    if (what >= 12 && what < 20) {
        wrapping.is_fragment = true;
        wrapping.fragment = dice_below(dice, 65536) & 0x3fff;
    }
    put_wrapped(frame, dice_below(dice, flows), &wrapping, dice);
    if (what >= 20 && what < 26)
        change_bytes(frame, dice);
    else if (what >= 26 && what < 30)
        frame->length = dice_below(dice, frame->length + 1);
}
