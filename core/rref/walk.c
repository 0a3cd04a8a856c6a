/* SPDX-License-Identifier: MIT */
/*
 * walk.c - handles inside a payload change hands together with it.
 *
 * Payloads can be scribbled on, so each handle found is believed only as far
 * as its own owner word: a child that the giver does not own refuses the call.
 * Depth and count are bounded by the type, which is not recursive.
 * Source: thesis 3.2.5; design, section 4 (Containers).
 */
#include "tepal_trusted/proxy.h"

bool walk_children(struct crossing *x, const struct registry_record *record,
                   const struct type *type, const struct domain *from,
                   const struct domain *to, int sign)
{
    const uint8_t *payload = registry_payload(record);
    uint32_t i;
    uint64_t child;

    for (i = 0; i < type->handle_count; i++) {
        __builtin_memcpy(&child, payload + type->handles[i].offset,
                         sizeof(child));
        if (child &&
            !proxy_flip(x, child, type->handles[i].type, from, to, sign))
            return false;
    }
    return true;
}
