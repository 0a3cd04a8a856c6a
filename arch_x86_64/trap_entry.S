/* SPDX-License-Identifier: MIT */
/*
 * trap_entry.S - from the interrupt table into trap_handle(), with every general
 * register in struct trap_frame, and back with what it made of it. Kernel C
 * does not touch vector registers. Each trap is on a stack of its own, so
 * nothing is ever written where a domain's %rsp points.
 */
    .text
trap_common:
    .irp r, rax,rbx,rcx,rdx,rsi,rdi,rbp,r8,r9,r10,r11,r12,r13,r14,r15
    pushq   %\r
    .endr
    cld
    movq    %rsp, %rdi
    call    trap_handle
    .irp r, r15,r14,r13,r12,r11,r10,r9,r8,rbp,rdi,rsi,rdx,rcx,rbx,rax
    popq    %\r
    .endr
    addq    $16, %rsp                   /* vector, error */
    iretq

    .altmacro
    .macro trap vector
trap_\vector:
    .if \vector == 8 || (\vector >= 10 && \vector <= 14) || \vector == 17 || \
        \vector == 21 || \vector == 29 || \vector == 30
    .else
    pushq   $0
    .endif
    pushq   $\vector
    jmp     trap_common
    .endm
    .macro trap_address vector
    .quad   trap_\vector
    .endm

    .set    n, 0
    .rept   256
    trap    %n
    .set    n, n + 1
    .endr

    .section .rodata
    .p2align 3
    .globl  trap_entries
trap_entries:
    .set    n, 0
    .rept   256
    trap_address %n
    .set    n, n + 1
    .endr

    .section .note.GNU-stack,"",@progbits
