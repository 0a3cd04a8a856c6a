/* SPDX-License-Identifier: MIT */
/* intruder_rig.c - see intruder_rig.h. */
#define _GNU_SOURCE
#include "intruder_rig.h"
#include <sched.h>
#include <stdlib.h>

#define INTRUDERS_MAX 8

static struct rig_file file;
static struct domain *loaded[INTRUDERS_MAX];
static uint32_t loaded_count;

void intruder_read(void)
{
    if (!file.bytes)
        file = rig_domain("tests/attacks/domains/intruder");
}

struct intruder intruder_load(const char *name, bool open)
{
    struct load_error error = {""};
    struct intruder intruder = {NULL, NULL};

    intruder_read();
    ck_assert_uint_lt(loaded_count, INTRUDERS_MAX);
    intruder.domain = domain_load(name, file.bytes, file.size, &error);
    ck_assert_msg(intruder.domain != NULL, "%s: %s", name, error.text);
    intruder.domain->open = open;
    loaded[loaded_count++] = intruder.domain;
    return intruder;
}

void intruder_open_up(struct intruder *intruder)
{
    struct job job;

    domain_open_up(intruder->domain);
    job = job_run(intruder, ATTACK_WHERE, 0);
    ck_rpc(job.rpc, RPC_OK, 0);
    intruder->mischief =
        (volatile struct mischief *)(intruder->domain->base + job.returned);
}

struct intruder intruder_new(const char *name, bool open)
{
    struct intruder intruder = intruder_load(name, open);

    intruder_open_up(&intruder);
    return intruder;
}

void intruder_wire(struct intruder *intruder, const struct intruder *neighbour)
{
    struct load_error error = {""};

    ck_assert_msg(domain_wire(intruder->domain, "neighbour", neighbour->domain,
                              "test", &error),
                  "%s", error.text);
}

void intruders_end(void)
{
    while (loaded_count) {
        struct domain *domain = loaded[--loaded_count];

        domain_kill(domain, thread_current());
        domain_release(domain);
    }
    ck_assert_uint_eq(live_objects(), 0);
}

bool is_alive(const struct intruder *intruder)
{
    return __atomic_load_n(&intruder->domain->life, __ATOMIC_RELAXED) &
           DOMAIN_ALIVE;
}

struct search {
    domain_id_t owner;
    struct holding found;
};

static void note_record(struct registry_record *record, void *context)
{
    struct search *search = context;

    if (owner_of(record->word) != search->owner)
        return;
    search->found.apples += record->type == &type_test_apple;
    search->found.pears += record->type == &type_test_pear;
    search->found.heap_bytes += record->type->heap_bytes;
}

struct holding holding_of(const struct intruder *intruder)
{
    struct search search = {intruder->domain->id, {0, 0, 0}};

    heap_visit(note_record, &search);
    return search.found;
}

void assert_account_is_right(const struct intruder *intruder)
{
    ck_assert_int_eq(intruder->domain->shared_bytes,
                     holding_of(intruder).heap_bytes);
}

void job_do(void *context)
{
    struct job *job = context;
    const struct domain_export *driver =
        domain_find_export(job->intruder->domain, "test_driver");

    job->rpc = crossing_run(job->intruder->domain, driver->entries[0],
                            job->attack, job->value, &job->returned);
    __atomic_store_n(&job->done, 1, __ATOMIC_RELEASE);
}

bool job_is_done(const struct job *job)
{
    return __atomic_load_n(&job->done, __ATOMIC_ACQUIRE);
}

struct job job_run(const struct intruder *intruder, enum attack attack,
                   uint64_t value)
{
    struct job job = {.intruder = intruder, .attack = attack, .value = value};

    ck_assert(host_run(job_do, &job));
    return job;
}

/* Stay on the current thread's first CPU, or its last. */
static void stay_on_one_cpu(bool last)
{
    cpu_set_t all, one;
    size_t cpu, found = CPU_SETSIZE;

    if (sched_getaffinity(0, sizeof(all), &all) != 0)
        return;
    for (cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &all) && (last || found == CPU_SETSIZE))
            found = cpu;
    if (found == CPU_SETSIZE)
        return;
    CPU_ZERO(&one);
    CPU_SET(found, &one);
    (void)sched_setaffinity(0, sizeof(one), &one);
}

void job_do_first(void *job)
{
    stay_on_one_cpu(false);
    job_do(job);
}

void job_do_last(void *job)
{
    stay_on_one_cpu(true);
    job_do(job);
}

/* New threads may share a CPU for longer than the race takes. */
void jobs_race(struct job *first, struct job *second)
{
    struct host_thread *one = host_spawn(job_do_first, first),
                       *two = host_spawn(job_do_last, second);

    ck_assert_ptr_nonnull(one);
    ck_assert_ptr_nonnull(two);
    host_join(two);
    host_join(one);
}

uint64_t rounds_of_race(uint64_t usual)
{
    const char *wanted = getenv("TP_TEST_ROUNDS");
    uint64_t rounds = wanted ? strtoull(wanted, NULL, 0) : 0;

    return rounds ? rounds : usual;
}
