/* SPDX-License-Identifier: MIT */
/*
 * test_forged.c - forged handles, and none gets through. Drawn at random and
 * from near misses, they are offered in every place that a handle can stand
 * in. TP_TEST_TRIES sets how many.
 *
 * The callee must never be entered: it counts its calls. Owner words and
 * accounts are compared after each try as far as the try could reach, the
 * whole registry once in a while.
 * Source: thesis 3.2; design, section 2 (a domain cannot forge an RRef) and
 * section 4 (the table of steps).
 */
#include "bad_handles.h"
#include "net_types.h"
#include "snapshot.h"
#include "tepal/abi.h"
#include <stdlib.h>
#include <string.h>

#define TRIES 3000000u
#define GHOSTS 8
#define GENERATION_ONE (1ull << 32)
#define GENERATION_LAST 0xffffffffull

/* In long loops: Check's own assertions write to a file each time. */
#define sure(claim, try)                                                       \
    do {                                                                       \
        if (!(claim))                                                          \
            blame(#claim, try);                                                \
    } while (0)

static struct actor actors[3]; /* caller, callee, bystander */
static struct orchard orchard;
static struct snapshot before;
static uint64_t cap;

/* What no domain has any more, and what has an inside. */
static uint64_t orphans[GHOSTS], retired[GHOSTS], packets[GHOSTS];

/* Lent by hand before its owner dies: the return is never to come. */
static void make_orphans(void)
{
    struct actor dead = actor_new("dead");
    uint32_t i;

    for (i = 0; i < GHOSTS; i++) {
        orphans[i] = i & 1 ? actor_apple(&dead, i) : actor_pear(&dead, i, 0);
        registry_find(orphans[i])->word += OWNER_ONE_BORROW;
    }
    actor_end(&dead);
    for (i = 0; i < GHOSTS; i++)
        ck_assert_uint_eq(owner_of(word_of(orphans[i])), DOMAIN_ORPHAN);
}

/* As if their records had been used four thousand million times. */
static void make_retired(void)
{
    uint32_t i;

    for (i = 0; i < GHOSTS; i++) {
        uint64_t apple = actor_apple(&actors[0], i);

        retired[i] = GENERATION_LAST << 32 | (uint32_t)apple;
        registry_find(apple)->word =
            owner_expected(retired[i], actors[0].domain->id);
        ck_assert(rref_drop(thread_current(), actors[0].domain, retired[i]));
        ck_assert(!is_live(retired[i]));
    }
}

static void clear_rooms(void)
{
    uint32_t i;

    for (i = 0; i < 3; i++)
        memset(actors[i].order->room, 0, ORDER_ROOM);
}

static void setup(void)
{
    uint32_t i;

    memset(&orchard, 0, sizeof(orchard));
    actors[0] = actor_new("caller");
    actors[1] = actor_new("callee");
    actors[2] = actor_new("bystander");
    cap = actor_link(&actors[0], &actors[1], "test");
    orchard_plant(&orchard, &actors[0], &actors[1], &actors[2]);
    make_orphans();
    make_retired();
    for (i = 0; i < GHOSTS; i++)
        packets[i] = rref_new(thread_current(), actors[0].domain,
                              &type_net_packet);
    clear_rooms();
    snapshot_take(&before, actors);
    chance_seed(20240613);
}

static void return_by_hand(uint64_t handle)
{
    struct registry_record *record = registry_find(handle);

    record->word -= OWNER_ONE_BORROW;
    if (owner_of(record->word) == DOMAIN_ORPHAN)
        heap_free(&thread_current()->cache, record, record->word);
}

static void teardown(void)
{
    uint32_t i;

    for (i = 0; i < 4; i++) {
        return_by_hand(orchard.lent_apples[i]);
        return_by_hand(orchard.lent_pears[i]);
    }
    for (i = 0; i < GHOSTS; i++)
        return_by_hand(orphans[i]);
    actors_end();
    ck_assert_uint_eq(live_objects(), 0);
}

/* A handle being offered. */
struct attempt {
    uint64_t number, handle;
    bool pear; /* is wanted there */
    enum wanted wanted;
    enum method method;
    uint64_t argument[2];
    uint32_t refused; /* the parameter that must be named */
};

static void blame(const char *claim, const struct attempt *t)
{
    ck_abort_msg("try %lu: handle %lx in method %u, parameter %u: %s",
                 (unsigned long)t->number, (unsigned long)t->handle,
                 (unsigned)t->method, t->refused, claim);
}

static uint64_t any_good(void)
{
    uint32_t i = chance_below(ORCHARD_EACH);

    return chance_below(2) ? orchard.apples[i] : orchard.pears[i];
}

static uint64_t flip_bits(uint64_t handle)
{
    uint32_t count = 1 + chance_below(3);

    while (count--)
        handle ^= 1ull << chance_below(64);
    return handle;
}

static uint64_t any_handle(const struct attempt *t)
{
    uint32_t i = chance_below(GHOSTS);

    switch (chance_below(12)) {
    case 0: /* the inside of a large object, with its generation */
        return packets[i] + TP_GRANULE * (1 + chance_below(35));
    case 1: /* a large one itself: of another type */
        return packets[i];
    case 2:
        return orphans[i];
    case 3:
        return retired[i];
    case 4: /* retired: what it was before, what it would wrap to */
        return retired[i] + GENERATION_ONE * (chance_below(5) - 2ull);
    case 5: /* one's generation, another's place */
        return (any_good() & OWNER_GENERATION) | (uint32_t)any_good();
    case 6: /* a place where an object is, any generation of a few */
        return (uint64_t)chance_below(8) << 32 | (uint32_t)any_good();
    case 7: /* any place at all, a generation that is common */
        return (any_good() & OWNER_GENERATION) | (uint32_t)chance();
    case 8:
        return flip_bits(any_good());
    case 9:
        return chance();
    default:
        return orchard_bad(&orchard, t->pear, t->wanted, false);
    }
}

static void forge(struct attempt *t, bool pear, enum wanted wanted)
{
    t->pear = pear;
    t->wanted = wanted;
    do
        t->handle = any_handle(t);
    while (t->handle == 0 ||
           orchard_accepts(&orchard, t->handle, pear, wanted));
}

#define AT(offset) room_at(&actors[0], offset)
#define ROOM(offset) room(&actors[0], offset)
#define SPINE 0
#define SECOND 256
#define OUT 512

/* The place of one handle that moves. */
static void offer_to_move(struct attempt *t)
{
    static const enum method methods[] = {TAKE, PASS, TAKE_PEAR};
    uint32_t i = chance_below(3);

    t->method = methods[i];
    t->argument[0] = AT(SPINE);
    forge(t, t->method == TAKE_PEAR, WANTED_TO_MOVE);
    ROOM(SPINE)[0] = t->handle;
}

static void offer_to_lend(struct attempt *t)
{
    t->method = chance_below(2) ? LOOK : LOOK_PEAR;
    forge(t, t->method == LOOK_PEAR, WANTED_TO_LEND);
    t->argument[0] = t->handle;
    t->argument[1] = AT(OUT);
}

/* Beside one that is good, which comes back. */
static void offer_second(struct attempt *t)
{
    bool both = chance_below(2);

    t->method = both ? TAKE_BOTH : LEND_AND_TAKE;
    t->refused = 1;
    ROOM(SECOND)[0] = orchard.apples[chance_below(8)];
    t->argument[0] = both ? AT(SECOND) : ROOM(SECOND)[0];
    t->argument[1] = AT(SPINE);
    forge(t, both, WANTED_TO_MOVE);
    ROOM(SPINE)[0] = t->handle;
}

static void offer_in_crate(struct attempt *t)
{
    static const enum method methods[] = {TAKE_CRATE, PASS_CRATE, LOOK_CRATE};
    uint32_t i, first = chance_below(8);

    t->method = methods[chance_below(3)];
    t->argument[0] = AT(SPINE);
    t->argument[1] = AT(OUT);
    for (i = 0; i < 4; i++)
        ROOM(SPINE)[i] = chance_below(3) ? orchard.apples[first + i] : 0;
    forge(t, false, t->method == LOOK_CRATE ? WANTED_TO_LEND : WANTED_TO_MOVE);
    ROOM(SPINE)[chance_below(4)] = t->handle;
}

/* A belt of good pears; the place of one of them. */
static uint64_t *fill_belt(void)
{
    uint32_t i, head = chance_below(8), length = 1 + chance_below(8);
    uint64_t *belt = ROOM(SPINE);

    belt[0] = (uint64_t)length << 32 | head;
    for (i = 0; i < length; i++)
        belt[1 + (head + i) % 8] = orchard.pears[i];
    return &belt[1 + (head + chance_below(length)) % 8];
}

static void offer_in_belt(struct attempt *t)
{
    uint64_t *place = fill_belt();

    t->method = chance_below(2) ? PASS_BELT : LOOK_BELT;
    t->argument[0] = AT(SPINE);
    t->argument[1] = AT(OUT);
    forge(t, true, t->method == LOOK_BELT ? WANTED_TO_LEND : WANTED_TO_MOVE);
    *place = t->handle;
}

/* The seed of a pear that is good: alone, lent or in a belt. */
static uint64_t *offer_as_seed(struct attempt *t)
{
    static const enum method methods[] = {TAKE_PEAR, LOOK_PEAR, PASS_BELT,
                                          LOOK_BELT};
    uint64_t pear;

    t->method = methods[chance_below(4)];
    t->argument[0] = AT(SPINE);
    t->argument[1] = AT(OUT);
    if (t->method == PASS_BELT || t->method == LOOK_BELT)
        pear = *fill_belt();
    else
        pear = ROOM(SPINE)[0] = orchard.pears[chance_below(8)];
    if (t->method == LOOK_PEAR)
        t->argument[0] = pear;
    forge(t, false,
          t->method == LOOK_PEAR || t->method == LOOK_BELT ? WANTED_TO_LEND
                                                           : WANTED_TO_MOVE);
    payload_of(pear)[1] = t->handle;
    return &payload_of(pear)[1];
}

/* Returns a seed that must be put right again. */
static uint64_t *offer(struct attempt *t)
{
    switch (chance_below(6)) {
    case 0:
        offer_to_move(t);
        return NULL;
    case 1:
        offer_to_lend(t);
        return NULL;
    case 2:
        offer_second(t);
        return NULL;
    case 3:
        offer_in_crate(t);
        return NULL;
    case 4:
        offer_in_belt(t);
        return NULL;
    default:
        return offer_as_seed(t);
    }
}

/* Of the record that the handle names, if it names one. */
static owner_word_t word_if_any(uint64_t handle)
{
    const struct registry_record *record = registry_find(handle);

    return record ? record->word : 0;
}

static void put_seeds_back(const uint64_t *kept)
{
    uint32_t i;

    for (i = 0; i < 8; i++)
        payload_of(orchard.pears[i])[1] = kept[i];
}

static void try_call(uint64_t number)
{
    struct attempt t = {.number = number};
    uint64_t kept[8], arguments[6] = {0};
    owner_word_t word;
    uint64_t *seed;
    struct rpc rpc;
    uint32_t i;

    for (i = 0; i < 8; i++)
        kept[i] = payload_of(orchard.pears[i])[1];
    seed = offer(&t);
    word = word_if_any(t.handle);
    memcpy(arguments, t.argument, sizeof(t.argument));
    actor_order(&actors[0], t.method, cap, arguments);

    rpc = actor_step(&actors[0], STEP_CALL, 0, NULL);

    sure(rpc.result == RPC_OK, &t);
    rpc = actor_answer(&actors[0]);
    sure(rpc.result == RPC_REFUSED, &t);
    sure(rpc.detail == t.refused, &t);
    sure(actors[1].order->calls == 0, &t);
    sure(word_if_any(t.handle) == word, &t);
    for (i = 0; i < 3; i++)
        sure(actors[i].domain->shared_bytes == before.actors[i].shared_bytes,
             &t);
    if (seed)
        put_seeds_back(kept);
}

/* Whatever its type, what is not ours alone cannot be dropped. */
static void try_drop(uint64_t number)
{
    struct attempt t = {.number = number, .refused = 99};
    uint64_t arguments[6] = {0};
    owner_word_t word;
    struct rpc rpc;

    do
        forge(&t, chance_below(2), WANTED_TO_MOVE);
    while (orchard_accepts(&orchard, t.handle, !t.pear, WANTED_TO_MOVE) ||
           word_if_any(t.handle) ==
               owner_expected(t.handle, actors[0].domain->id));
    word = word_if_any(t.handle);
    arguments[0] = t.handle;
    actor_order(&actors[0], (enum method)TP_SERVICE_HEAP_DROP, cap, arguments);

    rpc = actor_step(&actors[0], STEP_SERVICE, 0, NULL);

    sure(rpc.result == RPC_OK, &t);
    sure(actors[0].order->answer == 0, &t);
    sure(word_if_any(t.handle) == word, &t);
    sure(actors[0].domain->shared_bytes == before.actors[0].shared_bytes, &t);
}

/* The parent goes, the child that is none stays. */
static void try_drop_parent(uint64_t number)
{
    struct attempt t = {.number = number, .refused = 98};
    uint64_t arguments[6] = {0};
    owner_word_t word;
    struct rpc rpc;

    arguments[0] =
        rref_new(thread_current(), actors[0].domain, &type_test_pear);
    sure(arguments[0] != 0, &t);
    do
        forge(&t, false, WANTED_TO_MOVE);
    while ((uint32_t)t.handle == (uint32_t)arguments[0]);
    word = word_if_any(t.handle);
    payload_of(arguments[0])[1] = t.handle;
    actor_order(&actors[0], (enum method)TP_SERVICE_HEAP_DROP, cap, arguments);

    rpc = actor_step(&actors[0], STEP_SERVICE, 0, NULL);

    sure(rpc.result == RPC_OK, &t);
    sure(actors[0].order->answer == 1, &t);
    sure(!is_live(arguments[0]), &t);
    sure(word_if_any(t.handle) == word, &t);
    sure(actors[0].domain->shared_bytes == before.actors[0].shared_bytes, &t);
}

static uint64_t tries(void)
{
    const char *wanted = getenv("TP_TEST_TRIES");
    uint64_t count = wanted ? strtoull(wanted, NULL, 0) : 0;

    return count ? count : TRIES;
}

static void compare_everything(uint64_t number)
{
    const char *difference;

    clear_rooms();
    difference = snapshot_difference(&before, actors);
    ck_assert_msg(difference == NULL, "before try %lu: %s",
                  (unsigned long)number, difference);
}

/* The same calls pass when nothing is forged: the refusals are not vacuous. */
static void good_calls(void)
{
    static const uint64_t zero[6];

    (void)fill_belt();
    ck_rpc(actor_call(&actors[0], PASS_BELT, cap, AT(SPINE), 0, 0, 0, 0, 0),
           RPC_OK, 0);
    ck_rpc(actor_call(&actors[0], LOOK, cap, orchard.apples[3], AT(OUT), 0, 0,
                      0, 0),
           RPC_OK, 0);
    ROOM(OUT)[0] = orchard.apples[3];
    ck_rpc(actor_call(&actors[0], PASS, cap, AT(OUT), 0, 0, 0, 0, 0), RPC_OK,
           0);
    ck_assert_uint_eq(actors[1].order->calls, 3);
    actors[1].order->calls = 0;
    actors[1].order->kept_count = 0;
    actor_order(&actors[0], TAKE, cap, zero);
}

/* Design, section 4: a step needs a handle that is valid, of the type, owned
 * and unlent; "everything flipped so far flipped back". */
START_TEST(no_forged_handle_passes_a_proxy)
{
    uint64_t i;

    good_calls();
    for (i = 0; i < tries(); i++) {
        try_call(i);
        if (i % 1024 == 0)
            compare_everything(i);
    }
    compare_everything(i);
    good_calls();
}
END_TEST

/* Design, section 4: "drop by d: valid, {d, 0}". */
START_TEST(no_forged_handle_can_be_dropped)
{
    uint64_t i;

    for (i = 0; i < tries() / 4; i++) {
        try_drop(i);
        if (i % 1024 == 0)
            compare_everything(i);
    }
    compare_everything(i);
}
END_TEST

/* Design, section 4: "children dropped by the type's descriptor (each checked
 * like a drop of its own)". */
START_TEST(no_forged_child_is_dropped_with_its_parent)
{
    uint64_t i;

    for (i = 0; i < tries() / 4; i++)
        try_drop_parent(i);
}
END_TEST

int main(int argc, char **argv)
{
    Suite *suite = suite_create("forged");
    TCase *tests = tcase_create("forged");

    tcase_set_timeout(tests, 600);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, no_forged_handle_passes_a_proxy);
    tcase_add_test(tests, no_forged_handle_can_be_dropped);
    tcase_add_test(tests, no_forged_child_is_dropped_with_its_parent);
    suite_add_tcase(suite, tests);
    return rig_main(suite, argc, argv, 0);
}
