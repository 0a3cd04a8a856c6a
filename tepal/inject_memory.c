/* SPDX-License-Identifier: MIT */
/*
 * inject_memory.c - see inject_memory.h. What was mapped at the first moment is
 * compared as far as it still is: nobody but the victim has run.
 */
#include "inject_memory.h"
#include "tepal_trusted/heap.h"
#include "tepal_trusted/thread.h"
#include <stdlib.h>
#include <string.h>

struct piece {
    const char *owner; /* a domain's name; NULL: a payload */
    const uint8_t *at;
    size_t bytes, copy; /* where in the store */
};

static struct {
    struct piece *pieces;
    size_t count, room;
    uint8_t *store;
    size_t used, store_room;
    const struct domain *victim;
    bool failed;
} memory;

static bool make_room(void **array, size_t *room, size_t wanted, size_t each)
{
    void *larger;

    if (wanted <= *room)
        return true;
    larger = realloc(*array, 2 * wanted * each);
    if (!larger)
        return false;
    *array = larger;
    *room = 2 * wanted;
    return true;
}

static void add(const char *owner, const void *at, size_t bytes)
{
    if (memory.failed || bytes == 0)
        return;
    if (!make_room((void **)&memory.pieces, &memory.room, memory.count + 1,
                   sizeof(*memory.pieces)) ||
        !make_room((void **)&memory.store, &memory.store_room,
                   memory.used + bytes, 1)) {
        memory.failed = true;
        return;
    }
    memory.pieces[memory.count++] =
        (struct piece){owner, at, bytes, memory.used};
    memcpy(memory.store + memory.used, at, bytes);
    memory.used += bytes;
}

/* Data stacks are whole pages, ended below the page that @end is in. */
static void add_data_stack(const struct domain *domain, uint32_t end)
{
    uint32_t top = (end + TP_PAGE - 1) & ~(uint32_t)(TP_PAGE - 1);

    add(domain->name,
        (const void *)(domain->base + top - domain->data_stack_bytes),
        domain->data_stack_bytes);
}

static void add_domain(const struct domain *domain)
{
    const struct thread *thread;

    if (domain == memory.victim || !domain->mapped)
        return;
    add(domain->name, (const void *)(domain->base + domain->private_start),
        domain->private_break - domain->private_start);
    for (thread = thread_first(); thread; thread = thread->next)
        if (thread->data_stack[domain->slot])
            add_data_stack(domain, thread->data_stack[domain->slot]);
}

static void add_payload(struct registry_record *record, void *context)
{
    domain_id_t owner = owner_of(record->word);

    (void)context;
    if (owner != DOMAIN_NOBODY && owner != memory.victim->id)
        add(NULL, registry_payload(record), record->type->bytes);
}

bool inject_memory_copy(const struct domain *victim)
{
    uint32_t slot;

    memory.victim = victim;
    memory.count = memory.used = 0;
    memory.failed = false;
    for (slot = 1; slot < domain_slots(); slot++)
        add_domain(domain_at(slot));
    heap_visit(add_payload, NULL);
    return !memory.failed;
}

const char *inject_memory_compare(uint64_t *damaged)
{
    const char *changed = NULL;
    size_t i;

    for (i = 0; i < memory.count; i++) {
        const struct piece *piece = &memory.pieces[i];

        if (memcmp(memory.store + piece->copy, piece->at, piece->bytes) == 0)
            continue;
        if (piece->owner)
            changed = piece->owner;
        else
            ++*damaged;
    }
    return changed;
}
