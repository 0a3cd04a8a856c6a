/* SPDX-License-Identifier: MIT */
/* shared.c - packets at offsets 64, 64 + sizeof packet, ... */
#include "shared.h"
#include "sure.h"
#include "tepal/kernel.h"
#include <string.h>

static struct {
    uint8_t nothing[64]; /* handle 0 is null */
    struct packet packet[SHARED_PACKETS];
} heap __attribute__((aligned(64)));
static bool is_dropped[SHARED_PACKETS];

uint8_t *test_shared = (uint8_t *)&heap;

void shared_reset(void)
{
    memset(&heap, 0, sizeof(heap));
    memset(is_dropped, 0, sizeof(is_dropped));
}

struct rref_packet shared_packet(uint32_t index)
{
    return (struct rref_packet){64 + index * sizeof(struct packet)};
}

uint32_t shared_dropped(void)
{
    uint32_t i, count = 0;

    for (i = 0; i < SHARED_PACKETS; i++)
        count += is_dropped[i];
    return count;
}

uint64_t test_service(uint32_t service, uint64_t a, uint64_t b, uint64_t c)
{
    uint64_t index = (a - 64) / sizeof(struct packet);

    (void)b;
    (void)c;
    sure(service == TP_SERVICE_HEAP_DROP && index < SHARED_PACKETS);
    sure(shared_packet((uint32_t)index).handle == a && !is_dropped[index]);
    is_dropped[index] = true;
    return true;
}
