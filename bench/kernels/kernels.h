/* SPDX-License-Identifier: MIT */
/*
 * kernels.h - small programs that are compiled twice from the same source: by
 * the C compiler into the program, by domcc into a domain. What verified code
 * costs is the difference (bench/code.c).
 *
 * They see what a domain sees: freestanding headers and those of
 * domains/include, whose functions are those of domains/lib in both. A kernel
 * is deterministic: what it returns depends on the number of rounds alone, so
 * both must return the same. No pointer goes into it.
 */
#pragma once
#include <stdint.h>

/* Name and rounds of a turn, which takes about a tenth of a millisecond. */
#define KERNELS(X)                                                             \
    X(packet, 768)                                                             \
    X(checksum, 192)                                                           \
    X(hash_table, 12)                                                          \
    X(tree, 2)                                                                 \
    X(allocator, 4)                                                            \
    X(qsort, 2)                                                                \
    X(sha256, 8)                                                               \
    X(crc32, 24)                                                               \
    X(xxh64, 256)                                                              \
    X(qoi, 8)                                                                  \
    X(png_filter, 12)                                                          \
    X(inflate, 6)                                                              \
    X(json, 12)                                                                \
    X(format, 24)                                                              \
    X(matrix, 8)                                                               \
    X(search, 12)                                                              \
    X(copy, 128)                                                               \
    X(recursion, 16)                                                           \
    X(indirect, 256)                                                           \
    X(interpreter, 16)

#define KERNEL_NUMBER(name, turn) KERNEL_##name,
enum kernel { KERNELS(KERNEL_NUMBER) KERNEL_COUNT };

/*
 * Kernel number @kernel: make its input ready if @rounds is 0, else run it so
 * often.
 * Needs:  it was made ready since it last ran.
 * Returns what it computed, folded to 32 bits.
 */
uint32_t kernel_run(uint32_t kernel, uint32_t rounds);

#define KERNEL_DECLARE(name, turn)                                           \
    void kernel_##name##_prepare(void);                                        \
    uint32_t kernel_##name(uint32_t rounds);
KERNELS(KERNEL_DECLARE)

/* Inputs follow from it; another one gives other results in each kernel. */
#ifndef KERNEL_SEED
#define KERNEL_SEED 1
#endif

/* The next of a row of numbers: splitmix64. */
static inline uint64_t kernel_random(uint64_t *state)
{
    uint64_t value = *state += 0x9e3779b97f4a7c15u;

    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
    value = (value ^ value >> 27) * 0x94d049bb133111ebu;
    return value ^ value >> 31;
}

static inline uint32_t kernel_fold(uint32_t sum, uint64_t value)
{
    return (sum ^ (uint32_t)value ^ (uint32_t)(value >> 32)) * 0x9e3779b1u +
           (sum >> 16);
}
