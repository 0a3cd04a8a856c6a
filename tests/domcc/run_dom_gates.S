/* SPDX-License-Identifier: MIT */
/*
 * run_dom_gates.S - into the domain, and out of it for a service.
 *
 * A gate hands back what docs/ABI.md promises and no more: registers that are
 * not kept come back full of rubbish, so that code which relies on them
 * fails here.
 */
#include "run_dom.h"

    .text
    .globl run_dom_trap
run_dom_trap:
    ud2

    .globl run_dom_enter
run_dom_enter:
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    sub $8, %rsp
    mov %rdi, %r14
    mov %esi, %ebp
    mov %rdx, %rax
    xor %r11d, %r11d
    call *%rax
    add $8, %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    ret

    /* %ecx: the service. The domain's stack may be aligned to 8 only. */
serve:
    push %rbx
    mov %rsp, %rbx
    and $-16, %rsp
    call run_dom_service
    mov %rbx, %rsp
    pop %rbx
    movabs $0xdeadbeefdeadbeef, %rcx
    mov %rcx, %rdx
    mov %rcx, %rsi
    mov %rcx, %rdi
    mov %rcx, %r8
    mov %rcx, %r9
    mov %rcx, %r10
    xor %r11d, %r11d
    movq %rcx, %xmm0
    .irp n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    movaps %xmm0, %xmm\n
    .endr
    ret

    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
gate_\n:
    mov $\n, %ecx
    jmp serve
    .endr

    .section .data.rel.ro, "aw"
    .balign 8
    .globl run_dom_gates
run_dom_gates:
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
    .quad gate_\n
    .endr
    .section .note.GNU-stack, "", @progbits
