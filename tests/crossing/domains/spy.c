/* SPDX-License-Identifier: MIT */
/*
 * spy.c - what a domain finds in registers that it did not set itself: when it
 * is entered, and when a call of its own comes back.
 */
#include "fruit.h"

extern uint64_t spied[];

/* test_driver.step() notes every register before anything else. */
__asm__(".pushsection .data\n"
        ".balign 16\n"
        ".globl spied\n"
        "spied: .zero 1024\n"
        ".popsection\n");

/* The static object @address as an operand of either flavour. */
#ifdef __TEPAL_GS__
#define STATIC(address) "%%gs:" address "(%%eip)"
#else
#define STATIC(address) address "(%%r14)"
#endif

#define EACH_XMM(X)                                                            \
    X(0)                                                                       \
    X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) \
        X(15)
#define NOTE_XMM(n) "movups %%xmm" #n ", " STATIC("spied+128+16*" #n) "\n"
#define FILL_XMM(n) "movq %%rax, %%xmm" #n "\n"
#define NOTE(n, reg) "movq %%" #reg ", " STATIC("spied+8*" #n) "\n"
#define NOTE_GENERAL                                                           \
    NOTE(0, rax)                                                               \
    NOTE(1, rbx)                                                               \
    NOTE(2, rcx)                                                               \
    NOTE(3, rdx)                                                               \
    NOTE(4, rsi)                                                               \
    NOTE(5, rdi)                                                               \
    NOTE(6, r8)                                                                \
    NOTE(7, r9)                                                                \
    NOTE(8, r10)                                                               \
    NOTE(9, r11)                                                               \
    NOTE(10, r12)                                                              \
    NOTE(11, r13)                                                              \
    NOTE(12, r15)
#define FILL(reg) "movq %%rax, %%" #reg "\n"
#define FILL_GENERAL                                                           \
    FILL(rbx)                                                                  \
    FILL(rcx)                                                                  \
    FILL(rdx)                                                                  \
    FILL(rsi)                                                                  \
    FILL(rdi)                                                                  \
    FILL(r8)                                                                   \
    FILL(r9)                                                                   \
    FILL(r10)                                                                  \
    FILL(r12)                                                                  \
    FILL(r13)                                                                  \
    FILL(r15)
#define XMM_GONE                                                               \
    "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8",    \
        "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15"
#define GENERAL_GONE                                                           \
    "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r12", "r13", "r15"

static void note(uint64_t *general, uint64_t *xmm)
{
    uint32_t i;

    for (i = 0; i < 13; i++)
        general[i] = spied[i];
    for (i = 0; i < 32; i++)
        xmm[i] = spied[16 + i];
}

/* First thing, so nothing but the gate has touched a dead register. */
uint32_t test_driver_impl_step(uint64_t what, uint64_t value)
{
    __asm__ volatile(NOTE_GENERAL EACH_XMM(NOTE_XMM)
                     :
                     : "D"(what), "S"(value)
                     : "memory");
    note(order.entry_general, order.entry_xmm);
    return driver_step(what, value);
}

void fill_registers(void)
{
    uint64_t rax = ORDER_SECRET;

    __asm__ volatile(FILL_GENERAL EACH_XMM(FILL_XMM)
                     : "+a"(rax)
                     :
                     : GENERAL_GONE, XMM_GONE);
}

/* Calls test_driver.step(argument[0], argument[1]) of capability order.cap. */
void perform_spying(void)
{
    uint64_t rax = ORDER_SECRET, rdi = order.argument[0],
             rsi = order.argument[1];

    __asm__ volatile(EACH_XMM(FILL_XMM) FILL(rbx) FILL(rcx) FILL(rdx) FILL(r8)
                         FILL(r9) FILL(r10) FILL(r12) FILL(r13) FILL(
                             r15) "movq " STATIC("order+%c3") ", %%rax\n"
                         TP_IMPORT_CALL_INSN("__tepal_test_driver_0") "\n"
                         NOTE_GENERAL EACH_XMM(NOTE_XMM)
                     : "+a"(rax), "+D"(rdi), "+S"(rsi)
                     : "i"(offsetof(struct order, cap))
                     : "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12",
                       "r13", "r15", XMM_GONE, "memory", "cc");
    order.answer = rax;
    note(order.back_general, order.back_xmm);
}
