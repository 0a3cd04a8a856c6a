/* SPDX-License-Identifier: MIT */
/*
 * container_kinds.h - the generated functions of several deques and arrays
 * behind one table each, so that one model serves all capacities.
 */
#pragma once
#include "containers.h"

struct deque_kind {
    uint32_t capacity;
    size_t bytes;
    uint32_t (*capacity_of)(void);
    uint32_t (*len)(const void *deque);
    bool (*is_empty)(const void *deque);
    bool (*is_full)(const void *deque);
    struct rref_cell (*get)(const void *deque, uint32_t index);
    struct rref_cell (*front)(const void *deque);
    struct rref_cell (*back)(const void *deque);
    bool (*swap)(void *deque, uint32_t i, uint32_t j);
    void (*append)(void *to, void *from);
    void (*truncate)(void *deque, uint32_t length);
    void (*clear)(void *deque);
    bool (*push_back)(void *deque, struct rref_cell *element);
    bool (*push_front)(void *deque, struct rref_cell *element);
    bool (*insert)(void *deque, uint32_t index, struct rref_cell *element);
    bool (*pop_back)(void *deque, struct rref_cell *element);
    bool (*pop_front)(void *deque, struct rref_cell *element);
    bool (*remove)(void *deque, uint32_t index, struct rref_cell *element);
};

struct array_kind {
    uint32_t capacity;
    size_t bytes;
    uint32_t (*capacity_of)(void);
    uint32_t (*len)(const void *array);
    bool (*has)(const void *array, uint32_t index);
    struct rref_cell (*peek)(const void *array, uint32_t index);
    bool (*get)(void *array, uint32_t index, struct rref_cell *element);
    bool (*set)(void *array, uint32_t index, struct rref_cell *element);
    void (*clear)(void *array);
};

/* @name's function @verb, with the container as a plain pointer. */
#define VERB(name, answer, verb, parameters, ...)                              \
    static answer name##_any_##verb parameters                                 \
    {                                                                          \
        return name##_##verb(__VA_ARGS__);                                     \
    }
#define VERB_VOID(name, verb, parameters, ...)                                 \
    static void name##_any_##verb parameters                                   \
    {                                                                          \
        name##_##verb(__VA_ARGS__);                                            \
    }

#define DEQUE_KIND(name)                                                       \
    VERB(name, uint32_t, len, (const void *d), d)                              \
    VERB(name, bool, is_empty, (const void *d), d)                             \
    VERB(name, bool, is_full, (const void *d), d)                              \
    VERB(name, struct rref_cell, get, (const void *d, uint32_t i), d, i)       \
    VERB(name, struct rref_cell, front, (const void *d), d)                    \
    VERB(name, struct rref_cell, back, (const void *d), d)                     \
    VERB(name, bool, swap, (void *d, uint32_t i, uint32_t j), d, i, j)         \
    VERB_VOID(name, append, (void *to, void *from), to, from)                  \
    VERB_VOID(name, truncate, (void *d, uint32_t length), d, length)           \
    VERB_VOID(name, clear, (void *d), d)                                       \
    VERB(name, bool, push_back, (void *d, struct rref_cell *e), d, e)          \
    VERB(name, bool, push_front, (void *d, struct rref_cell *e), d, e)         \
    VERB(name, bool, insert,                                                   \
         (void *d, uint32_t i, struct rref_cell *e), d, i, e)                  \
    VERB(name, bool, pop_back, (void *d, struct rref_cell *e), d, e)           \
    VERB(name, bool, pop_front, (void *d, struct rref_cell *e), d, e)          \
    VERB(name, bool, remove,                                                   \
         (void *d, uint32_t i, struct rref_cell *e), d, i, e)

#define DEQUE_ROW(name, size)                                                  \
    {                                                                          \
        size, sizeof(struct name), name##_capacity, name##_any_len,            \
            name##_any_is_empty, name##_any_is_full, name##_any_get,           \
            name##_any_front, name##_any_back, name##_any_swap,                \
            name##_any_append, name##_any_truncate, name##_any_clear,          \
            name##_any_push_back, name##_any_push_front, name##_any_insert,    \
            name##_any_pop_back, name##_any_pop_front, name##_any_remove       \
    }

#define ARRAY_KIND(name)                                                       \
    VERB(name, uint32_t, len, (const void *a), a)                              \
    VERB(name, bool, has, (const void *a, uint32_t i), a, i)                   \
    VERB(name, struct rref_cell, peek, (const void *a, uint32_t i), a, i)      \
    VERB(name, bool, get, (void *a, uint32_t i, struct rref_cell *e), a, i,    \
         e)                                                                    \
    VERB(name, bool, set, (void *a, uint32_t i, struct rref_cell *e), a, i,    \
         e)                                                                    \
    VERB_VOID(name, clear, (void *a), a)

#define ARRAY_ROW(name, size)                                                  \
    {                                                                          \
        size, sizeof(struct name), name##_capacity, name##_any_len,            \
            name##_any_has, name##_any_peek, name##_any_get, name##_any_set,   \
            name##_any_clear                                                   \
    }

DEQUE_KIND(solo)
DEQUE_KIND(ring)
DEQUE_KIND(ring32)
DEQUE_KIND(ring100)
ARRAY_KIND(single)
ARRAY_KIND(pair)
ARRAY_KIND(rack)

static const struct deque_kind deque_kinds[] = {
    DEQUE_ROW(solo, 1),
    DEQUE_ROW(ring, 3),
    DEQUE_ROW(ring32, 32),
    DEQUE_ROW(ring100, 100),
};
#define DEQUE_KINDS (sizeof(deque_kinds) / sizeof(deque_kinds[0]))
static const struct array_kind array_kinds[] = {
    ARRAY_ROW(single, 1),
    ARRAY_ROW(pair, 2),
    ARRAY_ROW(rack, 37),
};
#define ARRAY_KINDS (sizeof(array_kinds) / sizeof(array_kinds[0]))
