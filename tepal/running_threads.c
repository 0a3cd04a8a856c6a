/* SPDX-License-Identifier: MIT */
/*
 * running_threads.c - the threads of a system that has been loaded. Each
 * domain's own runs tp_main. Those that others call go first: they set
 * themselves up and return, one after the other. Those that nobody calls then
 * run side by side until the system ends; one that dies runs again, if it may.
 */
#include "host.h"
#include "running.h"
#include "tepal.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/crossing.h"
#include "tepal_trusted/device.h"
#include "tepal_trusted/loader.h"
#include "tepal_trusted/restart.h"
#include "virtual_clock.h"
#include <errno.h>
#include <string.h>

/* What serves others is restarted by those who call it. */
static bool is_to_run_again(struct running_domain *place)
{
    struct domain *domain = place->domain;
    struct thread *thread = thread_current();

    if (domain->serves)
        return false;
    if (place->ended.result == RPC_OK) {
        if (place->value == 0 || domain->restart.policy != RESTART_ALWAYS)
            return false;
        domain_end(domain, "its tp_main ended with a failure");
    }
    return domain_revive(domain, thread);
}

static bool calls_no_more(const struct running_domain *place)
{
    return place->domain->serves || !place->domain->main_entry ||
           running_has_ended(place);
}

/* Adds to @reached whom those in it could call, as bits of domains. */
static uint32_t spread(const struct running *running, uint32_t reached)
{
    uint32_t i, j;

    for (i = 0; i < running->loaded; i++)
        for (j = 0; reached >> i & 1 && j < running->loaded; j++)
            if (capability_is_held(running->domains[i].domain,
                                   running->domains[j].domain))
                reached |= 1u << j;
    return reached;
}

/*
 * A thread has ended. Devices whose drivers nobody can call any more, through
 * whatever domains, are none that others need wait for.
 */
static void abandon_devices(struct running *running)
{
    uint32_t reached = 0, before, i;

    _Static_assert(SYSTEM_DOMAINS_MAX <= 32, "bits");
    for (i = 0; i < running->loaded; i++)
        if (!calls_no_more(&running->domains[i]))
            reached |= 1u << i;
    do {
        before = reached;
        reached = spread(running, reached);
    } while (reached != before);
    for (i = 0; i < running->loaded; i++)
        if (!(reached >> i & 1) && running->domains[i].domain->driven)
            device_abandon(running->domains[i].domain->driven);
}

static void run_main(void *context)
{
    struct running_domain *place = context;

    if (timing)
        virtual_clock_enter(place->cpu);
    do
        place->ended = crossing_run(place->domain, place->domain->main_entry,
                                    0, 0, &place->value);
    while (is_to_run_again(place));
    if (!place->domain->serves) {
        __atomic_store_n(&place->has_ended, true, __ATOMIC_RELEASE);
        abandon_devices(place->running);
    }
    if (timing)
        virtual_clock_leave(place->cpu);
}

/* Before any of the threads that will run side by side starts. */
static void take_cpu(struct running_domain *place)
{
    if (timing && place->domain->main_entry)
        place->cpu = virtual_clock_take_cpu();
}

static int start_thread(struct running *running, uint32_t i)
{
    struct running_domain *place = &running->domains[i];

    if (!place->domain->main_entry)
        return EXIT_FINE;
    place->thread = host_spawn(run_main, place);
    if (!place->thread && timing)
        virtual_clock_leave(place->cpu);
    return place->thread ? EXIT_FINE
                         : fail(EXIT_RUN_FAILED, "no thread for %s: %s",
                                running->system.domains[i].name,
                                strerror(errno));
}

static void join_thread(struct running_domain *place)
{
    if (place->thread)
        host_join(place->thread);
    place->thread = NULL;
}

/* Domains that others call set themselves up, one after the other. */
static int run_callees(struct running *running)
{
    int code = EXIT_FINE;
    uint32_t i;

    for (i = 0; code == EXIT_FINE && i < running->loaded; i++)
        if (running->domains[i].domain->serves) {
            take_cpu(&running->domains[i]);
            code = start_thread(running, i);
            join_thread(&running->domains[i]);
        }
    return code;
}

/* The others run side by side; those after one without a thread do not. */
static int run_callers(struct running *running)
{
    uint64_t cycles = timing_cycles(), nanoseconds = clock_nanoseconds();
    int code = EXIT_FINE;
    uint32_t i;

    for (i = 0; i < running->loaded; i++) {
        struct running_domain *place = &running->domains[i];

        place->charged_before = virtual_clock_charged(place->domain);
        if (!running->domains[i].domain->serves)
            take_cpu(place);
    }
    __atomic_store_n(&running->is_set_up, true, __ATOMIC_RELEASE);
    for (i = 0; code == EXIT_FINE && i < running->loaded; i++)
        if (!running->domains[i].domain->serves)
            code = start_thread(running, i);
    for (i = 0; i < running->loaded; i++)
        join_thread(&running->domains[i]);
    running->cycles = timing_cycles() - cycles;
    running->nanoseconds = clock_nanoseconds() - nanoseconds;
    return code;
}

/* Killed when nobody needed it any more: no failure of the run. */
static bool would_come_back(const struct domain *domain)
{
    return domain->serves && domain_may_return(domain);
}

/* Those that called it had it restarted: how its first life began is past. */
static bool was_started_again(const struct domain *domain)
{
    return domain->serves && domain->generation > 1;
}

/* Its thread ended as it should, whatever became of it afterwards. */
static bool has_done_its_work(const struct running_domain *place)
{
    return !place->domain->serves && place->domain->main_entry &&
           place->ended.result == RPC_OK && place->value == 0;
}

static int judge(const struct running *running, uint32_t i)
{
    const struct running_domain *place = &running->domains[i];

    if (has_done_its_work(place))
        return EXIT_FINE;
    if (!domain_is_alive(place->domain))
        return would_come_back(place->domain) ? EXIT_FINE : EXIT_RUN_FAILED;
    if (was_started_again(place->domain))
        return EXIT_FINE;
    if (place->ended.result != RPC_OK)
        return fail(EXIT_RUN_FAILED, "%s could not be started (%u)",
                    running->system.domains[i].name,
                    (unsigned)place->ended.result);
    if (place->value != 0)
        return fail(EXIT_RUN_FAILED, "%s ended with %u",
                    running->system.domains[i].name, place->value);
    return EXIT_FINE;
}

static void log_files(const struct running *running)
{
    uint32_t i;

    for (i = 0; i < running->loaded; i++) {
        const struct running_domain *place = &running->domains[i];

        load_log(place->domain, running->system.domains[i].file,
                 place->latest->file.bytes, place->latest->file.size);
    }
}

int running_run(struct running *running)
{
    int code, one;
    uint32_t i;

    log_files(running);
    code = run_callees(running);
    if (code == EXIT_FINE)
        code = run_callers(running);
    for (i = 0; i < running->loaded; i++) {
        one = judge(running, i);
        code = one == EXIT_FINE ? code : one;
    }
    return code;
}
