/* SPDX-License-Identifier: MIT */
/*
 * registers.c - which bits of a held thread's registers may be flipped. What
 * the verifier proves about a domain's text holds for whatever these hold, as
 * it knows nothing of them: a fault in them is the domain's own.
 * Source: docs/ABI.md, "Registers".
 */
#define _GNU_SOURCE
#include "stop.h"

#define FIRST_VECTOR 14u
#define CF_PF_AF_ZF_SF_OF 6u

static const struct {
    const char *name;
    int number;
    uint32_t bits;
} general[FIRST_VECTOR] = {
    {"rax", REG_RAX, 64}, {"rbx", REG_RBX, 64}, {"rcx", REG_RCX, 64},
    {"rdx", REG_RDX, 64}, {"rsi", REG_RSI, 64}, {"rdi", REG_RDI, 64},
    {"r8", REG_R8, 64},   {"r9", REG_R9, 64},   {"r10", REG_R10, 64},
    {"r12", REG_R12, 64}, {"r13", REG_R13, 64}, {"r15", REG_R15, 64},
    {"rbp", REG_RBP, 32}, {"r11", REG_R11, 32},
};

static const uint8_t flag_bits[CF_PF_AF_ZF_SF_OF] = {0, 2, 4, 6, 7, 11};

static const char *const vectors[] = {
    "xmm0", "xmm1", "xmm2",  "xmm3",  "xmm4",  "xmm5",  "xmm6",  "xmm7",
    "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15",
};
_Static_assert(FIRST_VECTOR + 1 + sizeof(vectors) / sizeof(vectors[0]) ==
                   STOP_REGISTERS, "general ones, flags, vectors");

uint32_t stop_register_bits(uint32_t number)
{
    if (number < FIRST_VECTOR)
        return general[number].bits;
    return number == FIRST_VECTOR ? CF_PF_AF_ZF_SF_OF : 128;
}

const char *stop_register_name(uint32_t number)
{
    if (number < FIRST_VECTOR)
        return general[number].name;
    return number == FIRST_VECTOR ? "flags" : vectors[number - FIRST_VECTOR - 1];
}

/*
 * A vector register that is zero may be marked as in its initial state, and
 * what stands in the frame be ignored: say that it is not.
 * Source: Intel 64 SDM, volume 1, section 13.4; Linux, asm/sigcontext.h.
 */
#define XSTATE_MAGIC 0x46505853u
#define XSTATE_MAGIC_AT 464u
#define XSTATE_HEADER_AT 512u
#define XSTATE_SSE 2u

static void use_vectors(struct _libc_fpstate *state)
{
    uint8_t *bytes = (uint8_t *)state;
    uint32_t magic;
    uint64_t present;

    __builtin_memcpy(&magic, bytes + XSTATE_MAGIC_AT, sizeof(magic));
    if (magic != XSTATE_MAGIC)
        return;
    __builtin_memcpy(&present, bytes + XSTATE_HEADER_AT, sizeof(present));
    present |= XSTATE_SSE;
    __builtin_memcpy(bytes + XSTATE_HEADER_AT, &present, sizeof(present));
}

static void flip_vector(ucontext_t *context, uint32_t number, uint32_t bit)
{
    struct _libc_fpstate *state = context->uc_mcontext.fpregs;

    if (!state)
        return;
    use_vectors(state);
    state->_xmm[number].element[bit / 32] ^= 1u << bit % 32;
}

/*
 * A table's index has just been masked, and the next instruction calls through
 * it: the verifier proves that nothing comes between the two, so nothing may.
 * Every such instruction begins so (docs/ABI.md, "Function table").
 */
static bool is_masked(const ucontext_t *context, uint32_t number)
{
    const uint8_t *next =
        (const uint8_t *)(uintptr_t)context->uc_mcontext.gregs[REG_RIP];

    return number < FIRST_VECTOR && general[number].number == REG_R11 &&
           next[0] == 0x43 && next[1] == 0xff;
}

bool stop_flip_in(ucontext_t *context, uint32_t number, uint32_t bit)
{
    greg_t *registers = context->uc_mcontext.gregs;

    bit %= stop_register_bits(number);
    if (is_masked(context, number))
        return false;
    if (number < FIRST_VECTOR)
        registers[general[number].number] ^= (greg_t)(1ull << bit);
    else if (number == FIRST_VECTOR)
        registers[REG_EFL] ^= (greg_t)(1ull << flag_bits[bit]);
    else
        flip_vector(context, number - FIRST_VECTOR - 1, bit);
    return true;
}
