/* SPDX-License-Identifier: MIT */
/*
 * blocks.c - executed bytes, as Zydis reads them.
 *
 * Nothing of the verifier's decoder is used: where it is wrong about an
 * instruction, it must not be believed here. Of the verifier's marks only is
 * asked whether what is executed was checked as this instruction.
 */
#include "blocks.h"
#include "mutant.h"
#include <Zydis/Zydis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MARK_INSIDE 0xffff
#define STEPS_MAX 0x20000

/* The processor's view of a byte: was it executed as a start, or inside? */
enum role { ROLE_NONE, ROLE_START, ROLE_INSIDE };

struct blocks {
    ZydisDecoder decoder;
    const uint8_t *text;
    const uint16_t *marks;
    uint32_t bytes, generation, step_count;
    uint32_t known[MUTANT_BYTES_MAX]; /* generation in which it was read */
    struct block blocks[MUTANT_BYTES_MAX];
    uint8_t roles[MUTANT_BYTES_MAX];
    uint8_t steps[STEPS_MAX];
};

/* An instruction and all that it touches. */
struct reading {
    ZydisDecodedInstruction insn;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
};

struct blocks *blocks_create(void)
{
    struct blocks *blocks = calloc(1, sizeof(*blocks));

    if (!blocks)
        abort();
    ZydisDecoderInit(&blocks->decoder, ZYDIS_MACHINE_MODE_LONG_64,
                     ZYDIS_STACK_WIDTH_64);
    return blocks;
}

void blocks_free(struct blocks *blocks)
{
    free(blocks);
}

void blocks_begin(struct blocks *blocks, const uint8_t *text, uint32_t bytes,
                  const uint16_t *marks)
{
    blocks->text = text;
    blocks->bytes = bytes;
    blocks->marks = marks;
    blocks->generation++;
    blocks->step_count = 0;
    memset(blocks->roles, ROLE_NONE, bytes);
}

/* Instructions that only a system executes, or that reach for its state. */
static bool is_of_the_system(const ZydisDecodedInstruction *insn)
{
    switch ((int)insn->meta.category) {
    case ZYDIS_CATEGORY_SYSTEM:
    case ZYDIS_CATEGORY_SYSCALL:
    case ZYDIS_CATEGORY_SYSRET:
    case ZYDIS_CATEGORY_IO:
    case ZYDIS_CATEGORY_IOSTRINGOP:
    case ZYDIS_CATEGORY_SEGOP:
    case ZYDIS_CATEGORY_RDWRFSGS:
    case ZYDIS_CATEGORY_X87_ALU:
    case ZYDIS_CATEGORY_MMX:
    case ZYDIS_CATEGORY_XSAVE:
    case ZYDIS_CATEGORY_XSAVEOPT:
    case ZYDIS_CATEGORY_VTX:
        return true;
    case ZYDIS_CATEGORY_INTERRUPT:
        return insn->mnemonic != ZYDIS_MNEMONIC_INT3;
    default:
        return false;
    }
}

static bool is_kept_register(ZydisRegister reg)
{
    switch ((int)ZydisRegisterGetClass(reg)) {
    case ZYDIS_REGCLASS_SEGMENT:
    case ZYDIS_REGCLASS_X87:
    case ZYDIS_REGCLASS_MMX:
    case ZYDIS_REGCLASS_CONTROL:
    case ZYDIS_REGCLASS_DEBUG:
        return true;
    default:
        return false;
    }
}

static bool loads_mxcsr(ZydisMnemonic mnemonic)
{
    return mnemonic == ZYDIS_MNEMONIC_LDMXCSR ||
           mnemonic == ZYDIS_MNEMONIC_FXRSTOR ||
           mnemonic == ZYDIS_MNEMONIC_FXRSTOR64;
}

static bool writes_kept_register(const struct reading *reading)
{
    for (uint32_t i = 0; i < reading->insn.operand_count; i++) {
        const ZydisDecodedOperand *operand = &reading->operands[i];

        if (operand->type == ZYDIS_OPERAND_TYPE_REGISTER &&
            (operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) &&
            is_kept_register(operand->reg.value))
            return true;
    }
    return loads_mxcsr(reading->insn.mnemonic);
}

static bool writes_kept_flag(const ZydisDecodedInstruction *insn)
{
    const ZydisAccessedFlagsMask arithmetic =
        ZYDIS_CPUFLAG_CF | ZYDIS_CPUFLAG_PF | ZYDIS_CPUFLAG_AF |
        ZYDIS_CPUFLAG_ZF | ZYDIS_CPUFLAG_SF | ZYDIS_CPUFLAG_OF;
    const ZydisAccessedFlags *flags = insn->cpu_flags;

    return insn->mnemonic != ZYDIS_MNEMONIC_INT3 && flags &&
           ((flags->modified | flags->set_0 | flags->set_1 | flags->undefined) &
            ~arithmetic);
}

/* G4: state that no instruction of a domain may change. */
static const char *flaw_of_state(const struct reading *reading)
{
    if (is_of_the_system(&reading->insn))
        return "an instruction of the system";
    if (writes_kept_register(reading))
        return "writes a segment, x87, MMX or control register";
    if (writes_kept_flag(&reading->insn))
        return "writes a flag beside the arithmetic ones";
    return NULL;
}

/* G1: one byte is never executed in two ways, and each as it was checked. */
static const char *claim(struct blocks *blocks, uint32_t at, uint32_t length,
                         bool is_unit)
{
    uint8_t *role = blocks->roles + at;
    const uint16_t *mark = blocks->marks + at;
    uint32_t i;

    if (role[0] == ROLE_INSIDE)
        return "executes the inside of an instruction";
    if (mark[0] == 0)
        return "executes what was not checked";
    if (mark[0] == MARK_INSIDE && !is_unit)
        return "executes the inside of what was checked";
    role[0] = ROLE_START;
    for (i = 1; i < length; i++) {
        if (role[i] == ROLE_START)
            return "executes an instruction over another";
        if (mark[i] != MARK_INSIDE)
            return "is longer than what was checked";
        role[i] = ROLE_INSIDE;
    }
    return NULL;
}

static bool has_memory(const struct reading *reading)
{
    return reading->operands[0].type == ZYDIS_OPERAND_TYPE_MEMORY;
}

static void add_step(struct blocks *blocks, struct block *block,
                     enum stack_step step)
{
    blocks->steps[blocks->step_count++] = (uint8_t)step;
    block->step_count++;
}

/* What it does to the stack, and where it leads. */
static void follow(struct blocks *blocks, struct block *block,
                   const struct reading *reading)
{
    block->end = BLOCK_GOES_ON;
    switch ((int)reading->insn.meta.category) {
    case ZYDIS_CATEGORY_PUSH:
        add_step(blocks, block, STEP_PUSH);
        break;
    case ZYDIS_CATEGORY_POP:
        add_step(blocks, block, STEP_POP);
        break;
    case ZYDIS_CATEGORY_CALL:
        add_step(blocks, block, STEP_CALL);
        block->end = has_memory(reading) ? BLOCK_CALLS_BY_TABLE : BLOCK_CALLS;
        break;
    case ZYDIS_CATEGORY_RET:
        add_step(blocks, block, STEP_RETURN);
        block->end = BLOCK_RETURNS;
        break;
    case ZYDIS_CATEGORY_UNCOND_BR:
        block->end = has_memory(reading) ? BLOCK_JUMPS_BY_TABLE : BLOCK_JUMPS;
        break;
    case ZYDIS_CATEGORY_COND_BR:
        block->end = BLOCK_JUMPS;
        break;
    default:
        break;
    }
}

static bool read_insn(struct blocks *blocks, uint32_t at,
                      struct reading *reading)
{
    return ZYAN_SUCCESS(ZydisDecoderDecodeFull(
        &blocks->decoder, blocks->text + at, blocks->bytes - at,
        &reading->insn, reading->operands));
}

static bool is_mask(const struct reading *reading)
{
    return reading->insn.mnemonic == ZYDIS_MNEMONIC_AND &&
           reading->operands[0].type == ZYDIS_OPERAND_TYPE_REGISTER &&
           reading->operands[0].reg.value == ZYDIS_REGISTER_R11D;
}

static const char *take(struct blocks *blocks, struct block *block,
                        uint32_t at, const struct reading *reading,
                        bool *is_unit)
{
    const char *flaw = claim(blocks, at, reading->insn.length, *is_unit);

    if (!flaw)
        flaw = flaw_of_state(reading);
    *is_unit = is_mask(reading);
    follow(blocks, block, reading);
    block->insns++;
    return flaw;
}

/* What a processor executes and Unicorn does not. */
static bool is_unknown(const ZydisDecodedInstruction *insn)
{
    switch ((int)insn->mnemonic) {
    case ZYDIS_MNEMONIC_CMPPS:
    case ZYDIS_MNEMONIC_CMPPD:
    case ZYDIS_MNEMONIC_CMPSS:
    case ZYDIS_MNEMONIC_CMPSD:
        return (insn->raw.imm[0].value.u & 0xff) >= 8;
    case ZYDIS_MNEMONIC_MOV:
        return (insn->opcode == 0xc6 || insn->opcode == 0xc7) &&
               insn->raw.rex.R;
    default:
        return false;
    }
}

static void read_block(struct blocks *blocks, struct block *block,
                       uint32_t index, uint32_t bytes)
{
    uint32_t at = index;
    /* A block may begin where the emulator broke a unit off. */
    bool is_unit = true;
    struct reading reading = {0};

    *block = (struct block){.bytes = bytes,
                            .steps = blocks->steps + blocks->step_count};
    while (at < index + bytes && !block->flaw) {
        if (!read_insn(blocks, at, &reading)) {
            block->flaw = "executes what Zydis does not know";
            return;
        }
        block->flaw = take(blocks, block, at, &reading, &is_unit);
        at += reading.insn.length;
    }
    if (!block->flaw && at != index + bytes && !is_unknown(&reading.insn))
        block->flaw = "is of another length to Unicorn than to Zydis";
}

const struct block *blocks_find(struct blocks *blocks, uint32_t index,
                                uint32_t bytes)
{
    struct block *block = &blocks->blocks[index];

    if (blocks->known[index] == blocks->generation && block->bytes == bytes)
        return block;
    if (blocks->step_count + bytes > STEPS_MAX) {
        blocks->step_count = 0;
        blocks->generation++;
    }
    read_block(blocks, block, index, bytes);
    blocks->known[index] = blocks->generation;
    return block;
}

uint32_t blocks_count(struct blocks *blocks, uint32_t index, uint32_t end)
{
    struct reading reading;
    uint32_t count = 0;

    while (index < end && read_insn(blocks, index, &reading)) {
        index += reading.insn.length;
        count++;
    }
    return count;
}

bool blocks_is_unknown(struct blocks *blocks, uint32_t index)
{
    struct reading reading;

    return read_insn(blocks, index, &reading) && is_unknown(&reading.insn);
}

void blocks_describe(const uint8_t *text, uint32_t bytes, uint32_t index,
                     char *name, uint32_t room)
{
    ZydisDisassembledInstruction insn;

    if (index < bytes &&
        ZYAN_SUCCESS(ZydisDisassembleATT(ZYDIS_MACHINE_MODE_LONG_64, index,
                                         text + index, bytes - index, &insn)))
        snprintf(name, room, "%s", insn.text);
    else
        snprintf(name, room, "?");
}
