/* SPDX-License-Identifier: MIT */
/*
 * heap.c - allocation in the shared heap, beside libc's: an object of 64 bytes
 * made and freed, and 128 of them made and then freed, which is more than a
 * cache holds. First in an empty heap, then with a million live objects and
 * free lists in an order of chance. "Replace" frees one of those million by
 * chance and makes another like it, so most of what it touches is in no
 * processor cache.
 * Source: design, section 3.
 */
#include "arch/cpu.h"
#include "crowd.h"
#include "suite.h"
#include "tepal_trusted/domain.h"
#include "tepal_trusted/thread.h"
#include <stdlib.h>
#include <string.h>

#define BATCH 128u
#define OBJECT_BYTES 64u
#define REPLACE_DIVIDE 10

static const struct type line = {.id = 1,
                                 .name = "line",
                                 .bytes = OBJECT_BYTES,
                                 .heap_bytes = TYPE_HEAP_BYTES(OBJECT_BYTES)};
static struct crowd crowd;
static void *libc_crowd[CROWD_LIVE];
static uint64_t chance_state = 1;

/* As the kernel's objects are: zeroed. */
static void *libc_new(size_t bytes)
{
    void *object = malloc(bytes);

    if (object)
        memset(object, 0, bytes);
    __asm__ volatile("" : "+r"(object) : : "memory");
    return object;
}

static bool libc_pair(const struct bench_case *c, struct domain *caller,
                      uint32_t rounds)
{
    uint32_t i;

    (void)c, (void)caller;
    for (i = 0; i < rounds; i++)
        free(libc_new(OBJECT_BYTES));
    return true;
}

/* Not even zeroed: as fast as libc can be. */
static bool libc_bare(const struct bench_case *c, struct domain *caller,
                      uint32_t rounds)
{
    void *object;
    uint32_t i;

    (void)c, (void)caller;
    for (i = 0; i < rounds; i++) {
        object = malloc(OBJECT_BYTES);
        __asm__ volatile("" : "+r"(object) : : "memory");
        free(object);
    }
    return true;
}

static bool libc_batch(const struct bench_case *c, struct domain *caller,
                       uint32_t rounds)
{
    void *objects[BATCH];
    uint32_t done, i;

    (void)c, (void)caller;
    for (done = 0; done < rounds; done += BATCH) {
        for (i = 0; i < BATCH; i++)
            objects[i] = libc_new(OBJECT_BYTES);
        for (i = 0; i < BATCH; i++)
            free(objects[i]);
    }
    return true;
}

static bool heap_pair(const struct bench_case *c, struct domain *caller,
                      uint32_t rounds)
{
    struct heap_cache *cache = &thread_current()->cache;
    uint64_t handle = 1;
    uint32_t i;

    (void)c;
    for (i = 0; i < rounds && handle; i++) {
        handle = heap_alloc(cache, &line, caller->id);
        if (handle)
            crowd_drop(cache, handle);
    }
    return handle != 0;
}

static bool heap_batch(const struct bench_case *c, struct domain *caller,
                       uint32_t rounds)
{
    struct heap_cache *cache = &thread_current()->cache;
    uint64_t handles[BATCH];
    bool fine = true;
    uint32_t done, i;

    (void)c;
    for (done = 0; done < rounds; done += BATCH) {
        for (i = 0; i < BATCH; i++) {
            handles[i] = heap_alloc(cache, &line, caller->id);
            fine = fine && handles[i];
        }
        for (i = 0; i < BATCH; i++)
            if (handles[i])
                crowd_drop(cache, handles[i]);
    }
    return fine;
}

static bool heap_replace(const struct bench_case *c, struct domain *caller,
                         uint32_t rounds)
{
    struct heap_cache *cache = &thread_current()->cache;
    bool fine = true;
    uint32_t i;

    (void)c;
    for (i = 0; i < rounds && fine; i++)
        fine = crowd_replace(
            &crowd, cache, caller->id,
            (uint32_t)(crowd_chance(&chance_state) % CROWD_LIVE));
    return fine;
}

/* Of the sizes of the crowd. */
static size_t libc_bytes(uint32_t index)
{
    return OBJECT_BYTES * (index % 4 + 1);
}

static bool libc_replace(const struct bench_case *c, struct domain *caller,
                         uint32_t rounds)
{
    bool fine = true;
    uint32_t i, index;

    (void)c, (void)caller;
    for (i = 0; i < rounds && fine; i++) {
        index = (uint32_t)(crowd_chance(&chance_state) % CROWD_LIVE);
        free(libc_crowd[index]);
        libc_crowd[index] = libc_new(libc_bytes(index));
        fine = libc_crowd[index] != NULL;
    }
    return fine;
}

static const struct bench_case cases[] = {
    {"call/indirect", bench_indirect, 0, 1, 0, "3.8 to 4.5, Zen 3",
     CALLER_BASE},
    {"libc/malloc_free_64", libc_bare, 0, 1, 0, "25 to 42, Zen 3", CALLER_BASE},
    {"libc/alloc_free_64", libc_pair, 0, 1, 0, "none", CALLER_BASE},
    {"libc/batch_64", libc_batch, 0, 1, 0, "none", CALLER_BASE},
    {"heap/alloc_free_64", heap_pair, 0, 1, 0, "none", CALLER_BASE},
    {"heap/batch_64", heap_batch, 0, 1, 0, "none", CALLER_BASE},
    {"domain/alloc_free_64", bench_in_domain, 7, 1, 0,
     "214 to 327, RedLeaf, Zen 3", CALLER_BASE},
    {"libc/alloc_free_64_crowded", libc_pair, 0, 1, 1, "none", CALLER_BASE},
    {"libc/batch_64_crowded", libc_batch, 0, 1, 1, "none", CALLER_BASE},
    {"heap/alloc_free_64_crowded", heap_pair, 0, 1, 1, "none", CALLER_BASE},
    {"heap/batch_64_crowded", heap_batch, 0, 1, 1, "none", CALLER_BASE},
    {"domain/alloc_free_64_crowded", bench_in_domain, 7, 1, 1, "none",
     CALLER_BASE},
    {"libc/replace_crowded", libc_replace, 0, REPLACE_DIVIDE, 1, "none",
     CALLER_BASE},
    {"heap/replace_crowded", heap_replace, 0, REPLACE_DIVIDE, 1, "none",
     CALLER_BASE},
};

static bool enter(uint32_t stage, struct domain *caller)
{
    uint32_t i;

    if (stage == 0)
        return true;
    for (i = 0; i < CROWD_LIVE; i++) {
        libc_crowd[i] = libc_new(libc_bytes(i));
        if (!libc_crowd[i])
            return false;
    }
    return crowd_gather(&crowd, &thread_current()->cache, caller->id,
                        CROWD_LIVE);
}

static void leave(void)
{
    uint32_t i;

    for (i = 0; i < CROWD_LIVE; i++)
        free(libc_crowd[i]);
    crowd_leave(&crowd, &thread_current()->cache);
}

const struct bench_suite suite_heap = {
    "heap", cases, sizeof(cases) / sizeof(cases[0]), 2, enter, leave,
};
