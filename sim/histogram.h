/* SPDX-License-Identifier: MIT */
/*
 * histogram.h - how often which value was seen, in fixed memory. Values below
 * 64 are kept exactly, larger ones to one part in 32: each power of two has 32
 * buckets. One thread records; reading meanwhile gives an older picture.
 */
#pragma once
#include <stdint.h>

#define HISTOGRAM_BUCKETS 1920

/* All zeros is an empty one. */
struct histogram {
    uint64_t count;
    uint64_t sum; /* modulo 2^64 */
    uint64_t least, most;
    uint64_t bucket[HISTOGRAM_BUCKETS];
};

void histogram_clear(struct histogram *histogram);

void histogram_record(struct histogram *histogram, uint64_t value);

/* What @from has seen, @histogram has seen as well. */
void histogram_add(struct histogram *histogram, const struct histogram *from);

/*
 * The least value that at least @millionths of all values do not exceed
 * (500000: the median), or up to one part in 32 more; never beyond the largest
 * value. 0 gives the least one, 1000000 the largest. An empty one gives 0.
 */
uint64_t histogram_quantile(const struct histogram *histogram,
                            uint32_t millionths);
