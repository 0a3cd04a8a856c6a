/* SPDX-License-Identifier: MIT */
/* crc32.c - CRC-32 of IEEE 802.3, a byte a step through a table. */
#include "kernels.h"

static uint32_t table[256];
static uint8_t message[1500];

void kernel_crc32_prepare(void)
{
    uint64_t state = KERNEL_SEED;

    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i;

        for (unsigned bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
        table[i] = crc;
    }
    for (unsigned i = 0; i < sizeof(message); i++)
        message[i] = (uint8_t)kernel_random(&state);
}

static uint32_t crc32(uint32_t crc, const uint8_t *bytes, uint32_t count)
{
    crc = ~crc;
    for (uint32_t i = 0; i < count; i++)
        crc = crc >> 8 ^ table[(crc ^ bytes[i]) & 0xff];
    return ~crc;
}

uint32_t kernel_crc32(uint32_t rounds)
{
    uint32_t crc = 0;

    while (rounds--)
        crc = crc32(crc, message, sizeof(message));
    return crc;
}
