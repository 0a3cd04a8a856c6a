/* SPDX-License-Identifier: MIT */
/*
 * audit.c - an audit from beginning to end; locks and threads.
 *
 * It trusts nothing that it looks at: every list is walked with a bound, every
 * pointer is looked for among those there can be before it is followed.
 * Source: design, sections 3 to 5; docs/INJECT.md, "What is checked".
 */
#include "audit.h"
#include "arch/pages.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/device.h"

bool audit_fails(struct audit *audit, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    text_format_list(audit->broken, sizeof(audit->broken), format, list);
    va_end(list);
    return false;
}

uint32_t audit_count_threads(void)
{
    const struct thread *thread;
    uint32_t count = 0;

    for (thread = thread_first(); thread && count < AUDIT_FRAMES_MAX;
         thread = thread->next)
        count++;
    return count;
}

bool audit_begin(struct audit *audit)
{
    uint32_t slot;

    audit->threads = audit_count_threads();
    audit->slots = domain_slots();
    audit->hashes_bytes = audit->slots * sizeof(*audit->hashes);
    audit->seen_bytes = registry.granules / 8;
    audit->hashes = pages_alloc(audit->hashes_bytes);
    audit->seen = pages_alloc(audit->seen_bytes);
    if (!audit->hashes || !audit->seen) {
        audit_end(audit);
        return false;
    }
    for (slot = 1; slot < audit->slots; slot++)
        audit->hashes[slot] = audit_hash(domain_at(slot));
    return true;
}

void audit_end(struct audit *audit)
{
    pages_free(audit->hashes, audit->hashes_bytes);
    pages_free(audit->seen, audit->seen_bytes);
    audit->hashes = audit->seen = NULL;
}

const char *audit_run(struct audit *audit)
{
    bool fine;

    audit->broken[0] = 0;
    fine = audit_locks(audit) && audit_threads(audit) &&
           audit_domains(audit) && audit_capabilities(audit) &&
           audit_heap(audit) && audit_tables(audit);
    return fine ? NULL : audit->broken;
}

static bool is_free(struct audit *audit, const struct lock *lock,
                    const char *what, const char *whose)
{
    return !__atomic_load_n(&lock->held, __ATOMIC_ACQUIRE) ||
           audit_fails(audit, "lock: %s%s%s is held", what, *whose ? " of " : "",
                       whose);
}

static bool audit_domain_locks(struct audit *audit)
{
    const struct device *device;
    const struct domain *domain;
    uint32_t i;

    for (i = 1; i < domain_slots(); i++) {
        domain = domain_at(i);
        if (!is_free(audit, &domain->growing, "the lock",
                     domain->name) ||
            !is_free(audit, &domain->death.lock, "the death", domain->name))
            return false;
    }
    for (i = 0; (device = device_at(i)) != NULL; i++)
        if (!is_free(audit, &device->lock, "the device", device->name))
            return false;
    return true;
}

bool audit_locks(struct audit *audit)
{
    struct lock *capabilities;

    (void)capability_list(&capabilities);
    return is_free(audit, heap_lists().lock, "the heap", "") &&
           is_free(audit, domain_lock(), "the table of domains", "") &&
           is_free(audit, capabilities, "the list of capabilities", "") &&
           is_free(audit, thread_lock(), "the list of threads", "") &&
           is_free(audit, obituary_lock(), "the ring of obituaries", "") &&
           audit_domain_locks(audit);
}

static bool is_domain(const struct domain *domain)
{
    uint32_t slot;

    for (slot = 1; slot < domain_slots(); slot++)
        if (domain_at(slot) == domain)
            return true;
    return false;
}

/*
 * A thread's continuations stand on its own stack, each further out than the
 * one before; the innermost is in the domain that it runs.
 */
static bool audit_frames_of(struct audit *audit, const struct thread *thread)
{
    const struct continuation *c = thread->continuation;
    uint32_t count;

    if (c && c->crossing->callee != thread->domain)
        return audit_fails(audit, "thread: runs another domain than its "
                           "innermost call");
    if (!c && thread->domain)
        return audit_fails(audit, "thread: runs a domain in no call");
    for (count = 0; c; c = c->outer, count++) {
        if (count == AUDIT_FRAMES_MAX || (c->outer && c->outer <= c) ||
            (uintptr_t)c < thread->stack_limit)
            return audit_fails(audit, "thread: calls are in no order");
        if (!is_domain(c->crossing->callee) || c->crossing->thread != thread)
            return audit_fails(audit, "thread: a call is no call of its own");
    }
    return true;
}

bool audit_threads(struct audit *audit)
{
    const struct thread *thread;
    uint32_t count = audit_count_threads();

    if (count > audit->threads)
        return audit_fails(audit, "thread: there are %u, and were %u", count,
                           audit->threads);
    for (thread = thread_first(); thread; thread = thread->next)
        if (!audit_frames_of(audit, thread))
            return false;
    return true;
}
