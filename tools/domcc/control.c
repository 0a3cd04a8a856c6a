/* SPDX-License-Identifier: MIT */
/*
 * control.c - branches, calls and the padding between blocks.
 *
 * A call or jump through a pointer goes through the function table with a
 * masked index (docs/ABI.md, "Function table"). The mask depends on the size
 * of the table, so it is a symbol that the linker script defines.
 */
#include "rewriter.h"
#include <string.h>

enum { FILL_NOP = 0x90, FILL_TRAP = 0xcc };

/* Load the function pointer @operand into %r11. */
static bool load_pointer(struct rewriter *rewriter,
                         const struct statement *statement,
                         const struct operand *operand)
{
    const char *address;

    if (operand->kind == OPERAND_REGISTER) {
        if (operand->reg.number < 0 || operand->reg.number == REG_RSP)
            return rewrite_refuse(rewriter, statement, statement->text,
                                  "not a function pointer");
        emit(rewriter, "movl\t%%%s, %%r11d",
             register_name(operand->reg.number, 32));
        return true;
    }
    address = address_rewrite(rewriter, statement, operand);
    if (address)
        emit(rewriter, "movl\t%s, %%r11d", address);
    return address;
}

/* Written as the verifier wants it, by the stubs of tepal/kernel.h. */
static bool is_import(const struct rewriter *rewriter,
                      const struct operand *operand)
{
    if (operand->kind != OPERAND_MEMORY)
        return false;
    if (rewriter->flavour == TP_FLAVOUR_GS)
        return operand->segment && strcmp(operand->segment, "gs") == 0;
    return operand->base == REG_R14;
}

static bool through_pointer(struct rewriter *rewriter,
                            const struct statement *statement)
{
    const struct operand *operand = &statement->insn.operands[0];
    const char *verb = insn_is_call(&statement->insn) ? "call" : "jmp";

    if (is_import(rewriter, operand)) {
        emit(rewriter, "%s%s\t*%s", statement->insn.prefix, verb,
             operand->text);
        return true;
    }
    if (!load_pointer(rewriter, statement, operand))
        return false;
    emit(rewriter, "andl\t$__tepal_ftab_mask, %%r11d");
    emit(rewriter, "%s\t*%s", verb,
         rewriter->flavour == TP_FLAVOUR_GS ? "%gs:0x10000(%r11d)"
                                            : "0x10000(%r14,%r11)");
    return true;
}

/* The compiler's software versions of the x87's formats. */
static bool is_long_double_call(const char *name)
{
    size_t length = strlen(name);

    return strncmp(name, "__", 2) == 0 &&
           ((length > 3 && strcmp(name + length - 3, "xf3") == 0) ||
            (length > 3 && strcmp(name + length - 3, "xf2") == 0) ||
            strstr(name, "xfdf") || strstr(name, "xfsf") ||
            strstr(name, "xfsi") || strstr(name, "xfdi") ||
            strstr(name, "sixf") || strstr(name, "dixf"));
}

bool control_rewrite(struct rewriter *rewriter,
                     const struct statement *statement)
{
    const struct insn *insn = &statement->insn;
    const struct operand *operand = &insn->operands[0];
    bool done = true;

    if (insn_is_return(insn)) {
        emit(rewriter, "ret");
    } else if (insn->operand_count != 1) {
        return rewrite_refuse(rewriter, statement, statement->text,
                              "not a branch that is understood");
    } else if (operand->kind == OPERAND_TARGET) {
        const char *at = strchr(operand->text, '@'); /* name@PLT */
        size_t length =
            at ? (size_t)(at - operand->text) : strlen(operand->text);

        if (is_long_double_call(operand->text))
            return rewrite_refuse(rewriter, statement, "long double",
                                  "there is no x87 in a domain; use double");
        emit(rewriter, "%s\t%.*s", insn->mnemonic, (int)length, operand->text);
    } else {
        done = through_pointer(rewriter, statement);
    }
    if (!insn_is_conditional(insn))
        address_forget(rewriter);
    return done;
}

/* The power of two that @directive aligns to, and its limit; -1: neither. */
static int alignment_of(const char *directive, int *limit)
{
    int amount, power = 0;

    *limit = 0;
    if (sscanf(directive, ".p2align %d,,%d", &power, limit) >= 1)
        return power;
    if (sscanf(directive, ".align %d", &amount) != 1 &&
        sscanf(directive, ".balign %d", &amount) != 1)
        return -1;
    while (power < 12 && 1 << power < amount)
        power++;
    return power;
}

/*
 * The assembler's own long nops carry prefixes that the verifier refuses. So
 * single bytes lead to a multiple of 4, and 4-byte nops on from there.
 */
bool control_align(struct rewriter *rewriter, const char *directive)
{
    int limit, power = alignment_of(directive, &limit);

    if (power < 0 || power > 12)
        return false;
    if (!limit)
        limit = 1 << power;
    if (!rewriter->falls) {
        emit(rewriter, ".p2align %d,0x%x,%d", power, FILL_TRAP, limit);
        return true;
    }
    if (power >= 1)
        emit(rewriter, ".p2align 1,0x%x", FILL_NOP);
    if (power >= 2)
        emit(rewriter, ".p2alignw 2,0x%x", FILL_NOP * 0x101);
    if (power >= 3)
        emit(rewriter, ".p2alignl %d,0x00401f0f,%d", power, limit);
    return true;
}
