/* SPDX-License-Identifier: MIT */
/*
 * stage_child.c - the child that runs the code, by ptrace.
 *
 * It is a copy of this process that has stopped before it did anything; its
 * registers are then set, all of them, so that nothing of this program runs in
 * it any more. One child does for many runs: each begins with all registers and
 * all state set, and with all memory filled.
 * Source: ptrace(2); Intel SDM volume 1, chapter 13 (xsave's layout).
 */
#define _GNU_SOURCE
#include "stage_child.h"
#include "tepal/abi.h"
#include <cpuid.h>
#include <linux/elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/* xsave's standard layout. */
enum {
    FCW = 0, /* two bytes; status at 2, tags at 4 */
    TAGS = 4,
    MXCSR = 24,
    ST0 = 32,
    ST_END = 160,
    XMM0 = 160,
    XMM_END = 416,
    FEATURES = 464, /* what the kernel saves */
    HEADER = 512,   /* which parts are not in their first state */
};

#define MXCSR_CONTROL 0xffc0u
#define FLAG_ZF 0x40u
#define FLAGS_START 0x202u

/* Parts: AVX, opmask, two of AVX-512; protection keys only compared. */
static const unsigned upper_parts[] = {2, 5, 6, 7};
static const unsigned compared_parts[] = {2, 5, 6, 7, 9, 17, 18};

/* The child, and how it was when it stopped; 0 = there is none. */
static struct {
    pid_t pid;
    struct user_regs_struct regs;
    struct xstate xstate;
} stopped;

static void check(bool fine, const char *what)
{
    if (fine)
        return;
    perror(what);
    abort();
}

/* Where part @number of xsave lies; false: this processor has none. */
static bool find_part(const struct xstate *xstate, unsigned number,
                      uint32_t *offset, uint32_t *bytes)
{
    uint64_t features;
    uint32_t c, d;

    memcpy(&features, xstate->bytes + FEATURES, sizeof(features));
    if (!(features >> number & 1))
        return false;
    __cpuid_count(0xd, number, *bytes, *offset, c, d);
    return *bytes != 0 && *offset + *bytes <= xstate->size;
}

static void put_xstate(const struct child *child, struct xstate *xstate)
{
    struct iovec area = {xstate->bytes, xstate->size};

    check(ptrace(PTRACE_SETREGSET, child->pid, (void *)NT_X86_XSTATE, &area) ==
              0,
          "PTRACE_SETREGSET");
}

void child_read_xstate(const struct child *child, struct xstate *xstate)
{
    struct iovec area = {xstate->bytes, XSTATE_MAX};

    memset(xstate->bytes, 0, XSTATE_MAX);
    check(ptrace(PTRACE_GETREGSET, child->pid, (void *)NT_X86_XSTATE, &area) ==
              0,
          "PTRACE_GETREGSET");
    xstate->size = area.iov_len;
}

/* Somebody else's x87 and vectors, other ones in each world. */
static void fill_xstate(const struct child *child, const struct stage_run *run,
                        unsigned world)
{
    struct xstate xstate = stopped.xstate;
    uint16_t control = 0x027f;
    uint32_t mxcsr = 0x1f80 | (world ? 0x20 : 0), offset, bytes;
    uint64_t used = 3;

    memcpy(xstate.bytes + FCW, &control, sizeof(control));
    xstate.bytes[TAGS] = 0xff;
    memcpy(xstate.bytes + MXCSR, &mxcsr, sizeof(mxcsr));
    for (int i = ST0; i < ST_END; i += 16)
        memset(xstate.bytes + i, 0x41 + (int)world, 8);
    memset(xstate.bytes + XMM0, 0, XMM_END - XMM0);
    for (int i = XMM0; i < XMM_END; i += 16)
        memcpy(xstate.bytes + i, &run->xmm, sizeof(run->xmm));
    for (size_t i = 0; i < sizeof(upper_parts) / sizeof(upper_parts[0]); i++) {
        if (!find_part(&xstate, upper_parts[i], &offset, &bytes))
            continue;
        for (uint32_t j = 0; j < bytes; j++)
            xstate.bytes[offset + j] = (uint8_t)(0x51 + world + j / 16);
        used |= 1u << upper_parts[i];
    }
    used |= *(uint64_t *)(xstate.bytes + HEADER);
    memcpy(xstate.bytes + HEADER, &used, sizeof(used));
    put_xstate(child, &xstate);
}

bool xstate_has_damage(const struct xstate *before, const struct xstate *after)
{
    uint32_t one, other, offset, bytes;

    if (memcmp(before->bytes + FCW, after->bytes + FCW, 5) != 0 ||
        memcmp(before->bytes + ST0, after->bytes + ST0, ST_END - ST0) != 0)
        return true;
    memcpy(&one, before->bytes + MXCSR, sizeof(one));
    memcpy(&other, after->bytes + MXCSR, sizeof(other));
    if ((one ^ other) & MXCSR_CONTROL)
        return true;
    for (size_t i = 0; i < sizeof(compared_parts) / sizeof(compared_parts[0]);
         i++)
        if (find_part(before, compared_parts[i], &offset, &bytes) &&
            memcmp(before->bytes + offset, after->bytes + offset, bytes) != 0)
            return true;
    return false;
}

bool xstate_has_equal_xmm(const struct xstate *one, const struct xstate *other)
{
    return memcmp(one->bytes + XMM0, other->bytes + XMM0, XMM_END - XMM0) == 0;
}

unsigned long long *child_gpr(struct user_regs_struct *regs, unsigned number)
{
    unsigned long long *const all[16] = {
        &regs->rax, &regs->rcx, &regs->rdx, &regs->rbx,
        &regs->rsp, &regs->rbp, &regs->rsi, &regs->rdi,
        &regs->r8,  &regs->r9,  &regs->r10, &regs->r11,
        &regs->r12, &regs->r13, &regs->r14, &regs->r15,
    };

    return all[number];
}

void child_set(struct child *child)
{
    check(ptrace(PTRACE_SETREGS, child->pid, NULL, &child->regs) == 0,
          "PTRACE_SETREGS");
}

static void stop_here(void)
{
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
        _exit(1);
    raise(SIGSTOP);
    _exit(2);
}

static void fork_stopped(void)
{
    pid_t pid = fork();
    int status = 0;

    check(pid >= 0, "fork");
    if (pid == 0)
        stop_here();
    check(waitpid(pid, &status, 0) == pid && WIFSTOPPED(status) &&
              ptrace(PTRACE_SETOPTIONS, pid, NULL,
                     (void *)PTRACE_O_EXITKILL) == 0 &&
              ptrace(PTRACE_GETREGS, pid, NULL, &stopped.regs) == 0,
          "a child to trace");
    stopped.pid = pid;
    child_read_xstate(&(struct child){.pid = pid}, &stopped.xstate);
}

struct child child_begin(const struct stage_run *run, unsigned world,
                         uint64_t rip, uint64_t rsp)
{
    struct child child;
    struct user_regs_struct *regs = &child.regs;

    if (stopped.pid == 0)
        fork_stopped();
    child = (struct child){stopped.pid, stopped.regs};
    for (unsigned i = 0; i < 16; i++)
        *child_gpr(regs, i) = run->gpr[i];
    if (run->flavour == TP_FLAVOUR_BASE)
        regs->r14 = STAGE_SLOT;
    regs->rsp = rsp;
    regs->rip = rip;
    regs->eflags = FLAGS_START | (run->is_zf_clear ? 0 : FLAG_ZF);
    regs->orig_rax = -1ull;
    if (run->flavour == TP_FLAVOUR_GS) {
        regs->gs_base = STAGE_SLOT;
        regs->fs_base = STAGE_KERNEL - STAGE_LOW;
    } else {
        regs->fs_base = regs->gs_base = STAGE_KERNEL - STAGE_SLOT;
    }
    child_set(&child);
    fill_xstate(&child, run, world);
    return child;
}

int child_step(struct child *child, siginfo_t *info)
{
    int status;

    check(ptrace(PTRACE_SINGLESTEP, child->pid, NULL, NULL) == 0 &&
              waitpid(child->pid, &status, 0) == child->pid,
          "PTRACE_SINGLESTEP");
    if (!WIFSTOPPED(status)) {
        fprintf(stderr, "the child is gone: %#x\n", (unsigned)status);
        abort();
    }
    check(ptrace(PTRACE_GETREGS, child->pid, NULL, &child->regs) == 0 &&
              ptrace(PTRACE_GETSIGINFO, child->pid, NULL, info) == 0,
          "PTRACE_GETREGS");
    return WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
}
