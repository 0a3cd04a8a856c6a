/* SPDX-License-Identifier: MIT */
/*
 * main.c - from the first instruction in C to the verdict. Everything runs on
 * one kernel thread of one CPU.
 */
#include "boot_info.h"
#include "console.h"
#include "frames.h"
#include "modules.h"
#include "page_tables.h"
#include "arch/pages.h"
#include "processor.h"
#include "system.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/thread.h"
#include "timer.h"

#define STACK_BYTES 0x200000u
#define HEAP_BYTES 0x4000000u

void kernel_start(uintptr_t description, uint32_t protocol);

/* isa_x86_64/stack.S */
extern void stack_call(void (*body)(void *context), void *context,
                       void *stack_top);

static struct boot_info boot;
static struct thread thread;

static void run(void *stack)
{
    bool fine;

    if (!thread_begin(&thread, (uintptr_t)stack))
        kernel_panic("no memory for the first thread");
    __asm__ volatile("sti");
    fine = system_run(boot.command_line);
    __asm__ volatile("cli");
    thread_end(&thread);
    log_line("kernel", "end: %s", fine ? "fine" : "failed");
    machine_end(fine ? MACHINE_FINE : MACHINE_FAILED);
}

void kernel_start(uintptr_t description, uint32_t protocol)
{
    const char *lacking;
    uint8_t *stack;

    console_init();
    lacking = processor_init();
    if (lacking)
        kernel_panic(lacking);
    if (!boot_info_read(&boot, description, protocol))
        kernel_panic("the loader speaks neither PVH nor multiboot2");
    log_line("kernel", "tepal on x86_64, %u modules, '%s'", boot.module_count,
             boot.command_line);
    frames_init(&boot);
    page_tables_init();
    timer_init();
    modules_init(&boot);
    page_tables_make_heap(HEAP_BYTES);
    stack = pages_alloc(STACK_BYTES);
    if (!stack)
        kernel_panic("no memory for the first stack");
    stack_call(run, stack, stack + STACK_BYTES);
}
