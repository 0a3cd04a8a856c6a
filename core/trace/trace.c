/* SPDX-License-Identifier: MIT */
/*
 * trace.c - the memory of a trace: chunks for calls, empty or full, and the
 * list of deaths and restarts.
 *
 * Locking: one spin lock for both lists of chunks, which a thread takes once
 * in some thousand events. Places for deaths are given out by an atomic
 * count, because any thread may find a domain dead; no place is used twice.
 * Source: docs/man/tepal.1, "TRACES".
 */
#include "tepal_trusted/trace.h"
#include "arch/pages.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/lock.h"

bool tracing;

static struct {
    struct lock lock;
    struct trace_chunk *empty;
    struct trace_chunk *full, **full_end; /* oldest first */
    struct trace_chunk *memory;
    size_t bytes;
    bool waits;
    uint64_t left_out;
    struct trace_life *lives;
    uint32_t life_count; /* asked for; may be more than there are */
} trace;

#define LIVES_BYTES (TRACE_LIVES_MAX * sizeof(struct trace_life))

static void make_empty(size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        trace.memory[i].next = trace.empty;
        trace.empty = &trace.memory[i];
    }
}

bool trace_begin(size_t bytes, bool waits)
{
    size_t count = bytes / sizeof(struct trace_chunk);

    __builtin_memset(&trace, 0, sizeof(trace));
    trace.full_end = &trace.full;
    trace.waits = waits;
    trace.bytes = count * sizeof(struct trace_chunk);
    trace.memory = count ? pages_alloc(trace.bytes) : NULL;
    trace.lives = pages_alloc(LIVES_BYTES);
    if (!trace.memory || !trace.lives) {
        trace_end();
        return false;
    }
    make_empty(count);
    tracing = true;
    return true;
}

void trace_stop(void)
{
    __atomic_store_n(&tracing, false, __ATOMIC_SEQ_CST);
}

void trace_end(void)
{
    if (trace.memory)
        pages_free(trace.memory, trace.bytes);
    if (trace.lives)
        pages_free(trace.lives, LIVES_BYTES);
    __builtin_memset(&trace, 0, sizeof(trace));
}

static struct trace_chunk *take_empty(void)
{
    struct trace_chunk *chunk;

    lock_acquire(&trace.lock);
    chunk = trace.empty;
    if (chunk)
        trace.empty = chunk->next;
    lock_release(&trace.lock);
    return chunk;
}

struct trace_chunk *trace_chunk_new(void)
{
    struct trace_chunk *chunk = take_empty();

    while (!chunk && trace.waits) {
        cpu_relax();
        chunk = take_empty();
    }
    if (chunk)
        chunk->count = 0;
    return chunk;
}

void trace_chunk_full(struct trace_chunk *chunk)
{
    chunk->next = NULL;
    lock_acquire(&trace.lock);
    *trace.full_end = chunk;
    trace.full_end = &chunk->next;
    lock_release(&trace.lock);
}

struct trace_chunk *trace_take(void)
{
    struct trace_chunk *chunk;

    lock_acquire(&trace.lock);
    chunk = trace.full;
    if (chunk)
        trace.full = chunk->next;
    if (!trace.full)
        trace.full_end = &trace.full;
    lock_release(&trace.lock);
    return chunk;
}

void trace_give(struct trace_chunk *chunk)
{
    lock_acquire(&trace.lock);
    chunk->next = trace.empty;
    trace.empty = chunk;
    lock_release(&trace.lock);
}

void trace_leave_out(void)
{
    __atomic_fetch_add(&trace.left_out, 1, __ATOMIC_RELAXED);
}

uint64_t trace_left_out(void)
{
    return __atomic_load_n(&trace.left_out, __ATOMIC_RELAXED);
}

struct trace_life *trace_life_new(void)
{
    uint32_t index = __atomic_load_n(&trace.life_count, __ATOMIC_RELAXED);

    do {
        if (index == TRACE_LIVES_MAX) {
            trace_leave_out();
            return NULL;
        }
    } while (!__atomic_compare_exchange_n(&trace.life_count, &index, index + 1,
                                          true, __ATOMIC_RELAXED,
                                          __ATOMIC_RELAXED));
    return &trace.lives[index];
}

const struct trace_life *trace_life(uint32_t index)
{
    return index < __atomic_load_n(&trace.life_count, __ATOMIC_RELAXED)
               ? &trace.lives[index]
               : NULL;
}
