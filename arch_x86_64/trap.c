/* SPDX-License-Identifier: MIT */
/*
 * trap.c - faults and interrupts. Whose fault it is, isa_x86_64/fault_place.c
 * says, as on the host; here the frame is edited that the processor returns by.
 * Source: design, section 5; Intel 64 SDM, volume 3, section 6.15.
 */
#include "trap.h"
#include "fault_place.h"
#include "page_tables.h"
#include "processor.h"
#include "tepal_trusted/base.h"
#include "threads.h"
#include "timer.h"

enum {
    DIVIDE_ERROR = 0,
    BREAKPOINT = 3,
    INVALID_OPCODE = 6,
    GENERAL_PROTECTION = 13,
    PAGE_FAULT = 14,
    ALIGNMENT = 17,
    SIMD_ERROR = 19,
    EXCEPTIONS = 32,
};

static const char *cause_of(uint64_t vector)
{
    switch (vector) {
    case DIVIDE_ERROR:
    case SIMD_ERROR:
        return "divide error";
    case INVALID_OPCODE:
        return "illegal instruction";
    case BREAKPOINT:
        return "breakpoint";
    case ALIGNMENT:
        return "bus error";
    default:
        return "bad memory access";
    }
}

/* 0: the trap is of no address. */
static uint64_t fault_address(const struct trap_frame *frame)
{
    uint64_t address = 0;

    if (frame->vector == PAGE_FAULT)
        __asm__ volatile("movq %%cr2, %0" : "=r"(address));
    return address;
}

void trap_unwind(const struct thread *thread, struct trap_frame *frame)
{
    frame->r10 = (uintptr_t)thread;
    frame->rip = (uintptr_t)gate_unwind;
}

static void end_domain(struct thread *thread, struct trap_frame *frame,
                       uintptr_t at)
{
    bool is_access = frame->vector == PAGE_FAULT ||
                     frame->vector == GENERAL_PROTECTION;
    uint64_t address = fault_address(frame);
    const char *cause =
        fault_cause(thread, at, is_access, address, PAGES_GUARD_BYTES);

    fault_note_call(thread, at, frame->rsp);
    fault_blame(thread->domain, cause ? cause : cause_of(frame->vector), at,
                address);
    trap_unwind(thread, frame);
}

static _Noreturn void end_kernel(const struct trap_frame *frame)
{
    const struct thread *thread = thread_current();
    char text[256];

    text_format(text, sizeof(text),
                "fault inside the kernel itself: vector %lu, error 0x%lx, at "
                "instruction 0x%lx, address 0x%lx, stack 0x%lx%s%s",
                frame->vector, frame->error, frame->rip, fault_address(frame),
                frame->rsp,
                thread && thread->domain ? ", while it worked for domain " : "",
                thread && thread->domain ? thread->domain->name : "");
    kernel_panic(text);
}

static void on_fault(struct trap_frame *frame)
{
    struct thread *thread = thread_current();
    uintptr_t at = frame->rip - (frame->vector == BREAKPOINT);
    uintptr_t fixup = fault_find_fixup(frame->rip);

    if (fixup)
        frame->rip = fixup;
    else if (thread && fault_is_of_domain(thread, at))
        end_domain(thread, frame, at);
    else
        end_kernel(frame);
}

void trap_handle(struct trap_frame *frame)
{
    if (frame->vector < EXCEPTIONS)
        on_fault(frame);
    if (frame->vector == TIMER_VECTOR)
        timer_acknowledge();
    if (frame->vector == TIMER_VECTOR || frame->vector == YIELD_VECTOR)
        threads_switch(frame);
}
