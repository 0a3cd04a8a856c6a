/* SPDX-License-Identifier: MIT */
/*
 * heap.h - the shared heap. Trusted only.
 *
 * Objects are carved from 2 MiB chunks, one size class to a chunk. Free
 * objects are linked through their registry records, never through their
 * payloads, which any domain can scribble on.
 * Source: thesis 3.1; design, section 3.
 */
#pragma once
#include "tepal_trusted/registry.h"

#define HEAP_CHUNK_BYTES 0x200000u
#define HEAP_CLASSES 56
/*
 * Chunks that have no objects: where the payload of a null reference would be,
 * whatever its type. Slots have nothing mapped there, so who uses one dies.
 */
#define HEAP_NULL_CHUNKS 1u
#define HEAP_NULL_BYTES (HEAP_NULL_CHUNKS * HEAP_CHUNK_BYTES)

struct domain;
struct lock;

/* A CPU's own free objects. No one else touches them. */
struct heap_cache {
    struct registry_record *free[HEAP_CLASSES];
    uint32_t count[HEAP_CLASSES];
};

/*
 * Set up a heap of @bytes, a multiple of the chunk size and more than
 * HEAP_NULL_BYTES, which are for no object.
 * @payloads: its memory as the kernel sees it. @records: zeroed memory for
 * one record each granule. Both outlive the heap.
 */
void heap_init(uint8_t *payloads, struct registry_record *records,
               uint64_t bytes);

/*
 * A new object of @type for @owner, its payload zeroed.
 * Errors: 0 when the heap is exhausted. Quotas are the caller's business.
 */
uint64_t heap_alloc(struct heap_cache *cache, const struct type *type,
                    domain_id_t owner);

/* Free the object whose word, just read as @word, nobody else can change. */
void heap_free(struct heap_cache *cache, struct registry_record *record,
               owner_word_t word);

/* Give every cached object back; before a CPU's cache goes away. */
void heap_cache_flush(struct heap_cache *cache);

/*
 * The record of the object that contains the byte at @offset, or NULL, and
 * the size of its payload in @bytes.
 */
struct registry_record *heap_containing(uint32_t offset, uint32_t *bytes);

/* Free objects that no CPU's cache has, by class, and their lock: for audits. */
struct heap_lists {
    struct registry_record *const *free;
    struct lock *lock;
    uint32_t chunks; /* the first so many are in use */
};
struct heap_lists heap_lists(void);

/* Call @visit for each record that was ever handed out. For death and tests. */
void heap_visit(void (*visit)(struct registry_record *record, void *context),
                void *context);

struct heap_stats {
    uint64_t live_objects;
    uint64_t live_bytes; /* of their types */
    uint64_t carved_bytes;
    uint32_t chunks; /* in use, each for one class */
};
/* Cost: a walk over all records. */
struct heap_stats heap_statistics(void);

/* What has been made of one size class, below HEAP_CLASSES. */
struct heap_class_stats {
    uint32_t object_bytes;
    uint32_t chunks;
    uint64_t carved; /* objects, live or free */
};
struct heap_class_stats heap_class_statistics(uint32_t class);
