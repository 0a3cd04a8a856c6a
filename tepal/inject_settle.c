/* SPDX-License-Identifier: MIT */
/*
 * inject_settle.c - see inject_settle.h. A system goes on when every domain is
 * alive and frames flow. A fault may also leave a domain that lives and does
 * not do its work any more, since what was damaged is its own: whoever runs the
 * system would end it then, so that it starts anew; the campaign does so too,
 * and counts the fault as one that took something away.
 */
#include "inject_settle.h"
#include "arch/platform.h"
#include "host.h"
#include "peek.h"
#include "stop.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/restart.h"
#include <unistd.h>

/* Frames that prove that all goes round. */
#define FRAMES 256u
#define POLL_NS 30000u
#define MILLISECOND 1000000u
/* So long without a frame, and so many calls, or so long at all. */
#define QUIET_NS (40u * MILLISECOND)
#define QUIET_CALLS 20000u
#define QUIET_MAX_NS (2000u * MILLISECOND)
#define HANG_NS (10000ull * MILLISECOND)

/* Sent: a system that sends nothing has no faults injected. */
static uint64_t count_frames(const struct running *running)
{
    uint64_t frames = 0;
    uint32_t i;

    for (i = 0; i < running->plugged; i++)
        frames += peek(&running->nics[i].wire.counts.packets_out);
    return frames;
}

static uint64_t count_crossings(const struct running *running)
{
    uint64_t calls = 0;
    uint32_t i;

    for (i = 0; i < running->loaded; i++)
        calls += peek(&running->domains[i].domain->inside) >>
                 DOMAIN_FRAME_BITS;
    return calls;
}

void settle_begin(struct inject_settle *settle, const struct running *running)
{
    settle->frames = count_frames(running);
    settle->calls = count_crossings(running);
}

/* One that is not ready; NULL: all are. */
static const struct domain *find_dead(const struct running *running)
{
    uint32_t i;

    for (i = 0; i < running->loaded; i++)
        if (!domain_is_ready(running->domains[i].domain))
            return running->domains[i].domain;
    return NULL;
}

/* One whose thread has ended for good. */
static const struct running_domain *find_ended(const struct running *running)
{
    uint32_t i;

    for (i = 0; i < running->loaded; i++)
        if (running_has_ended(&running->domains[i]))
            return &running->domains[i];
    return NULL;
}

static bool flows(const struct inject_settle *settle,
                  const struct running *running)
{
    return count_frames(running) >= settle->frames + FRAMES;
}

/*
 * A frame for one queue lets those for the others wait, so that each thread has
 * to have its turn, on perhaps fewer processors.
 */
static uint64_t quiet_ns(const struct running *running)
{
    uint64_t threads = 0;
    uint32_t i;

    for (i = 0; i < running->loaded; i++)
        threads += !running->domains[i].domain->serves &&
                   running->domains[i].domain->main_entry;
    return QUIET_NS * threads * threads;
}

static bool is_quiet(const struct inject_settle *settle,
                     const struct running *running, uint64_t since)
{
    uint64_t passed = clock_nanoseconds() - since;

    return passed >= QUIET_MAX_NS ||
           (passed >= quiet_ns(running) && !find_dead(running) &&
            count_crossings(running) >= settle->calls + QUIET_CALLS);
}

/* True when it goes on; false when an end came, or nothing at all. */
static bool wait_for_flow(const struct inject_settle *settle,
                          const struct running *running)
{
    uint64_t since = clock_nanoseconds();

    while (find_dead(running) || stop_is_stalled() ||
           !flows(settle, running)) {
        if (find_ended(running) || is_quiet(settle, running, since))
            return false;
        host_sleep(POLL_NS);
    }
    return true;
}

bool settle_start(const struct running *running)
{
    struct inject_settle none = {0, 0};

    if (!wait_for_flow(&none, running))
        return false;
    host_sleep(20 * MILLISECOND);
    return true;
}

/* The same, on a machine that may be busy with other things. */
static bool wait_long(const struct inject_settle *settle,
                      const struct running *running)
{
    uint64_t end = clock_nanoseconds() + HANG_NS;

    while (clock_nanoseconds() < end && !find_ended(running))
        if (wait_for_flow(settle, running))
            return true;
    return false;
}

static void say(char *why, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void say(char *why, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    text_format_list(why, INJECT_WHY_MAX, format, list);
    va_end(list);
}

/* End @domain, and see whether that helps. */
static bool helps(struct inject_settle *settle,
                  const struct running *running, struct domain *domain,
                  char *why)
{
    domain_end(domain, "ended by inject: no frames");
    settle_begin(settle, running);
    if (!wait_for_flow(settle, running))
        return false;
    say(why, "no frames until %s was ended and restarted: what it had of its "
        "own was damaged, by this fault or one before", domain->name);
    return true;
}

static enum inject_outcome judge_end(const struct running_domain *ended,
                                     char *why, bool *useless)
{
    const struct domain *domain = ended->domain;

    *useless = true;
    if (ended->ended.result == RPC_OK)
        say(why, "tp_main of %s ended with %u: it had an error from another "
            "domain or its device that it does not handle", domain->name,
            ended->value);
    else
        say(why, "%s stays dead: %s", domain->name,
            *domain->death.cause ? domain->death.cause : "not restarted");
    return INJECT_DEGRADED;
}

/* Frames flow without it: whoever called it does no more. */
static bool goes_on_without(const struct inject_settle *settle,
                            const struct running *running, char *why,
                            bool *useless)
{
    const struct domain *dead = find_dead(running);

    if (!dead || !flows(settle, running))
        return false;
    *useless = true;
    say(why, "%s stays dead, as nobody calls it any more; frames flow without "
        "it", dead->name);
    return true;
}

enum inject_outcome settle_wait(struct inject_settle *settle,
                                const struct inject_target *target, char *why,
                                bool *useless)
{
    const struct running *running = target->running;
    uint32_t i;

    settle_begin(settle, running);
    if (wait_for_flow(settle, running))
        return INJECT_RECOVERED;
    if (find_ended(running))
        return judge_end(find_ended(running), why, useless);
    if (goes_on_without(settle, running, why, useless) ||
        helps(settle, running, target->domain, why))
        return INJECT_DEGRADED;
    for (i = 0; i < running->loaded && !find_ended(running); i++)
        if (running->domains[i].domain != target->domain &&
            helps(settle, running, running->domains[i].domain, why))
            return INJECT_DEGRADED;
    if (find_ended(running))
        return judge_end(find_ended(running), why, useless);
    if (!target->is_final && wait_long(settle, running)) {
        say(why, "no frames for a while, though every domain was restarted");
        return INJECT_DEGRADED;
    }
    if (goes_on_without(settle, running, why, useless))
        return INJECT_DEGRADED;
    *useless = true;
    if (target->is_final) {
        say(why, "the device has failed for good");
        return INJECT_DEGRADED;
    }
    host_log_to(STDERR_FILENO);
    host_sleep(20 * MILLISECOND);
    host_log_to(-1);
    say(why, "a hang: no frames flow, though every domain was restarted%s%s",
        find_dead(running) ? "; still dead: " : "",
        find_dead(running) ? find_dead(running)->name : "");
    return INJECT_FAILED;
}
