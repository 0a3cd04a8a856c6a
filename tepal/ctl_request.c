/* SPDX-License-Identifier: MIT */
/* ctl_request.c - see ctl_request.h. */
#include "ctl_request.h"
#include <stdint.h>
#include <string.h>

static const struct {
    const char *name;
    uint32_t words;
    enum ctl_order order;
} orders[] = {
    {"list", 1, CTL_LIST},       {"list", 2, CTL_LIST_JSON},
    {"kill", 2, CTL_KILL},       {"restart", 2, CTL_RESTART},
    {"replace", 3, CTL_REPLACE},
};

/* Too many, or one that does not end: none. */
static uint32_t split(const char *packet, size_t bytes, const char **words)
{
    uint32_t count = 0;
    size_t at;

    if (bytes == 0 || packet[bytes - 1] != 0)
        return 0;
    for (at = 0; at < bytes; at += strlen(packet + at) + 1) {
        if (count == CTL_WORDS_MAX)
            return 0;
        words[count++] = packet + at;
    }
    return count;
}

struct ctl_request ctl_request_read(const char *packet, size_t bytes)
{
    const char *words[CTL_WORDS_MAX] = {NULL};
    uint32_t count = split(packet, bytes, words), i;
    enum ctl_order order = CTL_NONE;

    for (i = 0; count && i < sizeof(orders) / sizeof(*orders); i++)
        if (orders[i].words == count && strcmp(words[0], orders[i].name) == 0)
            order = orders[i].order;
    if (order == CTL_LIST_JSON && strcmp(words[1], "json") != 0)
        order = CTL_NONE;
    if (order < CTL_KILL)
        return (struct ctl_request){order, NULL, NULL};
    return (struct ctl_request){order, words[1], words[2]};
}
