/* SPDX-License-Identifier: MIT */
/*
 * test_results.c - a callee that answers with handles it does not own, or with
 * broken containers, is refused: the caller's results are empty, the callee
 * keeps what it had, nobody else is touched.
 * Source: design, section 4 (Refusal).
 */
#include "bad_handles.h"
#include "snapshot.h"
#include <stdlib.h>
#include <string.h>

static struct actor actors[3]; /* callee, caller, bystander */
static struct orchard orchard; /* the callee's */
static struct snapshot before;
static uint64_t cap;

static void setup(void)
{
    memset(&orchard, 0, sizeof(orchard));
    actors[0] = actor_new("callee");
    actors[1] = actor_new("caller");
    actors[2] = actor_new("bystander");
    cap = actor_link(&actors[1], &actors[0], "test");
    orchard_plant(&orchard, &actors[0], &actors[1], &actors[2]);
    actors[0].order->script = SCRIPT_ANSWER;
    chance_seed(20240608);
}

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

#define FORGED (actors[0].order->forged)
#define OUT 512

/* The result that is spoilt, and which parameter delivers it. */
struct answer {
    enum method method;
    uint32_t refused;
    uint32_t words;
    const char *what;
    uint64_t *seed; /* to be put right again */
    uint64_t kept;
};

static void forge_seed(struct answer *t, uint64_t pear, uint64_t value)
{
    t->seed = &payload_of(pear)[1];
    t->kept = *t->seed;
    *t->seed = value;
}

static void forge_crate(struct answer *t)
{
    uint32_t i, spoilt = chance_below(4);

    t->method = MAKE_CRATE;
    t->words = 4;
    t->what = "crate";
    for (i = 0; i < 4; i++)
        FORGED[i] = chance_below(3) ? orchard.apples[i] : 0;
    if (chance_below(4) == 0)
        FORGED[spoilt] = FORGED[(spoilt + 1) % 4] = orchard.apples[9];
    else
        FORGED[spoilt] = orchard_bad(&orchard, false, WANTED_TO_MOVE, false);
}

static void forge_belt_spine(struct answer *t)
{
    t->what = "head or length";
    FORGED[0] = chance_below(2)
                    ? (FORGED[0] & OWNER_GENERATION) | (8 + chance_below(~8u))
                    : (uint32_t)FORGED[0] | (uint64_t)(9 + chance_below(~9u))
                                                << 32;
}

static void forge_belt(struct answer *t)
{
    uint32_t i, head = chance_below(8), length = 1 + chance_below(8);
    uint32_t spoilt = chance_below(length);
    uint64_t *element = &FORGED[1 + (head + spoilt) % 8];
    uint64_t *other = &FORGED[1 + (head + (spoilt + 1) % length) % 8];

    t->method = MAKE_BELT;
    t->words = 9;
    t->what = "pear of a belt";
    FORGED[0] = (uint64_t)length << 32 | head;
    for (i = 0; i < 8; i++)
        FORGED[1 + i] = orchard.pears[i];
    switch (chance_below(4)) {
    case 0:
        forge_belt_spine(t);
        break;
    case 1:
        t->what = "seed of a pear of a belt";
        forge_seed(t, *element,
                   orchard_bad(&orchard, false, WANTED_TO_MOVE, false));
        break;
    case 2:
        t->what = "pear twice in a belt";
        *element = element == other ? 0 : *other;
        break;
    default:
        *element = orchard_bad(&orchard, true, WANTED_TO_MOVE, true);
        break;
    }
}

static void forge_any(struct answer *t)
{
    t->refused = 1;
    t->words = 1;
    switch (chance_below(4)) {
    case 0:
        t->method = MAKE;
        t->what = "apple";
        FORGED[0] = orchard_bad(&orchard, false, WANTED_TO_MOVE, false);
        break;
    case 1:
        t->method = FORGE;
        t->what = "forged apple";
        FORGED[0] = orchard_bad(&orchard, false, WANTED_TO_MOVE, false);
        break;
    case 2:
        forge_crate(t);
        break;
    default:
        forge_belt(t);
        break;
    }
}

/* A spine that was cleared is empty, whatever lies in its places. */
static bool result_is_empty(const struct answer *t)
{
    const uint64_t *out = room(&actors[1], OUT);
    uint32_t i;

    if (t->method == MAKE_BELT)
        return out[0] == 0;
    for (i = 0; i < t->words; i++)
        if (out[i])
            return false;
    return true;
}

/* The whole room of the caller but the result itself. */
static void hide_result(void)
{
    memset(room(&actors[1], OUT), 0x5a, 128);
}

static void try_one(uint32_t number)
{
    struct answer t = {.seed = NULL};
    const char *difference;
    struct rpc rpc;

    forge_any(&t);
    hide_result();
    snapshot_take(&before, actors);

    rpc =
        actor_call(&actors[1], t.method, cap, t.method == FORGE ? FORGED[0] : 0,
                   room_at(&actors[1], OUT), 0, 0, 0, 0);

    ck_assert_msg(rpc.result == RPC_REFUSED && rpc.detail == t.refused,
                  "try %u, bad %s: answer %u.%u", number, t.what, rpc.result,
                  rpc.detail);
    ck_assert_msg(result_is_empty(&t), "try %u, bad %s: result", number,
                  t.what);
    hide_result();
    difference = snapshot_difference(&before, actors);
    ck_assert_msg(difference == NULL, "try %u, bad %s: %s", number, t.what,
                  difference);
    if (t.seed)
        *t.seed = t.kept;
}

static uint32_t tries(void)
{
    const char *wanted = getenv("TP_TEST_TRIES");

    return wanted ? (uint32_t)strtoul(wanted, NULL, 10) : 100000;
}

/* Design, section 4 (Refusal): a callee's bad result is refused the same way
 * and the caller's results are empty. One result is spoilt at a time. */
START_TEST(a_bad_result_is_refused_and_the_callee_keeps_all)
{
    uint32_t i;

    for (i = 0; i < tries(); i++)
        try_one(i);
}
END_TEST

/* Rule: a call whose result is refused was made all the same, so what it moved
 * to the callee stays with it. */
START_TEST(arguments_of_a_call_with_a_bad_result_are_the_callees)
{
    uint64_t apple = actor_apple(&actors[1], 4);

    room(&actors[1], 0)[0] = apple;
    FORGED[0] = orchard.foreign_apples[1];
    ck_rpc(actor_call(&actors[1], PASS, cap, room_at(&actors[1], 0), 0, 0, 0, 0,
                      0),
           RPC_REFUSED, 0);

    ck_assert_uint_eq(room(&actors[1], 0)[0], 0);
    ck_assert_uint_eq(owner_of_handle(apple), actors[0].domain->id);
    ck_assert_uint_eq(owner_of_handle(orchard.foreign_apples[1]),
                      actors[2].domain->id);
}
END_TEST

/* docs/ABI.md, "Handles and spines": head and length lie within N; design,
 * section 4 (Containers): no handle stands twice. Each alone is refused. */
START_TEST(a_forged_belt_is_refused)
{
    static const uint32_t spines[][2] = {{8, 1},          {0, 9},
                                         {0xffffffff, 1}, {0, 0xffffffff},
                                         {7, 0x80000001}, {0, 2}};
    uint32_t i;

    for (i = 0; i < 6; i++)
        ck_rpc(actor_call(&actors[1], FORGE_BELT, cap, orchard.pears[0],
                          spines[i][0], spines[i][1], room_at(&actors[1], OUT),
                          0, 0),
               RPC_REFUSED, 3);
    ck_rpc(actor_call(&actors[1], FORGE_BELT, cap, orchard.pears[0], 7, 1,
                      room_at(&actors[1], OUT), 0, 0),
           RPC_OK, 0);
    ck_assert_uint_eq(owner_of_handle(orchard.pears[0]), actors[1].domain->id);
}
END_TEST

int main(int argc, char **argv)
{
    Suite *suite = suite_create("results");
    TCase *tests = tcase_create("results");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_bad_result_is_refused_and_the_callee_keeps_all);
    tcase_add_test(tests,
                   arguments_of_a_call_with_a_bad_result_are_the_callees);
    tcase_add_test(tests, a_forged_belt_is_refused);
    suite_add_tcase(suite, tests);
    return rig_main(suite, argc, argv, 0);
}
