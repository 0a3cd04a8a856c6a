/* SPDX-License-Identifier: MIT */
/* rig.c - actors: see rig.h. */
#include "rig.h"
#include "suite_run.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define SLOTS 64
#define ACTORS_MAX 32

static const char *build;
static struct rig_file fruit, other_fruit; /* by turns */
static struct actor actors[ACTORS_MAX];
static uint32_t actor_count;

uint32_t actor_stack_bytes;

struct rig_file rig_file(const char *path)
{
    char whole[4096];
    struct rig_file file = {NULL, 0};
    FILE *stream;
    long size;

    snprintf(whole, sizeof(whole), "%s/%s", build, path);
    stream = fopen(whole, "rb");
    if (!stream || fseek(stream, 0, SEEK_END) != 0 ||
        (size = ftell(stream)) <= 0) {
        fprintf(stderr, "%s: cannot be read; give the build folder\n", whole);
        exit(2);
    }
    rewind(stream);
    file.bytes = malloc((size_t)size);
    file.size = fread(file.bytes, 1, (size_t)size, stream);
    fclose(stream);
    return file;
}

static bool runs_in(const char *flavour)
{
    const char *wanted = getenv("TP_TEST_FLAVOUR");

    return wanted && strcmp(wanted, flavour) == 0;
}

struct rig_file rig_domain(const char *path)
{
    char whole[256];

    snprintf(whole, sizeof(whole), "%s%s.dom", path,
             runs_in("gs") ? "-gs" : "");
    return rig_file(whole);
}

static void load_fruit(void)
{
    fruit = rig_domain("tests/crossing/domains/fruit");
    other_fruit = runs_in("mixed")
                      ? rig_file("tests/crossing/domains/fruit-gs.dom")
                      : rig_domain("tests/crossing/domains/fruit");
}

static struct rig_file next_fruit(void)
{
    struct rig_file next = fruit;

    fruit = other_fruit;
    other_fruit = next;
    return next;
}

struct run {
    Suite *suite;
    int failed;
};

static void run_suite(void *context)
{
    struct run *run = context;

    run->failed = suite_run(run->suite, CK_NOFORK);
    actors_end();
}

int rig_run(Suite *suite, int argc, char **argv,
            const struct host_options *options)
{
    struct run run = {suite, 1};

    build = argc > 1 ? argv[1] : getenv("TEPAL_BUILD");
    if (!build)
        build = ".";
    load_fruit();
    if (!host_start(options) || !host_run(run_suite, &run)) {
        perror("no kernel");
        return 2;
    }
    free(fruit.bytes);
    free(other_fruit.bytes);
    return run.failed;
}

int rig_main(Suite *suite, int argc, char **argv, uint64_t heap_bytes)
{
    const struct host_options options = {
        .slots = SLOTS, .heap_bytes = heap_bytes ? heap_bytes : 0x1000000};

    return rig_run(suite, argc, argv, &options);
}

static struct actor *remember(struct actor actor)
{
    if (actor_count == ACTORS_MAX)
        abort();
    actors[actor_count] = actor;
    return &actors[actor_count++];
}

struct rpc actor_step(struct actor *actor, enum step what, uint64_t value,
                      uint32_t *returned)
{
    uint32_t unused;

    return crossing_run(actor->domain, actor->step, what, value,
                        returned ? returned : &unused);
}

struct actor actor_new(const char *name)
{
    struct load_error error = {""};
    struct rig_file file = next_fruit();
    struct actor actor = {
        .domain = domain_load(name, file.bytes, file.size, &error)};
    struct rpc rpc;

    ck_assert_msg(actor.domain != NULL, "%s: %s", name, error.text);
    ck_assert_int_ge(APPLE_BYTES, 32); /* else no quota means anything */
    remember(actor);
    if (actor_stack_bytes)
        actor.domain->data_stack_bytes = actor_stack_bytes;
    actor.step = domain_find_export(actor.domain, "test_driver")->entries[0];
    domain_open_up(actor.domain);
    rpc = actor_step(&actor, STEP_WHERE, 0, &actor.where);
    ck_rpc(rpc, RPC_OK, 0);
    actor.order = (struct order *)(actor.domain->base + actor.where);
    return actor;
}

void actor_end(struct actor *actor)
{
    uint32_t i;

    for (i = 0; i < actor_count; i++)
        if (actors[i].domain == actor->domain)
            break;
    if (i == actor_count)
        return;
    actors[i] = actors[--actor_count];
    domain_kill(actor->domain, thread_current());
    domain_release(actor->domain);
}

void actors_end(void)
{
    while (actor_count) {
        struct actor last = actors[actor_count - 1];

        actor_end(&last);
    }
}

uint64_t actor_link(struct actor *caller, struct actor *callee,
                    const char *export)
{
    uint32_t index = capability_grant(caller->domain, callee->domain,
                                      domain_find_export(callee->domain, export));

    ck_assert_uint_gt(index, 0);
    return index;
}

void actor_order(struct actor *actor, enum method method, uint64_t cap,
                 const uint64_t arguments[6])
{
    actor->order->method = method;
    actor->order->cap = cap;
    memcpy(actor->order->argument, arguments, 6 * sizeof(uint64_t));
    actor->order->answer = 0xbadbadbadbad;
}

struct rpc actor_call(struct actor *actor, enum method method, uint64_t cap,
                      uint64_t a, uint64_t b, uint64_t c, uint64_t d,
                      uint64_t e, uint64_t f)
{
    const uint64_t arguments[6] = {a, b, c, d, e, f};

    actor_order(actor, method, cap, arguments);
    ck_rpc(actor_step(actor, STEP_CALL, 0, NULL), RPC_OK, 0);
    return actor_answer(actor);
}

void actor_will_call(struct actor *from, struct actor *callee,
                     enum method method, uint64_t p, uint64_t q, uint64_t r)
{
    const uint64_t arguments[6] = {p, q, r, 0, 0, 0};

    actor_order(from, method, actor_link(from, callee, "test"), arguments);
    from->order->script |= SCRIPT_CALL;
}

struct rpc actor_answer(const struct actor *actor)
{
    struct rpc rpc = {(uint32_t)actor->order->answer,
                      (uint32_t)(actor->order->answer >> 32)};

    return rpc;
}

uint64_t room_at(const struct actor *actor, uint32_t offset)
{
    return actor->where + offsetof(struct order, room) + offset;
}

uint64_t *room(const struct actor *actor, uint32_t offset)
{
    return (uint64_t *)(void *)(actor->order->room + offset);
}

uint64_t actor_apple(struct actor *actor, uint64_t weight)
{
    uint64_t handle =
        rref_new(thread_current(), actor->domain, &type_test_apple);

    ck_assert_uint_ne(handle, 0);
    payload_of(handle)[0] = weight;
    return handle;
}

uint64_t actor_pear(struct actor *actor, uint64_t weight, uint64_t seed)
{
    uint64_t handle =
        rref_new(thread_current(), actor->domain, &type_test_pear);

    ck_assert_uint_ne(handle, 0);
    payload_of(handle)[0] = weight;
    payload_of(handle)[1] = seed;
    return handle;
}

owner_word_t word_of(uint64_t handle)
{
    struct registry_record *record = registry_find(handle);

    ck_assert_ptr_nonnull(record);
    return __atomic_load_n(&record->word, __ATOMIC_ACQUIRE);
}

bool is_live(uint64_t handle)
{
    owner_word_t word = word_of(handle);

    return ((word ^ handle) & OWNER_GENERATION) == 0 &&
           owner_of(word) != DOMAIN_NOBODY;
}

/* 0 when the object is gone. */
domain_id_t owner_of_handle(uint64_t handle)
{
    return is_live(handle) ? owner_of(word_of(handle)) : DOMAIN_NOBODY;
}

uint32_t borrows_of(uint64_t handle)
{
    return is_live(handle) ? owner_borrows(word_of(handle)) : 0;
}

uint64_t *payload_of(uint64_t handle)
{
    return registry_payload(registry_find(handle));
}

uint64_t live_objects(void)
{
    return heap_statistics().live_objects;
}
