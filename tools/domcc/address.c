/* SPDX-License-Identifier: MIT */
/*
 * address.c - memory operands.
 *
 * In the gs flavour an operand stays what it was, but for its prefixes: %gs, and
 * registers of 32 bits.
 *
 * In base the verifier knows three forms: disp(%r14), disp(%r14,%rbp) and
 * disp(%r14,%r11), where %r11 and %rbp are below 4 GiB (docs/ABI.md,
 * "Registers"). Statics take the first, locals the second; all else is summed
 * into %r11 by a 32-bit instruction, which truncates to the slot.
 *
 * A small displacement stays outside that sum, so that the fields of one
 * structure share it: %r11 is remembered until a register it was computed
 * from changes. The sum may then lie beside the object by as much as the
 * displacement; the slot's first 64 KiB are unmapped, so it cannot wrap
 * below. An object in the last 32 KiB of the slot could wrap above; the
 * shared heap does not reach that far unless it has its full 2 GiB.
 */
#include "rewriter.h"
#include <string.h>

enum { SMALL_DISPLACEMENT = 0x7fff };

void address_forget(struct rewriter *rewriter)
{
    rewriter->scratch.known = false;
}

void address_registers_written(struct rewriter *rewriter, register_set written)
{
    const struct scratch *scratch = &rewriter->scratch;

    if (written & REGISTER_BIT(REG_R11))
        address_forget(rewriter);
    if (scratch->base != REG_NONE && written & REGISTER_BIT(scratch->base))
        address_forget(rewriter);
    if (scratch->index != REG_NONE && written & REGISTER_BIT(scratch->index))
        address_forget(rewriter);
}

static bool same_expression(const char *one, const char *two)
{
    return one == two || (one && two && strcmp(one, two) == 0);
}

static bool holds(const struct scratch *have, const struct scratch *want)
{
    return have->known && have->base == want->base &&
           have->index == want->index && have->scale == want->scale &&
           have->displacement == want->displacement &&
           same_expression(have->expression, want->expression);
}

static const char *displacement_text(struct rewriter *rewriter,
                                     const char *expression, int64_t number)
{
    if (expression)
        return expression;
    if (!number)
        return "";
    return arena_format(rewriter->arena, "%lld", (long long)number);
}

/* Make %r11 hold @want. */
static void compute(struct rewriter *rewriter, const struct scratch *want)
{
    const char *constant =
        displacement_text(rewriter, want->expression, want->displacement);
    const char *base = "", *percent = "";

    if (holds(&rewriter->scratch, want))
        return;
    if (want->base != REG_NONE) {
        base = register_name(want->base, 64);
        percent = "%";
    }
    if (want->index != REG_NONE)
        emit(rewriter, "leal\t%s(%s%s,%%%s,%d), %%r11d", constant, percent,
             base, register_name(want->index, 64), want->scale);
    else if (want->base == REG_NONE)
        emit(rewriter, "movl\t$%s, %%r11d", *constant ? constant : "0");
    else if (!*constant)
        emit(rewriter, "movl\t%%%s, %%r11d", register_name(want->base, 32));
    else
        emit(rewriter, "leal\t%s(%%%s), %%r11d", constant, base);
    rewriter->scratch = *want;
}

/* An operand whose parts need adding up. */
static const char *through_scratch(struct rewriter *rewriter,
                                   const struct operand *operand)
{
    int64_t number = operand->displacement;
    bool small = !operand->expression && number >= -SMALL_DISPLACEMENT &&
                 number <= SMALL_DISPLACEMENT &&
                 (operand->base != REG_NONE || operand->index != REG_NONE);
    struct scratch want = {
        .known = true,
        .base = operand->base,
        .index = operand->index,
        .scale = operand->index == REG_NONE ? 1 : operand->scale,
        .expression = operand->expression,
        .displacement = small ? 0 : number,
    };

    if (operand->base == REG_NONE && operand->index == REG_NONE)
        want.displacement = (uint32_t)number;
    compute(rewriter, &want);
    return arena_format(rewriter->arena, "%s(%%r14,%%r11)",
                        displacement_text(rewriter, NULL, small ? number : 0));
}

/* A static object, or an address that is a constant. */
static const char *constant_address(struct rewriter *rewriter,
                                    const struct operand *operand)
{
    if (!operand->expression &&
        (operand->displacement < 0 || operand->displacement > INT32_MAX))
        return through_scratch(rewriter, operand);
    return arena_format(rewriter->arena, "%s(%%r14)",
                        displacement_text(rewriter, operand->expression,
                                          operand->displacement));
}

static const char *in_base(struct rewriter *rewriter,
                           const struct operand *operand)
{
    if (operand->base == REG_R14)
        return operand->text; /* in its final form already */
    if (operand->index == REG_NONE &&
        (operand->base == REG_RIP || operand->base == REG_NONE))
        return constant_address(rewriter, operand);
    if (operand->index == REG_NONE && operand->base == REG_RBP &&
        !operand->expression)
        return address_on_stack(rewriter, operand->displacement);
    return through_scratch(rewriter, operand);
}

/*
 * A constant address is an offset from a symbol that is 0, by %eip: with a bare
 * number assemblers choose an encoding that the verifier does not know. The
 * distance from the text, modulo 4 GiB, has to be within 2 GiB.
 */
static const char *constant_in_gs(struct rewriter *rewriter, uint32_t address)
{
    const uint32_t farthest = 0x80000000 + TP_TEXT_START;
    int64_t offset = address;

    if (address >= farthest)
        offset -= TP_SLOT_SIZE;
    return arena_format(rewriter->arena, "%%gs:__tepal_zero+%lld(%%eip)",
                        (long long)offset);
}

static const char *in_gs(struct rewriter *rewriter,
                         const struct operand *operand)
{
    int32_t number = (int32_t)operand->displacement;
    const char *displacement =
        displacement_text(rewriter, operand->expression, number);
    const char *base = "", *percent = "";

    if (operand->base == REG_RIP || operand->base == REG_NONE) {
        if (operand->index == REG_NONE && !operand->expression)
            return constant_in_gs(rewriter, (uint32_t)number);
        if (operand->index == REG_NONE)
            return arena_format(rewriter->arena, "%%gs:%s(%%eip)",
                                displacement);
    } else {
        base = register_name(operand->base, 32);
        percent = "%";
    }
    if (operand->index == REG_NONE)
        return arena_format(rewriter->arena, "%%gs:%s(%%%s)", displacement,
                            base);
    return arena_format(rewriter->arena, "%%gs:%s(%s%s,%%%s,%d)", displacement,
                        percent, base, register_name(operand->index, 32),
                        operand->scale);
}

const char *address_on_stack(struct rewriter *rewriter, int64_t displacement)
{
    bool is_gs = rewriter->flavour == TP_FLAVOUR_GS;

    return arena_format(rewriter->arena,
                        is_gs ? "%%gs:%s(%%ebp)" : "%s(%%r14,%%rbp)",
                        displacement_text(rewriter, NULL, displacement));
}

const char *address_rewrite(struct rewriter *rewriter,
                            const struct statement *statement,
                            const struct operand *operand)
{
    bool is_gs = rewriter->flavour == TP_FLAVOUR_GS;
    struct operand local = *operand;

    if (operand->segment && is_gs && strcmp(operand->segment, "gs") == 0)
        return operand->text; /* in its final form already */
    if (operand->segment) {
        rewrite_refuse(rewriter, statement, "segment register",
                       "thread-local variables do not exist in a domain");
        return NULL;
    }
    if (operand->base == REG_RSP) {
        local.base = REG_RBP;
        local.displacement += frame_image(rewriter->function, statement);
    }
    return is_gs ? in_gs(rewriter, &local) : in_base(rewriter, &local);
}
