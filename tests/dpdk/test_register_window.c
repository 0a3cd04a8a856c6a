/* SPDX-License-Identifier: MIT */
/*
 * test_register_window.c - the window through which DPDK's driver sees the
 * model: that it is exact, since it judges both.
 * Source: register_window.h.
 */
#include "register_window.h"
#include "rig.h"
#include "suite_run.h"
#include <check.h>
#include <cpuid.h>
#include <signal.h>

static struct rig *rig;
static uint8_t *window;

static void setup(void)
{
    rig = rig_new();
    window = register_window_open(&rig->nic.device);
}

static void teardown(void)
{
    register_window_close();
    rig_free(rig);
}

/* A store by each kind of operand, and what a load of it gives: a pointer in
 * one register, the value in another, which are the compiler's to choose in
 * a driver. */
#define STORE_AND_LOAD(name)                                                   \
    static uint64_t through_##name(void *address, uint32_t value)              \
    {                                                                          \
        uint64_t loaded;                                                       \
                                                                               \
        __asm__ volatile("mov %1, %%" #name "d\n\t"                            \
                         "mov %%" #name "d, (%2)\n\t"                          \
                         "mov $-1, %%" #name "\n\t"                            \
                         "mov (%2), %%" #name "d\n\t"                          \
                         "mov %%" #name ", %0"                                 \
                         : "=r"(loaded)                                        \
                         : "r"(value), "r"(address)                            \
                         : #name, "memory");                                   \
        return loaded;                                                         \
    }
STORE_AND_LOAD(r8)
STORE_AND_LOAD(r9)
STORE_AND_LOAD(r10)
STORE_AND_LOAD(r11)
STORE_AND_LOAD(r12)
STORE_AND_LOAD(r13)
STORE_AND_LOAD(r14)
STORE_AND_LOAD(r15)

/* The eight of them with names of their own: "a" is eax and rax. */
#define STORE_AND_LOAD_OLD(name)                                               \
    static uint64_t through_##name(void *address, uint32_t value)              \
    {                                                                          \
        uint64_t loaded;                                                       \
                                                                               \
        __asm__ volatile("mov %1, %%e" #name "\n\t"                            \
                         "mov %%e" #name ", (%2)\n\t"                          \
                         "mov $-1, %%r" #name "\n\t"                           \
                         "mov (%2), %%e" #name "\n\t"                          \
                         "mov %%r" #name ", %0"                                \
                         : "=r"(loaded)                                        \
                         : "r"(value), "r"(address)                            \
                         : "r" #name, "memory");                               \
        return loaded;                                                         \
    }
STORE_AND_LOAD_OLD(ax)
STORE_AND_LOAD_OLD(bx)
STORE_AND_LOAD_OLD(cx)
STORE_AND_LOAD_OLD(dx)
STORE_AND_LOAD_OLD(si)
STORE_AND_LOAD_OLD(di)

static uint64_t (*const through[])(void *address, uint32_t value) = {
    through_ax,  through_bx,  through_cx,  through_dx,  through_si,
    through_di,  through_r8,  through_r9,  through_r10, through_r11,
    through_r12, through_r13, through_r14, through_r15,
};
#define THROUGH ((int)(sizeof(through) / sizeof(through[0])))

/* Rule: a store of 32 bits writes the register that it names, a load reads it,
 * and clears the upper half of where it goes, as any load of 32 bits does. */
START_TEST(loads_and_stores_reach_the_device)
{
    uint32_t value = 0x82599000u + (uint32_t)_i;

    ck_assert_uint_eq(through[_i](window + NIC_RAL + 8, value), value);
    ck_assert_uint_eq(rig_read(rig, NIC_RAL + 8), value);
    ck_assert_uint_eq(rig_read(rig, NIC_RAL + 16), 0);
    ck_assert_uint_eq(register_window_accesses().writes, 1);
    ck_assert_uint_eq(register_window_accesses().reads, 1);
}
END_TEST

static bool cpu_has_movdiri(void)
{
    unsigned a, b, c, d;

    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (c & 1u << 27);
}

/* Rule: what stands in the instruction is written like what a register holds;
 * so is what MOVDIRI moves past the caches, where the CPU has it. */
START_TEST(immediates_and_direct_stores_are_written)
{
    uint32_t direct = cpu_has_movdiri() ? 0x87654321 : 0;

    __asm__ volatile("movl $0x12345678, (%0)"
                     :
                     : "r"(window + NIC_RAL + 8)
                     : "memory");
    __asm__ volatile("movl $-2, 8(%0)"
                     :
                     : "r"(window + NIC_RAL + 8)
                     : "memory");
    if (direct)
        __asm__ volatile("movdiri %1, 16(%0)"
                         :
                         : "r"(window + NIC_RAL + 8), "r"(direct)
                         : "memory");

    ck_assert_uint_eq(rig_read(rig, NIC_RAL + 8), 0x12345678);
    ck_assert_uint_eq(rig_read(rig, NIC_RAL + 16), 0xfffffffe);
    ck_assert_uint_eq(rig_read(rig, NIC_RAL + 24), direct);
}
END_TEST

static void load_byte(void)
{
    __asm__ volatile("movb (%0), %%al" : : "r"(window) : "rax", "memory");
}

static void store_word(void)
{
    __asm__ volatile("movw %%ax, (%0)" : : "r"(window) : "memory");
}

static void load_quadword(void)
{
    __asm__ volatile("movq (%0), %%rax" : : "r"(window) : "rax", "memory");
}

static void load_unaligned(void)
{
    __asm__ volatile("movl 2(%0), %%eax" : : "r"(window) : "rax", "memory");
}

static void modify(void)
{
    __asm__ volatile("orl $1, (%0)" : : "r"(window) : "memory", "cc");
}

static void load_vector(void)
{
    __asm__ volatile("movups (%0), %%xmm0" : : "r"(window) : "xmm0", "memory");
}

static void exchange(void)
{
    __asm__ volatile("xchgl %%eax, (%0)" : : "r"(window) : "rax", "memory");
}

static void (*const refused[])(void) = {
    load_byte, store_word, load_quadword, load_unaligned,
    modify,    exchange,   load_vector,
};
#define REFUSED ((int)(sizeof(refused) / sizeof(refused[0])))

/* Rule: what is no move of 32 bits to or from a register's address ends the
 * program: a driver that did so would be wrong on the device too. */
START_TEST(other_accesses_end_the_program)
{
    refused[_i]();
}
END_TEST

/* Rule: a fault outside of the window is a bug, and goes to whoever had faults
 * before: here nobody, and the program ends. */
START_TEST(faults_elsewhere_stay_faults)
{
    register_window_close();
    signal(SIGSEGV, SIG_DFL);
    window = register_window_open(&rig->nic.device);
    __asm__ volatile("movl %%eax, 8" : : : "memory");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("register window");
    TCase *c = tcase_create("accesses");

    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_loop_test(c, loads_and_stores_reach_the_device, 0, THROUGH);
    tcase_add_test(c, immediates_and_direct_stores_are_written);
    tcase_add_loop_test_raise_signal(c, other_accesses_end_the_program, SIGABRT,
                                     0, REFUSED);
    tcase_add_test_raise_signal(c, faults_elsewhere_stay_faults, SIGSEGV);
    suite_add_tcase(suite, c);
    return suite_run(suite, CK_FORK);
}
