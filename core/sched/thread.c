/* SPDX-License-Identifier: MIT */
/*
 * thread.c - kernel threads and which domains they may enter.
 *
 * An affine domain belongs to one thread at a time: the first to enter it
 * while it is free, until that thread ends. Only that thread changes the
 * domain's frame count and the owner words of its objects, so plain loads and
 * stores do there. An open domain has no such thread and pays atomics.
 * Source: design, section 4.
 */
#include "arch/pages.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/domain.h"
#include "tepal_trusted/lock.h"
#include "tepal_trusted/thread.h"

static struct lock threads_lock;
static struct thread *threads;

struct thread *thread_first(void)
{
    return threads;
}

struct lock *thread_lock(void)
{
    return &threads_lock;
}

static size_t data_stack_bytes(void)
{
    return slot_count() * sizeof(uint32_t);
}

bool thread_begin(struct thread *thread, uintptr_t stack_low)
{
    __builtin_memset(thread, 0, sizeof(*thread));
    thread->stack_limit = stack_low + THREAD_STACK_RESERVE;
    thread->call_limit = thread->stack_limit + THREAD_CALLEE_STACK;
    thread->data_stack = pages_alloc(data_stack_bytes());
    if (!thread->data_stack)
        return false;
    lock_acquire(&threads_lock);
    thread->next = threads;
    threads = thread;
    lock_release(&threads_lock);
    thread_set_current(thread);
    return true;
}

static void unlink_thread(struct thread *thread)
{
    struct thread **link;

    lock_acquire(&threads_lock);
    for (link = &threads; *link != thread; link = &(*link)->next)
        ;
    *link = thread->next;
    lock_release(&threads_lock);
}

void thread_let_go(struct domain *domain)
{
    __atomic_store_n(&domain->affine, NULL, __ATOMIC_RELEASE);
}

/*
 * @thread leaves nothing behind in @slot. Under the lock of the threads, as
 * thread_forget_slot(): a slot that is being reused is left alone.
 */
static void leave_slot(struct thread *thread, uint32_t slot)
{
    struct domain *domain = domain_at(slot);
    struct thread *self = thread;

    (void)__atomic_compare_exchange_n(&domain->affine, &self, NULL, false,
                                      __ATOMIC_RELEASE, __ATOMIC_RELAXED);
    if (thread->data_stack[slot])
        domain_free_data_stack(domain, thread->data_stack[slot]);
}

void thread_end(struct thread *thread)
{
    uint32_t slot;

    tp_assert(!thread->continuation);
    lock_acquire(&threads_lock);
    for (slot = 1; slot < domain_slots(); slot++)
        leave_slot(thread, slot);
    lock_release(&threads_lock);
    heap_cache_flush(&thread->cache);
    unlink_thread(thread);
    pages_free(thread->data_stack, data_stack_bytes());
    thread_set_current(NULL);
}

bool thread_enter(struct thread *thread, struct domain *domain)
{
    struct thread *nobody = NULL;

    if (domain->open) {
        __atomic_fetch_add(&domain->inside, DOMAIN_ONE_ENTRY,
                           __ATOMIC_SEQ_CST);
        return true;
    }
    if (__atomic_load_n(&domain->affine, __ATOMIC_RELAXED) != thread) {
        if (!__atomic_compare_exchange_n(&domain->affine, &nobody, thread,
                                         false, __ATOMIC_ACQUIRE,
                                         __ATOMIC_RELAXED))
            return false;
        domain->data_stack = 0;
    }
    domain_count(domain, DOMAIN_ONE_ENTRY);
    return true;
}

/* A hint: the thread itself looks again. */
__attribute__((no_sanitize("thread"))) static bool
wants_poke(const struct thread *thread)
{
    const struct domain *domain =
        __atomic_load_n(&thread->domain, __ATOMIC_RELAXED);

    return domain && (domain->budget_ticks != 0 || !domain_is_alive(domain));
}

void thread_poke_all(void)
{
    struct thread *thread;

    lock_acquire(&threads_lock);
    for (thread = threads; thread; thread = thread->next)
        if (wants_poke(thread))
            cpu_poke(thread);
    lock_release(&threads_lock);
}

void thread_forget_slot(uint32_t slot)
{
    struct thread *thread;

    lock_acquire(&threads_lock);
    for (thread = threads; thread; thread = thread->next)
        __atomic_store_n(&thread->data_stack[slot], 0, __ATOMIC_RELAXED);
    lock_release(&threads_lock);
}

/*
 * Gates change @domain by plain stores, which are whole on every machine; so
 * ThreadSanitizer need not be told of the look at it.
 */
__attribute__((no_sanitize("thread"))) uint32_t
thread_sample(const struct domain **running, uint32_t max)
{
    const struct thread *thread;
    uint32_t count = 0;

    lock_acquire(&threads_lock);
    for (thread = threads; thread && count < max; thread = thread->next) {
        running[count] = __atomic_load_n(&thread->domain, __ATOMIC_RELAXED);
        count += running[count] != NULL;
    }
    lock_release(&threads_lock);
    return count;
}
