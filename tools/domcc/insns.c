/* SPDX-License-Identifier: MIT */
/*
 * insns.c - what single instructions write, and which no domain may contain.
 *
 * The verifier has the last word (design, section 2); the list here only
 * gives the better message, with a line number and a remedy.
 */
#include "rewriter.h"
#include <string.h>

/* Instructions that write %rax or %rdx without naming them. */
static bool writes_accumulator(const struct insn *insn)
{
    static const char *const names[] = {
        "mul",  "imul", "div",  "idiv", "cqto",    "cltd",
        "cwtd", "cbtw", "cwtl", "cltq", "cqo",     "cdq",
        "cdqe", "cwd",  "cbw",  "cwde", "cmpxchg",
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (insn_is(insn, names[i]))
            return true;
    return false;
}

static bool only_compares(const struct insn *insn)
{
    return insn_is(insn, "cmp") || insn_is(insn, "test") ||
           insn_is(insn, "bt") || insn_is(insn, "push");
}

static bool writes_both(const struct insn *insn)
{
    return insn_is(insn, "xchg") || insn_is(insn, "xadd") ||
           insn_is(insn, "cmpxchg");
}

register_set insn_writes(const struct insn *insn)
{
    register_set written = 0;
    int first = writes_both(insn) ? 0 : insn->operand_count - 1;

    if (writes_accumulator(insn))
        written = REGISTER_BIT(REG_RAX) | REGISTER_BIT(REG_RDX);
    if (only_compares(insn))
        return written;
    for (int i = first; i >= 0 && i < insn->operand_count; i++) {
        const struct operand *operand = &insn->operands[i];

        if (operand->kind == OPERAND_REGISTER && operand->reg.number >= 0)
            written |= REGISTER_BIT(operand->reg.number);
    }
    return written;
}

static bool names_vector(const struct insn *insn)
{
    for (int i = 0; i < insn->operand_count; i++)
        if (strncmp(insn->operands[i].text, "%xmm", 4) == 0)
            return true;
    return false;
}

/* Not a repetition: rep nop is pause, rep bsf is tzcnt where it exists. */
static bool is_repeated(const struct insn *insn)
{
    return strncmp(insn->prefix, "rep", 3) == 0 && !insn_is(insn, "nop") &&
           !insn_is(insn, "bsf") && !insn_is(insn, "bsr") &&
           !insn_is_return(insn);
}

/* movs, stos and so on; movsd and cmpsd are also SSE2 instructions. */
static bool is_string_insn(const struct insn *insn)
{
    static const char *const names[] = {"movs", "stos", "lods", "scas",
                                        "cmps", "ins",  "outs"};

    if (is_repeated(insn))
        return true;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t length = strlen(names[i]);

        if (strncmp(insn->mnemonic, names[i], length) == 0 &&
            strlen(insn->mnemonic) == length + 1 &&
            strchr("bwlqd", insn->mnemonic[length]))
            return !names_vector(insn);
    }
    return false;
}

/* bt and its kin with a register index reach beyond their operand. */
static bool is_far_bit_test(const struct insn *insn)
{
    return insn->operand_count == 2 &&
           insn->operands[0].kind == OPERAND_REGISTER &&
           insn->operands[1].kind == OPERAND_MEMORY &&
           (insn_is(insn, "bt") || insn_is(insn, "bts") ||
            insn_is(insn, "btr") || insn_is(insn, "btc"));
}

static bool writes_reserved(const struct insn *insn, uint32_t flavour)
{
    register_set reserved = REGISTER_BIT(REG_RBP);

    if (flavour == TP_FLAVOUR_BASE)
        reserved |= REGISTER_BIT(REG_R14);
    return (insn_writes(insn) & reserved) != 0;
}

static bool is_one_of(const struct insn *insn, const char *names)
{
    size_t length = strlen(insn->mnemonic);

    for (const char *at = names; (at = strstr(at, insn->mnemonic)); at++)
        if ((at == names || at[-1] == ' ') &&
            (at[length] == ' ' || !at[length]))
            return true;
    return false;
}

const struct refusal *refusal_of(const struct insn *insn, uint32_t flavour)
{
    static const struct refusal
        string_insn = {"string instruction",
                       "use memcpy or memset; pass large structures by "
                       "address"},
        x87 = {"x87 floating point", "use float or double, not long double"},
        far_bit = {"bit test in memory with a register index",
                   "load the word first"},
        reserved = {"write to a reserved register",
                    "%r14 and %rbp belong to the domain's ABI"},
        flags = {"access to the flags register", "not allowed in a domain"},
        system = {"system instruction", "call a kernel service instead"},
        counter = {"reading the cycle counter", "use tp_cycles()"};

    if (is_string_insn(insn))
        return &string_insn;
    if (insn->mnemonic[0] == 'f') /* no other instruction's name does */
        return &x87;
    if (is_far_bit_test(insn))
        return &far_bit;
    if (writes_reserved(insn, flavour))
        return &reserved;
    if (is_one_of(insn, "pushf pushfq popf popfq lahf sahf std cld"))
        return &flags;
    if (is_one_of(insn, "rdtsc rdtscp"))
        return &counter;
    if (is_one_of(insn, "syscall sysenter int in out hlt cli sti cpuid "
                        "wrmsr rdmsr leave enter xlat xlatb"))
        return &system;
    return NULL;
}
