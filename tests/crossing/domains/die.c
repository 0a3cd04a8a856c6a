/* SPDX-License-Identifier: MIT */
/*
 * die.c - every way for a domain to die, each in a function of its own, whose
 * name the report must give.
 */
#include "fruit.h"

#define WAY __attribute__((noinline, noclone)) void

/* The compiler must not see what is written where, nor what recurses. */
static uint64_t hidden(uint64_t number)
{
    __asm__ volatile("" : "+r"(number));
    return number;
}

static char *hidden_pointer(uint64_t address)
{
    return (char *)(uintptr_t)hidden(address);
}

void die_by_write(uint64_t address);
void die_by_read(uint64_t address);
void die_by_entry(uint64_t entry);
void die_by_ud2(void);
void die_by_int3(void);
void die_by_divide(uint64_t by);
uint64_t die_by_big_frames(uint64_t depth);
uint64_t die_by_recursion(uint64_t depth);
uint64_t die_by_deep_service(uint64_t depth);
void die_by_panic(void);
void die_by_service(uint64_t way);

static const char rodata[64] = "read only";

WAY die_by_write(uint64_t address)
{
    *(volatile char *)hidden_pointer(address) = 1;
}

WAY die_by_read(uint64_t address)
{
    (void)*(volatile char *)hidden_pointer(address);
}

WAY die_by_entry(uint64_t entry)
{
    void (*function)(void) = (void (*)(void))(uintptr_t)hidden(entry);

    function();
}

WAY die_by_ud2(void)
{
    __builtin_trap();
}

WAY die_by_int3(void)
{
    __asm__ volatile("int3");
}

WAY die_by_divide(uint64_t by)
{
    volatile uint64_t result = 10;

    result = result / by;
}

/* On the data stack, which ends first. */
__attribute__((noinline, noclone)) uint64_t die_by_big_frames(uint64_t depth)
{
    volatile uint8_t frame[1000];

    frame[depth % sizeof(frame)] = 1;
    if (hidden(depth) == UINT64_MAX)
        return 0;
    return die_by_big_frames(depth + 1) + frame[depth % 7];
}

/* Nothing but return addresses and saved registers: the trusted stack. */
__attribute__((noinline, noclone)) uint64_t die_by_recursion(uint64_t depth)
{
    if (hidden(depth) == UINT64_MAX)
        return 0;
    return hidden(die_by_recursion(depth + 1)) + depth;
}

/* A service at each level: the last one finds no stack for the kernel. */
__attribute__((noinline, noclone)) uint64_t die_by_deep_service(uint64_t depth)
{
    tp_cycles();
    if (hidden(depth) == UINT64_MAX)
        return 0;
    return hidden(die_by_deep_service(depth + 1)) + depth;
}

WAY die_by_panic(void)
{
    tp_panic("as ordered", 10);
}

WAY die_by_service(uint64_t way)
{
    if (way == WAY_LOG_POINTER)
        tp_log(hidden_pointer(0x5000), 10);
    if (way == WAY_PANIC_POINTER)
        tp_panic(hidden_pointer(0x3ffff000), 10);
    if (way == WAY_ARGUMENTS_POINTER)
        tp_arguments(hidden_pointer(0x8000), 8);
    if (way == WAY_ARGUMENTS_TEXT)
        tp_arguments(hidden_pointer(TP_TEXT_START), 8);
}

static void die_by_access(uint64_t way)
{
    if (way == WAY_NULL_WRITE)
        die_by_write(0);
    if (way == WAY_NULL_READ)
        die_by_read(0);
    if (way == WAY_WILD_READ)
        die_by_read(0x3ffffff0);
    if (way == WAY_WILD_WRITE)
        die_by_write(0xffffffff);
    if (way == WAY_TEXT_WRITE)
        die_by_write(TP_TEXT_START);
    if (way == WAY_TABLE_WRITE)
        die_by_write(TP_FTAB_START + 8);
    if (way == WAY_RODATA_WRITE)
        die_by_write((uint64_t)(uintptr_t)rodata);
    if (way == WAY_NULL_REFERENCE)
        die_by_write((uint64_t)(uintptr_t)rref_payload(hidden(0)));
    if (way == WAY_UNUSED_ENTRY)
        die_by_entry(TP_FTAB_START);
    if (way == WAY_LAST_ENTRY)
        die_by_entry(TP_FTAB_START + TP_FTAB_MIN - 8);
}

_Noreturn void die(uint64_t way)
{
    die_by_access(way);
    die_by_service(way);
    if (way == WAY_UD2)
        die_by_ud2();
    if (way == WAY_INT3)
        die_by_int3();
    if (way == WAY_DIVIDE)
        die_by_divide(hidden(0));
    if (way == WAY_DATA_STACK)
        order.seen[0] = die_by_big_frames(0);
    if (way == WAY_TRUSTED_STACK)
        order.seen[0] = die_by_recursion(0);
    if (way == WAY_SERVICE_TOO_DEEP)
        order.seen[0] = die_by_deep_service(0);
    if (way == WAY_PANIC)
        die_by_panic();
    order.seen[5] = 0xdead; /* survived: no test expects this */
    __builtin_trap();
}
