/* SPDX-License-Identifier: MIT */
/*
 * inject_campaign.c - one fault after the other, while the system runs.
 *
 * Each begins in a world that stands still and is right. The fault is made;
 * where it can be done, its domain runs alone for a few microseconds, and
 * nothing of anybody else's may have changed then. The books are audited, all
 * go on, and once frames flow again, or do not, the world is stopped and
 * audited once more. Source: docs/INJECT.md.
 */
#include "arch/platform.h"
#include "host.h"
#include "inject_faults.h"
#include "inject_memory.h"
#include "inject_sabotage.h"
#include "inject_settle.h"
#include "stop.h"
#include "tepal_trusted/audit.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/crossing.h"
#include "tepal.h"
#include <unistd.h>

#define CATCH_TRIES 12u
#define STOP_NS 5000000000ull
#define PATIENCE_NS 2000000u

struct campaign {
    struct running *running;
    struct inject_board *board;
    struct audit audit;
    struct inject_target target;
    char why[INJECT_WHY_MAX];
};

static bool is_broken(struct campaign *campaign, const char *when,
                      const char *what)
{
    if (what)
        text_format(campaign->why, sizeof(campaign->why), "%s: %s", when, what);
    return what != NULL;
}

/* Still, and right; else why not. */
static bool stop_and_audit(struct campaign *campaign, const char *when)
{
    if (!stop_all(STOP_NS))
        return !is_broken(campaign, when, "a thread does not leave the kernel");
    campaign->board->audits++;
    return !is_broken(campaign, when, audit_run(&campaign->audit));
}

/*
 * The number of the held thread whose innermost domain is @domain; NULL: any.
 * One that has just had a fault will not run on from there.
 */
static uint32_t find_thread(const struct domain *domain)
{
    uint32_t i;

    for (i = 0; i < stop_count(); i++)
        if (!stop_at(i).is_dying &&
            (!domain || stop_at(i).thread->domain == domain))
            return i;
    return UINT32_MAX;
}

/* Somebody is caught in it, or after some tries in another. */
static bool catch_thread(struct campaign *campaign)
{
    struct inject_target *target = &campaign->target;
    uint32_t try;

    for (try = 0; try < CATCH_TRIES; try++) {
        target->thread = find_thread(target->domain);
        if (target->thread != UINT32_MAX ||
            !inject_needs_thread(target->plan->kind))
            return true;
        stop_resume();
        host_sleep(1000 + (target->plan->random[7] >> try) % 20000);
        if (!stop_all(STOP_NS))
            return false;
    }
    target->thread = find_thread(NULL);
    if (target->thread != UINT32_MAX)
        target->domain = stop_at(target->thread).thread->domain;
    return true;
}

/* A place from which the victim has not gone to anybody else. */
struct stay {
    const struct domain *domain;
    const struct continuation *continuation;
    uint64_t calls;
};

static struct stay stay_of(const struct thread *thread)
{
    return (struct stay){thread->domain, thread->continuation, thread->calls};
}

static bool is_same(struct stay a, struct stay b)
{
    return a.domain == b.domain && a.continuation == b.continuation &&
           a.calls == b.calls;
}

/* Alone, for a moment: whose memory is not as it was? */
static bool run_alone(struct campaign *campaign)
{
    const struct inject_target *target = &campaign->target;
    const struct thread *thread = stop_at(target->thread).thread;
    struct stay before = stay_of(thread);
    const char *changed = NULL;

    if (!inject_memory_copy(target->domain))
        return !is_broken(campaign, "in the window", "no memory");
    if (!stop_step(target->thread, 1000 + target->plan->random[6] % 8000,
                   PATIENCE_NS) ||
        !is_same(before, stay_of(thread))) {
        campaign->board->windows_left++;
        return true;
    }
    campaign->board->windows++;
    inject_sabotage(&campaign->board->sabotage, target, true);
    changed = inject_memory_compare(&campaign->board->payload_damage);
    if (changed)
        text_format(campaign->why, sizeof(campaign->why),
                    "in the window: private memory of %s has changed", changed);
    return changed == NULL;
}

static bool wants_window(const struct inject_target *target)
{
    return target->thread != UINT32_MAX && target->plan->kind != INJECT_STALL &&
           target->plan->kind != INJECT_KILL &&
           stop_at(target->thread).thread->domain == target->domain;
}

/* Threads that the window let go are caught again. */
static bool strike(struct campaign *campaign)
{
    struct inject_target *target = &campaign->target;

    if (!catch_thread(campaign))
        return !is_broken(campaign, "before", "a thread does not leave the "
                          "kernel");
    inject_sabotage(&campaign->board->sabotage, target, false);
    if (!inject_strike(target)) {
        campaign->board->plan.kind = INJECT_MEMORY;
        if (!inject_strike(target)) {
            campaign->board->plan.kind = INJECT_KILL;
            (void)inject_strike(target);
        }
    }
    if (wants_window(target)) {
        if (!run_alone(campaign) || !stop_and_audit(campaign, "in the window"))
            return false;
    } else if (target->plan->kind == INJECT_KILL &&
               !stop_and_audit(campaign, "at the kill")) {
        return false;
    }
    return true;
}

static uint32_t number_of(const struct running *running,
                          const struct domain *domain)
{
    uint32_t i;

    for (i = 0; i + 1 < running->loaded; i++)
        if (running->domains[i].domain == domain)
            break;
    return i;
}

static enum inject_outcome one_fault(struct campaign *campaign, bool *useless)
{
    struct inject_target *target = &campaign->target;
    enum inject_outcome outcome = INJECT_FAILED;
    struct inject_settle settle;
    bool fine;

    settle_begin(&settle, campaign->running);
    fine = strike(campaign);
    campaign->board->plan.domain =
        number_of(campaign->running, target->domain);
    stop_resume();
    if (!fine)
        return INJECT_FAILED;
    inject_strike_late(target);
    if (target->plan->kind == INJECT_ALLOC)
        host_sleep(200000 + target->plan->random[5] % 1000000);
    inject_relent(target);
    outcome = settle_wait(&settle, target, campaign->why, useless);
    if (outcome == INJECT_FAILED || !stop_and_audit(campaign, "afterwards"))
        return INJECT_FAILED;
    inject_call_off(target);
    return outcome;
}

static void do_fault(struct campaign *campaign, bool *useless)
{
    struct inject_board *board = campaign->board;
    enum inject_outcome outcome;

    inject_plan_make(&board->plan, board->seed, board->done,
                     campaign->running->loaded);
    campaign->target = (struct inject_target){
        .running = campaign->running,
        .plan = &board->plan,
        .domain = campaign->running->domains[board->plan.domain].domain,
        .thread = UINT32_MAX,
        .what = board->what};
    board->what[0] = 0;
    __atomic_store_n(&board->is_at_one, true, __ATOMIC_RELEASE);
    outcome = one_fault(campaign, useless);
    inject_done(board, outcome, campaign->why);
    if (outcome == INJECT_FAILED || *useless) {
        inject_add_up(board, campaign->running);
        _exit(EXIT_FINE); /* what is broken may not be fit to be ended */
    }
    __atomic_add_fetch(&board->steps, 1, __ATOMIC_RELEASE);
}

void inject_campaign(struct running *running, struct inject_board *board,
                     uint64_t run)
{
    static struct campaign campaign;
    bool useless = false;
    uint64_t i;

    campaign = (struct campaign){.running = running, .board = board};
    if (!settle_start(running) || !stop_all(STOP_NS))
        return;
    tp_assert(audit_begin(&campaign.audit));
    board->ran = true;
    for (i = 0; i < run && !useless && board->done < board->wanted &&
                !__atomic_load_n(&board->stop, __ATOMIC_ACQUIRE);
         i++)
        do_fault(&campaign, &useless);
    stop_resume();
}
