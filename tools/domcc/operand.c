/* SPDX-License-Identifier: MIT */
/* operand.c - operands of instructions, and what mnemonics mean. */
#include "assembly.h"
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Beyond any slot, and far from overflow. */
#define DISPLACEMENT_MAX ((int64_t)1 << 40)

bool parse_number(const char *text, int64_t *number)
{
    char *end;

    if (!*text || isspace((unsigned char)*text))
        return false;
    errno = 0;
    if (*text == '-')
        *number = strtoll(text, &end, 0);
    else
        *number = (int64_t)strtoull(text, &end, 0);
    return !*end && !errno;
}

bool is_symbol(const char *text)
{
    if (!isalpha((unsigned char)*text) && *text != '_' && *text != '.')
        return false;
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && !strchr("_.$", *text))
            return false;
    return true;
}

static bool parse_register(const char *text, struct reg *reg)
{
    if (*text != '%')
        return false;
    *reg = register_named(text + 1);
    return true;
}

static const char *trimmed(struct arena *arena, const char *from,
                           const char *end)
{
    while (from < end && isspace((unsigned char)*from))
        from++;
    while (end > from && isspace((unsigned char)end[-1]))
        end--;
    return arena_copy(arena, from, (size_t)(end - from));
}

/* The part inside the parentheses: base, index, scale; each may be absent. */
static bool parse_registers(struct arena *arena, const char *from,
                            const char *end, struct operand *operand)
{
    const char *parts[3] = {"", "", ""};
    struct reg reg;
    int64_t scale = 1;

    for (int i = 0; i < 3 && from <= end; i++) {
        const char *comma = memchr(from, ',', (size_t)(end - from));

        parts[i] = trimmed(arena, from, comma ? comma : end);
        from = comma ? comma + 1 : end + 1;
    }
    if (*parts[0]) {
        if (!parse_register(parts[0], &reg) || reg.number == REG_NONE)
            return false;
        operand->base = reg.number;
    }
    if (*parts[1]) {
        if (!parse_register(parts[1], &reg) || reg.number == REG_NONE)
            return false;
        operand->index = reg.number;
    }
    if (*parts[2] && !parse_number(parts[2], &scale))
        return false;
    operand->scale = (int)scale;
    return true;
}

/* The machine has no %rsp index; assemblers take the two the other way. */
static bool settle_index(struct operand *operand)
{
    if (operand->index != REG_RSP)
        return true;
    operand->index = operand->base;
    operand->base = REG_RSP;
    return operand->scale == 1 && operand->index != REG_RSP;
}

static bool parse_memory(struct arena *arena, struct operand *operand)
{
    const char *text = operand->text, *colon, *open;

    operand->base = operand->index = REG_NONE;
    operand->scale = 1;
    if (*text == '%') {
        colon = strchr(text, ':');
        if (!colon)
            return false;
        operand->segment = trimmed(arena, text + 1, colon);
        text = colon + 1;
    }
    open = strrchr(text, '(');
    if (open && strchr(open, '%')) {
        const char *close = strchr(open, ')');

        if (!close || close[1] ||
            !parse_registers(arena, open + 1, close, operand))
            return false;
    } else {
        open = text + strlen(text);
    }
    operand->expression = trimmed(arena, text, open);
    if (!*operand->expression ||
        parse_number(operand->expression, &operand->displacement))
        operand->expression = NULL;
    return settle_index(operand) && operand->displacement <= DISPLACEMENT_MAX &&
           operand->displacement >= -DISPLACEMENT_MAX;
}

bool operand_parse(struct arena *arena, const char *text, bool branch,
                   struct operand *operand)
{
    *operand = (struct operand){.base = REG_NONE, .index = REG_NONE};
    operand->reg.number = REG_NONE;
    operand->indirect = *text == '*';
    operand->text = text + operand->indirect;
    if (operand->text[0] == '$') {
        operand->kind = OPERAND_IMMEDIATE;
    } else if (operand->text[0] == '%' && !strchr(operand->text, ':')) {
        operand->kind = OPERAND_REGISTER;
        parse_register(operand->text, &operand->reg);
    } else if (branch && !operand->indirect) {
        operand->kind = OPERAND_TARGET;
    } else {
        operand->kind = OPERAND_MEMORY;
        return parse_memory(arena, operand);
    }
    return true;
}

bool insn_is(const struct insn *insn, const char *name)
{
    size_t length = strlen(name);

    if (strncmp(insn->mnemonic, name, length) != 0)
        return false;
    return !insn->mnemonic[length] || (strchr("bwlq", insn->mnemonic[length]) &&
                                       !insn->mnemonic[length + 1]);
}

const struct operand *insn_last_operand(const struct insn *insn)
{
    if (!insn->operand_count)
        return NULL;
    return &insn->operands[insn->operand_count - 1];
}

bool insn_is_call(const struct insn *insn)
{
    return insn_is(insn, "call");
}

bool insn_is_jump(const struct insn *insn)
{
    return insn_is(insn, "jmp");
}

bool insn_is_conditional(const struct insn *insn)
{
    return insn->mnemonic[0] == 'j' && !insn_is_jump(insn);
}

bool insn_is_return(const struct insn *insn)
{
    return insn_is(insn, "ret");
}

bool insn_ends_block(const struct insn *insn)
{
    return insn_is_jump(insn) || insn_is_return(insn) || insn_is(insn, "ud2");
}
