/* SPDX-License-Identifier: MIT */
/*
 * test_derivation.c - tables of capabilities against a plain model: a set of
 * nodes that know their parents.
 * Source: design, section 4 (Capabilities);
 * core/include/tepal_trusted/capability.h.
 */
#include "rig.h"
#include "sure.h"
#include "test_capabilities.h"
#include <pthread.h>
#include <stdlib.h>

#define HOLDERS 4
#define CALLEES 3
#define OPERATIONS 200000u

static uintptr_t entries[CALLEES][8];
static struct domain_export exports[CALLEES];
static struct domain *holders[HOLDERS], *callees[CALLEES];

/* Of holder h, index i: model[h][i]. A parent is another node, or NULL. */
struct node {
    uint64_t methods; /* 0 = void */
    bool is_held;     /* its holder has not given it up */
    struct node *parent;
    struct domain *callee;
};
static struct node model[HOLDERS][CAPABILITIES_MAX];

static void create(bool open)
{
    uint32_t i;

    memset(model, 0, sizeof(model));
    for (i = 0; i < CALLEES; i++) {
        callees[i] = domain_create("callee");
        exports[i] = (struct domain_export){0x1000 + i % 2, "it", entries[i],
                                            8};
    }
    for (i = 0; i < HOLDERS; i++) {
        holders[i] = domain_create("holder");
        holders[i]->open = open;
    }
}

static void release(void)
{
    uint32_t i;

    for (i = 0; i < HOLDERS; i++)
        domain_release(holders[i]);
    for (i = 0; i < CALLEES; i++)
        domain_release(callees[i]);
}

static bool descends(const struct node *node, const struct node *from)
{
    for (node = node->parent; node; node = node->parent)
        if (node == from)
            return true;
    return false;
}

static void each_node(void (*visit)(struct node *node, void *context),
                      void *context)
{
    uint32_t h, i;

    for (h = 0; h < HOLDERS; h++)
        for (i = 1; i < CAPABILITIES_MAX; i++)
            if (model[h][i].methods)
                visit(&model[h][i], context);
}

struct doomed {
    struct node *list[HOLDERS * CAPABILITIES_MAX];
    uint32_t count;
    struct node *from;
};

static void find_descendant(struct node *node, void *context)
{
    struct doomed *doomed = context;

    if (descends(node, doomed->from))
        doomed->list[doomed->count++] = node;
}

static void model_revoke(struct node *node, bool keep)
{
    struct doomed doomed = {.from = node};

    each_node(find_descendant, &doomed);
    while (doomed.count)
        doomed.list[--doomed.count]->methods = 0;
    if (!keep)
        node->methods = node->is_held = 0;
}

static uint32_t pick(uint32_t below)
{
    return (uint32_t)random() % below;
}

static bool is_full(uint32_t h)
{
    uint32_t i, count = 0;

    for (i = 1; i < CAPABILITIES_MAX; i++)
        count += model[h][i].is_held;
    return count == CAPABILITIES_MAX - 1;
}

static void grant(void)
{
    uint32_t h = pick(HOLDERS), c = pick(CALLEES);
    uint32_t index = capability_grant(holders[h], callees[c], &exports[c]);

    sure(index || is_full(h));
    if (index) {
        sure(!model[h][index].is_held);
        model[h][index] = (struct node){0xff, true, NULL, callees[c]};
    }
}

/* Interfaces go by turns: see create(). */
static bool id_differs(const struct node *node, uint64_t id)
{
    return id && id != (node->callee == callees[1] ? 0x1001 : 0x1000);
}

static void derive(void)
{
    uint32_t h = pick(HOLDERS), i = pick(CAPABILITIES_MAX), to = pick(HOLDERS);
    uint64_t mask = pick(4) ? ~0ull : (uint64_t)random();
    uint64_t id = pick(2) ? 0 : 0x1000 + pick(2);
    struct node *from = &model[h][i];
    uint32_t index = capability_derive(holders[h], i, id, mask, holders[to]);

    sure(!index || !id_differs(from, id));
    if (!index) {
        sure(!(from->methods & mask) || id_differs(from, id) || is_full(to));
        return;
    }
    sure(from->methods & mask);
    sure(!model[to][index].is_held);
    model[to][index] =
        (struct node){from->methods & mask, true, from, from->callee};
}

static void revoke(void)
{
    uint32_t h = pick(HOLDERS), i = pick(CAPABILITIES_MAX);
    bool keep = pick(2), there = model[h][i].methods != 0;

    sure(capability_revoke(holders[h], i, keep) == there);
    if (model[h][i].is_held)
        model_revoke(&model[h][i], keep);
}

static void orphan(struct node *node, void *context)
{
    const struct node *gone = context;

    if (node->parent == gone)
        node->parent = gone->parent;
}

static void drop_callee(struct node *node, void *context)
{
    if (node->callee == context)
        node->methods = 0;
}

static void forget_holder(void)
{
    uint32_t h = pick(HOLDERS), i;

    capability_forget(holders[h]);
    for (i = 1; i < CAPABILITIES_MAX; i++) {
        if (model[h][i].methods)
            each_node(orphan, &model[h][i]);
        model[h][i].methods = model[h][i].is_held = 0;
    }
}

static void compare(void)
{
    uint32_t h, i;

    for (h = 0; h < HOLDERS; h++)
        for (i = 0; i < CAPABILITIES_MAX; i++) {
            const struct capability *c = &holders[h]->caps[i];

            sure(c->methods == model[h][i].methods);
            sure(!c->methods || c->callee == model[h][i].callee);
            sure(c->whole_id ==
                 (c->methods == 0xff ? c->interface_id : 0));
        }
}

static void operate(void)
{
    uint32_t what = pick(1000), c;

    if (what < 250) {
        grant();
    } else if (what < 700) {
        derive();
    } else if (what < 990) {
        revoke();
    } else if (what < 995) {
        forget_holder();
    } else {
        c = pick(CALLEES);
        capability_forget(callees[c]);
        each_node(drop_callee, callees[c]);
    }
}

/* Rule: what is revoked is the tree below, all of it and nothing else. */
START_TEST(tables_agree_with_a_tree)
{
    uint32_t i;

    srandom(11);
    create(false);
    for (i = 0; i < OPERATIONS; i++) {
        operate();
        if (i % 16 == 0)
            compare();
    }
    release();
}
END_TEST

/*
 * Rule: in an open domain an entry names one export for ever, since another
 * thread may be reading it (capability.h).
 */
START_TEST(open_tables_reuse_an_entry_for_the_same_export_only)
{
    uint32_t first, second;

    create(true);
    first = capability_grant(holders[0], callees[0], &exports[0]);
    sure(capability_revoke(holders[0], first, false));
    second = capability_grant(holders[0], callees[1], &exports[1]);
    ck_assert_uint_ne(second, first);
    ck_assert_uint_eq(capability_grant(holders[0], callees[0], &exports[0]),
                      first);
    release();
}
END_TEST

/*
 * Rule: a refusal takes back what was passed for it and nothing else, though
 * the giver's other thread has taken that back already and somebody else has
 * passed the open receiver the same (design, section 4, Refusal).
 */
START_TEST(undoing_a_pass_spares_what_others_passed)
{
    struct crossing x = {0};
    uint64_t passed, given, lent;

    create(true);
    given = capability_grant(holders[0], callees[0], &exports[0]);
    lent = capability_grant(holders[1], callees[0], &exports[0]);
    x.caller = holders[0];
    x.callee = holders[2];
    passed = given;
    sure(proxy_pass_cap(&x, &passed, 0x1000));
    sure(capability_revoke(holders[0], given, true));
    lent = capability_derive(holders[1], lent, 0, ~0ull, holders[2]);
    sure(lent);

    proxy_take_passed_back(&x);

    ck_assert_uint_eq(holders[2]->caps[lent].methods, 0xff);
    ck_assert_uint_eq(capability_derive(holders[1], 1, 0, ~0ull, holders[2]),
                      passed);
    release();
}
END_TEST

static uint32_t stop;

static void *churn(void *context)
{
    uint32_t seed = 5, c, index, derived;

    (void)context;
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
        c = (uint32_t)rand_r(&seed) % CALLEES;
        index = capability_grant(holders[0], callees[c], &exports[c]);
        derived = capability_derive(holders[0], index, 0, 3, holders[0]);
        (void)capability_revoke(holders[0], index, false);
        (void)capability_revoke(holders[0], derived, false);
    }
    return NULL;
}

/* As a proxy reads it: what whole_id or methods vouch for fits together. */
static void read_as_a_proxy(uint32_t index)
{
    const struct capability *c = &holders[0]->caps[index];
    uint64_t id = __atomic_load_n(&c->whole_id, __ATOMIC_ACQUIRE);
    uint32_t i;

    if (id != 0x1000 && !capability_allows(c, 0x1000, 1))
        return;
    for (i = 0; i < CALLEES; i++)
        if (c->callee == callees[i])
            sure(c->entries == entries[i] &&
                 capability_life(c) == (DOMAIN_ALIVE | callees[i]->id) &&
                 exports[i].interface_id == 0x1000);
}

/* Rule: a reader without a lock never sees two capabilities at once. */
START_TEST(open_tables_can_be_read_while_they_change)
{
    pthread_t thread;
    uint32_t i;

    create(true);
    stop = 0;
    ck_assert_int_eq(pthread_create(&thread, NULL, churn, NULL), 0);
    for (i = 0; i < 2000000; i++)
        read_as_a_proxy(1 + i % 8);
    __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    release();
}
END_TEST

/* One of several: at random passes among all holders, and takes back. */
static void *pass_around(void *context)
{
    uint32_t seed = *(const uint32_t *)context, round, c;

    for (round = 0; round < 1000000; round++) {
        struct domain *from = holders[(uint32_t)rand_r(&seed) % HOLDERS];
        struct domain *to = holders[(uint32_t)rand_r(&seed) % HOLDERS];
        uint32_t index = (uint32_t)rand_r(&seed) % CAPABILITIES_MAX;

        c = (uint32_t)rand_r(&seed) % CALLEES;
        if (rand_r(&seed) % 8 == 0)
            (void)capability_grant(to, callees[c], &exports[c]);
        (void)capability_derive(from, index, 0, ~0ull, to);
        index = (uint32_t)rand_r(&seed) % CAPABILITIES_MAX;
        (void)capability_revoke(from, index, rand_r(&seed) % 2);
    }
    return NULL;
}

/* A holder comes, is passed some, passes them on, and ends. */
static void *come_and_go(void *context)
{
    uint32_t round, i;

    (void)context;
    for (round = 0; round < 50000; round++) {
        struct domain *guest = domain_create("guest");

        guest->open = round % 2;
        for (i = 1; i < 16; i++)
            (void)capability_derive(holders[i % HOLDERS], i, 0, ~0ull, guest);
        for (i = 1; i < 16; i++)
            (void)capability_derive(guest, i, 0, ~0ull, holders[i % HOLDERS]);
        domain_release(guest);
    }
    return NULL;
}

/* Rule: whatever raced with what, every capability can be given up (design,
 * section 4, Capabilities). */
START_TEST(threads_that_pass_and_revoke_leave_nothing)
{
    static const uint32_t seeds[] = {1, 2};
    pthread_t threads[3];
    uint32_t i, h;

    create(_i != 0);
    ck_assert_int_eq(pthread_create(&threads[2], NULL, come_and_go, NULL), 0);
    for (i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, pass_around,
                                        (void *)(uintptr_t)&seeds[i]),
                         0);
    for (i = 0; i < 3; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);

    for (h = 0; h < HOLDERS; h++)
        for (i = 1; i < CAPABILITIES_MAX; i++)
            (void)capability_revoke(holders[h], i, false);
    for (h = 0; h < HOLDERS; h++)
        for (i = 1; i < CAPABILITIES_MAX; i++)
            sure(!holders[h]->caps[i].methods && !holders[h]->caps[i].next);
    release();
}
END_TEST

TCase *derivation_tests(void)
{
    TCase *tests = tcase_create("derivation");

    tcase_add_test(tests, tables_agree_with_a_tree);
    tcase_add_test(tests, open_tables_reuse_an_entry_for_the_same_export_only);
    tcase_add_test(tests, undoing_a_pass_spares_what_others_passed);
    tcase_add_test(tests, open_tables_can_be_read_while_they_change);
    tcase_add_loop_test(tests, threads_that_pass_and_revoke_leave_nothing, 0,
                        2);
    return tests;
}
