/* SPDX-License-Identifier: MIT */
/*
 * main.c - from the first instruction in C to the verdict. What called it is the
 * idle thread in the end.
 */
#include "boot_info.h"
#include "breach.h"
#include "console.h"
#include "frames.h"
#include "modules.h"
#include "page_tables.h"
#include "processor.h"
#include "system.h"
#include "tepal_trusted/base.h"
#include "threads.h"
#include "timer.h"

#define HEAP_BYTES 0x4000000u

void kernel_start(uintptr_t description, uint32_t protocol);

static struct boot_info boot;

static void run(void *context)
{
    bool fine = system_run(boot.command_line);

    (void)context;
    log_line("kernel", "end: %s", fine ? "fine" : "failed");
    machine_end(fine ? MACHINE_FINE : MACHINE_FAILED);
}

void kernel_start(uintptr_t description, uint32_t protocol)
{
    const char *lacking;

    console_init();
    lacking = processor_init();
    if (lacking)
        kernel_panic(lacking);
    if (!boot_info_read(&boot, description, protocol))
        kernel_panic("the loader speaks neither PVH nor multiboot2");
    log_line("kernel", "tepal on x86_64, %u modules, '%s'", boot.module_count,
             boot.command_line);
    frames_init(&boot);
    page_tables_init(&boot);
    timer_init();
    modules_init(&boot);
    page_tables_make_heap(HEAP_BYTES);
    if (!processor_guard_stacks())
        kernel_panic("no memory for the stacks of traps");
    breach_try(boot.command_line);
    threads_init();
    if (!threads_spawn(run, NULL))
        kernel_panic("no memory for the first thread");
    for (;;)
        __asm__ volatile("sti\n\thlt");
}
