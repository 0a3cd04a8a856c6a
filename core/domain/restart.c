/* SPDX-License-Identifier: MIT */
/*
 * restart.c - a dead domain comes to life again, in its slot, as another
 * incarnation: a new id, memory as its file has it, the wires that the manifest
 * gives it. Its verified text stays where it is.
 *
 * It is done by whoever needs the domain: a thread that calls it (shadow.c,
 * tp_cap_reconnect()), or the domain's own. So an affine domain stays with the
 * thread that it belongs to, and a caller waits for nobody else. Of several
 * callers of an open domain one does it, and the others wait.
 *
 * Capabilities to an earlier life stay void until their holders reconnect:
 * a holder is never brought to another incarnation without having been told.
 * Source: thesis 2 (Proxies); design, section 5 (Death).
 */
#include "tepal_trusted/restart.h"
#include "arch/platform.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/crossing.h"
#include "tepal_trusted/device.h"
#include "tepal_trusted/estate.h"
#include "tepal_trusted/loader.h"
#include "tepal_trusted/proxy.h"
#include "tepal_trusted/timing.h"
#include "tepal_trusted/trace.h"
#include "tepal_trusted/watchdog.h"

/* Rounds of waiting for other threads, each of which lets them run. */
#define WAIT_ROUNDS 1000000u
/* How often the delay before a restart is doubled. */
#define DOUBLINGS_MAX 10u
/* Lives that end as they begin, before whoever needs the domain is told. */
#define STARTS_MAX 8u

static bool is_reviving(const struct domain *domain)
{
    return __atomic_load_n(&domain->reviving, __ATOMIC_SEQ_CST) != 0;
}

bool domain_is_ready(const struct domain *domain)
{
    return domain_is_alive(domain) && !is_reviving(domain);
}

/* It would wait for itself to leave. */
static bool is_inside(const struct thread *thread, const struct domain *domain)
{
    const struct continuation *c;

    for (c = thread->continuation; c; c = c->outer)
        if (c->crossing->callee == domain)
            return true;
    return false;
}

/* Whoever waits here may have been ended itself. */
static bool is_worth_waiting(const struct thread *thread)
{
    const struct domain *waits = thread->domain;

    return !waits || waits->id == DOMAIN_NOBODY || domain_is_alive(waits);
}

/*
 * An affine domain is for its own thread to restart. Who has claimed it has a
 * data stack there: a call that finds the claim takes that for granted.
 */
static bool claim(struct domain *domain, struct thread *thread)
{
    struct thread *nobody = NULL;
    uint32_t stack;

    if (domain->open || domain_is_affine(domain, thread))
        return true;
    if (!__atomic_compare_exchange_n(&domain->affine, &nobody, thread, false,
                                     __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return false;
    stack = thread->data_stack[domain->slot];
    if (!stack)
        stack = domain_data_stack(domain, thread);
    domain->data_stack = stack;
    if (!stack)
        thread_let_go(domain);
    return stack != 0;
}

/* Devices are asked whether their drivers may come back. */
static void give_up(struct domain_restart *restart)
{
    __atomic_store_n(&restart->policy, RESTART_NEVER, __ATOMIC_RELAXED);
}

static bool is_owed(struct domain_restart *restart)
{
    return __atomic_exchange_n(&restart->owed, 0, __ATOMIC_SEQ_CST) != 0;
}

/* One restart more, unless there were too many: then never again. */
static bool may_restart(struct domain_restart *restart)
{
    uint64_t now = clock_nanoseconds();

    if (restart->policy == RESTART_NEVER)
        return false;
    if (now - restart->window_start >= restart->window_nanoseconds) {
        restart->window_start = now;
        restart->count = 0;
    }
    if (restart->limit && restart->count >= restart->limit) {
        give_up(restart);
        return false;
    }
    restart->count++;
    return true;
}

/* The more often lately, the longer. */
static void wait_delay(const struct domain_restart *restart,
                       const struct thread *thread)
{
    uint32_t doublings = restart->count - 1;
    uint64_t end;

    if (restart->delay_nanoseconds == 0)
        return;
    if (doublings > DOUBLINGS_MAX)
        doublings = DOUBLINGS_MAX;
    end = clock_nanoseconds() + (restart->delay_nanoseconds << doublings);
    while (clock_nanoseconds() < end && is_worth_waiting(thread))
        timing_idle(end);
}

static bool wait_until_gone(struct domain *domain, struct thread *thread)
{
    uint32_t rounds;

    for (rounds = 0; rounds < WAIT_ROUNDS; rounds++) {
        domain_settle(domain, thread,
                      __atomic_load_n(&domain->life, __ATOMIC_SEQ_CST));
        if (domain_is_gone(domain))
            return true;
        if (!is_worth_waiting(thread))
            return false;
        watchdog_wake(); /* for those that are still inside */
        cpu_relax();
    }
    return false;
}

/* Everything but life. */
static bool renew(struct domain *domain)
{
    struct load_error error;

    capability_retire(domain);
    domain_renew_id(domain);
    domain->shared_bytes = 0;
    estate_take_over(domain);
    domain_counters_carry(domain);
    death_await_blame(&domain->death);
    __builtin_memset(&domain->death, 0, sizeof(domain->death));
    if (!domain_reload(domain, &error) || !domain_wire_again(domain, &error)) {
        log_line("restart", "%s: %s", domain->name, error.text);
        return false;
    }
    if (domain->driven)
        device_give(domain->driven, domain);
    return true;
}

/* What serves others is ready when its tp_main has returned. */
static bool start(struct domain *domain)
{
    struct rpc rpc;
    uint32_t value = 0;

    __atomic_store_n(&domain->generation, domain->generation + 1,
                     __ATOMIC_RELAXED);
    domain_open_up(domain);
    if (tracing)
        trace_restarted(domain);
    if (!domain->serves || !domain->main_entry)
        return true;
    rpc = crossing_run(domain, domain->main_entry, 0, 0, &value);
    if (rpc.result == RPC_OK && value == 0)
        return true;
    domain_end(domain, "its tp_main failed when it was restarted");
    return false;
}

/* Who needs it next tries again, as long as its policy lets it. */
static bool bring_back(struct domain *domain, struct thread *thread)
{
    uint32_t starts = 0;

    do {
        if (starts++ == STARTS_MAX || !is_worth_waiting(thread))
            return false;
        if (!wait_until_gone(domain, thread))
            return false;
        if (!is_owed(&domain->restart)) {
            if (!may_restart(&domain->restart))
                return false;
            wait_delay(&domain->restart, thread);
        }
        if (!renew(domain)) {
            give_up(&domain->restart);
            return false;
        }
    } while (!start(domain));
    return true;
}

/* Another thread does it: let it. */
static bool wait_for_other(const struct domain *domain,
                           const struct thread *thread)
{
    uint32_t rounds;

    for (rounds = 0; is_reviving(domain); rounds++) {
        if (rounds == WAIT_ROUNDS || !is_worth_waiting(thread))
            return false;
        timing_idle(UINT64_MAX);
    }
    return domain_is_alive(domain);
}

/* A life that came between makes the debt void. */
void domain_restart(struct domain *domain)
{
    uint32_t life = __atomic_load_n(&domain->life, __ATOMIC_SEQ_CST);

    __atomic_store_n(&domain->restart.owed, 1, __ATOMIC_SEQ_CST);
    if (!domain_retire(domain, life) && domain_is_alive(domain))
        (void)is_owed(&domain->restart);
}

bool domain_revive(struct domain *domain, struct thread *thread)
{
    bool fine;

    if (domain_is_ready(domain))
        return true;
    if (!domain_may_return(domain) || is_inside(thread, domain) ||
        (uintptr_t)__builtin_frame_address(0) < thread->call_limit ||
        !claim(domain, thread))
        return false;
    if (__atomic_exchange_n(&domain->reviving, 1, __ATOMIC_SEQ_CST))
        return wait_for_other(domain, thread);
    fine = domain_is_alive(domain) || bring_back(domain, thread);
    __atomic_store_n(&domain->reviving, 0, __ATOMIC_SEQ_CST);
    return fine;
}
