/* SPDX-License-Identifier: MIT */
/*
 * pass.c - capabilities go from one domain to another as arguments and results.
 *
 * Who receives one has it in its own table, derived from the giver's, who can
 * take it back at any time. A call that is refused leaves no trace: what was
 * passed for it is taken back, with whatever another thread of an open receiver
 * has made of it meanwhile.
 * Source: design, section 4 (Capabilities, Refusal).
 */
#include "tepal_trusted/proxy.h"

/* Derive @index of @from for @to, and note it. The new index, or 0. */
static uint32_t pass(struct crossing *x, struct domain *from, uint64_t index,
                     struct domain *to, uint64_t interface_id)
{
    uint32_t passed = capability_derive(from, index, interface_id,
                                        CAPABILITY_METHODS_ALL, to);

    if (passed)
        x->passed[x->passed_count++] = (struct passed){to, passed};
    return passed;
}

bool proxy_pass_cap(struct crossing *x, uint64_t *index, uint64_t interface_id)
{
    *index = pass(x, x->caller, (uint32_t)*index, x->callee, interface_id);
    return *index != 0;
}

bool proxy_return_cap(struct crossing *x, uint32_t frame, uint64_t pointer,
                      uint64_t interface_id)
{
    uint64_t index;
    uint32_t passed;

    if (!slot_load64(x->callee->base, x->data_stack + frame, &index))
        return false;
    if ((uint32_t)index == 0)
        return true;
    passed = pass(x, x->callee, (uint32_t)index, x->caller, interface_id);
    return passed && slot_store32(x->caller->base, pointer, passed);
}

void proxy_take_passed_back(struct crossing *x)
{
    while (x->passed_count) {
        const struct passed *passed = &x->passed[--x->passed_count];

        (void)capability_revoke(passed->holder, passed->index, false);
    }
}
