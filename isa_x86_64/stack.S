/* SPDX-License-Identifier: MIT */
/*
 * stack.S - stack_call(body, context, stack_top): body(context) on another
 * stack, whose end is aligned to 16 bytes. Debuggers find the way back.
 */
    .text
    .p2align 4
    .globl  stack_call
    .type   stack_call, @function
stack_call:
    .cfi_startproc
    pushq   %rbp
    .cfi_def_cfa_offset 16
    .cfi_offset %rbp, -16
    movq    %rsp, %rbp
    .cfi_def_cfa_register %rbp
    movq    %rdi, %rax
    movq    %rsi, %rdi
    movq    %rdx, %rsp
    call    *%rax
    movq    %rbp, %rsp
    popq    %rbp
    .cfi_def_cfa %rsp, 8
    ret
    .cfi_endproc
    .size stack_call, . - stack_call

    .section .note.GNU-stack,"",@progbits
