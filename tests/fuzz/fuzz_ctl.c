/* SPDX-License-Identifier: MIT */
/* fuzz_ctl.c - a packet to a run, as "tepal ctl" sends them, or anybody. */
#include "ctl_request.h"
#include "fuzz.h"
#include <string.h>

/* A word of the packet, which ends in it. */
static void look_at_word(const char *word, const uint8_t *data, size_t size)
{
    const char *start = (const char *)data;

    CLAIM(word > start && word < start + size);
    CLAIM(word[-1] == 0 && word + strlen(word) < start + size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ctl_request request = ctl_request_read((const char *)data, size);

    CLAIM((request.domain != NULL) == (request.order >= CTL_KILL));
    CLAIM((request.path != NULL) == (request.order == CTL_REPLACE));
    if (request.domain)
        look_at_word(request.domain, data, size);
    if (request.path)
        look_at_word(request.path, data, size);
    return 0;
}
