/* SPDX-License-Identifier: MIT */
/*
 * boot.S - from a loader's 32-bit protected mode into C in long mode. There are
 * two ways in, which leave a description of the machine in %ebx: PVH, by which
 * QEMU starts a kernel directly, and multiboot2, by which GRUB does.
 *
 * The first page tables map the first 4 GiB to themselves, all of it writable
 * and executable; page_tables_init() makes those that stay.
 * Sources: Xen, "x86/HVM direct boot ABI"; Multiboot2 specification 2.0,
 * sections 3.1 and 3.3; Intel 64 SDM, volume 3, sections 4.5 and 10.8.5.
 */
#include "boot.h"

#define MULTIBOOT2_MAGIC 0xe85250d6
#define CR0_PG_WP 0x80010000
#define CR4_PAE 0x20
#define MSR_EFER 0xc0000080
#define EFER_LME_NXE 0x900
#define PRESENT_WRITABLE 0x3
#define PRESENT_WRITABLE_LARGE 0x83

    .section .multiboot2, "a", @progbits
    .p2align 3
multiboot2:
    .long   MULTIBOOT2_MAGIC
    .long   0                           /* i386 */
    .long   multiboot2_end - multiboot2
    .long   -(MULTIBOOT2_MAGIC + 0 + (multiboot2_end - multiboot2))
    .word   0, 0                        /* the end of tags */
    .long   8
multiboot2_end:

    .section .note.pvh, "a", @note
    .p2align 2
    .long   4, 4, 18                    /* XEN_ELFNOTE_PHYS32_ENTRY */
    .asciz  "Xen"
    .long   boot_pvh

    .section .bss
    .p2align 12
boot_pml4:
    .skip   4096
boot_pdpt:
    .skip   4096
boot_pd:
    .skip   4 * 4096
    .skip   16384
boot_stack:

    .section .rodata
    .p2align 3
boot_gdt:
    .quad   0
    .quad   0x00af9a000000ffff          /* 64-bit code */
    .quad   0x00cf92000000ffff          /* data */
boot_gdt_pointer:
    .word   boot_gdt_pointer - boot_gdt - 1
    .long   boot_gdt

    .text
    .code32
    .globl  boot_pvh
boot_pvh:
    movl    $BOOT_PVH, %esi
    jmp     enter
    .globl  boot_multiboot2
boot_multiboot2:
    movl    $BOOT_MULTIBOOT2, %esi
enter:
    cli
    cld
    movl    $boot_stack, %esp
    movl    %ebx, %edi

    movl    $boot_pdpt + PRESENT_WRITABLE, boot_pml4
    movl    $boot_pd + PRESENT_WRITABLE, %eax
    xorl    %ecx, %ecx
1:  movl    %eax, boot_pdpt(, %ecx, 8)
    addl    $4096, %eax
    incl    %ecx
    cmpl    $4, %ecx
    jne     1b
    movl    $PRESENT_WRITABLE_LARGE, %eax
    xorl    %ecx, %ecx
2:  movl    %eax, boot_pd(, %ecx, 8)
    addl    $0x200000, %eax
    incl    %ecx
    cmpl    $4 * 512, %ecx
    jne     2b

    movl    $CR4_PAE, %eax
    movl    %eax, %cr4
    movl    $boot_pml4, %eax
    movl    %eax, %cr3
    movl    $MSR_EFER, %ecx
    rdmsr
    orl     $EFER_LME_NXE, %eax
    wrmsr
    movl    %cr0, %eax
    orl     $CR0_PG_WP, %eax
    movl    %eax, %cr0
    lgdt    boot_gdt_pointer
    ljmp    $0x08, $boot_64

    .code64
boot_64:
    movl    $0x10, %eax
    movl    %eax, %ds
    movl    %eax, %es
    movl    %eax, %ss
    xorl    %eax, %eax
    movl    %eax, %fs
    movl    %eax, %gs
    movl    %edi, %edi                  /* upper halves are undefined */
    movl    %esi, %esi
    call    kernel_start
    ud2

    .section .note.GNU-stack,"",@progbits
