/* SPDX-License-Identifier: MIT */
/*
 * virtual_clock.c - events, processors and whose turn it is.
 *
 * The processor with the earliest time runs, of several the first one; what
 * it sees is settled, since nobody can do anything earlier any more. A
 * processor that idles is put forward to the next event; if a processor that
 * is behind it then asks for an earlier event, it is put back to that.
 */
#include "virtual_clock.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/domain.h"

#define NONE VIRTUAL_CPUS_MAX
#define NOT_IDLE UINT64_MAX

struct virtual_clock virtual_clock;
static struct virtual_clock *const vc = &virtual_clock;

static uint32_t earliest(void)
{
    uint32_t i, best = NONE;

    for (i = 0; i < VIRTUAL_CPUS_MAX; i++)
        if (vc->cpus[i].active &&
            (best == NONE || vc->cpus[i].time < vc->cpus[best].time))
            best = i;
    return best;
}

static void hand_over(uint32_t cpu)
{
    __atomic_store_n(&vc->running, cpu, __ATOMIC_RELEASE);
}

static void wait_for_turn(uint32_t cpu)
{
    while (__atomic_load_n(&vc->running, __ATOMIC_ACQUIRE) != cpu)
        cpu_relax();
}

static void take_event(uint32_t index)
{
    uint32_t i;

    vc->events[index]->waiting = false;
    vc->event_count--;
    for (i = index; i < vc->event_count; i++)
        vc->events[i] = vc->events[i + 1];
}

void virtual_clock_forget(struct virtual_event *event)
{
    uint32_t i;

    for (i = 0; i < vc->event_count; i++)
        if (vc->events[i] == event) {
            take_event(i);
            return;
        }
}

static void put_back_idlers(uint64_t time)
{
    uint32_t i;

    for (i = 0; i < VIRTUAL_CPUS_MAX; i++) {
        struct virtual_cpu *cpu = &vc->cpus[i];

        if (cpu->active && cpu->idle_since != NOT_IDLE && cpu->time > time)
            cpu->time = time > cpu->idle_since ? time : cpu->idle_since;
    }
}

void virtual_clock_at(struct virtual_event *event, uint64_t time)
{
    uint32_t i;

    if (event->waiting)
        virtual_clock_forget(event);
    tp_assert(vc->event_count < VIRTUAL_EVENTS_MAX);
    event->time = time > vc->now ? time : vc->now;
    event->waiting = true;
    for (i = vc->event_count++; i > 0; i--) {
        if (vc->events[i - 1]->time <= event->time)
            break;
        vc->events[i] = vc->events[i - 1];
    }
    vc->events[i] = event;
    put_back_idlers(event->time);
}

/* Others may look at it any time. */
static void set_now(uint64_t time)
{
    __atomic_store_n(&vc->now, time, __ATOMIC_RELAXED);
}

static void happen_until(uint64_t time)
{
    while (vc->event_count && vc->events[0]->time <= time) {
        struct virtual_event *event = vc->events[0];

        take_event(0);
        set_now(event->time);
        event->happen(event);
    }
    set_now(time);
}

/* Go on when this processor is the earliest, and all before it has happened. */
static void take_turn(uint32_t cpu)
{
    uint32_t next = earliest();

    if (next != cpu) {
        hand_over(next);
        wait_for_turn(cpu);
    }
    vc->cpus[cpu].idle_since = NOT_IDLE;
    happen_until(vc->cpus[cpu].time);
}

/* What the counters of @d have come to cost since they were last looked at. */
static uint64_t charge_counters(struct virtual_domain *d)
{
    uint64_t cycles = 0;
    uint32_t i;

    for (; d->counters < domain_counters(d->domain); d->counters++)
        d->cost[d->counters] =
            cost_of_counter(&vc->costs, d->name,
                            d->domain->counters[d->counters].name);
    for (i = 0; i < d->counters; i++) {
        uint64_t value;

        if (!d->cost[i])
            continue;
        value = domain_counter_value(d->domain, i);
        /* hostile counters: no more than a second for one step of this */
        if (value - d->seen[i] < COST_CYCLES_MAX)
            cycles += (value - d->seen[i]) * d->cost[i];
        d->seen[i] = value;
    }
    return cycles;
}

static uint64_t allocations_of(const struct domain *domain)
{
    uint64_t count = 0;
    uint32_t i;

    for (i = 0; i < domain->image.type_count; i++)
        count += domain->allocated[i];
    return count;
}

/* What was done in @d since it was last charged: by whoever runs. */
static uint64_t charge_domain(struct virtual_domain *d)
{
    uint64_t crossings = domain_crossings(d->domain);
    uint64_t allocations = allocations_of(d->domain);
    uint64_t cycles = charge_counters(d);

    cycles += (crossings - d->crossings) * vc->costs.crossing;
    cycles += (allocations - d->allocations) * vc->costs.allocation;
    d->crossings = crossings;
    d->allocations = allocations;
    if (cycles > COST_CYCLES_MAX)
        cycles = COST_CYCLES_MAX;
    d->charged += cycles;
    return cycles;
}

static struct virtual_domain *find(const struct domain *domain)
{
    uint32_t i;

    for (i = 0; i < vc->domain_count; i++)
        if (vc->domains[i].domain == domain)
            return &vc->domains[i];
    return NULL;
}

static uint64_t charge_work(void)
{
    uint64_t cycles = 0;
    uint32_t i;

    for (i = 0; i < vc->domain_count; i++)
        cycles += charge_domain(&vc->domains[i]);
    return cycles;
}

static struct virtual_cpu *running_cpu(void)
{
    tp_assert(vc->running < VIRTUAL_CPUS_MAX);
    return &vc->cpus[vc->running];
}

static void service(const struct domain *caller, enum tp_service number)
{
    struct virtual_cpu *cpu = running_cpu();
    uint64_t cycles = charge_work();
    struct virtual_domain *d = find(caller);

    cpu->time += cycles + vc->costs.service[number];
    if (number == TP_SERVICE_IDLE) {
        cpu->busy += cycles;
    } else {
        cpu->busy += cycles + vc->costs.service[number];
        if (d)
            d->charged += vc->costs.service[number];
    }
    take_turn(vc->running);
}

static void idle(uint64_t deadline_nanoseconds)
{
    struct virtual_cpu *cpu = running_cpu();
    uint64_t deadline = deadline_nanoseconds == UINT64_MAX
                            ? UINT64_MAX
                            : virtual_ticks(deadline_nanoseconds);
    uint64_t next = vc->event_count ? vc->events[0]->time : deadline;

    if (next > deadline)
        next = deadline;
    if (next == UINT64_MAX)
        return;
    cpu->idle_since = cpu->time;
    if (next > cpu->time)
        cpu->time = next;
    take_turn(vc->running);
}

static uint64_t nanoseconds(void)
{
    return virtual_nanoseconds(__atomic_load_n(&vc->now, __ATOMIC_RELAXED));
}

static uint64_t cycles(void)
{
    return vc->now;
}

/* Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators". */
static uint64_t next_random(void)
{
    uint64_t z = vc->seed += 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static const struct timing virtual_timing = {
    .service = service,
    .idle = idle,
    .nanoseconds = nanoseconds,
    .cycles = cycles,
    .random = next_random,
};

void virtual_clock_start(uint64_t seed)
{
    __builtin_memset(vc, 0, sizeof(*vc));
    cost_table_init(&vc->costs);
    vc->running = NONE;
    vc->seed = seed;
    timing = &virtual_timing;
}

/* The watchdog may be looking. */
void virtual_clock_stop(void)
{
    __atomic_store_n(&timing, NULL, __ATOMIC_RELEASE);
}

bool virtual_clock_watch(const struct domain *domain, const char *name)
{
    struct virtual_domain *d = &vc->domains[vc->domain_count];

    if (vc->domain_count == VIRTUAL_DOMAINS_MAX)
        return false;
    vc->domain_count++;
    d->domain = domain;
    text_copy(d->name, sizeof(d->name), name);
    return true;
}

uint64_t virtual_clock_charged(const struct domain *domain)
{
    const struct virtual_domain *d = find(domain);

    return d ? d->charged : 0;
}

uint32_t virtual_clock_take_cpu(void)
{
    uint32_t cpu;

    for (cpu = 0; vc->cpus[cpu].active; cpu++)
        tp_assert(cpu + 1 < VIRTUAL_CPUS_MAX);
    vc->cpus[cpu].active = true;
    vc->cpus[cpu].time = vc->now;
    vc->cpus[cpu].idle_since = NOT_IDLE;
    if (vc->running == NONE)
        hand_over(cpu);
    return cpu;
}

void virtual_clock_enter(uint32_t cpu)
{
    wait_for_turn(cpu);
    happen_until(vc->cpus[cpu].time);
}

void virtual_clock_leave(uint32_t cpu)
{
    uint64_t cycles;

    wait_for_turn(cpu);
    cycles = charge_work();
    vc->cpus[cpu].time += cycles;
    vc->cpus[cpu].busy += cycles;
    take_turn(cpu);
    vc->cpus[cpu].active = false;
    hand_over(earliest());
}
