/* SPDX-License-Identifier: MIT */
/*
 * estate.c - see estate.h. Between two lives what is kept belongs to nobody's
 * id but DOMAIN_KEPT, which no pass looks for and no handle's holder has.
 * Each step is one comparison and change of the owner word, so an object that
 * was dropped, moved or lent since it was named is simply not there; and who
 * changed the word notes it, since another domain may have kept the same object.
 * The lock of the private heap guards the names; a dead domain keeps nothing.
 */
#include "tepal_trusted/estate.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/heap.h"
#include "tepal_trusted/registry.h"
#include "tepal_trusted/thread.h"

static struct domain_kept *find(struct domain *domain, const char *name)
{
    uint32_t i;

    for (i = 0; i < DOMAIN_KEPT_MAX; i++)
        if (text_equal(domain->kept[i].name, name))
            return &domain->kept[i];
    return NULL;
}

static void forget(struct domain_kept *kept)
{
    kept->handle = 0;
    kept->is_aside = false;
    kept->name[0] = 0;
}

/* The type of what @domain owns, unlent; NULL: it does not. */
static const struct type *own_type(const struct domain *domain, uint64_t handle)
{
    const struct registry_record *record = registry_find(handle);

    if (!record || __atomic_load_n(&record->word, __ATOMIC_ACQUIRE) !=
                       owner_expected(handle, domain->id))
        return NULL;
    return __atomic_load_n(&record->type, __ATOMIC_RELAXED);
}

static bool set(struct domain *domain, const char *name, uint64_t handle,
                const struct type *type)
{
    struct domain_kept *kept = find(domain, name);

    if (!kept)
        kept = find(domain, "");
    if (!kept)
        return false;
    text_copy(kept->name, sizeof(kept->name), name);
    kept->handle = handle;
    kept->type = type;
    kept->is_aside = false;
    return true;
}

static bool clear(struct domain *domain, const char *name)
{
    struct domain_kept *kept = find(domain, name);

    if (kept)
        forget(kept);
    return kept != NULL;
}

bool estate_keep(struct domain *domain, const char *name, uint64_t handle)
{
    const struct type *type = handle ? own_type(domain, handle) : NULL;
    bool fine;

    if (!*name || (handle && (!type || type->handle_count)))
        return false;
    lock_acquire(&domain->growing);
    fine = domain_is_alive(domain) &&
           (handle ? set(domain, name, handle, type) : clear(domain, name));
    lock_release(&domain->growing);
    return fine;
}

uint64_t estate_find(const struct domain *domain, const char *name,
                     const struct type *type)
{
    uint32_t i;

    for (i = 0; *name && i < DOMAIN_KEPT_MAX; i++) {
        const struct domain_kept *kept = &domain->kept[i];

        if (text_equal(kept->name, name))
            return kept->type == type && own_type(domain, kept->handle) == type
                       ? kept->handle
                       : 0;
    }
    return 0;
}

static bool pass_on(const struct domain_kept *kept, domain_id_t from,
                    domain_id_t to)
{
    return owner_change(&registry_find(kept->handle)->word,
                        owner_expected(kept->handle, from),
                        owner_expected(kept->handle, to), false);
}

void estate_set_aside(struct domain *domain, domain_id_t id)
{
    uint32_t i;

    if (!domain_may_return(domain))
        return;
    lock_acquire(&domain->growing);
    for (i = 0; i < DOMAIN_KEPT_MAX; i++) {
        struct domain_kept *kept = &domain->kept[i];

        if (!kept->handle || kept->is_aside)
            continue;
        kept->is_aside = pass_on(kept, id, DOMAIN_KEPT);
        if (!kept->is_aside)
            forget(kept);
    }
    lock_release(&domain->growing);
}

void estate_take_over(struct domain *domain)
{
    uint32_t i;

    for (i = 0; i < DOMAIN_KEPT_MAX; i++) {
        struct domain_kept *kept = &domain->kept[i];

        if (kept->is_aside && pass_on(kept, DOMAIN_KEPT, domain->id))
            domain->shared_bytes += kept->type->heap_bytes;
        else
            forget(kept);
        kept->is_aside = false;
    }
}

void estate_dissolve(struct domain *domain, struct thread *thread)
{
    uint32_t i;

    for (i = 0; i < DOMAIN_KEPT_MAX; i++) {
        struct domain_kept *kept = &domain->kept[i];

        if (kept->is_aside && pass_on(kept, DOMAIN_KEPT, DOMAIN_ORPHAN))
            heap_free(&thread->cache, registry_find(kept->handle),
                      owner_expected(kept->handle, DOMAIN_ORPHAN));
        forget(kept);
    }
}
