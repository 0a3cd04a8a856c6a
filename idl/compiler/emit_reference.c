/* SPDX-License-Identifier: MIT */
/*
 * emit_reference.c - typed wrappers around tepal/rref.h, rref_array.h and
 * rref_deque.h, as patterns with words to fill in.
 */
#include "emit.h"

/* $t$: the payload's name; $record$: its type record; $id$, $bytes$. */
static const char reference_pattern[] =
    "\n"
    "struct rref_$t$ {\n"
    "    uint64_t handle;\n"
    "};\n"
    "TP_TYPE_RECORD($record$, $id$, $bytes$);\n"
    "\n"
    "static inline bool rref_$t$_is_null(struct rref_$t$ ref)\n"
    "{\n"
    "    return ref.handle == 0;\n"
    "}\n"
    "\n"
    "/* Needs: not null. */\n"
    "TP_INLINE struct $t$ *rref_$t$_value(struct rref_$t$ ref)\n"
    "{\n"
    "    return rref_payload(ref.handle);\n"
    "}\n"
    "\n"
    "/* A new object, all zero. Errors: null: no memory, or over quota. */\n"
    "static inline struct rref_$t$ rref_$t$_new(void)\n"
    "{\n"
    "    struct rref_$t$ ref = {tp_heap_alloc(&$record$)};\n"
    "\n"
    "    return ref;\n"
    "}\n"
    "\n"
    "/* Errors: false, nothing changed: null, or not ours to drop. */\n"
    "TP_INLINE bool rref_$t$_drop(struct rref_$t$ *ref)\n"
    "{\n"
    "    return rref_drop_handle(&ref->handle);\n"
    "}\n"
    "\n"
    "/* Leave it to this domain's next life: tp_keep(). It stays ours. */\n"
    "TP_INLINE bool rref_$t$_keep(const char *name, size_t bytes,\n"
    "        struct rref_$t$ ref)\n"
    "{\n"
    "    return tp_keep(name, bytes, ref.handle);\n"
    "}\n"
    "\n"
    "/* What an earlier life left: tp_inherit(). Errors: null: nothing. */\n"
    "static inline struct rref_$t$ rref_$t$_inherit(const char *name,\n"
    "        size_t bytes)\n"
    "{\n"
    "    struct rref_$t$ ref = {tp_inherit(name, bytes, &$record$)};\n"
    "\n"
    "    return ref;\n"
    "}\n";

/* $c$: the container's name; $t$: its elements'; $n$: its capacity. */
static const char array_pattern[] =
    "\n"
    "/* rref_array<$t$, $n$>: functions as in tepal/rref_array.h. */\n"
    "struct $c$ {\n"
    "    uint64_t handle[$n$];\n"
    "};\n"
    "\n"
    "static inline uint32_t $c$_capacity(void)\n"
    "{\n"
    "    return $n$;\n"
    "}\n"
    "\n"
    "static inline uint32_t $c$_len(const struct $c$ *array)\n"
    "{\n"
    "    return rref_array_len(array->handle, $n$);\n"
    "}\n"
    "\n"
    "static inline bool $c$_has(const struct $c$ *array, uint32_t index)\n"
    "{\n"
    "    return rref_array_has(array->handle, $n$, index);\n"
    "}\n"
    "\n"
    "/* Take out. Errors: false, element null. */\n"
    "static inline bool $c$_get(struct $c$ *array, uint32_t index,\n"
    "        struct rref_$t$ *element)\n"
    "{\n"
    "    return rref_array_get(array->handle, $n$, index,\n"
    "                          &element->handle);\n"
    "}\n"
    "\n"
    "/* Put in and clear element. Errors: false, nothing changed. */\n"
    "TP_INLINE bool $c$_set(struct $c$ *array, uint32_t index,\n"
    "        struct rref_$t$ *element)\n"
    "{\n"
    "    return rref_array_set(array->handle, $n$, index,\n"
    "                          &element->handle);\n"
    "}\n"
    "\n"
    "/* The reference at index, which stays in. For lent arrays. */\n"
    "static inline struct rref_$t$ $c$_peek(const struct $c$ *array,\n"
    "        uint32_t index)\n"
    "{\n"
    "    struct rref_$t$ ref = {index < $n$ ? array->handle[index] : 0};\n"
    "\n"
    "    return ref;\n"
    "}\n"
    "\n"
    "/* While there are: the reference from index on, which stays in; index\n"
    " * is behind it then. Errors: false, element null: no more. */\n"
    "static inline bool $c$_next(const struct $c$ *array,\n"
    "        uint32_t *index, struct rref_$t$ *element)\n"
    "{\n"
    "    element->handle = rref_array_next(array->handle, $n$, index);\n"
    "    return element->handle != 0;\n"
    "}\n"
    "\n"
    "static inline void $c$_clear(struct $c$ *array)\n"
    "{\n"
    "    rref_array_clear(array->handle, $n$);\n"
    "}\n";

static const char deque_pattern[] =
    "\n"
    "/* rref_deque<$t$, $n$>: functions as in tepal/rref_deque.h. */\n"
    "struct $c$ {\n"
    "    uint32_t head, length;\n"
    "    uint64_t handle[$n$];\n"
    "};\n"
    "_Static_assert(offsetof(struct $c$, handle) ==\n"
    "                   offsetof(struct rref_deque, handle), \"layout\");\n"
    "\n"
    "TP_INLINE struct rref_deque *$c$_spine(struct $c$ *deque)\n"
    "{\n"
    "    return (struct rref_deque *)deque;\n"
    "}\n"
    "\n"
    "static inline const struct rref_deque *\n"
    "$c$_const_spine(const struct $c$ *deque)\n"
    "{\n"
    "    return (const struct rref_deque *)deque;\n"
    "}\n"
    "\n"
    "static inline uint32_t $c$_capacity(void)\n"
    "{\n"
    "    return $n$;\n"
    "}\n"
    "\n"
    "static inline uint32_t $c$_len(const struct $c$ *deque)\n"
    "{\n"
    "    return rref_deque_len($c$_const_spine(deque), $n$);\n"
    "}\n"
    "\n"
    "static inline bool $c$_is_empty(const struct $c$ *deque)\n"
    "{\n"
    "    return deque->length == 0;\n"
    "}\n"
    "\n"
    "static inline bool $c$_is_full(const struct $c$ *deque)\n"
    "{\n"
    "    return rref_deque_is_full($c$_const_spine(deque), $n$);\n"
    "}\n"
    "\n"
    "/* References that stay in; null when there is no such element. */\n"
    "static inline struct rref_$t$ $c$_get(const struct $c$ *deque,\n"
    "        uint32_t index)\n"
    "{\n"
    "    struct rref_$t$ ref = {\n"
    "        rref_deque_get($c$_const_spine(deque), $n$, index)};\n"
    "\n"
    "    return ref;\n"
    "}\n"
    "\n"
    "static inline struct rref_$t$ $c$_front(const struct $c$ *deque)\n"
    "{\n"
    "    return $c$_get(deque, 0);\n"
    "}\n"
    "\n"
    "static inline struct rref_$t$ $c$_back(const struct $c$ *deque)\n"
    "{\n"
    "    return $c$_get(deque, $c$_len(deque) - 1);\n"
    "}\n"
    "\n"
    "/* While there are: the reference at index, which stays in; index is\n"
    " * behind it then. Errors: false, element null: no more. */\n"
    "static inline bool $c$_next(const struct $c$ *deque,\n"
    "        uint32_t *index, struct rref_$t$ *element)\n"
    "{\n"
    "    bool more = *index < $c$_len(deque);\n"
    "\n"
    "    *element = $c$_get(deque, *index);\n"
    "    *index += more;\n"
    "    return more;\n"
    "}\n"
    "\n"
    "static inline bool $c$_swap(struct $c$ *deque, uint32_t i, uint32_t j)\n"
    "{\n"
    "    return rref_deque_swap($c$_spine(deque), $n$, i, j);\n"
    "}\n"
    "\n"
    "static inline void $c$_append(struct $c$ *to, struct $c$ *from)\n"
    "{\n"
    "    rref_deque_append($c$_spine(to), $n$, $c$_spine(from));\n"
    "}\n"
    "\n"
    "static inline void $c$_truncate(struct $c$ *deque, uint32_t length)\n"
    "{\n"
    "    rref_deque_truncate($c$_spine(deque), $n$, length);\n"
    "}\n"
    "\n"
    "static inline void $c$_clear(struct $c$ *deque)\n"
    "{\n"
    "    rref_deque_truncate($c$_spine(deque), $n$, 0);\n"
    "}\n";

/* $verb$, at an end of the deque. */
static const char deque_end_pattern[] =
    "\n"
    "TP_INLINE bool $c$_$verb$(struct $c$ *deque,\n"
    "        struct rref_$t$ *element)\n"
    "{\n"
    "    return rref_deque_$verb$($c$_spine(deque), $n$, &element->handle);\n"
    "}\n";

/* $verb$, at an index. */
static const char deque_index_pattern[] =
    "\n"
    "TP_INLINE bool $c$_$verb$(struct $c$ *deque, uint32_t index,\n"
    "        struct rref_$t$ *element)\n"
    "{\n"
    "    return rref_deque_$verb$($c$_spine(deque), $n$, index,\n"
    "                             &element->handle);\n"
    "}\n";

void emit_reference(struct text *out, const struct unit *unit,
                    const struct decl *decl, struct arena *arena)
{
    const char *const words[] = {
        "t",
        decl->name,
        "record",
        arena_format(arena, "__tepal_type_%s_%s", unit->source->unit,
                     decl->name),
        "id",
        arena_format(arena, "0x%016llx", (unsigned long long)decl->id),
        "bytes",
        arena_format(arena, "%llu", (unsigned long long)decl->bytes),
        NULL,
    };

    text_fill(out, reference_pattern, words);
}

static void emit_verb(struct text *out, const char *pattern, const char *verb,
                      const char *const *words)
{
    const char *const with_verb[] = {
        "verb", verb, "c", words[1], "t", words[3], "n", words[5], NULL,
    };

    text_fill(out, pattern, with_verb);
}

void emit_container(struct text *out, const struct decl *decl,
                    struct arena *arena)
{
    const char *const words[] = {
        "c",  decl->name,
        "t",  decl->type->element->decl->name,
        "n",  arena_format(arena, "%u", (unsigned)decl->type->count),
        NULL,
    };

    if (decl->type->kind == TYPE_RREF_ARRAY) {
        text_fill(out, array_pattern, words);
        return;
    }
    text_fill(out, deque_pattern, words);
    text_add(out, "\n/* Give element away and clear it. Errors: false, "
                  "nothing changed: full. */");
    emit_verb(out, deque_end_pattern, "push_back", words);
    emit_verb(out, deque_end_pattern, "push_front", words);
    emit_verb(out, deque_index_pattern, "insert", words);
    text_add(out, "\n/* Take out. Errors: false, element null: none there. */");
    emit_verb(out, deque_end_pattern, "pop_back", words);
    emit_verb(out, deque_end_pattern, "pop_front", words);
    emit_verb(out, deque_index_pattern, "remove", words);
}
