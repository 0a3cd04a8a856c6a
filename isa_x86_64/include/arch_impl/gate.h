/* SPDX-License-Identifier: MIT */
/*
 * gate.h - the code of an import gate, one for each proxy and service, as
 * assembly at file scope. gate.S has the other half, the way into a callee.
 * Where a CPU keeps its current thread is the machine's: ARCH_CURRENT_TO_R10.
 */
#pragma once
#include "arch_impl/current.h"
#include "tepal_trusted/gate_offsets.h"

#define ISA_STRING_(x) #x
#define ISA_STRING(x) ISA_STRING_(x)

/*
 * Into the kernel: the caller's %rbp is kept on the trusted stack, which is
 * struct gate_frame; %rbp points to it; %rsp is aligned.
 */
#define ISA_GATE_IN(limit, no_stack)                                          \
    ARCH_CURRENT_TO_R10                                                        \
    "cmpq " ISA_STRING(limit) "(%r10), %rsp\n"                                \
    "jb " no_stack "\n"                                                        \
    "pushq %rbp\n"                                                             \
    "movq %rsp, %rbp\n"                                                        \
    "andq $-16, %rsp\n"

#define ISA_CLEAR_XMM                                                         \
    ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"                          \
    "pxor %xmm\\n, %xmm\\n\n .endr\n"

/*
 * Back to the domain, unless it died: %rax is the answer, and nothing of the
 * kernel's or of another domain's is left in a register.
 */
#define ISA_GATE_OUT(clear_vectors)                                           \
    ARCH_CURRENT_TO_R10                                                        \
    "cmpq $0, " ISA_STRING(THREAD_DYING) "(%r10)\n"                           \
    "jne 2f\n"                                                                 \
    "1: movq %rbp, %rsp\n"                                                     \
    "popq %rbp\n"                                                              \
    ".irp n, cx,dx,si,di\n xorl %e\\n, %e\\n\n .endr\n"                       \
    ".irp n, 8,9,10,11\n xorl %r\\n\\()d, %r\\n\\()d\n .endr\n"              \
    clear_vectors                                                              \
    "ret\n"                                                                    \
    "2: call gate_look\n"                                                      \
    "jmp 1b\n"

#define ISA_GATE(function, limit, no_stack, arguments, clear_vectors)         \
    extern void gate_##function(void);                                         \
    __asm__(".pushsection .text\n"                                             \
            ".p2align 4\n"                                                     \
            ".globl gate_" #function "\n"                                      \
            ".type gate_" #function ", @function\n"                            \
            "gate_" #function ":\n" ISA_GATE_IN(limit, no_stack) arguments    \
            "call " #function "\n"                                             \
            ISA_GATE_OUT(clear_vectors)                                       \
            ".size gate_" #function ", . - gate_" #function "\n"               \
            ".popsection\n")

/* Seventh and eighth argument on the stack: capability and gate frame. */
#define GATE_ENTRY(proxy)                                                      \
    ISA_GATE(proxy, THREAD_CALL_LIMIT, "gate_no_stack",                       \
              "pushq %rbp\npushq %rax\n", ISA_CLEAR_XMM)

/* A service has no answer that says so: the domain ends. */
#define GATE_SERVICE(service)                                                 \
    ISA_GATE(service, THREAD_STACK_LIMIT, "gate_too_deep", "", ISA_CLEAR_XMM)

#define GATE_CORE_SERVICE(service)                                             \
    ISA_GATE(service, THREAD_STACK_LIMIT, "gate_too_deep", "", "")

static inline void gate_set_gs(uintptr_t base)
{
    __asm__ volatile("wrgsbase %0" : : "r"(base) : "memory");
}

/*
 * By hand, since the crossing comes in a seventh register. Whatever the callee
 * left in callee-saved registers is clobbered, so that this function's own
 * prologue and epilogue keep them on the trusted stack; gate_entered keeps %rbp.
 * The trusted stack needs no alignment there.
 */
static inline struct gate_result gate_enter(uint64_t a, uint64_t b, uint64_t c,
                                            uint64_t d, uint64_t e, uint64_t f,
                                            struct crossing *x)
{
    register uint64_t r8 __asm__("r8") = e;
    register uint64_t r9 __asm__("r9") = f;
    register struct crossing *r10 __asm__("r10") = x;
    struct gate_result result;

    __asm__ volatile("call gate_entered"
                     : "=a"(result.value), "=d"(result.crashed), "+D"(a),
                       "+S"(b), "+c"(d), "+r"(r8), "+r"(r9), "+r"(r10)
                     : "d"(c)
                     : "rbx", "r11", "r12", "r13", "r14", "r15", "memory",
                       "cc");
    return result;
}
