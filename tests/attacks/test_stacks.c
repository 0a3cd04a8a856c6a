/* SPDX-License-Identifier: MIT */
/*
 * test_stacks.c - attacks on the stacks that a neighbour is called on.
 *
 * A callee must never pay for its caller: what is missing or wrong is found
 * before it runs, and the answer is RPC_NO_STACK.
 * Source: design, sections 2 (stacks) and 4 (the gate).
 */
#include "intruder_rig.h"

static uint64_t answers_of(const struct intruder *intruder, uint32_t result)
{
    return intruder->mischief->answers[result];
}

/*
 * How many of use_up_stack()'s frames of 8008 bytes a kernel thread's stack
 * holds besides call_at_each_step()'s. Thread-local storage lies in it too, and
 * sanitizers have a lot of that: so what is left is looked up.
 */
static uint64_t most_frames(void)
{
    uintptr_t low = thread_current()->stack_limit - THREAD_STACK_RESERVE;

    return ((uintptr_t)__builtin_frame_address(0) - low - 0x10000) / 8008;
}

/* As many frames before that as span the limit with room to spare. */
#define SWEEP 74u

/*
 * Import gates let a caller in with as little as kernel code needs: the callee
 * pushed once and died for it.
 * Rule: below thread.call_limit there are no calls.
 */
START_TEST(caller_that_has_used_up_its_stack_is_not_let_in)
{
    struct intruder caller = intruder_new("caller", false),
                    callee = intruder_new("callee", false);
    uint64_t frames, last = most_frames();

    intruder_wire(&caller, &callee);

    /* From far above the limit to the very end, without a gap. */
    for (frames = last - SWEEP; frames <= last; frames += 2)
        ck_assert_msg(job_run(&caller, ATTACK_CALL_DEEP, frames).rpc.result ==
                          RPC_OK,
                      "%lu frames: %s", frames, caller.domain->death.cause);

    ck_assert_msg(is_alive(&callee), "%s", callee.domain->death.cause);
    ck_assert_uint_gt(answers_of(&caller, RPC_OK), 0);
    ck_assert_uint_gt(answers_of(&caller, RPC_NO_STACK), 0);
    ck_assert_uint_eq(answers_of(&caller, RPC_OK) +
                          answers_of(&caller, RPC_NO_STACK),
                      1400 * (SWEEP / 2 + 1));
}
END_TEST

/* What each frame of the circle takes of its domain's data stack. */
static const uint64_t circle_bytes[] = {0, 4096};

/*
 * A re-entered domain went on below its own frame without a check of what is
 * left there, and died of an overflow that its caller had arranged.
 * Rule: a callee has DOMAIN_CALLEE_DATA_STACK besides its frame.
 */
START_TEST(calls_in_circles_end_without_a_death)
{
    struct intruder caller = intruder_new("caller", false),
                    callee = intruder_new("callee", false);
    uint64_t bytes = circle_bytes[_i];

    intruder_wire(&caller, &callee);
    intruder_wire(&callee, &caller);
    caller.mischief->trick = callee.mischief->trick = TRICK_CIRCLE;
    callee.mischief->forged[0] = bytes;

    ck_rpc(job_run(&caller, ATTACK_CALL_IN_CIRCLES, bytes).rpc, RPC_OK, 0);

    ck_assert_msg(is_alive(&caller), "%s", caller.domain->death.cause);
    ck_assert_msg(is_alive(&callee), "%s", callee.domain->death.cause);
    ck_assert_uint_gt(answers_of(&caller, RPC_OK), 3);
    ck_assert_uint_gt(answers_of(&callee, RPC_OK), 3);
    ck_assert_uint_eq(answers_of(&caller, RPC_NO_STACK) +
                          answers_of(&callee, RPC_NO_STACK),
                      1);
    ck_assert_uint_eq(answers_of(&caller, RPC_CRASHED) +
                          answers_of(&callee, RPC_CRASHED),
                      0);
}
END_TEST

static const uint64_t hostile_frames[] = {
    0,
    8,
    0xffffffff,
    0xfffffff0,
    TP_FTAB_START,
    TP_FTAB_START + 64,
    TP_TEXT_START,
    TP_TEXT_START + 0x100,
    TP_STACKS_START,
    TP_STACKS_END,
    TP_STACKS_END - TP_PAGE + 0x100,
    TP_SHARED_START,
    TP_SHARED_START + 0x1000,
    TP_SHARED_START + 0x7fff0000,
};
#define HOSTILE_FRAMES (sizeof(hostile_frames) / sizeof(hostile_frames[0]))

/*
 * A caller's %rbp was believed when its neighbour called it back: frames were
 * written there, wherever that was.
 * Rule: it must lie in the data stack, or there is none.
 */
START_TEST(frame_that_is_no_stack_is_refused_at_reentry)
{
    struct intruder caller = intruder_new("caller", false),
                    callee = intruder_new("callee", false);
    struct job job;

    intruder_wire(&caller, &callee);
    intruder_wire(&callee, &caller);
    callee.mischief->trick = TRICK_CALL_BACK;

    job = job_run(&caller, ATTACK_CALL_WITH_FRAME, hostile_frames[_i]);

    ck_rpc(job.rpc, RPC_OK, 0);
    ck_assert_uint_eq(job.returned, RPC_OK);
    ck_assert_uint_eq(answers_of(&callee, RPC_NO_STACK), 5);
    ck_assert(is_alive(&callee));
    ck_assert(is_alive(&caller));
    ck_assert_int_eq(callee.domain->shared_bytes, 0);
    ck_assert_int_eq(caller.domain->shared_bytes, 0);
}
END_TEST

/* Calls once before @later is alive, and once after. */
struct early_bird {
    struct intruder *caller, *later;
    struct job before, after;
};

static void call_before_and_after(void *context)
{
    struct early_bird *bird = context;

    job_do(&bird->before);
    domain_open_up(bird->later->domain);
    job_do(&bird->after);
}

/*
 * A call that was answered RPC_DEAD had claimed the callee for its thread, but
 * given it no data stack: the next call took the fast way, with stack 0.
 * Rule: a beginning that comes to nothing leaves no claim.
 */
START_TEST(call_to_the_dead_leaves_no_claim)
{
    struct intruder caller = intruder_new("caller", false),
                    later = intruder_load("later", false);
    struct job call = {.intruder = &caller, .attack = ATTACK_CALL, .value = 1};
    struct early_bird bird = {&caller, &later, call, call};

    intruder_wire(&caller, &later);

    ck_assert(host_run(call_before_and_after, &bird));

    ck_assert_uint_eq(answers_of(&caller, RPC_DEAD), 1);
    ck_assert_uint_eq(answers_of(&caller, RPC_OK), 1);
    ck_assert_msg(is_alive(&later), "%s", later.domain->death.cause);
}
END_TEST

/*
 * Nor does it keep other threads out.
 * Rule: a beginning that comes to nothing claims nothing (design, section
 * 4).
 */
START_TEST(call_to_the_dead_keeps_nobody_out)
{
    struct intruder caller = intruder_new("caller", false),
                    later = intruder_load("later", false);
    struct job call = {.intruder = &caller, .attack = ATTACK_CALL, .value = 1};

    intruder_wire(&caller, &later);

    job_do(&call); /* this thread lives on */
    intruder_open_up(&later);

    ck_assert_uint_eq(answers_of(&caller, RPC_DEAD), 1);
    ck_rpc(job_run(&later, ATTACK_NOTHING, 0).rpc, RPC_OK, 0);
}
END_TEST

/*
 * Data stacks were handed out and never taken back: the 257th thread that came
 * found none, for ever.
 * Rule: a thread that ends gives its data stacks back.
 */
START_TEST(any_number_of_threads_enters_one_after_the_other)
{
    struct intruder domain = intruder_new("domain", _i == 1);
    uint32_t i;

    for (i = 0; i < 2 * DOMAIN_STACKS_MAX; i++) {
        struct job job = job_run(&domain, ATTACK_NOTHING, 0);

        ck_rpc(job.rpc, RPC_OK, 0);
        ck_assert_uint_eq(job.returned, 7);
    }
}
END_TEST

void add_tests_of_stacks(Suite *suite)
{
    add_attack(suite, caller_that_has_used_up_its_stack_is_not_let_in);
    add_attacks(suite, calls_in_circles_end_without_a_death, 2);
    add_attacks(suite, frame_that_is_no_stack_is_refused_at_reentry,
                HOSTILE_FRAMES);
    add_attack(suite, call_to_the_dead_leaves_no_claim);
    add_attack(suite, call_to_the_dead_keeps_nobody_out);
    add_attacks(suite, any_number_of_threads_enters_one_after_the_other, 2);
}
