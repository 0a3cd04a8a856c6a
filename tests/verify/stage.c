/* SPDX-License-Identifier: MIT */
/*
 * stage.c - step the code, and judge what happens.
 *
 * What a domain may do is docs/VERIFIER.md, "What is guaranteed", in terms of
 * what can be seen: where the next instruction is, what %rsp and %r14 are,
 * which memory has changed, where a fault was, what the processor's state is.
 *
 * The kernel's side is played: an import's gate does nothing, clears what
 * docs/ABI.md says, and returns.
 */
#include "stage.h"
#include "stage_child.h"
#include "stage_memory.h"
#include "tepal/abi.h"
#include <cpuid.h>
#include <string.h>

#define STEPS_MAX 80
#define CALLS_MAX 64
#define GUARD_BELOW 0x80000000u
#define STACK_GUARD 0x10000u
#define FLAGS_AFTER_GATE 0x246u
/* DF, IOPL, NT, AC: not a domain's to change. */
#define FLAGS_KEPT 0x47400u
#define FLAGS_OF_ARITHMETIC 0x8d5u
#define INT3 0xcc

const char *const damage_names[DAMAGE_KINDS] = {
    "memory outside written",
    "memory or state outside read",
    "access outside, faulted",
    "control left the text",
    "one byte in two instructions",
    "trusted stack misused",
    "%r14 lost",
    "processor state changed",
    "#GP",
    "#UD",
    "the processor identified",
    "nothing",
};

/* A return address on the trusted stack. */
struct call {
    uint64_t at, value;
};

enum mark { MARK_NOTHING, MARK_START, MARK_INSIDE };

struct watch {
    const struct stage_run *run;
    struct child child;
    struct user_regs_struct started;
    uint64_t stack, back; /* %rsp at the start; the caller's address */
    struct call calls[CALLS_MAX];
    uint32_t depth, damage, steps;
    uint8_t *marks;
};

/* How a domain ended up. */
struct outcome {
    struct user_regs_struct regs;
    struct xstate xstate;
    uint64_t stack;
};

/* What has to be known of an instruction; @length 0: it goes straight on. */
struct kind {
    bool is_call, is_return, is_stop;
    uint32_t length;
};

/* Prefixes as the processor skips them, and one REX. */
static uint32_t prefix_length(const uint8_t *code)
{
    uint32_t i = 0;

    while (i < 14 && (code[i] == 0x66 || code[i] == 0xf2 || code[i] == 0xf3 ||
                      code[i] == 0xf0 || (code[i] & 0xe7) == 0x26 ||
                      (code[i] >= 0x64 && code[i] <= 0x67) ||
                      (code[i] & 0xf0) == 0x40))
        i++;
    return i;
}

static struct kind kind_of(const uint8_t *code)
{
    uint32_t prefixes = prefix_length(code);
    uint8_t opcode = code[prefixes], next = code[prefixes + 1];

    if ((opcode & 0xf0) == 0x70 || opcode == 0xeb || (opcode & 0xfc) == 0xe0)
        return (struct kind){.length = prefixes + 2};
    if (opcode == 0xe8 || opcode == 0xe9)
        return (struct kind){.is_call = opcode == 0xe8, .length = prefixes + 5};
    if (opcode == 0xc3)
        return (struct kind){.is_return = true, .length = prefixes + 1};
    if (opcode == 0xff && (next & 0x30) != 0 && (next & 0x30) != 0x30)
        return (struct kind){.is_call = (next & 0x38) == 0x10,
                             .length = prefixes + 2};
    if (opcode == 0x0f && (next & 0xf0) == 0x80)
        return (struct kind){.length = prefixes + 6};
    return (struct kind){.is_stop = opcode == INT3 ||
                                    (opcode == 0x0f && next == 0x0b)};
}

static uint64_t text_start(void)
{
    return STAGE_SLOT + TP_TEXT_START;
}

static void see(struct watch *watch, uint32_t damage)
{
    watch->damage |= damage;
}

static void mark(struct watch *watch, uint64_t at, uint64_t length)
{
    uint8_t *marks = watch->marks + (at - text_start());

    if (marks[0] == MARK_INSIDE)
        see(watch, DAMAGE_OVERLAP);
    marks[0] = MARK_START;
    for (uint64_t i = 1; i < length; i++) {
        if (marks[i] == MARK_START)
            see(watch, DAMAGE_OVERLAP);
        marks[i] = MARK_INSIDE;
    }
}

static uint64_t word_at(uint64_t address)
{
    return *(const uint64_t *)address;
}

static bool is_on_stack(uint64_t rsp)
{
    return rsp >= STAGE_STACK && rsp <= STAGE_STACK + 0x10000 - 8;
}

static void begin_call(struct watch *watch, uint64_t rsp)
{
    if (is_on_stack(rsp) && watch->depth < CALLS_MAX)
        watch->calls[watch->depth++] = (struct call){rsp, word_at(rsp)};
}

/* By a return, or as the gate does. */
static void end_call(struct watch *watch, uint64_t rsp)
{
    if (watch->depth == 0 || watch->calls[watch->depth - 1].at != rsp)
        see(watch, DAMAGE_STACK);
    else
        watch->depth--;
}

static void check_stack(struct watch *watch)
{
    uint64_t rsp = watch->child.regs.rsp;

    while (watch->depth && rsp > watch->calls[watch->depth - 1].at) {
        see(watch, DAMAGE_STACK);
        watch->depth--;
    }
    for (uint32_t i = 0; i < watch->depth; i++)
        if (word_at(watch->calls[i].at) != watch->calls[i].value)
            see(watch, DAMAGE_STACK);
}

static bool is_allowed_fault(uint64_t address)
{
    return address - (STAGE_SLOT - GUARD_BELOW) <
               TP_SLOT_STRIDE + GUARD_BELOW ||
           address - (STAGE_STACK - STACK_GUARD) < STACK_GUARD;
}

static void judge_fault(struct watch *watch, int signal, const siginfo_t *info)
{
    if (signal == SIGILL)
        see(watch, DAMAGE_UNDEFINED);
    else if (signal == SIGSEGV && info->si_code == SI_KERNEL)
        see(watch, DAMAGE_PROTECTION);
    else if (signal != SIGFPE && !is_allowed_fault((uintptr_t)info->si_addr))
        see(watch, DAMAGE_ACCESS);
}

/* Needs: control is at the gate of an import. */
static void play_gate(struct watch *watch)
{
    static const uint8_t cleared[] = {RAX, RCX, RDX, RSI, RDI,
                                      R8,  R9,  R10, R11};
    struct user_regs_struct *regs = &watch->child.regs;

    if (!is_on_stack(regs->rsp)) {
        see(watch, DAMAGE_STACK);
        return;
    }
    end_call(watch, regs->rsp);
    regs->rip = word_at(regs->rsp);
    regs->rsp += 8;
    for (size_t i = 0; i < sizeof(cleared); i++)
        *child_gpr(regs, cleared[i]) = 0;
    regs->eflags = FLAGS_AFTER_GATE;
    child_set(&watch->child);
}

static bool is_gate(uint64_t rip)
{
    return rip == STAGE_GATES + 0x100 || rip == STAGE_GATES + 0x200 ||
           rip == STAGE_GATES + 0x300;
}

/* Gates are played until control is in the text. False: that was the end. */
static bool arrive(struct watch *watch)
{
    for (uint32_t i = 0; i < STEPS_MAX; i++) {
        uint64_t rip = watch->child.regs.rip;

        if (rip - text_start() < watch->run->bytes)
            return true;
        if (rip == watch->back) {
            if (watch->depth > 1 || watch->child.regs.rsp != watch->stack + 8)
                see(watch, DAMAGE_STACK);
            return false;
        }
        if (!is_gate(rip)) {
            if (rip != STAGE_GATES)
                see(watch, DAMAGE_CONTROL);
            return false;
        }
        play_gate(watch);
    }
    return false;
}

/* One instruction of the text. False: that was the end. */
static bool step(struct watch *watch)
{
    struct user_regs_struct *regs = &watch->child.regs;
    uint64_t rip = regs->rip, rsp = regs->rsp;
    struct kind kind = kind_of((const uint8_t *)rip);
    siginfo_t info;
    int signal;

    if (kind.is_stop) {
        mark(watch, rip, 1);
        return false;
    }
    if (kind.is_return)
        end_call(watch, rsp);
    signal = child_step(&watch->child, &info);
    watch->steps++;
    if (signal != 0 && regs->rip - text_start() < watch->run->bytes) {
        mark(watch, rip, 1);
        judge_fault(watch, signal, &info);
        return false;
    }
    if (kind.length == 0 && regs->rip - rip <= 15)
        kind.length = (uint32_t)(regs->rip - rip);
    mark(watch, rip, kind.length);
    if (kind.is_call)
        begin_call(watch, regs->rsp);
    if (watch->run->flavour == TP_FLAVOUR_BASE && regs->r14 != STAGE_SLOT)
        see(watch, DAMAGE_BASE);
    check_stack(watch);
    return true;
}

/* cpuid's first answer: in which processor this is. */
static bool knows_the_processor(const struct user_regs_struct *regs)
{
    unsigned a, b, c, d;

    return __get_cpuid(0, &a, &b, &c, &d) && regs->rbx == b &&
           regs->rcx == c && regs->rdx == d;
}

static void judge_state(struct watch *watch, const struct xstate *before,
                        const struct outcome *end)
{
    const struct user_regs_struct *one = &watch->started, *other = &end->regs;

    if (xstate_has_damage(before, &end->xstate) ||
        ((one->eflags ^ other->eflags) & FLAGS_KEPT) || one->cs != other->cs ||
        one->ds != other->ds || one->es != other->es || one->fs != other->fs ||
        one->gs != other->gs || one->ss != other->ss ||
        one->fs_base != other->fs_base || one->gs_base != other->gs_base)
        see(watch, DAMAGE_STATE);
    if (knows_the_processor(other))
        see(watch, DAMAGE_MACHINE);
    if (memory_has_damage(watch->stack))
        see(watch, DAMAGE_WRITE);
}

/* Where the function table says that the function is. */
static uint64_t entry_of(const struct stage_run *run)
{
    return word_at(STAGE_SLOT + TP_FTAB_START + 8u * (4u + run->start));
}

/* In one world, to the end, or until it has run long enough. */
static uint32_t run_once(struct stage_run *run, unsigned world, uint8_t *marks,
                         struct outcome *end)
{
    struct watch watch = {.run = run, .marks = marks};
    struct xstate before;

    watch.stack = memory_fill(run, world);
    watch.back = return_address(world);
    watch.child = child_begin(run, world, entry_of(run), watch.stack);
    watch.started = watch.child.regs;
    child_read_xstate(&watch.child, &before);
    begin_call(&watch, watch.stack);

    while (watch.steps < STEPS_MAX && arrive(&watch) && step(&watch))
        continue;

    end->regs = watch.child.regs;
    end->stack = watch.stack;
    child_read_xstate(&watch.child, &end->xstate);
    judge_state(&watch, &before, end);
    run->steps = watch.steps;
    return watch.damage;
}

/* Does all that is the domain's look alike? */
static bool are_alike(struct outcome *one, struct outcome *other)
{
    one->regs.rsp -= one->stack;
    other->regs.rsp -= other->stack;
    for (unsigned i = 0; i < 16; i++)
        if (*child_gpr(&one->regs, i) != *child_gpr(&other->regs, i))
            return false;
    return ((one->regs.eflags ^ other->regs.eflags) & FLAGS_OF_ARITHMETIC) ==
               0 &&
           xstate_has_equal_xmm(&one->xstate, &other->xstate) &&
           memory_is_as_kept();
}

static uint32_t run_in_both_worlds(struct stage_run *run, uint8_t *marks)
{
    struct outcome first, second;
    uint32_t damage = run_once(run, 0, marks, &first);

    memory_keep();
    damage |= run_once(run, 1, marks, &second);
    return are_alike(&first, &second) ? damage : damage | DAMAGE_READ;
}

uint32_t stage_damage(struct stage_run *run)
{
    uint8_t marks[STAGE_TEXT_MAX + 16] = {0};
    uint32_t damage = run_in_both_worlds(run, marks);

    if (run->again == AGAIN_ZF_CLEAR)
        run->is_zf_clear = !run->is_zf_clear;
    else if (run->again == AGAIN_ENTRY)
        run->start = !run->start;
    if (run->again != AGAIN_NOT)
        damage |= run_in_both_worlds(run, marks);
    return damage ? damage : DAMAGE_NONE;
}

void stage_defaults(struct stage_run *run, uint32_t flavour)
{
    memset(run, 0, sizeof(*run));
    run->flavour = flavour;
    run->xmm = STAGE_KERNEL;
    run->memory = STAGE_KERNEL + 0x2000;
    run->behind = INT3;
    for (unsigned i = 0; i < 16; i++)
        run->gpr[i] = flavour == TP_FLAVOUR_GS ? STAGE_VICTIM + STAGE_LOW
                                               : STAGE_KERNEL;
    if (flavour == TP_FLAVOUR_GS)
        return;
    run->gpr[RDX] = 0;
    run->gpr[RSI] = STAGE_KERNEL + 0x100;
    run->gpr[RDI] = STAGE_KERNEL + 0x200;
    run->gpr[RBP] = run->gpr[R11] = STAGE_LOW;
}
