/* SPDX-License-Identifier: MIT */
/* objects.c - shared objects that belong to the program. */
#include "embed.h"
#include "tepal_trusted/rref.h"

EMBED_API uint64_t tepal_object_new(const struct tepal_type *described)
{
    const struct type *type = embed_type(described);
    uint64_t handle = 0;

    if (!type || !embed_enter())
        return 0;
    handle = rref_new(thread_current(), thread_current()->domain, type);
    embed_leave();
    return handle;
}

EMBED_API void *tepal_object_payload(uint64_t handle)
{
    const struct domain *program =
        __atomic_load_n(&embed.program, __ATOMIC_ACQUIRE);
    const struct registry_record *record;
    owner_word_t word;

    if (!program || handle == 0)
        return NULL;
    record = registry_find(handle);
    if (!record)
        return NULL;
    word = __atomic_load_n(&record->word, __ATOMIC_ACQUIRE);
    if (owner_of(word) != program->id || (word ^ handle) & OWNER_GENERATION)
        return NULL;
    return registry_payload(record);
}

EMBED_API bool tepal_object_drop(uint64_t handle)
{
    bool dropped;

    if (handle == 0 || !embed_enter())
        return false;
    dropped = rref_drop(thread_current(), thread_current()->domain, handle);
    embed_leave();
    return dropped;
}
