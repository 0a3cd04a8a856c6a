/* SPDX-License-Identifier: MIT */
/*
 * gate.S - into a domain, and out of it. The import gates (arch_impl/gate.h)
 * bring a domain's call to a C function; gate_entered runs a callee; both meet
 * again when a domain dies: gate_unwind returns from the newest gate_entered
 * as if its callee had come back.
 *
 * The trusted stack while a callee runs, from the top:
 *   frame of the proxy
 *   return address of gate_entered
 *   %rbp (the other callee-saved registers are in the proxy's frame)
 *   thread->continuation of the call around this one
 *   the crossing       <- thread->continuation points here
 *   return address into gate_entered, then whatever the callee pushes
 *
 * No register of the kernel or of another domain's is left to a callee or a
 * caller: every dead general register and all of %xmm are zero, %r14 and %rbp
 * are the domain's. DF, AC and MXCSR need no reset, since verified code has no
 * instruction that changes them.
 * Source: thesis 2 (Proxies); design, sections 2 and 4.
 */
#include "tepal_trusted/gate_offsets.h"

    .macro clear_xmm
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    pxor    %xmm\n, %xmm\n
    .endr
    .endm

    .macro function name
    .p2align 6
    .globl  \name
    .type   \name, @function
\name:
    .endm

    .text

/* What gate_enter() calls: six arguments; %r10 = the crossing. */
function gate_entered
    pushq   %rbp
    movq    CROSSING_THREAD(%r10), %r11
    pushq   THREAD_CONTINUATION(%r11)
    pushq   %r10
    movq    %rsp, THREAD_CONTINUATION(%r11)
    movq    CROSSING_CALLEE(%r10), %r14
    movq    DOMAIN_BASE(%r14), %r14
    movl    CROSSING_DATA_STACK(%r10), %ebp
    movq    CROSSING_ENTRY(%r10), %rax
    xorl    %ebx, %ebx
    xorl    %r10d, %r10d
    xorl    %r11d, %r11d
    xorl    %r12d, %r12d
    xorl    %r13d, %r13d
    xorl    %r15d, %r15d
    clear_xmm
    call    *%rax
    xorl    %edx, %edx                  /* did not crash */
gate_leave:
    popq    %rcx                        /* the crossing: ours, not the callee's */
    movq    CROSSING_THREAD(%rcx), %r10
    popq    THREAD_CONTINUATION(%r10)
    popq    %rbp
    ret
    .size gate_entered, . - gate_entered

/*
 * Here an import gate sends a thread that must not return to its caller: the
 * report will say where that was. %rbp = struct gate_frame, %r10 = thread.
 */
function gate_left
    movq    8(%rbp), %r11
    movq    %r11, THREAD_LEFT_AT(%r10)
    /* and on to gate_unwind */
    .size gate_left, . - gate_left

/* Here the fault handler sends one whose domain died. %r10 = thread. */
function gate_unwind
    movq    $0, THREAD_DYING(%r10)
    movq    THREAD_CONTINUATION(%r10), %rsp
    cld
    xorl    %eax, %eax
    movl    $1, %edx                    /* crashed */
    jmp     gate_leave
    .size gate_unwind, . - gate_unwind

/*
 * A gate on its way out finds that @dying is not zero: must the thread not
 * return? Answers only if it may; keeps %rax. %rbp = struct gate_frame,
 * %r10 = thread.
 */
function gate_look
    testq   $THREAD_UNWIND, THREAD_DYING(%r10)
    jnz     gate_left
    movq    THREAD_DOMAIN(%r10), %r11
    testl   $DOMAIN_ALIVE, DOMAIN_LIFE(%r11)
    jz      gate_left
    movq    $0, THREAD_DYING(%r10)
    ret
    .size gate_look, . - gate_look

/* The trusted stack is used up: nothing was done. */
function gate_no_stack
    movl    $5, %eax                    /* RPC_NO_STACK */
    xorl    %r10d, %r10d
    ret
    .size gate_no_stack, . - gate_no_stack

/* A service was called with no stack left; the fault names the domain. */
function gate_too_deep
    ud2
    .size gate_too_deep, . - gate_too_deep

/* Unused entries of function tables lead here; the fault names the domain. */
function gate_trap
    ud2
    .size gate_trap, . - gate_trap

    .section .note.GNU-stack,"",@progbits
