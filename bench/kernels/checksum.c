/* SPDX-License-Identifier: MIT */
/* checksum.c - the Internet checksum (RFC 1071) of frames of many lengths. */
#include "kernels.h"
#include <stddef.h>
#include <string.h>

static const uint16_t lengths[] = {40, 64, 576, 1500, 128, 1500, 97, 1013};
#define LENGTHS (sizeof(lengths) / sizeof(lengths[0]))

static uint8_t payload[2048];

void kernel_checksum_prepare(void)
{
    uint64_t state = KERNEL_SEED;

    for (unsigned i = 0; i < sizeof(payload); i++)
        payload[i] = (uint8_t)kernel_random(&state);
}

static uint16_t internet_checksum(const uint8_t *bytes, size_t count)
{
    uint64_t sum = 0;
    uint32_t word;

    for (; count >= 4; count -= 4, bytes += 4) {
        memcpy(&word, bytes, 4);
        sum += word;
    }
    if (count >= 2) {
        sum += (uint32_t)(bytes[0] | bytes[1] << 8);
        bytes += 2;
    }
    if (count & 1)
        sum += *bytes;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

uint32_t kernel_checksum(uint32_t rounds)
{
    uint32_t sum = 0;

    while (rounds--)
        for (unsigned i = 0; i < LENGTHS; i++)
            sum = kernel_fold(
                sum, internet_checksum(payload + i * 2, lengths[i]));
    return sum;
}
