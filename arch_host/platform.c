/* SPDX-License-Identifier: MIT */
/*
 * platform.c - clock, randomness, console, panic and what the processor can, in
 * a Linux process.
 */
#define _GNU_SOURCE
#include "arch/platform.h"
#include "arch/cpu.h"
#include "arch/gate.h"
#include "host.h"
#include "tepal_trusted/timing.h"
#include <asm/hwcap2.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define NANOSECONDS 1000000000u /* a second */

static int log_descriptor = 2;

void host_log_to(int descriptor)
{
    log_descriptor = descriptor;
}

uint64_t host_nanoseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NANOSECONDS + (uint64_t)now.tv_nsec;
}

void host_sleep(uint64_t nanoseconds)
{
    const struct timespec time = {.tv_sec = (time_t)(nanoseconds / NANOSECONDS),
                                  .tv_nsec = (long)(nanoseconds % NANOSECONDS)};

    (void)nanosleep(&time, NULL);
}

uint64_t clock_nanoseconds(void)
{
    return timing ? timing->nanoseconds() : host_nanoseconds();
}

bool gate_has_gs(void)
{
    return getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE;
}

uint64_t platform_random(void)
{
    uint64_t value;

    if (getrandom(&value, sizeof(value), 0) != (ssize_t)sizeof(value))
        kernel_panic("getrandom failed");
    return value;
}

void console_write(const char *text, size_t bytes)
{
    ssize_t written;

    if (log_descriptor < 0)
        return;
    written = write(log_descriptor, text, bytes);
    (void)written;
}

void cpu_relax(void)
{
    sched_yield();
}


_Noreturn void kernel_panic(const char *text)
{
    fprintf(stderr, "tepal: kernel panic: %s\n", text);
    abort();
}
