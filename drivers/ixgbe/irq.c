/* SPDX-License-Identifier: MIT */
/*
 * irq.c - wait for a queue's interrupt instead of polling it.
 *
 * Queue q has vector q. A message disables its vector by itself, and a wait
 * enables it; what arrived in between comes at once. An interrupt that does not
 * come costs a millisecond and is counted; after some in a row the queue is
 * polled for good.
 * Source: Intel 82599 datasheet, section 7.3.
 */
#include "drv/irq.h"
#include "drv/mmio.h"
#include "ixgbe.h"

#define WAIT_NANOSECONDS IXGBE_MILLISECOND
#define MISSED_MAX 8 /* in a row */
#define THROTTLE_MICROSECONDS 10

void ixgbe_irq_start(void)
{
    uint32_t q;

    drv_write32(IXGBE_EIMC, 0x7fffffff);
    drv_write32(IXGBE_EIMC_EX, 0xffffffff);
    if (!ixgbe.interrupts)
        return;
    drv_write32(IXGBE_GPIE, IXGBE_GPIE_MSIX | IXGBE_GPIE_EIAME);
    drv_write32(IXGBE_EIAC, 0xffff);
    drv_write32(IXGBE_EIAM_EX, 0xffffffff);
    for (q = 0; q < ixgbe.queue_count; q++) {
        uint32_t reg = IXGBE_IVAR + q / 2 * 4;
        uint32_t entry = (IXGBE_IVAR_VALID | q) << q % 2 * 16;

        drv_write32(reg, (q % 2 ? drv_read32(reg) : 0) | entry);
        drv_write32(IXGBE_EITR + q * 4,
                    IXGBE_EITR_MICROSECONDS(THROTTLE_MICROSECONDS));
    }
}

bool ixgbe_irq_wait(struct ixgbe_queue *queue)
{
    bool raised;

    drv_write32(IXGBE_EIMS_EX, 1u << queue->number);
    raised = drv_irq_wait(queue->number, WAIT_NANOSECONDS);
    queue->counters.irqs += raised;
    return raised;
}

void ixgbe_irq_judge(struct ixgbe_queue *queue, bool raised, bool found)
{
    if (raised && !found)
        queue->counters.irq_spurious++;
    if (raised || !found) {
        queue->missed_in_row = 0;
        return;
    }
    queue->counters.irq_missed++;
    if (++queue->missed_in_row == MISSED_MAX) {
        queue->polls = true;
        IXGBE_LOG("interrupts do not come: polling from now on");
    }
}
