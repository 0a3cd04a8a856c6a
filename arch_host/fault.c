/* SPDX-License-Identifier: MIT */
/*
 * fault.c - CPU faults arrive as signals. Where the instruction stands decides:
 * an access that core makes on a domain's behalf continues at its fixup; an
 * instruction in the text of the domain that runs on this thread ends that
 * domain, by continuing at gate_unwind; anything else is the kernel's own
 * fault and stops the program. In a program that embeds the kernel a fault of
 * a thread that is not in the kernel is that program's own: whoever handled the
 * signal before is told.
 *
 * The handler only edits the saved context; death itself is worked off by the
 * proxy that gate_unwind returns to.
 * Source: design, section 5.
 */
#define _GNU_SOURCE
#include "fault_place.h"
#include "host.h"
#include "stop.h"
#include "tepal_trusted/base.h"
#include <execinfo.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};

/* Who handled signals before, for a program that embeds the kernel. */
static bool is_embedded;
static struct sigaction before[_NSIG];

static const char *cause_of(int signal)
{
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

static void unwind(const struct thread *thread, ucontext_t *context)
{
    greg_t *registers = context->uc_mcontext.gregs;

    registers[REG_R10] = (greg_t)(uintptr_t)thread;
    registers[REG_RIP] = (greg_t)(uintptr_t)gate_unwind;
}

/* SIGTRAP is reported after int3, the others before their instruction. */
static void end_domain(struct thread *thread, int signal,
                       const siginfo_t *info, ucontext_t *context)
{
    uintptr_t at = (uintptr_t)context->uc_mcontext.gregs[REG_RIP] -
                   (signal == SIGTRAP);
    bool is_access = signal == SIGSEGV || signal == SIGBUS;
    uintptr_t address = is_access ? (uintptr_t)info->si_addr : 0;
    const char *cause = fault_cause(thread, at, signal == SIGSEGV, address,
                                    HOST_STACK_GUARD);

    fault_note_call(thread, at,
                    (uintptr_t)context->uc_mcontext.gregs[REG_RSP]);
    fault_blame(thread->domain, cause ? cause : cause_of(signal), at, address);
    if (__atomic_load_n(&stop_wanted, __ATOMIC_SEQ_CST))
        stop_here(thread, context, true);
    unwind(thread, context);
}

/* With plain system calls. */
__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
    char text[256];
    ssize_t written;
    size_t length;
    va_list list;

    va_start(list, format);
    length = text_format_list(text, sizeof(text), format, list);
    va_end(list);
    written = write(STDERR_FILENO, text, length);
    (void)written;
}

/*
 * Unwinders read the code at the instruction. After a jump to nowhere there is
 * none: they begin at the caller.
 */
static void say_frames(int signal, const siginfo_t *info, ucontext_t *context)
{
    greg_t *registers = context->uc_mcontext.gregs;
    greg_t instruction = registers[REG_RIP], stack = registers[REG_RSP];
    void *frames[64];

    if ((signal == SIGSEGV || signal == SIGBUS) &&
        (greg_t)(uintptr_t)info->si_addr == instruction) {
        registers[REG_RIP] = *(const greg_t *)stack;
        registers[REG_RSP] += (greg_t)sizeof(greg_t);
    }
    backtrace_symbols_fd(frames, backtrace(frames, 64), STDERR_FILENO);
    registers[REG_RIP] = instruction;
    registers[REG_RSP] = stack;
}

/*
 * Nothing here may be trusted any more, and what faults meanwhile ends the
 * process at once. The first thread says it; it ends with the process, by the
 * signal that it came with.
 */
static void end_program(int signal, const siginfo_t *info,
                        ucontext_t *context)
{
    static bool ending;
    struct sigaction action = {.sa_handler = SIG_DFL};
    uintptr_t at = (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
    const struct thread *thread = thread_current();

    while (__atomic_exchange_n(&ending, true, __ATOMIC_SEQ_CST))
        pause();
    say("tepal: fault inside the kernel itself; this is a bug of Tepal, not of "
        "a domain\n");
    say("  signal %d at instruction 0x%lx, address 0x%lx\n", signal, at,
        (uintptr_t)info->si_addr);
    if (thread && thread->domain)
        say("  while it worked for domain %s\n", thread->domain->name);
    say_frames(signal, info, context);
    sigaction(signal, &action, NULL);
    raise(signal);
}

/* As if we had never been there. What is at fault faults again. */
static void pass_on(int signal, siginfo_t *info, void *context)
{
    const struct sigaction *old = &before[signal];
    struct sigaction action = {.sa_handler = SIG_DFL};
    bool is_ignored = old->sa_handler == SIG_IGN;

    if (old->sa_flags & SA_SIGINFO) {
        old->sa_sigaction(signal, info, context);
    } else if (old->sa_handler == SIG_DFL ||
               (is_ignored && info->si_code > 0)) {
        sigaction(signal, &action, NULL);
        if (info->si_code <= 0)
            raise(signal);
    } else if (!is_ignored) {
        old->sa_handler(signal);
    }
}

static bool is_of_program(const struct thread *thread)
{
    return is_embedded && (!thread || !thread->domain);
}

static void on_fault(int signal, siginfo_t *info, void *opaque)
{
    ucontext_t *context = opaque;
    greg_t *registers = context->uc_mcontext.gregs;
    uintptr_t at = (uintptr_t)registers[REG_RIP];
    struct thread *thread = thread_current();
    uintptr_t fixup = fault_find_fixup(at);

    if (fixup)
        registers[REG_RIP] = (greg_t)fixup;
    else if (thread && info->si_code > 0 &&
             fault_is_of_domain(thread, at - (signal == SIGTRAP)))
        end_domain(thread, signal, info, context);
    else if (is_of_program(thread))
        pass_on(signal, info, context);
    else
        end_program(signal, info, context);
}

/* cpu_poke(): somebody wants this thread to look at what it is doing. */
static void on_poke(int signal, siginfo_t *info, void *opaque)
{
    struct thread *thread = thread_current();
    ucontext_t *context = opaque;
    uintptr_t at = (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
    bool in_text = thread && thread->domain && fault_is_in_text(thread->domain, at);

    if (is_embedded && info->si_code != SI_TKILL &&
        before[signal].sa_handler != SIG_DFL)
        pass_on(signal, info, opaque);
    if (in_text && __atomic_load_n(&stop_wanted, __ATOMIC_SEQ_CST))
        stop_here(thread, context, false);
    if (fault_poke(thread, at))
        unwind(thread, context);
}

bool host_catch_faults(bool embedded)
{
    struct sigaction action = {.sa_sigaction = on_fault,
                               .sa_flags = SA_SIGINFO | SA_ONSTACK};
    struct sigaction poke = {.sa_sigaction = on_poke,
                             .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART};
    void *frame;
    size_t i;

    /* It loads a library when it is called first: no work for a handler. */
    (void)backtrace(&frame, 1);
    is_embedded = embedded;
    sigaddset(&action.sa_mask, HOST_POKE_SIGNAL);
    if (sigaction(HOST_POKE_SIGNAL, &poke, &before[HOST_POKE_SIGNAL]) != 0)
        return false;
    for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
        sigaddset(&action.sa_mask, faults[i]);
    for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
        if (sigaction(faults[i], &action, &before[faults[i]]) != 0)
            return false;
    return true;
}

void host_fault_stack(void *stack, size_t bytes)
{
    stack_t alternate = {
        .ss_sp = stack, .ss_size = bytes, .ss_flags = stack ? 0 : SS_DISABLE};

    tp_assert(sigaltstack(&alternate, NULL) == 0);
}
