/* SPDX-License-Identifier: MIT */
/*
 * test_gate.c - depth, re-entry, what registers hold on both sides of a gate,
 * and what a hostile payload or thread can do to the kernel behind it.
 * Source: design, sections 2 and 4 (the gate).
 */
#include "rig.h"
#include <string.h>

static struct actor a, b, c;
static uint64_t to_b;

static void setup(void)
{
    a = actor_new("a");
    b = actor_new("b");
    c = actor_new("c");
    to_b = actor_link(&a, &b, "test");
}

static void teardown(void)
{
    actors_end();
    ck_assert_uint_eq(live_objects(), 0);
}

#define ID(actor) ((actor).domain->id)
#define OUT 512

/* Design, section 4 (The gate): a domain that is entered again, A to B to A,
 * goes on below its own saved %rbp, and finds its frame as it was. */
START_TEST(a_domain_can_be_entered_again_below_its_own_frames)
{
    uint64_t apple = actor_apple(&a, 5), own = actor_apple(&b, 6);

    actor_will_call(&b, &a, LOOK, own, room_at(&b, OUT), 0);
    a.order->deepest = 0;
    ck_rpc(actor_call(&a, LOOK, to_b, apple, room_at(&a, OUT), 0, 0, 0, 0),
           RPC_OK, 0);

    ck_rpc(actor_answer(&b), RPC_OK, 0);
    ck_assert_uint_eq(a.order->kept[0], own);
    ck_assert_uint_eq(room(&b, OUT)[0], 6);
    ck_assert_uint_eq(room(&a, OUT)[0], 5);
    ck_assert_uint_ne(a.order->deepest, 0);
    ck_assert_uint_lt(a.order->deepest, a.order->call_frame);
    ck_assert_uint_eq(a.order->overwritten, 0);
}
END_TEST

/* a.JUDGE calls b.JUDGE calls a.JUDGE, and so on. */
static void call_each_other(struct actor *one, struct actor *two)
{
    const uint64_t there[6] = {1, 1, room_at(one, OUT), room_at(one, OUT + 8)};
    const uint64_t back[6] = {1, 1, room_at(two, OUT), room_at(two, OUT + 8)};

    actor_order(one, JUDGE, actor_link(one, two, "test"), there);
    actor_order(two, JUDGE, actor_link(two, one, "test"), back);
    one->order->script = two->order->script = SCRIPT_CALL;
}

/*
 * docs/ABI.md, "Calling an import": without 256 KiB of trusted stack for the
 * callee the answer is RPC_NO_STACK. The refusal that stops it is an answer to
 * the innermost caller, and every one of the others goes on.
 */
START_TEST(endless_mutual_recursion_runs_out_of_stack_and_no_more)
{
    struct actor d, e;

    actor_stack_bytes = 0x200000;
    d = actor_new("d");
    e = actor_new("e");
    actor_stack_bytes = 0;
    call_each_other(&d, &e);
    ck_rpc(actor_step(&d, STEP_CALL, 0, NULL), RPC_OK, 0);

    ck_rpc(actor_answer(&d), RPC_OK, 0);
    ck_assert_uint_eq((uint32_t)(d.order->first_failure |
                                 e.order->first_failure),
                      RPC_NO_STACK);
    ck_assert_uint_gt(d.order->made, 100);
    ck_assert_uint_eq(d.order->overwritten + e.order->overwritten, 0);
    ck_assert_uint_eq(domain_frames(d.domain) + domain_frames(e.domain), 0);
    d.order->script = e.order->script = 0;
    ck_rpc(actor_call(&d, NARROW, 1, 0, 0, 0, 0, 0, 0), RPC_OK, 0);
    ck_rpc(actor_call(&e, NARROW, 1, 0, 0, 0, 0, 0, 0), RPC_OK, 0);
}
END_TEST

/* docs/decisions/0010-a-callee-is-promised-stack.md: a callee's data stack can
 * be used up by calling in circles. Its caller is told, and neither dies. */
START_TEST(recursion_over_a_small_data_stack_kills_nobody)
{
    struct actor d;

    actor_stack_bytes = 0x4000;
    d = actor_new("d");
    actor_stack_bytes = 0;
    call_each_other(&c, &d);
    ck_rpc(actor_step(&c, STEP_CALL, 0, NULL), RPC_OK, 0);

    ck_rpc(actor_answer(&c), RPC_OK, 0);
    ck_assert(c.domain->life & DOMAIN_ALIVE);
    ck_assert(d.domain->life & DOMAIN_ALIVE);
    ck_assert_uint_eq((uint32_t)c.order->first_failure, RPC_NO_STACK);
    ck_assert_uint_eq(c.order->overwritten + d.order->overwritten, 0);
    ck_assert_uint_eq(domain_frames(c.domain) + domain_frames(d.domain), 0);
}
END_TEST

/* Rule: a domain may be wired to itself. What it moves to itself stays its own
 * and is charged once; what it lends itself comes back. */
START_TEST(a_domain_can_call_itself)
{
    uint64_t self = actor_link(&a, &a, "test");
    uint64_t apple = actor_apple(&a, 5);

    room(&a, 0)[0] = apple;
    ck_rpc(actor_call(&a, PASS, self, room_at(&a, 0), 0, 0, 0, 0, 0), RPC_OK,
           0);
    ck_assert_uint_eq(owner_of_handle(apple), ID(a));
    ck_assert_int_eq(a.domain->shared_bytes, APPLE_BYTES);
    ck_rpc(actor_call(&a, LOOK, self, apple, room_at(&a, OUT), 0, 0, 0, 0),
           RPC_OK, 0);
    ck_assert_uint_eq(room(&a, OUT)[0], 6);
    ck_assert_uint_eq(borrows_of(apple), 0);
}
END_TEST

/* Nothing of @values but zeros and what the domain put there itself. */
static void check_registers(const uint64_t *general, const uint64_t *xmm,
                            const char *when, uint64_t own_base)
{
    static const char *const names[13] = {"rax", "rbx", "rcx", "rdx", "rsi",
                                          "rdi", "r8",  "r9",  "r10", "r11",
                                          "r12", "r13", "r15"};
    uint32_t i;

    for (i = 0; i < 13; i++)
        ck_assert_msg(general[i] == 0 || general[i] - own_base < TP_SLOT_SIZE,
                      "%s: %s is %lx", when, names[i], general[i]);
    for (i = 0; i < 32; i++)
        ck_assert_msg(xmm[i] == 0, "%s: xmm%u is %lx", when, i / 2, xmm[i]);
}

/* Design, section 4 (The gate): dead registers are cleared both ways. */
START_TEST(no_register_carries_anything_across)
{
    uint64_t driver = actor_link(&a, &b, "test_driver");
    const uint64_t arguments[6] = {STEP_FILL, 0, 0, 0, 0, 0};
    uint64_t *back = a.order->back_general;
    uint64_t *entry = b.order->entry_general;

    actor_order(&a, DRIVER_STEP, driver, arguments);
    ck_rpc(actor_step(&a, STEP_SPY, 0, NULL), RPC_OK, 0);
    ck_rpc(actor_answer(&a), RPC_OK, 0);

    ck_assert_uint_eq(entry[5], STEP_FILL);
    entry[5] = 0;
    check_registers(entry, b.order->entry_xmm, "entry", b.domain->base);
    /* rax is the answer; rbx, r12, r13, r15 are the caller's own */
    ck_assert_uint_eq(back[0], 0);
    ck_assert_uint_eq(back[1], ORDER_SECRET);
    ck_assert_uint_eq(back[10], ORDER_SECRET);
    ck_assert_uint_eq(back[11], ORDER_SECRET);
    ck_assert_uint_eq(back[12], ORDER_SECRET);
    back[1] = back[10] = back[11] = back[12] = 0;
    check_registers(back, a.order->back_xmm, "return", 0);
}
END_TEST

/* docs/SECURITY.md, "What is promised": registers are cleared between two
 * domains. This holds for a call that crashes and for one that is not made. */
START_TEST(a_call_that_fails_leaves_no_registers_either)
{
    uint64_t driver = actor_link(&a, &b, "test_driver");
    const struct {
        uint64_t cap;
        enum rpc_result answer;
        const char *when;
    } ways[] = {{to_b, RPC_NO_CAP, "no such capability"},
                {driver, RPC_CRASHED, "crash"},
                {driver, RPC_DEAD, "dead"}};
    const uint64_t arguments[6] = {STEP_DIE, WAY_UD2, 0, 0, 0, 0};
    uint64_t *back = a.order->back_general;
    uint32_t i;

    for (i = 0; i < 3; i++) {
        actor_order(&a, DRIVER_STEP, ways[i].cap, arguments);
        ck_rpc(actor_step(&a, STEP_SPY, 0, NULL), RPC_OK, 0);
        ck_rpc(actor_answer(&a), ways[i].answer, 0);

        ck_assert_uint_eq(back[1], ORDER_SECRET);
        ck_assert_uint_eq(back[12], ORDER_SECRET);
        back[0] = back[1] = back[10] = back[11] = back[12] = 0;
        check_registers(back, a.order->back_xmm, ways[i].when, 0);
    }
}
END_TEST

/*
 * Rule: how deep the kernel goes into a payload is bounded by its type, not by
 * what a domain wrote there. Each pear's seed is the handle of the next pear,
 * which is no apple and so no child.
 */
START_TEST(dropping_a_chain_of_pears_does_not_exhaust_the_stack)
{
    uint64_t pear = 0, first;
    uint32_t i;

    for (i = 0; i < 100000; i++)
        pear = actor_pear(&a, i, pear);
    first = pear;
    ck_assert(rref_drop(thread_current(), a.domain, first));
    ck_assert(!is_live(first));
}
END_TEST

/*
 * Design, section 4 (Refusal): what was flipped is flipped back, if it is still
 * there. Another thread of an open callee may guess a handle that is on its
 * way, and drop the object before the proxy refuses a later argument. Done by
 * hand here, in the order that hurts: the record is the last of its free list.
 */
START_TEST(a_refusal_copes_with_an_object_that_is_gone)
{
    struct thread *thread = thread_current();
    struct domain *before = thread->domain;
    uint64_t apple = actor_apple(&a, 1);
    const struct gate_frame frame = {0};
    struct flip moves[2];
    struct crossing x;
    struct rpc rpc;
    bool dropped;

    b.domain->open = true;
    b.domain->affine = NULL;
    while (thread->cache.free[0])
        actor_apple(&a, 1);
    thread->domain = a.domain;
    ck_assert(proxy_begin(&x, &frame, to_b, interface_test.id, TAKE_BOTH, 16,
                          moves, NULL));
    ck_assert(proxy_take(&x, apple, &type_test_apple));
    dropped = rref_drop(thread, b.domain, apple);
    rpc = proxy_refuse(&x, 1);
    thread->domain = before;

    ck_assert(dropped);
    ck_rpc(rpc, RPC_REFUSED, 1);
    ck_assert(!is_live(apple));
    ck_assert_uint_eq(domain_frames(b.domain), 0);
    ck_assert_int_eq(a.domain->shared_bytes,
                     APPLE_BYTES * (int64_t)heap_statistics().live_objects);
    ck_assert_int_eq(b.domain->shared_bytes, 0);
}
END_TEST

int main(int argc, char **argv)
{
    Suite *suite = suite_create("gate");
    TCase *tests = tcase_create("gate");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_domain_can_be_entered_again_below_its_own_frames);
    tcase_add_test(tests,
                   endless_mutual_recursion_runs_out_of_stack_and_no_more);
    tcase_add_test(tests, recursion_over_a_small_data_stack_kills_nobody);
    tcase_add_test(tests, a_domain_can_call_itself);
    tcase_add_test(tests, no_register_carries_anything_across);
    tcase_add_test(tests, a_call_that_fails_leaves_no_registers_either);
    tcase_add_test(tests, dropping_a_chain_of_pears_does_not_exhaust_the_stack);
    tcase_add_test(tests, a_refusal_copes_with_an_object_that_is_gone);
    suite_add_tcase(suite, tests);
    return rig_main(suite, argc, argv, 0);
}
