/* SPDX-License-Identifier: MIT */
/*
 * ctl_request.h - what a packet of "tepal ctl" asks for: words that each end
 * with a 0,
 *
 *   list | list json | kill DOMAIN | restart DOMAIN | replace DOMAIN PATH
 */
#pragma once
#include <stddef.h>

#define CTL_WORDS_MAX 3

enum ctl_order {
    CTL_NONE, /* no such order */
    CTL_LIST,
    CTL_LIST_JSON,
    CTL_KILL,
    CTL_RESTART,
    CTL_REPLACE,
};

/* Words lie in the packet, and end in it; NULL where the order has none. */
struct ctl_request {
    enum ctl_order order;
    const char *domain, *path;
};

/* Any bytes. */
struct ctl_request ctl_request_read(const char *packet, size_t bytes);
