/* SPDX-License-Identifier: MIT */
/*
 * hello.c - what somebody may write who has installed Tepal: an application on
 * a network interface, with the domains' libc. It receives until the system
 * ends, drops what came, and says how much that was.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net_import.h"
#include "tepal/kernel.h"

NET_CAP(nic);

int tp_main(void)
{
    struct queue buffers = {0}, frames = {0};
    uint64_t received, packets = 0;
    char *line = malloc(80);

    if (!line)
        return 1;
    for (;;) {
        if (!rpc_is_ok(net_submit_and_poll(nic, &buffers, &frames, false, 0,
                                           &received)))
            return 2;
        if (received == 0 && tp_idle())
            break;
        packets += received;
        queue_append(&buffers, &frames);
    }
    snprintf(line, 80, "hello: %llu frames", (unsigned long long)packets);
    strcat(line, " received");
    puts(line);
    free(line);
    return 0;
}
