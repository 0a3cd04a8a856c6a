/* SPDX-License-Identifier: MIT */
/*
 * histogram.c - log-linear buckets. A value whose highest bit is bit 5 or
 * below is its own bucket; above, the six highest bits and their place make
 * the bucket's number.
 */
#include "histogram.h"

#define STEP_BITS 5
#define STEPS (1u << STEP_BITS) /* in each power of two */
#define MILLION 1000000u

_Static_assert(HISTOGRAM_BUCKETS == (64 - STEP_BITS + 1) * STEPS,
               "a bucket for each value");

static uint32_t bucket_of(uint64_t value)
{
    uint32_t shift;

    if (value < 2 * STEPS)
        return (uint32_t)value;
    shift = 63 - STEP_BITS - (uint32_t)__builtin_clzll(value);
    return shift * STEPS + (uint32_t)(value >> shift);
}

/* The largest value in @bucket. */
static uint64_t bucket_top(uint32_t bucket)
{
    uint32_t shift = bucket < 2 * STEPS ? 0 : bucket / STEPS - 1;

    return ((bucket - shift * STEPS + (uint64_t)1) << shift) - 1;
}

void histogram_clear(struct histogram *histogram)
{
    __builtin_memset(histogram, 0, sizeof(*histogram));
}

void histogram_record(struct histogram *histogram, uint64_t value)
{
    if (histogram->count == 0 || value < histogram->least)
        histogram->least = value;
    if (value > histogram->most)
        histogram->most = value;
    histogram->count++;
    histogram->sum += value;
    histogram->bucket[bucket_of(value)]++;
}

void histogram_add(struct histogram *histogram, const struct histogram *from)
{
    uint32_t i;

    if (from->count == 0)
        return;
    if (histogram->count == 0 || from->least < histogram->least)
        histogram->least = from->least;
    if (from->most > histogram->most)
        histogram->most = from->most;
    histogram->count += from->count;
    histogram->sum += from->sum;
    for (i = 0; i < HISTOGRAM_BUCKETS; i++)
        histogram->bucket[i] += from->bucket[i];
}

/* How many values are at or below the quantile, rounded up; no overflow. */
static uint64_t rank_of(uint64_t count, uint32_t millionths)
{
    uint64_t whole = count / MILLION * millionths;
    uint64_t rest = count % MILLION * millionths;

    return whole + (rest + MILLION - 1) / MILLION;
}

uint64_t histogram_quantile(const struct histogram *histogram,
                            uint32_t millionths)
{
    uint64_t rank, seen = 0, top;
    uint32_t i;

    if (millionths == 0 || histogram->count == 0)
        return histogram->least;
    if (millionths >= MILLION)
        return histogram->most;
    rank = rank_of(histogram->count, millionths);
    for (i = 0; i < HISTOGRAM_BUCKETS - 1; i++) {
        seen += histogram->bucket[i];
        if (seen >= rank)
            break;
    }
    top = bucket_top(i);
    return top < histogram->most ? top : histogram->most;
}
