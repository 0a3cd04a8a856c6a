/* SPDX-License-Identifier: MIT */
/*
 * stack.c - instructions that move the stack or name its pointer.
 *
 * The trusted stack sees only the pushes that save registers. For the rest,
 * %rbp plus frame_image() stands wherever the compiler wrote %rsp. None of
 * what is emitted here changes the flags.
 */
#include "rewriter.h"

/* Move %rbp from where it stands before @statement to where it must after. */
static void move_data_stack(struct rewriter *rewriter,
                            const struct statement *statement)
{
    const struct function *function = rewriter->function;
    int down = frame_down(function, statement->stack_after) -
               frame_down(function, statement->stack);

    if (!down)
        return;
    emit(rewriter, "leal\t%d(%%rbp), %%ebp", -down);
    address_registers_written(rewriter, REGISTER_BIT(REG_RBP));
}

bool names_stack_pointer(const struct statement *statement)
{
    const struct insn *insn = &statement->insn;

    if (!insn->operand_count)
        return false;
    if (insn_is(insn, "push") || insn_is(insn, "pop"))
        return true;
    for (int i = 0; i < insn->operand_count; i++)
        if (insn->operands[i].kind == OPERAND_REGISTER &&
            insn->operands[i].reg.number == REG_RSP)
            return true;
    return insn_is(insn, "lea") && insn->operands[0].base == REG_RSP;
}

/* From %rbp, as it stands behind @statement, to the word that it pushes. */
static int pushed_place(const struct rewriter *rewriter,
                        const struct statement *statement)
{
    return frame_down(rewriter->function, statement->stack_after) - 8 -
           statement->stack_after->depth;
}

/* A register that @operand has no part in, of those that are no one's. */
static int spare_register(const struct operand *operand)
{
    int spare = REG_RAX;

    while (spare == operand->reg.number || spare == operand->base ||
           spare == operand->index)
        spare++;
    return spare;
}

/* An argument, as clang passes it. */
static bool push_from_memory(struct rewriter *rewriter,
                             const struct statement *statement)
{
    const struct operand *operand = &statement->insn.operands[0];
    const char *spare = register_name(spare_register(operand), 64);
    const char *address;

    if (!statement->data_push)
        return rewrite_refuse(rewriter, statement, statement->text,
                              "push from memory is not supported");
    address = address_rewrite(rewriter, statement, operand);
    if (!address)
        return false;
    emit(rewriter, "push\t%%%s", spare);
    emit(rewriter, "movq\t%s, %%%s", address, spare);
    move_data_stack(rewriter, statement);
    emit(rewriter, "movq\t%%%s, %s", spare,
         address_on_stack(rewriter, pushed_place(rewriter, statement)));
    emit(rewriter, "pop\t%%%s", spare);
    return true;
}

static bool push(struct rewriter *rewriter, const struct statement *statement)
{
    const struct operand *operand = &statement->insn.operands[0];
    const char *text = operand->text;
    int place;

    if (operand->kind == OPERAND_IMMEDIATE) {
        const char *name = reference_to(rewriter, text + 1);

        text = arena_format(rewriter->arena, "$%s", name ? name : text + 1);
    } else if (operand->kind != OPERAND_REGISTER) {
        return push_from_memory(rewriter, statement);
    }
    if (!statement->data_push) {
        emit(rewriter, "push\t%s", text);
        move_data_stack(rewriter, statement);
        return true;
    }
    move_data_stack(rewriter, statement);
    place = pushed_place(rewriter, statement);
    emit(rewriter, "movq\t%s, %s", text, address_on_stack(rewriter, place));
    return true;
}

static bool pop(struct rewriter *rewriter, const struct statement *statement)
{
    const struct operand *operand = &statement->insn.operands[0];
    const struct segment *top = statement->stack;

    if (operand->kind != OPERAND_REGISTER || operand->reg.number < 0)
        return rewrite_refuse(rewriter, statement, statement->text,
                              "pop to memory is not supported");
    if (top->push && !top->push->data_push)
        emit(rewriter, "pop\t%s", operand->text);
    else
        emit(rewriter, "movq\t%s, %s",
             address_on_stack(rewriter,
                              frame_image(rewriter->function, statement)),
             operand->text);
    address_registers_written(rewriter, REGISTER_BIT(operand->reg.number));
    move_data_stack(rewriter, statement);
    return true;
}

/* lea d(%rsp,...), register */
static bool address_of_local(struct rewriter *rewriter,
                             const struct statement *statement)
{
    const struct operand *from = &statement->insn.operands[0];
    const struct operand *to = &statement->insn.operands[1];
    int64_t displacement =
        from->displacement + frame_image(rewriter->function, statement);
    const char *index = "";

    if (to->kind != OPERAND_REGISTER || to->reg.number < 0)
        return rewrite_refuse(rewriter, statement, statement->text,
                              "not an address that is understood");
    if (from->index != REG_NONE)
        index = arena_format(rewriter->arena, ",%%%s,%d",
                             register_name(from->index, 64), from->scale);
    emit(rewriter, "%s\t%lld(%%rbp%s), %s", statement->insn.mnemonic,
         (long long)displacement, index, to->text);
    address_registers_written(rewriter, insn_writes(&statement->insn));
    return true;
}

/*
 * An instruction of two operands, the first of which is %rsp, plus what the
 * frame pointer was above it if that stood there.
 */
static bool pointer_as_source(struct rewriter *rewriter,
                              const struct statement *statement)
{
    const struct insn *insn = &statement->insn;
    const struct operand *to = &insn->operands[1];
    int image = frame_image(rewriter->function, statement) +
                (int)insn->operands[0].displacement;
    int bits = insn->operands[0].reg.bits, spare = spare_register(to);
    const char *text = to->text;

    if (to->kind == OPERAND_REGISTER && insn_is(insn, "mov")) {
        emit(rewriter, "lea%c\t%d(%%rbp), %s", bits == 64 ? 'q' : 'l', image,
             to->text);
    } else {
        if (to->kind == OPERAND_MEMORY)
            text = address_rewrite(rewriter, statement, to);
        if (!text)
            return false;
        emit(rewriter, "push\t%%%s", register_name(spare, 64));
        emit(rewriter, "leal\t%d(%%rbp), %%%s", image,
             register_name(spare, 32));
        emit(rewriter, "%s\t%%%s, %s", insn->mnemonic,
             register_name(spare, bits), text);
        emit(rewriter, "pop\t%%%s", register_name(spare, 64));
    }
    address_registers_written(rewriter, insn_writes(insn));
    return true;
}

/* Needs: names_stack_pointer(@statement). */
bool stack_rewrite(struct rewriter *rewriter, const struct statement *statement)
{
    const struct insn *insn = &statement->insn;
    const struct operand *last = insn_last_operand(insn);

    if (insn_is(insn, "push"))
        return push(rewriter, statement);
    if (insn_is(insn, "pop"))
        return pop(rewriter, statement);
    if (insn->operand_count == 2 && insn->operands[0].reg.number == REG_RSP &&
        insn->operands[0].reg.bits >= 32 && last->reg.number != REG_RSP)
        return pointer_as_source(rewriter, statement);
    if (last->reg.number == REG_RSP &&
        (insn_is(insn, "sub") || insn_is(insn, "add") ||
         insn_is(insn, "lea"))) {
        move_data_stack(rewriter, statement);
        return true;
    }
    if (insn_is(insn, "lea") && insn->operand_count == 2)
        return address_of_local(rewriter, statement);
    return rewrite_refuse(rewriter, statement, statement->text,
                          "the stack pointer cannot be an operand here");
}
