/* SPDX-License-Identifier: MIT */
/*
 * memory_rules.c - registers that are kept, and memory that is in the slot.
 *
 * The argument for the base flavour. %r14 is never written, so it holds the
 * slot base at every instruction. %rbp and %r11 are written only by 32-bit
 * operations that clear the upper half, so they are below 4 GiB at every
 * instruction, without any analysis of data flow. (The gate sets both before
 * a domain's first instruction and after each import.) An access to
 * disp(%r14), disp(%r14,%rbp) or disp(%r14,%r11) is then less than 2 GiB
 * below the slot base and less than 6 GiB + 16 bytes above it: the slot or
 * its unmapped guards.
 *
 * For the gs flavour. %gs's base is the slot's, and no instruction on the
 * whitelist writes it. Whatever is added up to an address, the processor takes
 * 32 bits of the sum before it adds that base, so no register has to be kept:
 * an access is less than 4 GiB + 16 bytes above the slot base.
 *
 * In both, %rsp is no operand, so it moves by push, pop, call and ret alone,
 * which control_rules.c counts.
 *
 * Source: design, section 2 ("Memory operands", "Stacks"); docs/ABI.md,
 * "Registers"; Intel SDM volume 1, 3.3.7.
 */
#include "memory_rules.h"
#include "tepal/abi.h"

static bool names_stack(const struct insn *insn)
{
    if (insn->named & GPR_BIT(GPR_RSP))
        return true;
    return insn->has_memory && insn->base == GPR_RSP;
}

/*
 * Needs: @insn writes %rbp or %r11. The operations of the classes tested here
 * write one register, and in 32 bits they clear its upper half, always.
 */
static bool writes_are_allowed(const struct insn *insn)
{
    if (insn->operand_bytes != 4)
        return false;
    if (insn->class == INSN_AND)
        return !(insn->writes & GPR_BIT(GPR_RBP));
    return insn->class == INSN_MOVE || insn->class == INSN_ADD ||
           insn->class == INSN_LEA;
}

/* Registers that base keeps, to address memory by them. */
static enum verify_rule check_writes(const struct insn *insn)
{
    const uint16_t addresses = GPR_BIT(GPR_RBP) | GPR_BIT(GPR_R11);

    if (insn->writes & GPR_BIT(GPR_R14))
        return VERIFY_BASE_WRITE;
    if ((insn->writes & addresses) && !writes_are_allowed(insn))
        return VERIFY_ADDRESS_WRITE;
    return VERIFY_OK;
}

/* Needs: @insn accesses its memory operand. */
static bool access_is_allowed(const struct insn *insn, uint32_t flavour)
{
    if (flavour == TP_FLAVOUR_GS)
        return insn->in_gs;
    if (insn->in_gs || insn->base != GPR_R14)
        return false;
    if (insn->index == GPR_NONE)
        return true;
    return insn->scale == 1 &&
           (insn->index == GPR_RBP || insn->index == GPR_R11);
}

enum verify_rule memory_rules_check(const struct insn *insn, uint32_t flavour)
{
    enum verify_rule rule = VERIFY_OK;

    if (insn->class == INSN_NOP)
        return VERIFY_OK;
    if (names_stack(insn))
        return VERIFY_STACK_OPERAND;
    if (flavour != TP_FLAVOUR_GS)
        rule = check_writes(insn);
    if (rule != VERIFY_OK || !insn->has_memory)
        return rule;
    /* lea of a rip-relative operand would make a 64-bit code address. */
    if (insn->class == INSN_LEA)
        return insn->base == GPR_RIP ? VERIFY_MEMORY : VERIFY_OK;
    return access_is_allowed(insn, flavour) ? VERIFY_OK : VERIFY_MEMORY;
}
