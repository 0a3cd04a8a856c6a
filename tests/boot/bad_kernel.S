/* SPDX-License-Identifier: MIT */
/*
 * bad_kernel.S - kernels that end as none should, for whoever judges them: by
 * -DTRIPLE_FAULT, -DHANG, -DWRONG_CODE, or -DSILENT, which ends well and says
 * nothing. Started by PVH, in protected mode without paging.
 */
#define DEBUG_EXIT 0xf4
#define FINE 0x10

    .section .note.pvh, "a", @note
    .p2align 2
    .long   4, 4, 18                    /* XEN_ELFNOTE_PHYS32_ENTRY */
    .asciz  "Xen"
    .long   start

    .text
    .code32
    .globl  start
start:
    cli
#if defined(TRIPLE_FAULT)
    lidt    nothing
    ud2
#elif defined(WRONG_CODE)
    movl    $0, %eax
    outl    %eax, $DEBUG_EXIT
#elif defined(SILENT)
    movl    $FINE, %eax
    outl    %eax, $DEBUG_EXIT
#endif
1:  hlt
    jmp     1b

    .data
nothing:
    .word   0
    .long   0

    .section .note.GNU-stack,"",@progbits
