/* SPDX-License-Identifier: MIT */
/*
 * heap.c - malloc on the domain's private heap.
 *
 * The heap is a row of chunks. Each begins with its own size and the size of
 * the one before it, so that a freed chunk finds both neighbours and merges
 * with those that are free; a chunk of size 0 closes the row. Free chunks
 * stand in lists by the power of two of their size; a bit map tells which
 * lists have any. So malloc and free take a bounded number of steps, but for
 * the search in the one list whose chunks may be too small.
 *
 * Locking: one spin lock. No call to the kernel but growth is made under it.
 * Trust: none needed. A domain that scribbles here hurts only itself.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <tepal/kernel.h>

enum {
    UNIT = 16, /* of sizes and addresses */
    CHUNK_MIN = 2 * UNIT,
    LISTS = 32,
    GROWTH_MIN = 16 * TP_PAGE,
    SEARCH_MAX = 16, /* chunks looked at in a list, at most */
};

struct chunk {
    size_t bytes;    /* header included; bit 0: in use */
    size_t previous; /* size of the chunk before; 0 = first of its row */
    struct chunk *next, *back; /* while free: neighbours in the list */
};

#define HEADER offsetof(struct chunk, next)
_Static_assert(HEADER == UNIT, "payloads are aligned to 16 bytes");

static struct chunk *lists[LISTS];
static uint32_t filled;      /* bit n: lists[n] is not empty */
static struct chunk *finish; /* the closing chunk of the newest row */
static unsigned char lock;

static void acquire(void)
{
    while (__atomic_exchange_n(&lock, 1, __ATOMIC_ACQUIRE))
        __builtin_ia32_pause();
}

static void release(void)
{
    __atomic_store_n(&lock, 0, __ATOMIC_RELEASE);
}

static size_t size_of(const struct chunk *chunk)
{
    return chunk->bytes & ~(size_t)1;
}

static bool is_used(const struct chunk *chunk)
{
    return chunk->bytes & 1;
}

static struct chunk *after(struct chunk *chunk)
{
    return (struct chunk *)((char *)chunk + size_of(chunk));
}

static struct chunk *before(struct chunk *chunk)
{
    return (struct chunk *)((char *)chunk - chunk->previous);
}

static void *payload_of(struct chunk *chunk)
{
    return (char *)chunk + HEADER;
}

static struct chunk *chunk_of(void *payload)
{
    return (struct chunk *)((char *)payload - HEADER);
}

static void set_size(struct chunk *chunk, size_t bytes, bool used)
{
    chunk->bytes = bytes | used;
    after(chunk)->previous = bytes;
}

/* The list of chunks of @bytes up to twice that. */
static int list_of(size_t bytes)
{
    int list = 63 - __builtin_clzll(bytes / UNIT);

    return list < LISTS ? list : LISTS - 1;
}

static void insert(struct chunk *chunk)
{
    int list = list_of(size_of(chunk));

    chunk->back = NULL;
    chunk->next = lists[list];
    if (chunk->next)
        chunk->next->back = chunk;
    lists[list] = chunk;
    filled |= 1u << list;
}

static void take_out(struct chunk *chunk)
{
    int list = list_of(size_of(chunk));

    if (chunk->next)
        chunk->next->back = chunk->back;
    if (chunk->back)
        chunk->back->next = chunk->next;
    else
        lists[list] = chunk->next;
    if (!lists[list])
        filled &= ~(1u << list);
}

/* Make @chunk free and merge it with free neighbours. */
static void give_back(struct chunk *chunk)
{
    size_t bytes = size_of(chunk);
    struct chunk *next = after(chunk);

    if (!is_used(next)) {
        take_out(next);
        bytes += size_of(next);
    }
    if (chunk->previous && !is_used(before(chunk))) {
        chunk = before(chunk);
        take_out(chunk);
        bytes += size_of(chunk);
    }
    set_size(chunk, bytes, false);
    insert(chunk);
}

/* Cut @chunk, in use, down to @bytes; the rest becomes free. */
static void trim(struct chunk *chunk, size_t bytes)
{
    size_t rest = size_of(chunk) - bytes;

    if (rest < CHUNK_MIN)
        return;
    set_size(chunk, bytes, true);
    set_size(after(chunk), rest, true);
    give_back(after(chunk));
}

/* A chunk at the end of the heap: [row] chunk, closing chunk. */
static bool grow(size_t bytes)
{
    size_t wanted = bytes + 2 * UNIT;
    struct chunk *chunk;

    if (wanted < GROWTH_MIN)
        wanted = GROWTH_MIN;
    wanted = (wanted + TP_PAGE - 1) & ~(size_t)(TP_PAGE - 1);
    chunk = tp_private_grow(wanted);
    if (!chunk)
        return false;
    if (finish && (char *)finish + UNIT == (char *)chunk) {
        chunk = finish; /* the row goes on */
        wanted += UNIT;
    } else {
        chunk->previous = 0;
    }
    chunk->bytes = (wanted - UNIT) | 1;
    finish = after(chunk);
    finish->bytes = 1;
    finish->previous = wanted - UNIT;
    give_back(chunk);
    return true;
}

/* A free chunk of at least @bytes; NULL: there is none. */
static struct chunk *find(size_t bytes)
{
    int list = list_of(bytes);
    struct chunk *chunk = lists[list];
    uint32_t larger = list + 1 < LISTS ? filled & ~0u << (list + 1) : 0;

    for (int i = 0; chunk && (i < SEARCH_MAX || !larger); i++) {
        if (size_of(chunk) >= bytes)
            return chunk;
        chunk = chunk->next;
    }
    return larger ? lists[__builtin_ctz(larger)] : NULL;
}

/* What a request of @bytes occupies; 0: it cannot be met. */
static size_t chunk_bytes(size_t bytes)
{
    if (bytes > TP_PRIVATE_END)
        return 0;
    bytes = (bytes + HEADER + UNIT - 1) & ~(size_t)(UNIT - 1);
    return bytes < CHUNK_MIN ? CHUNK_MIN : bytes;
}

void *malloc(size_t bytes)
{
    size_t needed = chunk_bytes(bytes);
    struct chunk *chunk;

    if (!needed)
        return NULL;
    acquire();
    chunk = find(needed);
    if (!chunk && grow(needed))
        chunk = find(needed);
    if (chunk) {
        take_out(chunk);
        set_size(chunk, size_of(chunk), true);
        trim(chunk, needed);
    }
    release();
    return chunk ? payload_of(chunk) : NULL;
}

void free(void *memory)
{
    if (!memory)
        return;
    acquire();
    give_back(chunk_of(memory));
    release();
}

void *calloc(size_t count, size_t bytes)
{
    void *memory;

    if (__builtin_mul_overflow(count, bytes, &bytes))
        return NULL;
    memory = malloc(bytes);
    return memory ? memset(memory, 0, bytes) : NULL;
}

/* Make @chunk larger where it stands, if the next one is free and fits. */
static bool extend(struct chunk *chunk, size_t needed)
{
    struct chunk *next = after(chunk);
    size_t both = size_of(chunk) + size_of(next);

    if (is_used(next) || both < needed)
        return false;
    take_out(next);
    set_size(chunk, both, true);
    return true;
}

void *realloc(void *memory, size_t bytes)
{
    size_t needed = chunk_bytes(bytes), had;
    void *moved;
    bool fits;

    if (!memory)
        return malloc(bytes);
    if (!needed)
        return NULL;
    acquire();
    had = size_of(chunk_of(memory));
    fits = had >= needed || extend(chunk_of(memory), needed);
    if (fits)
        trim(chunk_of(memory), needed);
    release();
    if (fits)
        return memory;
    moved = malloc(bytes);
    if (!moved)
        return NULL;
    memcpy(moved, memory, had - HEADER);
    free(memory);
    return moved;
}

void *aligned_alloc(size_t alignment, size_t bytes)
{
    struct chunk *chunk, *aligned;
    uintptr_t start;
    void *memory;

    if (!alignment || alignment & (alignment - 1) ||
        alignment > TP_PRIVATE_END || bytes > TP_PRIVATE_END)
        return NULL;
    if (alignment <= UNIT)
        return malloc(bytes);
    memory = malloc(bytes + alignment + CHUNK_MIN);
    if (!memory)
        return NULL;
    start = (uintptr_t)memory;
    if (start % alignment == 0)
        return memory;
    /* Leave at least a whole chunk in front, and give it back. */
    start = (start + CHUNK_MIN + alignment - 1) & ~(alignment - 1);
    chunk = chunk_of(memory);
    aligned = chunk_of((void *)start);
    acquire();
    set_size(aligned,
             size_of(chunk) - (size_t)((char *)aligned - (char *)chunk), true);
    set_size(chunk, (size_t)((char *)aligned - (char *)chunk), true);
    give_back(chunk);
    release();
    return (void *)start;
}
