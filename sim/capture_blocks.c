/* SPDX-License-Identifier: MIT */
/*
 * capture_blocks.c - pcapng, block by block. What makes no sense is passed on
 * unchanged, since libpcap finds it and says what is wrong. A block beyond
 * libpcap's own limit is never held.
 */
#include "capture_blocks.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SECTION 0x0a0d0d0au
#define BLOCK_INTERFACE 1u
#define BLOCK_PACKET 2u /* obsolete */
#define BLOCK_SIMPLE_PACKET 3u
#define BLOCK_ENHANCED_PACKET 6u
#define ORDER_MAGIC 0x1a2b3c4du
#define BLOCK_BYTES_MIN 12u
#define BLOCK_BYTES_MAX ((size_t)16 << 20)
#define ETHERNET 1u
#define SNAPLEN 262144u

void capture_blocks_begin(struct capture_blocks *blocks, capture_read_t *read,
                          void *from)
{
    memset(blocks, 0, sizeof(*blocks));
    blocks->read = read;
    blocks->from = from;
}

void capture_blocks_end(struct capture_blocks *blocks)
{
    free(blocks->block);
    blocks->block = NULL;
}

static uint32_t get32(const struct capture_blocks *blocks, size_t at)
{
    uint32_t value;

    memcpy(&value, blocks->block + at, sizeof(value));
    return blocks->swapped ? __builtin_bswap32(value) : value;
}

static void put32(struct capture_blocks *blocks, size_t at, uint32_t value)
{
    value = blocks->swapped ? __builtin_bswap32(value) : value;
    memcpy(blocks->block + at, &value, sizeof(value));
}

static uint16_t get16(const struct capture_blocks *blocks, size_t at)
{
    uint16_t value;

    memcpy(&value, blocks->block + at, sizeof(value));
    return blocks->swapped ? __builtin_bswap16(value) : value;
}

static void put16(struct capture_blocks *blocks, size_t at, uint16_t value)
{
    value = blocks->swapped ? __builtin_bswap16(value) : value;
    memcpy(blocks->block + at, &value, sizeof(value));
}

/* Until @bytes of the block are there, or the file ends. */
static bool read_to(struct capture_blocks *blocks, size_t bytes)
{
    uint8_t *larger;
    long got;

    if (bytes > blocks->room) {
        larger = realloc(blocks->block, bytes);
        if (!larger) {
            errno = ENOMEM;
            return false;
        }
        blocks->block = larger;
        blocks->room = bytes;
    }
    while (blocks->used < bytes) {
        got = blocks->read(blocks->from, blocks->block + blocks->used,
                           bytes - blocks->used);
        if (got < 0)
            return false;
        if (got == 0)
            break;
        blocks->used += (size_t)got;
    }
    return true;
}

/* libpcap wants one byte order in all sections, and looks. */
static void begin_section(struct capture_blocks *blocks)
{
    uint32_t magic;

    memcpy(&magic, blocks->block + 8, sizeof(magic));
    if (magic != ORDER_MAGIC && magic != __builtin_bswap32(ORDER_MAGIC))
        blocks->raw = true;
    blocks->swapped = magic != ORDER_MAGIC;
    blocks->interfaces = 0;
}

static bool add_interface(struct capture_blocks *blocks)
{
    if (blocks->interfaces == CAPTURE_INTERFACES_MAX) {
        blocks->crowded = true;
        errno = E2BIG;
        return false;
    }
    if (blocks->interfaces == 0)
        blocks->snaplen = get32(blocks, 12);
    blocks->link[blocks->interfaces++] = get16(blocks, 8);
    put16(blocks, 8, ETHERNET);
    put32(blocks, 12, SNAPLEN);
    return true;
}

static void packet_on(struct capture_blocks *blocks, uint32_t interface)
{
    blocks->packet_length = 0;
    if (interface < blocks->interfaces)
        blocks->packet_link = blocks->link[interface];
}

/*
 * A simple packet does not say how much of it was captured: that is up to the
 * first interface's snapshot length, which libpcap no longer sees.
 */
static void simple_packet(struct capture_blocks *blocks)
{
    uint32_t length = get32(blocks, 8);

    packet_on(blocks, 0);
    if (blocks->snaplen == 0 || length <= blocks->snaplen)
        return;
    blocks->packet_length = length;
    put32(blocks, 8, blocks->snaplen);
}

/* A whole block is there. */
static bool look_at(struct capture_blocks *blocks, uint32_t type)
{
    if (type == BLOCK_INTERFACE && blocks->used >= 20)
        return add_interface(blocks);
    if (type == BLOCK_ENHANCED_PACKET && blocks->used >= 32)
        packet_on(blocks, get32(blocks, 8));
    if (type == BLOCK_PACKET && blocks->used >= 32)
        packet_on(blocks, get16(blocks, 8));
    if (type == BLOCK_SIMPLE_PACKET && blocks->used >= 16)
        simple_packet(blocks);
    return true;
}

static bool next_block(struct capture_blocks *blocks)
{
    size_t bytes;
    uint32_t type;

    blocks->used = 0;
    blocks->given = 0;
    if (!read_to(blocks, BLOCK_BYTES_MIN))
        return false;
    if (blocks->used < BLOCK_BYTES_MIN)
        return true;
    memcpy(&type, blocks->block, sizeof(type)); /* the same in both orders */
    if (type == BLOCK_SECTION)
        begin_section(blocks);
    type = get32(blocks, 0);
    bytes = get32(blocks, 4);
    if (bytes < BLOCK_BYTES_MIN || bytes > BLOCK_BYTES_MAX)
        blocks->raw = true;
    if (blocks->raw)
        return true;
    if (!read_to(blocks, bytes))
        return false;
    return blocks->used < bytes || look_at(blocks, type);
}

long capture_blocks_read(struct capture_blocks *blocks, void *buffer,
                         size_t bytes)
{
    size_t left;

    if (blocks->given == blocks->used) {
        if (blocks->raw)
            return blocks->read(blocks->from, buffer, bytes);
        if (!next_block(blocks))
            return -1;
    }
    left = blocks->used - blocks->given;
    if (bytes > left)
        bytes = left;
    memcpy(buffer, blocks->block + blocks->given, bytes);
    blocks->given += bytes;
    return (long)bytes;
}
