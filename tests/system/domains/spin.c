/* SPDX-License-Identifier: MIT */
/*
 * spin.c - loops for ever: in its tp_main, or, with an interface, in the work
 * on its first batch of frames.
 */
#include "tepal/kernel.h"

static volatile uint32_t turns;

static void spin(void)
{
    for (;;)
        turns++;
}

#ifdef WITH_NIC
#include "net.h"
#include "net_import.h"

NET_CAP(nic);

int tp_main(void)
{
    struct queue buffers = {0}, frames = {0};
    uint64_t count = 0;

    while (rpc_is_ok(net_submit_and_poll(nic, &buffers, &frames, false, 0,
                                         &count)))
        if (count)
            spin();
    return 1;
}
#else
int tp_main(void)
{
    spin();
    return 0;
}
#endif
