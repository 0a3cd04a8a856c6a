/* SPDX-License-Identifier: MIT */
/*
 * fault.c - CPU faults arrive as signals. Where the instruction stands decides:
 * an access that core makes on a domain's behalf continues at its fixup; an
 * instruction in the text of the domain that runs on this thread ends that
 * domain, by continuing at gate_unwind; anything else is the kernel's own
 * fault and stops the program.
 *
 * The handler only edits the saved context; death itself is worked off by the
 * proxy that gate_unwind returns to.
 * Source: design, section 5.
 */
#define _GNU_SOURCE
#include "arch/gate.h"
#include "host.h"
#include "tepal_trusted/base.h"
#include <execinfo.h>
#include <signal.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

struct fixup {
    int32_t at, to;
};
extern const struct fixup __start_tepal_fixups[], __stop_tepal_fixups[];

extern void gate_unwind(void);
extern void gate_too_deep(void);

static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};

static uintptr_t absolute(const int32_t *relative)
{
    return (uintptr_t)relative + (uintptr_t)(intptr_t)*relative;
}

static uintptr_t find_fixup(uintptr_t at)
{
    const struct fixup *fixup;

    for (fixup = __start_tepal_fixups; fixup < __stop_tepal_fixups; fixup++)
        if (absolute(&fixup->at) == at)
            return absolute(&fixup->to);
    return 0;
}

/* A push below the trusted stack. */
static bool is_stack_guard(const struct thread *thread, uintptr_t address)
{
    uintptr_t low = thread->stack_limit - THREAD_STACK_RESERVE;

    return address < low && address >= low - HOST_STACK_GUARD;
}

static const char *cause_of(const struct thread *thread, int signal,
                            uintptr_t at, const siginfo_t *info)
{
    if (at == (uintptr_t)gate_trap)
        return "call through an unused table entry";
    if (at == (uintptr_t)gate_too_deep ||
        (signal == SIGSEGV &&
         is_stack_guard(thread, (uintptr_t)info->si_addr)))
        return "trusted stack used up";
    switch (signal) {
    case SIGFPE:
        return "divide error";
    case SIGILL:
        return "illegal instruction";
    case SIGTRAP:
        return "breakpoint";
    case SIGBUS:
        return "bus error";
    default:
        return "bad memory access";
    }
}

static bool is_in_domain(const struct thread *thread, uintptr_t at)
{
    const struct domain *domain = thread->domain;

    if (!domain)
        return false;
    return at == (uintptr_t)gate_trap || at == (uintptr_t)gate_too_deep ||
           (at - domain->base >= TP_TEXT_START &&
            at - domain->base < domain->text_end);
}

/* SIGTRAP is reported after int3, the others before their instruction. */
static void end_domain(const struct thread *thread, int signal,
                       const siginfo_t *info, ucontext_t *context)
{
    greg_t *registers = context->uc_mcontext.gregs;
    uintptr_t at = (uintptr_t)registers[REG_RIP] - (signal == SIGTRAP);
    bool address = signal == SIGSEGV || signal == SIGBUS;
    struct domain *domain = thread->domain;

    domain_blame(domain, cause_of(thread, signal, at, info),
                 at - domain->base < TP_SLOT_SIZE
                     ? (uint32_t)(at - domain->base)
                     : 0,
                 address ? (uint64_t)(uintptr_t)info->si_addr : 0);
    registers[REG_R10] = (greg_t)(uintptr_t)thread;
    registers[REG_RIP] = (greg_t)(uintptr_t)gate_unwind;
}

/* Nothing here may be trusted any more: say so with plain system calls. */
static void end_program(int signal, const ucontext_t *context)
{
    static const char text[] = "tepal: fault inside the kernel itself; "
                               "this is a bug of Tepal, not of a domain\n";
    void *frames[64];
    ssize_t written = write(2, text, sizeof(text) - 1);

    (void)written;
    (void)context;
    backtrace_symbols_fd(frames, backtrace(frames, 64), 2);
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigaction(signal, &action, NULL);
}

static void on_fault(int signal, siginfo_t *info, void *opaque)
{
    ucontext_t *context = opaque;
    greg_t *registers = context->uc_mcontext.gregs;
    uintptr_t at = (uintptr_t)registers[REG_RIP];
    const struct thread *thread = thread_current();
    uintptr_t fixup = find_fixup(at);

    if (fixup)
        registers[REG_RIP] = (greg_t)fixup;
    else if (thread && info->si_code > 0 &&
             is_in_domain(thread, at - (signal == SIGTRAP)))
        end_domain(thread, signal, info, context);
    else
        end_program(signal, context);
}

bool host_catch_faults(void)
{
    struct sigaction action = {.sa_sigaction = on_fault,
                               .sa_flags = SA_SIGINFO | SA_ONSTACK};
    size_t i;

    for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
        if (sigaction(faults[i], &action, NULL) != 0)
            return false;
    return true;
}

void host_fault_stack(void *stack, size_t bytes)
{
    stack_t alternate = {
        .ss_sp = stack, .ss_size = bytes, .ss_flags = stack ? 0 : SS_DISABLE};

    tp_assert(sigaltstack(&alternate, NULL) == 0);
}
