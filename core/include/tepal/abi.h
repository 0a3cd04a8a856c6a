/* SPDX-License-Identifier: MIT */
/*
 * abi.h - constants and file structures shared by domain code, the tool
 * chain, the loader and the assembly gates. docs/ABI.md explains them.
 * Constants are plain so that the assembler can read this file.
 */
#pragma once

#define TP_ABI_VERSION 1

/* The slot (docs/ABI.md, "Slot"). Offsets and sizes in bytes. */
#define TP_SLOT_STRIDE 0x200000000
#define TP_SLOT_SIZE 0x100000000
#define TP_FTAB_START 0x10000
#define TP_FTAB_MIN 0x1000
#define TP_FTAB_MAX 0x10000
#define TP_TEXT_START 0x100000
#define TP_PRIVATE_END 0x40000000
#define TP_STACKS_START 0x40000000
#define TP_STACKS_END 0x80000000
#define TP_STACK_STRIDE 0x400000
#define TP_SHARED_START 0x80000000
#define TP_SHARED_MAX 0x80000000
#define TP_PAGE 0x1000

/* Every shared object starts on a granule; so does every handle's offset. */
#define TP_GRANULE 64

/* Trusted stack one verified function may use, in bytes. */
#define TP_FRAME_MAX 16384

/* Parameters of a method, in and out together. */
#define TP_PARAMETERS_MAX 6

/* Flavours (dom_header.flavour). */
#define TP_FLAVOUR_BASE 1
#define TP_FLAVOUR_GS 2

/* The interface id that stands for the kernel's services. */
#define TP_KERNEL_ID 0x54455041

#ifndef __ASSEMBLER__
#include <stdint.h>

/* The descriptor of the PT_NOTE; every *_start and *_end is a slot offset. */
struct dom_header {
    uint32_t abi_version;
    uint32_t flavour;
    uint32_t ftab_end;    /* end of the used entries */
    uint32_t imports_end; /* imports are from TP_FTAB_START + 8 to here */
    uint32_t methods_start, methods_end; /* struct dom_method, one an import */
    uint32_t caps_start, caps_end;       /* struct dom_cap */
    uint32_t types_start, types_end;     /* struct dom_type */
    uint32_t exports_start, exports_end; /* struct dom_export */
    uint32_t main_entry; /* table entry of tp_main, as a function pointer */
    uint32_t data_stack_bytes; /* wanted for each thread; 0 = default */
};
_Static_assert(sizeof(struct dom_header) == 56, "file format");

/* What import i calls. */
struct dom_method {
    uint64_t interface_id;
    uint64_t method; /* number in the interface, or a kernel service */
};
_Static_assert(sizeof(struct dom_method) == 16, "file format");

/* A capability that the manifest must wire. */
struct dom_cap {
    uint64_t interface_id;
    uint64_t name;     /* address of a C string in read-only data */
    uint64_t variable; /* address of a uint32_t in data: gets the index */
    uint64_t reserved; /* 0 */
};
_Static_assert(sizeof(struct dom_cap) == 32, "file format");

/* A shared type that the domain allocates. */
struct dom_type {
    uint64_t type_id;
    uint64_t bytes; /* size the domain was compiled with */
};
_Static_assert(sizeof(struct dom_type) == 16, "file format");

/* An interface the domain implements. */
struct dom_export {
    uint64_t interface_id;
    uint64_t name;    /* address of a C string in read-only data */
    uint64_t methods; /* address of uint64_t[method_count] in read-only data:
                         function pointers, that is, table entry offsets */
    uint64_t method_count;
};
_Static_assert(sizeof(struct dom_export) == 32, "file format");

/*
 * Kernel services: the method numbers of TP_KERNEL_ID.
 * Contracts stand with the functions in tepal/kernel.h.
 */
enum tp_service {
    TP_SERVICE_PANIC = 0,
    TP_SERVICE_LOG = 1,
    TP_SERVICE_CYCLES = 2,
    TP_SERVICE_NANOSECONDS = 3,
    TP_SERVICE_RANDOM = 4,
    TP_SERVICE_HEAP_ALLOC = 5,
    TP_SERVICE_HEAP_DROP = 6,
    TP_SERVICE_PRIVATE_GROW = 7,
    TP_SERVICE_ARGUMENTS = 8,
    TP_SERVICE_IDLE = 9,
    TP_SERVICE_REGISTER_READ = 10,
    TP_SERVICE_REGISTER_WRITE = 11,
    TP_SERVICE_DMA_PRIVATE = 12,
    TP_SERVICE_DMA_SHARED = 13,
    TP_SERVICE_CAP_OWN = 14,
    TP_SERVICE_CAP_NARROW = 15,
    TP_SERVICE_CAP_REVOKE = 16,
    TP_SERVICE_COUNTER = 17,
    TP_SERVICE_IS_CALLED = 18,
    TP_SERVICE_IRQ_WAIT = 19,
    TP_SERVICE_DATA = 20,
    TP_SERVICE_CAP_GENERATION = 21,
    TP_SERVICE_CAP_RECONNECT = 22,
    TP_SERVICE_DEVICE_IS_FRESH = 23,
    TP_SERVICE_KEEP = 24,
    TP_SERVICE_INHERIT = 25,
    TP_SERVICE_COUNT
};
#endif
