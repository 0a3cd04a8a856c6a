/* SPDX-License-Identifier: MIT */
/*
 * test_refusals.c - no bad argument ever passes a proxy, and a refused call
 * leaves everything as it was. One argument is spoilt at a time, in 10^5
 * random tries over every method that takes a handle or a pointer.
 * Source: design, section 4 (Refusal); docs/ABI.md, "Calling an import".
 */
#include "bad_handles.h"
#include "snapshot.h"
#include <stdlib.h>
#include <string.h>

static struct actor actors[3]; /* caller, callee, bystander */
static struct orchard orchard;
static struct snapshot before;
static uint64_t cap;

static void setup(void)
{
    memset(&orchard, 0, sizeof(orchard));
    actors[0] = actor_new("caller");
    actors[1] = actor_new("callee");
    actors[2] = actor_new("bystander");
    cap = actor_link(&actors[0], &actors[1], "test");
    orchard_plant(&orchard, &actors[0], &actors[1], &actors[2]);
    chance_seed(20240607);
}

/* What was lent by hand is taken back, so that death can reap it. */
static void teardown(void)
{
    uint32_t i;

    for (i = 0; i < 4; i++) {
        registry_find(orchard.lent_apples[i])->word -= OWNER_ONE_BORROW;
        registry_find(orchard.lent_pears[i])->word -= OWNER_ONE_BORROW;
    }
    actors_end();
    ck_assert_uint_eq(live_objects(), 0);
}

/* A call about to be made, all right until something in it is spoilt. */
struct attempt {
    enum method method;
    uint64_t argument[6];
    uint32_t refused; /* the parameter that must be named */
    const char *what;
};

#define AT(offset) room_at(&actors[0], offset)
#define ROOM(offset) room(&actors[0], offset)
#define SPINE 0
#define SECOND 256
#define OUT 512

static uint64_t good_apple(uint32_t number)
{
    return orchard.apples[number];
}

/* Some of a crate's or belt's elements, different ones. */
static void fill_crate(uint64_t *crate)
{
    uint32_t i, first = chance_below(8);

    for (i = 0; i < 4; i++)
        crate[i] = chance_below(3) ? good_apple(first + i) : 0;
}

static uint32_t fill_belt(uint64_t *belt)
{
    uint32_t i, head = chance_below(8), length = 1 + chance_below(8);

    for (i = 0; i < 9; i++)
        belt[i] = chance();
    belt[0] = (uint64_t)length << 32 | head;
    for (i = 0; i < length; i++)
        belt[1 + (head + i) % 8] = orchard.pears[i];
    return length;
}

/* Its place in the spine's memory. */
static uint64_t *belt_element(uint64_t *belt, uint32_t index)
{
    return &belt[1 + ((uint32_t)belt[0] + index) % 8];
}

static void spoil_one_rref(struct attempt *t, uint32_t parameter, bool pear)
{
    t->refused = parameter;
    if (chance_below(8) == 0) {
        t->what = "pointer";
        t->argument[parameter] = bad_pointer(&actors[0], 8);
        return;
    }
    t->what = "handle";
    ROOM(SPINE)[0] = orchard_bad(&orchard, pear, WANTED_TO_MOVE, true);
    t->argument[parameter] = AT(SPINE);
}

static void spoil_lent(struct attempt *t, uint32_t parameter, bool pear)
{
    t->refused = parameter;
    t->what = "lent handle";
    t->argument[parameter] = orchard_bad(&orchard, pear, WANTED_TO_LEND, true);
}

static void spoil_out(struct attempt *t, uint32_t parameter, uint32_t bytes)
{
    t->refused = parameter;
    t->what = "out pointer";
    t->argument[parameter] = bad_pointer(&actors[0], bytes);
}

static void spoil_crate(struct attempt *t, enum wanted wanted)
{
    uint64_t *crate = ROOM(SPINE);
    uint32_t i = chance_below(4);

    fill_crate(crate);
    t->refused = 0;
    t->argument[0] = AT(SPINE);
    if (chance_below(8) == 0) {
        t->what = "crate's pointer";
        t->argument[0] = bad_pointer(&actors[0], 32);
    } else if (wanted == WANTED_TO_MOVE && chance_below(4) == 0) {
        t->what = "apple twice in a crate";
        crate[i] = crate[(i + 1) % 4] = good_apple(0);
    } else {
        t->what = "apple of a crate";
        crate[i] = orchard_bad(&orchard, false, wanted, false);
    }
}

/* A pear's seed belongs to somebody else, or to two pears. */
static uint64_t *spoil_seed(uint64_t pear, enum wanted wanted)
{
    uint64_t *seed = &payload_of(pear)[1];

    *seed = orchard_bad(&orchard, false, wanted, false);
    return seed;
}

static uint64_t *spoil_belt_element(struct attempt *t, uint64_t *belt,
                                    uint32_t length, enum wanted wanted)
{
    uint32_t i = chance_below(length), j = (i + 1) % length;
    uint64_t *element = belt_element(belt, i);

    switch (chance_below(wanted == WANTED_TO_MOVE && length > 1 ? 4 : 2)) {
    case 0:
        t->what = "pear of a belt";
        *element = orchard_bad(&orchard, true, wanted, true);
        return NULL;
    case 1:
        t->what = "seed of a pear of a belt";
        return spoil_seed(*element, wanted);
    case 2:
        t->what = "pear twice in a belt";
        *element = *belt_element(belt, j);
        return NULL;
    default:
        t->what = "seed of two pears of a belt";
        payload_of(*element)[1] = payload_of(*belt_element(belt, j))[1];
        return &payload_of(*element)[1];
    }
}

/* Returns a seed that must be put right again. */
static uint64_t *spoil_belt(struct attempt *t, enum wanted wanted)
{
    uint64_t *belt = ROOM(SPINE);
    uint32_t length = fill_belt(belt);

    t->refused = 0;
    t->argument[0] = AT(SPINE);
    switch (chance_below(8)) {
    case 0: /* a lent spine is only read, and only what is in it */
        t->what = "belt's pointer";
        t->argument[0] = wanted == WANTED_TO_MOVE ? bad_pointer(&actors[0], 72)
                                                  : chance_below(0x10000 - 72);
        return NULL;
    case 1:
        t->what = "belt's head";
        belt[0] = (belt[0] & OWNER_GENERATION) | (8 + chance_below(~8u));
        return NULL;
    case 2:
        t->what = "belt's length";
        belt[0] = (uint32_t)belt[0] | (uint64_t)(9 + chance_below(~9u)) << 32;
        return NULL;
    default:
        return spoil_belt_element(t, belt, length, wanted);
    }
}

/* Parameters before the spoilt one are good, and are put back. */
static uint64_t *spoil_both(struct attempt *t)
{
    uint64_t *seed = NULL;

    ROOM(SECOND)[0] = good_apple(0);
    ROOM(SECOND)[1] = orchard.pears[0];
    t->argument[0] = AT(SECOND);
    t->argument[1] = AT(SECOND + 8);
    switch (chance_below(4)) {
    case 0:
        spoil_one_rref(t, 0, false);
        break;
    case 1:
        spoil_one_rref(t, 1, true);
        break;
    case 2:
        t->what = "apple that is also the pear's seed";
        t->refused = 1;
        seed = &payload_of(orchard.pears[0])[1];
        *seed = good_apple(0);
        break;
    default:
        t->what = "seed of the second";
        t->refused = 1;
        seed = spoil_seed(orchard.pears[0], WANTED_TO_MOVE);
        break;
    }
    return seed;
}

static void spoil_lend_and_take(struct attempt *t)
{
    ROOM(SECOND)[0] = good_apple(1);
    t->argument[0] = good_apple(0);
    t->argument[1] = AT(SECOND);
    switch (chance_below(3)) {
    case 0:
        spoil_lent(t, 0, false);
        break;
    case 1:
        t->what = "apple both lent and moved";
        t->refused = 1;
        ROOM(SECOND)[0] = good_apple(0);
        break;
    default:
        spoil_one_rref(t, 1, false);
        break;
    }
}

/* The lent one is good, the result's place is not: or the other way round. */
static void spoil_look(struct attempt *t, bool pear)
{
    t->argument[0] = pear ? orchard.pears[0] : good_apple(0);
    t->argument[1] = AT(OUT);
    if (chance_below(3) == 0)
        spoil_out(t, 1, 8);
    else
        spoil_lent(t, 0, pear);
}

static uint64_t *spoil_look_belt(struct attempt *t)
{
    uint64_t *seed;

    t->argument[1] = AT(OUT);
    if (chance_below(4) == 0) {
        fill_belt(ROOM(SPINE));
        t->argument[0] = AT(SPINE);
        spoil_out(t, 1, 8);
        return NULL;
    }
    seed = spoil_belt(t, WANTED_TO_LEND);
    return seed;
}

/* Out parameters in every place of a long list. */
static void spoil_widths(struct attempt *t)
{
    static const uint32_t bytes[] = {0, 1, 2, 4, 8, 4};
    uint32_t i, spoilt = 2 + chance_below(4);

    for (i = 1; i < 6; i++)
        t->argument[i] = AT(OUT + 16 * i);
    spoil_out(t, spoilt, bytes[spoilt]);
}

static uint64_t *spoil_pear(struct attempt *t)
{
    if (chance_below(3)) {
        spoil_one_rref(t, 0, true);
        return NULL;
    }
    t->what = "pear's seed";
    t->refused = 0;
    t->argument[0] = AT(SPINE);
    ROOM(SPINE)[0] = orchard.pears[0];
    return spoil_seed(orchard.pears[0], WANTED_TO_MOVE);
}

static uint64_t *spoil_looked_pear(struct attempt *t)
{
    if (chance_below(3)) {
        spoil_look(t, true);
        return NULL;
    }
    t->what = "lent pear's seed";
    t->refused = 0;
    t->argument[0] = orchard.pears[0];
    t->argument[1] = AT(OUT);
    return spoil_seed(orchard.pears[0], WANTED_TO_LEND);
}

static uint64_t *spoil_results_place(struct attempt *t)
{
    static const struct {
        enum method method;
        uint32_t parameter, bytes;
    } places[] = {{MAKE, 1, 8},  {MAKE_CRATE, 1, 32}, {MAKE_BELT, 1, 72},
                  {FORGE, 1, 8}, {FORGE_BELT, 3, 72}, {JUDGE, 3, 4},
                  {CRASH, 2, 8}};
    uint32_t i = chance_below(sizeof(places) / sizeof(places[0]));

    t->method = places[i].method;
    t->argument[1] = t->argument[2] = AT(OUT);
    if (t->method == JUDGE || t->method == FORGE_BELT)
        t->argument[1] = 1;
    if (t->method == CRASH)
        ROOM(OUT)[0] = good_apple(0);
    spoil_out(t, places[i].parameter, places[i].bytes);
    return NULL;
}

static uint64_t *spoil_any(struct attempt *t)
{
    static const enum method methods[] = {TAKE,       PASS,       LOOK,
                                          TAKE_PEAR,  LOOK_PEAR,  TAKE_CRATE,
                                          PASS_CRATE, LOOK_CRATE, PASS_BELT,
                                          LOOK_BELT,  TAKE_BOTH,  LEND_AND_TAKE,
                                          WIDTHS,     CRASH_LENT, CRASH,
                                          MAKE};

    t->method = methods[chance_below(sizeof(methods) / sizeof(methods[0]))];
    switch ((uint32_t)t->method) {
    case TAKE:
    case PASS:
        spoil_one_rref(t, 0, false);
        return NULL;
    case LOOK:
        spoil_look(t, false);
        return NULL;
    case TAKE_PEAR:
        return spoil_pear(t);
    case LOOK_PEAR:
        return spoil_looked_pear(t);
    case TAKE_CRATE:
    case PASS_CRATE:
        spoil_crate(t, WANTED_TO_MOVE);
        return NULL;
    case LOOK_CRATE:
        t->argument[1] = AT(OUT);
        do
            spoil_crate(t, WANTED_TO_LEND);
        while (t->argument[0] != AT(SPINE));
        return NULL;
    case PASS_BELT:
        return spoil_belt(t, WANTED_TO_MOVE);
    case LOOK_BELT:
        return spoil_look_belt(t);
    case TAKE_BOTH:
        return spoil_both(t);
    case LEND_AND_TAKE:
        spoil_lend_and_take(t);
        return NULL;
    case WIDTHS:
        spoil_widths(t);
        return NULL;
    case CRASH_LENT:
        spoil_lent(t, 1, false);
        return NULL;
    case CRASH:
        t->argument[2] = AT(OUT);
        spoil_one_rref(t, 1, false);
        return NULL;
    default:
        return spoil_results_place(t);
    }
}

static void try_one(uint32_t number)
{
    struct attempt t = {0};
    uint64_t kept_seeds[8];
    uint64_t *seed;
    const char *difference;
    struct rpc rpc;
    uint32_t i;

    for (i = 0; i < 8; i++)
        kept_seeds[i] = payload_of(orchard.pears[i])[1];
    seed = spoil_any(&t);
    snapshot_take(&before, actors);

    rpc =
        actor_call(&actors[0], t.method, cap, t.argument[0], t.argument[1],
                   t.argument[2], t.argument[3], t.argument[4], t.argument[5]);

    difference = snapshot_difference(&before, actors);
    ck_assert_msg(difference == NULL, "try %u, method %u, bad %s: %s", number,
                  t.method, t.what, difference);
    ck_assert_msg(rpc.result == RPC_REFUSED && rpc.detail == t.refused,
                  "try %u, method %u, bad %s: answer %u.%u, not parameter %u "
                  "(arguments %lx %lx, spine %lx %lx)",
                  number, t.method, t.what, rpc.result, rpc.detail, t.refused,
                  t.argument[0], t.argument[1], ROOM(SPINE)[0], ROOM(SPINE)[1]);
    if (seed)
        for (i = 0; i < 8; i++)
            payload_of(orchard.pears[i])[1] = kept_seeds[i];
}

static uint32_t tries(void)
{
    const char *wanted = getenv("TP_TEST_TRIES");

    return wanted ? (uint32_t)strtoul(wanted, NULL, 10) : 100000;
}

/* The same calls pass when nothing is spoilt: the refusals are not vacuous. */
static void good_calls(void)
{
    fill_belt(ROOM(SPINE));
    ck_rpc(actor_call(&actors[0], PASS_BELT, cap, AT(SPINE), 0, 0, 0, 0, 0),
           RPC_OK, 0);
    fill_crate(ROOM(SECOND));
    ck_rpc(actor_call(&actors[0], PASS_CRATE, cap, AT(SECOND), 0, 0, 0, 0, 0),
           RPC_OK, 0);
    ROOM(OUT)[0] = good_apple(3);
    ck_rpc(actor_call(&actors[0], PASS, cap, AT(OUT), 0, 0, 0, 0, 0), RPC_OK,
           0);
    ck_assert_uint_eq(ROOM(OUT)[0], good_apple(3));
}

/* docs/ABI.md, "Calling an import": a refused call names the argument and
 * changes nothing, not a byte of any of the three domains. */
START_TEST(a_bad_argument_is_refused_and_changes_nothing)
{
    uint32_t i;

    for (i = 0; i < tries(); i++) {
        try_one(i);
        if (i % 1000 == 0)
            good_calls();
    }
    ck_assert_uint_eq(actors[1].order->script, 0);
}
END_TEST

int main(int argc, char **argv)
{
    Suite *suite = suite_create("refusals");
    TCase *tests = tcase_create("refusals");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_bad_argument_is_refused_and_changes_nothing);
    suite_add_tcase(suite, tests);
    return rig_main(suite, argc, argv, 0);
}
