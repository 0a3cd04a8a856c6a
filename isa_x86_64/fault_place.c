/* SPDX-License-Identifier: MIT */
/* fault_place.c - see fault_place.h. */
#include "fault_place.h"
#include "arch/gate.h"

struct fixup {
    int32_t at, to;
};
extern const struct fixup __start_tepal_fixups[], __stop_tepal_fixups[];

extern void gate_too_deep(void);

static uintptr_t absolute(const int32_t *relative)
{
    return (uintptr_t)relative + (uintptr_t)(intptr_t)*relative;
}

uintptr_t fault_find_fixup(uintptr_t at)
{
    const struct fixup *fixup;

    for (fixup = __start_tepal_fixups; fixup < __stop_tepal_fixups; fixup++)
        if (absolute(&fixup->at) == at)
            return absolute(&fixup->to);
    return 0;
}

static bool is_at_gate(uintptr_t at)
{
    return at == (uintptr_t)gate_trap || at == (uintptr_t)gate_too_deep;
}

bool fault_is_in_text(const struct domain *domain, uintptr_t at)
{
    return at - domain->base >= TP_TEXT_START &&
           at - domain->base < domain->text_end;
}

bool fault_is_of_domain(const struct thread *thread, uintptr_t at)
{
    return thread->domain &&
           (is_at_gate(at) || fault_is_in_text(thread->domain, at));
}

/* A push below the trusted stack. */
static bool is_stack_guard(const struct thread *thread, uintptr_t address,
                           size_t guard_bytes)
{
    uintptr_t low = thread->stack_limit - THREAD_STACK_RESERVE;

    return address < low && address >= low - guard_bytes;
}

const char *fault_cause(const struct thread *thread, uintptr_t at,
                        bool is_access, uintptr_t address, size_t guard_bytes)
{
    if (at == (uintptr_t)gate_trap)
        return "call through an unused table entry";
    if (at == (uintptr_t)gate_too_deep ||
        (is_access && is_stack_guard(thread, address, guard_bytes)))
        return "trusted stack used up";
    return NULL;
}

void fault_note_call(struct thread *thread, uintptr_t at, uintptr_t stack)
{
    if (is_at_gate(at))
        thread->left_at = *(const uintptr_t *)stack;
}

void fault_blame(struct domain *domain, const char *cause, uintptr_t at,
                 uint64_t address)
{
    uintptr_t offset = at - domain->base;

    domain_blame(domain, cause, offset < TP_SLOT_SIZE ? (uint32_t)offset : 0,
                 address);
}

bool fault_poke(struct thread *thread, uintptr_t at)
{
    if (!thread || !thread_poked(thread) ||
        !fault_is_in_text(thread->domain, at))
        return false;
    thread->left_at = at + 1; /* as if a call there had ended in the kernel */
    return true;
}
