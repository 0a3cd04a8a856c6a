/* SPDX-License-Identifier: MIT */
/*
 * test_stage.c - a packet function as a link of a chain, compiled into this
 * program, above an interface of the test's that answers as it is told.
 * Source: domains/pump/stage.h.
 */
#include "net_import.h"
#include "stage.h"
#include "suite_run.h"
#include "sure.h"
#include <string.h>

#define PACKETS 128
#define BELOW_MAX 128 /* answers */

/* One answer of the interface below. */
struct answer {
    uint32_t result, detail, frames;
};

static _Alignas(64) uint8_t memory[64 + PACKETS * sizeof(struct packet)];
uint8_t *test_shared = memory;

static bool is_called, is_end;
static uint32_t idles;
static struct answer answers[BELOW_MAX];
static uint32_t answer_count, asked, made, dropped, worked;
static uint32_t keep_each; /* work leaves one frame of so many; 0 = none */
static uint64_t last_length;

struct net_cap nic = {7};

int pump_run(pump_work *work)
{
    (void)work;
    return 42;
}

static uint64_t new_packet(void)
{
    ck_assert_uint_lt(made, PACKETS);
    return 64 + made++ * sizeof(struct packet);
}

uint64_t test_service(uint32_t service, uint64_t a, uint64_t b, uint64_t c)
{
    (void)a;
    (void)b;
    (void)c;
    if (service == TP_SERVICE_IS_CALLED)
        return is_called;
    if (service == TP_SERVICE_IDLE) {
        idles++;
        return is_end;
    }
    ck_assert_uint_eq(service, TP_SERVICE_HEAP_DROP);
    dropped++;
    return true;
}

/* The interface below. A crash takes what it was given along. */
uint64_t test_import(uint64_t cap, uint64_t a, uint64_t b, uint64_t c,
                     uint64_t d, uint64_t e, uint64_t f)
{
    struct queue *packets = (struct queue *)(uintptr_t)a;
    struct queue *collect = (struct queue *)(uintptr_t)b;
    struct answer answer = {RPC_OK, 0, 0};
    struct rref_packet frame;
    uint32_t i;

    (void)f;
    ck_assert_uint_eq(cap, 7);
    if (asked < answer_count)
        answer = answers[asked];
    asked++;
    if (answer.result == RPC_CRASHED)
        packets->length = collect->length = 0;
    for (i = 0; i < answer.frames && c; i++)
        sure(queue_pop_front(packets, &frame) &&
             queue_push_back(collect, &frame));
    for (i = 0; i < answer.frames && !c; i++) {
        if (!queue_pop_front(packets, &frame))
            frame.handle = new_packet();
        sure(queue_push_back(collect, &frame));
    }
    last_length = d;
    *(uint64_t *)(uintptr_t)e = answer.frames;
    return answer.result | (uint64_t)answer.detail << 32;
}

static void work(struct queue *frames, struct queue *buffers)
{
    uint32_t count = queue_len(frames), i;
    struct rref_packet frame;

    for (i = 0; i < count; i++) {
        sure(queue_pop_front(frames, &frame));
        if (keep_each && worked++ % keep_each == 0)
            sure(queue_push_back(frames, &frame));
        else
            pump_discard(&frame, buffers);
    }
}

static void answer(uint32_t result, uint32_t detail, uint32_t frames)
{
    answers[answer_count++] = (struct answer){result, detail, frames};
}

static struct queue packets, collect;
static uint64_t count;

static void setup(void)
{
    memset(&packets, 0, sizeof(packets));
    memset(&collect, 0, sizeof(collect));
    answer_count = asked = made = dropped = worked = 0;
    keep_each = 1;
    is_called = is_end = true;
    idles = 0;
    ck_assert_int_eq(stage_run(work), 0);
}

static uint32_t receive(void)
{
    count = 12345;
    return stage_submit_and_poll(&packets, &collect, false, 0, &count);
}

/* Rule: a packet function that nobody is wired to runs the loop. */
START_TEST(nobody_calls_the_end_of_a_chain)
{
    is_called = false;
    ck_assert_int_eq(stage_run(work), 42);
}
END_TEST

/* Rule: what is received has been worked on. */
START_TEST(frames_are_handed_up)
{
    keep_each = 2;
    answer(RPC_OK, 0, 32);

    ck_assert_uint_eq(receive(), 0);
    ck_assert_uint_eq(count, 16);
    ck_assert_uint_eq(queue_len(&collect), 16);
    ck_assert_uint_eq(queue_len(&packets), 16); /* buffers to use again */
    ck_assert_uint_eq(dropped, 0);
    ck_assert_uint_eq(asked, 1);
}
END_TEST

/* Rule: buffers that find no place are freed, not lost. */
START_TEST(buffers_too_many_are_dropped)
{
    struct rref_packet buffer;
    uint32_t i;

    for (i = 0; i < 32; i++) {
        buffer.handle = new_packet();
        queue_push_back(&packets, &buffer);
    }
    buffer.handle = new_packet();

    pump_discard(&buffer, &packets);
    ck_assert_uint_eq(queue_len(&packets), 32);
    ck_assert_uint_eq(dropped, 1);
    ck_assert_uint_eq(buffer.handle, 0);
}
END_TEST

/* Rule: a batch of which nothing is left is no answer: the next is asked for.
 */
START_TEST(empty_batches_are_passed_over)
{
    keep_each = 0;
    answer(RPC_OK, 0, 3);
    answer(RPC_OK, 0, 4);

    ck_assert_uint_eq(receive(), 0);
    ck_assert_uint_eq(count, 0);
    ck_assert_uint_eq(asked, 3); /* the third says there are none */
    ck_assert(queue_is_empty(&collect));
    ck_assert_uint_eq(queue_len(&packets), 4); /* used for both batches */
}
END_TEST

/* Rule: a flood of such batches does not hold a call. */
START_TEST(a_call_ends)
{
    uint32_t i;

    keep_each = 0;
    for (i = 0; i < BELOW_MAX; i++)
        answer(RPC_OK, 0, 32);

    ck_assert_uint_eq(receive(), 0);
    ck_assert_uint_eq(count, 0);
    ck_assert_uint_eq(asked, 64);
}
END_TEST

/*
 * Rule: a caller that still holds frames gets as many as there is room for;
 * the others come with its next call, and none is worked on twice.
 */
START_TEST(frames_without_room_wait)
{
    struct rref_packet frame;
    uint32_t i;

    for (i = 0; i < 30; i++) {
        frame.handle = new_packet();
        queue_push_back(&collect, &frame);
    }
    answer(RPC_OK, 0, 5);

    ck_assert_uint_eq(receive(), 0);
    ck_assert_uint_eq(count, 2);
    ck_assert_uint_eq(queue_len(&collect), 32);
    ck_assert_uint_eq(receive(), 0);
    ck_assert_uint_eq(count, 0);
    collect.length = 0;
    ck_assert_uint_eq(receive(), 0);
    ck_assert_uint_eq(count, 3);
    ck_assert_uint_eq(worked, 5);
    ck_assert_uint_eq(asked, 1);
}
END_TEST

/* Rule: what is sent passes through, unseen. */
START_TEST(sending_passes_through)
{
    struct rref_packet frame = {new_packet()};

    queue_push_back(&packets, &frame);
    answer(RPC_OK, 0, 1);

    ck_assert_uint_eq(stage_submit_and_poll(&packets, &collect, true, 77,
                                            &count),
                      0);
    ck_assert_uint_eq(count, 1);
    ck_assert_uint_eq(last_length, 77);
    ck_assert_uint_eq(queue_len(&collect), 1);
    ck_assert_uint_eq(worked, 0);
}
END_TEST

static struct queue shown; /* by all calls of the watcher */
static uint32_t shows;

static void watch(const struct queue *frames)
{
    struct rref_packet frame;
    uint32_t index = 0;

    shows++;
    while (queue_next(frames, &index, &frame))
        sure(queue_push_back(&shown, &frame));
}

static void start_watching(void)
{
    memset(&shown, 0, sizeof(shown));
    shows = 0;
    ck_assert_int_eq(stage_run_watching(work, watch), 0);
}

static uint32_t send(uint64_t length)
{
    return stage_submit_and_poll(&packets, &collect, true, length, &count);
}

static struct rref_packet push_packet(uint16_t length)
{
    struct rref_packet frame = {new_packet()}, kept = frame;

    rref_packet_value(frame)->length = length;
    sure(queue_push_back(&packets, &frame));
    return kept;
}

/* Rule: a watcher sees what is sent before it goes down, with its length; and
 * nothing of what is received. */
START_TEST(what_is_sent_is_shown)
{
    struct rref_packet first = push_packet(60), second = push_packet(0);

    start_watching();
    answer(RPC_OK, 0, 2);
    ck_assert_uint_eq(send(77), 0);
    ck_assert_uint_eq(count, 2);
    ck_assert_uint_eq(shows, 1);
    ck_assert_uint_eq(queue_len(&shown), 2);
    ck_assert_uint_eq(queue_get(&shown, 0).handle, first.handle);
    ck_assert_uint_eq(queue_get(&shown, 1).handle, second.handle);
    ck_assert_uint_eq(rref_packet_value(first)->length, 60);
    ck_assert_uint_eq(rref_packet_value(second)->length, 77);
    ck_assert_uint_eq(last_length, 77);

    answer(RPC_OK, 0, 3);
    ck_assert_uint_eq(receive(), 0);
    ck_assert_uint_eq(shows, 1);
    ck_assert_uint_eq(send(0), 0); /* nothing at all */
    ck_assert_uint_eq(shows, 1);
}
END_TEST

/* Rule: what finds no room below comes again, and is shown once; so also
 * when the call failed. */
START_TEST(what_comes_again_is_shown_once)
{
    uint32_t i;

    for (i = 0; i < 4; i++)
        push_packet(60);
    start_watching();
    answer(RPC_OK, 0, 1);
    answer(RPC_BUSY, 0, 0);
    answer(RPC_OK, NET_ERROR_LINK_DOWN, 0);
    answer(RPC_OK, 0, 3);
    ck_assert_uint_eq(send(0), 0);
    ck_assert_uint_eq(send(0), NET_ERROR_DEVICE_FAILED);
    push_packet(61);
    ck_assert_uint_eq(send(0), NET_ERROR_LINK_DOWN);
    ck_assert_uint_eq(queue_len(&shown), 5);
    ck_assert_uint_eq(send(0), 0);

    ck_assert_uint_eq(queue_len(&packets), 1);
    ck_assert_uint_eq(queue_len(&shown), 5);
    ck_assert_uint_eq(shows, 2);
}
END_TEST

/* Rule: a buffer that was not sent, is received into and then sent carries
 * another frame: that is shown. */
START_TEST(another_frame_in_the_same_buffer_is_shown)
{
    struct rref_packet frame = push_packet(60);

    start_watching();
    answer(RPC_OK, 0, 0);
    answer(RPC_OK, 0, 1);
    answer(RPC_OK, 0, 1);
    ck_assert_uint_eq(send(0), 0);
    ck_assert_uint_eq(receive(), 0);
    ck_assert(queue_pop_front(&collect, &frame));
    ck_assert(queue_push_back(&packets, &frame));
    ck_assert_uint_eq(send(0), 0);

    ck_assert_uint_eq(queue_len(&shown), 2);
    ck_assert_uint_eq(queue_get(&shown, 0).handle,
                      queue_get(&shown, 1).handle);
}
END_TEST

static const struct {
    struct answer below;
    uint32_t above;
} failures[] = {
    {{RPC_OK, NET_ERROR_LINK_DOWN, 0}, NET_ERROR_LINK_DOWN},
    {{RPC_OK, NET_ERROR_DEVICE_FAILED, 0}, NET_ERROR_DEVICE_FAILED},
    {{RPC_OK, 999, 0}, NET_ERROR_DEVICE_FAILED},
    {{RPC_NO_CAP, 0, 0}, NET_ERROR_DEVICE_FAILED},
    {{RPC_DEAD, 0, 0}, NET_ERROR_DEVICE_FAILED},
    {{RPC_CRASHED, 0, 0}, NET_ERROR_DEVICE_FAILED},
    {{RPC_REFUSED, 1, 0}, NET_ERROR_DEVICE_FAILED},
    {{RPC_NO_STACK, 0, 0}, NET_ERROR_DEVICE_FAILED},
    {{RPC_BUSY, 0, 0}, NET_ERROR_DEVICE_FAILED}, /* at the end */
};

/*
 * Rule: what fails below fails above as the interface's
 * own error, sending and receiving; the stage goes on.
 */
START_TEST(failures_below_are_errors_above)
{
    answers[0] = answers[1] = failures[_i].below;
    answer_count = 2;

    ck_assert_uint_eq(receive(), failures[_i].above);
    ck_assert_uint_eq(count, 0);
    ck_assert_uint_eq(stage_submit_and_poll(&packets, &collect, true, 0,
                                            &count),
                      failures[_i].above);
    ck_assert_uint_eq(count, 0);
    answer(RPC_OK, 0, 1);
    ck_assert_uint_eq(receive(), 0);
    ck_assert_uint_eq(count, 1);
}
END_TEST

/* Rule: an interface that is another thread's is waited for, not given up. */
START_TEST(busy_below_is_waited_for)
{
    is_end = false;
    answer(RPC_BUSY, 0, 0);
    answer(RPC_BUSY, 0, 0);
    answer(RPC_OK, 0, 3);

    ck_assert_uint_eq(receive(), 0);
    ck_assert_uint_eq(count, 3);
    ck_assert_uint_eq(idles, 2);
}
END_TEST

/*
 * Rule: one thread at a time is inside; another waits, but not for ever: it may
 * be the same one, called back by what is below.
 */
START_TEST(another_thread_waits_outside)
{
    answer(RPC_OK, 0, 1);
    ck_assert(stage_enter());
    ck_assert(!stage_enter());

    ck_assert_uint_eq(receive(), 0);
    ck_assert_uint_eq(count, 0);
    ck_assert_uint_eq(asked, 0);
    ck_assert_uint_gt(idles, 1000);
    stage_leave();
    ck_assert_uint_eq(receive(), 0);
    ck_assert_uint_eq(count, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stage");
    TCase *tests = tcase_create("stage");

    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, nobody_calls_the_end_of_a_chain);
    tcase_add_test(tests, frames_are_handed_up);
    tcase_add_test(tests, buffers_too_many_are_dropped);
    tcase_add_test(tests, empty_batches_are_passed_over);
    tcase_add_test(tests, a_call_ends);
    tcase_add_test(tests, frames_without_room_wait);
    tcase_add_test(tests, sending_passes_through);
    tcase_add_test(tests, what_is_sent_is_shown);
    tcase_add_test(tests, what_comes_again_is_shown_once);
    tcase_add_test(tests, another_frame_in_the_same_buffer_is_shown);
    tcase_add_loop_test(tests, failures_below_are_errors_above, 0,
                        (int)(sizeof(failures) / sizeof(failures[0])));
    tcase_add_test(tests, busy_below_is_waited_for);
    tcase_add_test(tests, another_thread_waits_outside);
    suite_add_tcase(suite, tests);
    return suite_run(suite, CK_NOFORK);
}
