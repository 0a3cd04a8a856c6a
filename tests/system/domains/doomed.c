/* SPDX-License-Identifier: MIT */
/*
 * doomed.c - a driver without a device. It hands out frames of its own making
 * and takes back those that are sent; in its fifth call it dies, with what it
 * was handed in that call and with buffers it has kept. args say how:
 * "panic", "null" or "divide".
 */
#include "net.h"
#include "tepal/kernel.h"

#define FRAME_BYTES 60
#define LAST_WORDS "out of cheese"

int tp_main(void);
void die(void);

static struct rref_packet kept;
static volatile uint32_t calls, nothing;
static char how[8];

__attribute__((noinline)) void die(void)
{
    if (how[0] == 'p')
        tp_panic(LAST_WORDS, sizeof(LAST_WORDS) - 1);
    if (how[0] == 'd')
        nothing = 1000 / nothing;
    nothing = *(const volatile uint32_t *)(uintptr_t)nothing;
}

uint32_t net_impl_submit_and_poll(struct queue *packets, struct queue *collect,
                                  bool tx, uint64_t pkt_len, uint64_t *count)
{
    struct rref_packet frame;

    (void)pkt_len;
    *count = 0;
    if (++calls == 5)
        die();
    if (tx) {
        *count = packets->length;
        queue_append(collect, packets);
        return 0;
    }
    while (*count < 8) {
        frame = rref_packet_new();
        rref_packet_value(frame)->length = FRAME_BYTES;
        if (!queue_push_back(collect, &frame))
            break;
        ++*count;
    }
    return 0;
}

NET_EXPORT();

int tp_main(void)
{
    tp_arguments(how, sizeof(how));
    kept = rref_packet_new();
    return rref_packet_is_null(kept);
}
