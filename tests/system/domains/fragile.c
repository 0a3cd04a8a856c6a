/* SPDX-License-Identifier: MIT */
/*
 * fragile.c - a recorder that keeps nothing, and in its fifth call dies with
 * what it was lent, or fails from then on. args say how: "panic", "null" or
 * "fail". It tries to drop what it has on loan, and what it had.
 */
#include "net.h"
#include "tepal/kernel.h"

#define LAST_WORDS "out of tape"

static uint32_t calls;
static char how[8];
static struct rref_packet old;

static void die(void)
{
    if (how[0] == 'p')
        tp_panic(LAST_WORDS, sizeof(LAST_WORDS) - 1);
    *(volatile uint32_t *)(uintptr_t)(calls - 5) = 0;
}

uint32_t recorder_impl_write(const struct queue *frames,
                             enum net_direction direction)
{
    struct rref_packet frame = queue_front(frames);

    (void)direction;
    if (rref_packet_drop(&frame) || rref_packet_drop(&old))
        tp_panic("not mine", 8);
    old = queue_front(frames);
    if (++calls < 5)
        return 0;
    if (how[0] != 'f')
        die();
    return NET_ERROR_DEVICE_FAILED;
}

RECORDER_EXPORT();

int tp_main(void)
{
    tp_arguments(how, sizeof(how));
    return 0;
}
