/* SPDX-License-Identifier: MIT */
/*
 * stacks.c - attacks on stacks that are not the attacker's: a neighbour is
 * called when there is next to no stack left for it, or called back with a
 * data stack that is none.
 */
#include "intruder.h"

void use_up_stack(uint64_t frames);
void call_at_each_step(uint64_t steps);
void call_here(void);

/* Reached from the assembly below. */
__attribute__((noinline, used)) void call_here(void)
{
    struct rref_apple apple = {0};

    if (note(test_make(neighbour, 5, &apple)))
        rref_apple_drop(&apple);
}

__asm__(".text\n"
        ".globl use_up_stack\n"
        ".type use_up_stack,@function\n"
        "use_up_stack:\n"
        "    test %rdi, %rdi\n"
        "    je 1f\n"
        "    .rept 1000\n"
        "    push %rdi\n"
        "    .endr\n"
        "    dec %rdi\n"
        "    call use_up_stack\n"
        "    .rept 1000\n"
        "    pop %rcx\n"
        "    .endr\n"
        "    ret\n"
        "1:  mov $1400, %edi\n"
        "    jmp call_at_each_step\n"
        ".size use_up_stack, . - use_up_stack\n"
        ".globl call_at_each_step\n"
        ".type call_at_each_step,@function\n"
        "call_at_each_step:\n"
        "    push %rdi\n"
        "    dec %rdi\n"
        "    je 2f\n"
        "    call call_at_each_step\n"
        "2:  call call_here\n"
        "    pop %rcx\n"
        "    ret\n"
        ".size call_at_each_step, . - call_at_each_step\n");

uint32_t call_deep(uint64_t frames)
{
    use_up_stack(frames);
    return 0;
}

/* Each domain's own frame of the circle, by a size that the test chooses. */
static __attribute__((noinline)) void circle_large(void)
{
    volatile uint8_t frame[4096];

    frame[0] = 1;
    (void)note(test_narrow(neighbour, 1, 0, 0, 0, 0, 0));
    frame[4095] = frame[0];
}

static __attribute__((noinline)) void circle_small(void)
{
    (void)note(test_narrow(neighbour, 0, 0, 0, 0, 0, 0));
}

void circle(void)
{
    if (mischief.forged[0])
        circle_large();
    else
        circle_small();
}

uint32_t call_in_circles(uint64_t bytes)
{
    mischief.forged[0] = bytes;
    circle();
    return 0;
}

/*
 * The compiler's own %rbp is back before it needs it. As bytes, since domcc
 * would refuse it; the verifier, which decides, does not.
 */
uint32_t call_with_frame(uint64_t frame)
{
    uint64_t rax = neighbour.index, rdi = 0, rdx = frame;

    __asm__ volatile("movl %%ebp, %%ebx\n"
                     ".byte 0x89, 0xd5\n" /* movl %%edx, %%ebp */
                     "xorl %%edx, %%edx\n"
                     TP_IMPORT_CALL_INSN("__tepal_test_15") "\n"
                     ".byte 0x89, 0xdd\n" /* movl %%ebx, %%ebp */
                     : "+a"(rax), "+D"(rdi), "+d"(rdx)
                     :
                     : "rbx", "rcx", "rsi", "r8", "r9", "r10", "r11", "xmm0",
                       "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",
                       "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13",
                       "xmm14", "xmm15", "memory", "cc");
    return (uint32_t)rax;
}

/* With no frame, with results, with spines in and out, with a loan. */
void call_back(void)
{
    struct rref_apple apple = {0};
    struct crate apples = {{0}};
    struct belt pears = {0};
    uint64_t weight;

    (void)note(test_narrow(neighbour, 0, 0, 0, 0, 0, 0));
    (void)note(test_make(neighbour, 5, &apple));
    (void)note(test_make_crate(neighbour, 4, &apples));
    (void)note(test_pass_belt(neighbour, &pears));
    (void)note(test_look_crate(neighbour, &apples, &weight));
}
