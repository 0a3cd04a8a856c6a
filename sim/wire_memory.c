/* SPDX-License-Identifier: MIT */
/*
 * wire_memory.c - see wire_memory.h. The capture may be anything: each length
 * is checked against what is left.
 */
#include "wire_memory.h"

#define MAGIC_MICRO 0xa1b2c3d4u
#define MAGIC_NANO 0xa1b23c4du
#define ETHERNET 1u
#define LINK_TYPE 0x0fffffffu /* the rest says how long checksums are */
#define SNAPLEN 65535u
#define FRAME_MIN 14u
#define FRAME_MAX 1514u

struct file_header {
    uint32_t magic;
    uint16_t major, minor;
    uint32_t zone, accuracy, snaplen, link_type;
};

struct record_header {
    uint32_t seconds, fraction, captured, length;
};

static uint32_t number(const struct wire_memory *wire, uint32_t value)
{
    return wire->is_swapped ? __builtin_bswap32(value) : value;
}

/* False at the end, and where the rest is no whole record. */
static bool read_record(const struct wire_memory *wire,
                        struct record_header *header)
{
    if (wire->size - wire->at < sizeof(*header))
        return false;
    __builtin_memcpy(header, wire->bytes + wire->at, sizeof(*header));
    header->seconds = number(wire, header->seconds);
    header->fraction = number(wire, header->fraction);
    header->captured = number(wire, header->captured);
    header->length = number(wire, header->length);
    return header->captured <= wire->size - wire->at - sizeof(*header);
}

static bool is_playable(const struct record_header *header)
{
    return header->captured >= header->length &&
           header->captured >= FRAME_MIN && header->captured <= FRAME_MAX;
}

/* On to the next frame that is played, or to the end. */
static void settle(struct wire_memory *wire)
{
    struct record_header header;

    while (read_record(wire, &header)) {
        if (is_playable(&header))
            return;
        wire->skipped++;
        wire->at += sizeof(header) + header.captured;
    }
    wire->at = wire->size;
}

static const uint8_t *frame_receive(struct wire *opaque, uint32_t *bytes)
{
    struct wire_memory *wire = (struct wire_memory *)opaque;
    struct record_header header;
    const uint8_t *frame;

    if (!read_record(wire, &header))
        return NULL;
    frame = wire->bytes + wire->at + sizeof(header);
    *bytes = header.captured;
    wire->seconds = header.seconds;
    wire->fraction = header.fraction;
    wire->frames_in++;
    wire->at += sizeof(header) + header.captured;
    settle(wire);
    return frame;
}

static bool frames_ended(const struct wire *opaque)
{
    const struct wire_memory *wire = (const struct wire_memory *)opaque;

    return wire->at == wire->size;
}

static bool frame_next(struct wire *opaque, uint64_t *nanoseconds)
{
    const struct wire_memory *wire = (const struct wire_memory *)opaque;

    if (frames_ended(opaque))
        return false;
    *nanoseconds = wire->clock();
    return true;
}

static void frame_send(struct wire *opaque, const uint8_t *frame,
                       uint32_t bytes)
{
    struct wire_memory *wire = (struct wire_memory *)opaque;
    const struct record_header header = {wire->seconds, wire->fraction, bytes,
                                         bytes};

    wire->frames_out++;
    if (!wire->write)
        return;
    wire->write(&header, sizeof(header));
    wire->write(frame, bytes);
}

static const struct wire_ops wire_memory_ops = {
    .receive = frame_receive,
    .next = frame_next,
    .ended = frames_ended,
    .send = frame_send,
};

const char *wire_memory_open(struct wire_memory *wire, const uint8_t *bytes,
                             size_t size, uint64_t (*clock)(void),
                             void (*write)(const void *bytes, size_t count))
{
    struct file_header header;

    __builtin_memset(wire, 0, sizeof(*wire));
    if (size < sizeof(header))
        return "not a pcap capture: shorter than its header";
    __builtin_memcpy(&header, bytes, sizeof(header));
    wire->is_swapped = header.magic == __builtin_bswap32(MAGIC_MICRO) ||
                       header.magic == __builtin_bswap32(MAGIC_NANO);
    header.magic = number(wire, header.magic);
    wire->is_nano = header.magic == MAGIC_NANO;
    if (header.magic != MAGIC_MICRO && !wire->is_nano)
        return "not a pcap capture: pcapng or compressed ones are for the host";
    if ((number(wire, header.link_type) & LINK_TYPE) != ETHERNET)
        return "its frames are not Ethernet";
    wire->wire.ops = &wire_memory_ops;
    wire->bytes = bytes;
    wire->size = size;
    wire->at = sizeof(header);
    wire->clock = clock;
    wire->write = write;
    settle(wire);
    header = (struct file_header){wire->is_nano ? MAGIC_NANO : MAGIC_MICRO,
                                  2, 4, 0, 0, SNAPLEN, ETHERNET};
    if (write)
        write(&header, sizeof(header));
    return NULL;
}
