/* SPDX-License-Identifier: MIT */
/* fault_setting.c - see fault_setting.h. */
#include "fault_setting.h"
#include <stdio.h>
#include <string.h>

/* Decimal digits at *@at, which moves behind them. */
static bool read_count(const char **at, uint64_t *count)
{
    const char *start = *at;

    for (*count = 0; **at >= '0' && **at <= '9'; (*at)++) {
        if (*count > UINT64_MAX / 20)
            return false;
        *count = *count * 10 + (uint64_t)(**at - '0');
    }
    return *at != start;
}

static const char *allowed(void)
{
    static char text[512];
    size_t used;
    uint32_t i;

    used = (size_t)snprintf(text, sizeof(text),
                            "NAME[@AFTER][xTIMES], NAME one of");
    for (i = 0; i < NIC82599_FAULTS && used < sizeof(text); i++)
        used += (size_t)snprintf(text + used, sizeof(text) - used, " %s",
                                 nic82599_fault_name((enum nic82599_fault)i));
    return text;
}

const char *fault_setting_read(const char *text, struct running_fault *faults)
{
    /* names hold an x, but none before a digit */
    size_t length = strcspn(text, "@");
    struct running_fault fault = {true, 0, 1};
    enum nic82599_fault which;
    const char *at, *x;

    for (x = text; x < text + length; x++)
        if (*x == 'x' && x[1] >= '0' && x[1] <= '9')
            length = (size_t)(x - text);
    at = text + length;
    if (!nic82599_fault_find(text, (uint32_t)length, &which) ||
        (*at == '@' && (at++, !read_count(&at, &fault.after))) ||
        (*at == 'x' && (at++, !read_count(&at, &fault.times))) || *at)
        return allowed();
    faults[which] = fault;
    return NULL;
}
