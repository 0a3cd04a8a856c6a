/* SPDX-License-Identifier: MIT */
/*
 * watch.c - what a domain does in an emulated processor, judged.
 *
 * G1: each block that is executed is read by Zydis (blocks.c): its bytes were
 * checked as these instructions, no byte is executed in two ways, and control
 * leaves by a table's function, a gate or the return to who called.
 * G2: each access is to the slot, to its guards, or one that a push, pop, call
 * or ret in the block makes, in their order.
 * G3: a model of the trusted stack follows those. It knows which words are
 * return addresses: a pop gets none, a ret nothing else, and %rsp is where the
 * model is at the begin of each block. The depth is the verifier's.
 * G4: at each exit flags, MXCSR, x87, segments and %gs's base or %r14 are what
 * they were; and no instruction that was executed writes such state.
 *
 * An import is a gate that zeroes registers as docs/ABI.md says. Table entries
 * without a function of the mutant's are imports, its functions, or traps.
 *
 * Unicorn is not the processor: it does not fault at addresses that are not
 * canonical (they are out of the slot, and reported), at misaligned operands of
 * SSE (so runs go on where a processor would end them), knows no prefetch, and
 * ends runs at comparisons of SSE with a predicate above 7 and at mov of a
 * constant with REX.R, of which a processor ignores the bits. Its hooks of
 * reads are not called for unmapped pages, those of faults are.
 */
#include "watch.h"
#include <stdio.h>

const int watch_gprs[GPRS] = {UC_X86_REG_RAX, UC_X86_REG_RCX, UC_X86_REG_RDX,
                              UC_X86_REG_RBX, UC_X86_REG_RSP, UC_X86_REG_RBP,
                              UC_X86_REG_RSI, UC_X86_REG_RDI, UC_X86_REG_R8,
                              UC_X86_REG_R9,  UC_X86_REG_R10, UC_X86_REG_R11,
                              UC_X86_REG_R12, UC_X86_REG_R13, UC_X86_REG_R14,
                              UC_X86_REG_R15};

uint64_t watch_get(const struct emulator *emulator, int reg)
{
    uint64_t value = 0;

    uc_reg_read(emulator->uc, reg, &value);
    return value;
}

void watch_set(const struct emulator *emulator, int reg, uint64_t value)
{
    uc_reg_write(emulator->uc, reg, &value);
}

static void say_registers(const struct emulator *emulator, char *text,
                          size_t room)
{
    size_t used = 0;

    for (int i = 0; i < GPRS; i++)
        used +=
            (size_t)snprintf(text + used, room - used, "%s%lx",
                             i ? " " : "rax rcx rdx rbx rsp rbp rsi rdi r8.. ",
                             watch_get(emulator, watch_gprs[i]));
}

/* The first thing that was broken; the run ends. */
void watch_broken(struct emulator *emulator, const char *what, uint64_t at)
{
    char insn[96] = "", registers[320];

    if (emulator->is_broken)
        return;
    emulator->is_broken = true;
    say_registers(emulator, registers, sizeof(registers));
    if (emulator->block)
        blocks_describe(emulator->text, emulator->mutant->bytes,
                        (uint32_t)(emulator->block_at - TEXT), insn,
                        sizeof(insn));
    snprintf(emulator->report, sizeof(emulator->report),
             "%s: %lx; in the block at +0x%lx (%s)\n%s", what, at,
             emulator->block_at - TEXT, insn, registers);
    uc_emu_stop(emulator->uc);
}

/* --- the trusted stack --- */

uint32_t watch_word(uint64_t address)
{
    return (uint32_t)((STACK_END - STACK_CALLERS - address) / 8);
}

static void push(struct emulator *emulator, uint64_t address,
                 uint64_t return_to)
{
    if (address != emulator->sp - 8) {
        watch_broken(emulator, "pushes to where %rsp is not", address);
        return;
    }
    emulator->sp = address;
    emulator->returns[watch_word(address)] = return_to;
    if (return_to)
        emulator->frames[++emulator->frame] = address;
    else if (emulator->frames[emulator->frame] - address > TP_FRAME_MAX)
        watch_broken(emulator, "a frame that is too large", address);
}

static void pop(struct emulator *emulator, uint64_t address, bool is_return)
{
    uint64_t return_to = emulator->returns[watch_word(address)];

    if (address != emulator->sp)
        watch_broken(emulator, "pops from where %rsp is not", address);
    else if (is_return && !return_to)
        watch_broken(emulator, "returns to what was pushed", address);
    else if (!is_return && return_to)
        watch_broken(emulator, "pops a return address", address);
    if (is_return)
        emulator->frame--;
    emulator->sp = address + 8;
}

/* An access to the stack: the block's next push, pop, call or ret. */
static void on_stack(struct emulator *emulator, bool is_write, uint64_t address,
                     int size, uint64_t value)
{
    const struct block *block = emulator->block;
    enum stack_step step;
    bool writes;

    if (emulator->step >= block->step_count) {
        watch_broken(emulator, "accesses the stack as memory", address);
        return;
    }
    step = block->steps[emulator->step++];
    writes = step == STEP_PUSH || step == STEP_CALL;
    if (size != 8 || writes != is_write)
        watch_broken(emulator, "accesses the stack as no push or pop", address);
    else if (step == STEP_CALL && value != emulator->block_at + block->bytes)
        watch_broken(emulator, "calls with another return address", value);
    else if (writes)
        push(emulator, address, step == STEP_CALL ? value : 0);
    else
        pop(emulator, address, step == STEP_RETURN);
}

void watch_access(uc_engine *uc, uc_mem_type type, uint64_t address, int size,
                  int64_t value, void *data)
{
    struct emulator *emulator = data;

    (void)uc;
    emulator->totals.accesses++;
    if (address - emulator->low < emulator->high - emulator->low &&
        address + (uint32_t)size <= emulator->high)
        return;
    /* Above the entry's return address a domain has no business. */
    if (address < STACK_END - STACK_CALLERS &&
        address >= STACK_END - STACK_CALLERS - STACK_BYTES - STACK_GUARD)
        on_stack(emulator,
                 type == UC_MEM_WRITE || type == UC_MEM_WRITE_UNMAPPED, address,
                 size, (uint64_t)value);
    else
        watch_broken(emulator, "accesses memory outside of the slot", address);
}

/* Only the hooks of faults see reads of unmapped pages. */
bool watch_fault(uc_engine *uc, uc_mem_type type, uint64_t address, int size,
                 int64_t value, void *data)
{
    if (type == UC_MEM_READ_UNMAPPED)
        watch_access(uc, type, address, size, value, data);
    return false;
}

/* --- control --- */

static bool is_function(const struct mutant *mutant, uint64_t address)
{
    for (uint32_t i = 0; i < mutant->entry_count; i++)
        if (address == SLOT + mutant->entries[i])
            return true;
    return false;
}

/* After a ret, its address is below %rsp. */
static uint64_t returned_to(const struct emulator *emulator)
{
    return emulator->returns[watch_word(emulator->sp - 8)];
}

/* The block before is over: did it do all it had to, and lead to @address? */
static void arrive(struct emulator *emulator, uint64_t address)
{
    const struct block *block = emulator->block;

    if (emulator->step != block->step_count)
        watch_broken(emulator, "leaves out a push or pop", address);
    switch (block->end) {
    case BLOCK_RETURNS:
        if (address != returned_to(emulator))
            watch_broken(emulator, "returns to somewhere else", address);
        break;
    case BLOCK_JUMPS_BY_TABLE:
    case BLOCK_CALLS_BY_TABLE:
        if (!is_function(emulator->mutant, address))
            watch_broken(emulator, "goes by the table to no function", address);
        break;
    case BLOCK_GOES_ON:
        if (address != emulator->block_at + block->bytes)
            watch_broken(emulator, "goes elsewhere without a branch", address);
        break;
    case BLOCK_JUMPS:
    case BLOCK_CALLS:
        break;
    }
}

/* The place is one that was checked, at this depth. */
static void check_place(struct emulator *emulator, uint32_t index)
{
    const uint16_t mark = emulator->marks[index];
    const uint64_t depth =
        (emulator->frames[emulator->frame] - emulator->sp) / 8;
    const bool goes_on =
        emulator->block && emulator->block->end == BLOCK_GOES_ON;

    if (watch_get(emulator, UC_X86_REG_RSP) != emulator->sp)
        watch_broken(emulator, "%rsp moved by other than push and pop",
                     emulator->sp);
    else if (mark == 0xffff && !goes_on)
        watch_broken(emulator, "comes to the inside of an instruction", index);
    else if (mark != 0xffff && mark != 1 + depth)
        watch_broken(emulator, "comes with another depth than was checked",
                     depth);
}

void watch_block(uc_engine *uc, uint64_t address, uint32_t size, void *data)
{
    struct emulator *emulator = data;
    uint64_t index = address - TEXT;

    if (emulator->is_broken)
        return;
    if (index >= emulator->mutant->bytes ||
        size > emulator->mutant->bytes - index) {
        watch_broken(emulator, "executes what is not the text", address);
        return;
    }
    if (emulator->block && !emulator->in_gate)
        arrive(emulator, address);
    if (!emulator->is_broken)
        check_place(emulator, (uint32_t)index);
    if (emulator->is_broken)
        return;
    emulator->in_gate = false;
    emulator->block = blocks_find(emulator->blocks, (uint32_t)index, size);
    emulator->block_at = address;
    emulator->step = 0;
    emulator->executed += emulator->block->insns;
    emulator->totals.blocks++;
    if (emulator->block->flaw)
        watch_broken(emulator, emulator->block->flaw, address);
    else if (emulator->executed >= emulator->limit)
        uc_emu_stop(uc);
}

/* Exceptions: a domain may divide by zero, and trap. */
void watch_exception(uc_engine *uc, uint32_t number, void *data)
{
    struct emulator *emulator = data;

    if (number != 0 && number != 3)
        watch_broken(emulator, "an exception that no instruction has", number);
    uc_emu_stop(uc);
}

/* --- state --- */

static void check_state(struct emulator *emulator)
{
    if ((watch_get(emulator, UC_X86_REG_EFLAGS) & FLAGS_KEPT) !=
        emulator->kept_flags)
        watch_broken(emulator, "leaves with other flags",
                     watch_get(emulator, UC_X86_REG_EFLAGS));
    if ((watch_get(emulator, UC_X86_REG_MXCSR) & ~MXCSR_STATUS) !=
        MXCSR_DEFAULT)
        watch_broken(emulator, "leaves with another MXCSR", 0);
    if (watch_get(emulator, UC_X86_REG_FPCW) != 0x37f)
        watch_broken(emulator, "leaves with another x87 control word",
                     watch_get(emulator, UC_X86_REG_FPCW));
    if (watch_get(emulator, UC_X86_REG_GS_BASE) != SLOT ||
        watch_get(emulator, UC_X86_REG_FS_BASE) != KERNEL)
        watch_broken(emulator, "leaves with another segment base", 0);
    if (emulator->mutant->flavour == TP_FLAVOUR_BASE &&
        watch_get(emulator, UC_X86_REG_R14) != SLOT)
        watch_broken(emulator, "leaves with another %r14",
                     watch_get(emulator, UC_X86_REG_R14));
    if (watch_get(emulator, UC_X86_REG_RSP) != emulator->sp)
        watch_broken(emulator, "leaves with another %rsp", emulator->sp);
}

static void zero_vectors(struct emulator *emulator)
{
    static const uint64_t zero[2];

    for (int i = 0; i < 16; i++)
        uc_reg_write(emulator->uc, UC_X86_REG_XMM0 + i, zero);
}

/* What a gate does: answers, and clears what is not the caller's to keep. */
static void answer(struct emulator *emulator)
{
    static const int cleared[] = {RCX, RDX, RSI, RDI, R8, R9, R10, R11};

    watch_set(emulator, watch_gprs[RAX],
              emulator->executed * 0x9e3779b97f4a7c15);
    for (size_t i = 0; i < sizeof(cleared) / sizeof(cleared[0]); i++)
        watch_set(emulator, watch_gprs[cleared[i]], 0);
    zero_vectors(emulator);
    emulator->totals.imports++;
}

static bool is_gate(uint64_t address)
{
    for (uint32_t i = 0; i < MUTANT_IMPORTS; i++)
        if (address == GATE(i))
            return true;
    return false;
}

/*
 * Control went to @address, which is not mapped. Whether the run goes on, then
 * at @back.
 */
bool watch_leave(struct emulator *emulator, uint64_t address, uint64_t *back)
{
    const struct block *block = emulator->block;
    const bool by_table = block->end == BLOCK_JUMPS_BY_TABLE ||
                          block->end == BLOCK_CALLS_BY_TABLE;

    if (emulator->step != block->step_count)
        watch_broken(emulator, "leaves out a push or pop", address);
    check_state(emulator);
    *back = address;
    if (by_table && is_gate(address)) {
        *back = emulator->returns[watch_word(emulator->sp)];
        if (*back == 0)
            watch_broken(emulator, "tail-calls with something pushed", address);
        emulator->frame--;
        emulator->sp += 8;
        watch_set(emulator, UC_X86_REG_RSP, emulator->sp);
        answer(emulator);
    } else if (block->end == BLOCK_RETURNS) {
        if (address != returned_to(emulator))
            watch_broken(emulator, "returns to somewhere else", address);
    } else if (!by_table || address != TRAP) {
        watch_broken(emulator, "leaves to where it may not", address);
    }
    if (emulator->is_broken || *back == TRAP)
        return false;
    if (*back == CALLER && emulator->sp != STACK_END - STACK_CALLERS)
        watch_broken(emulator, "returns with another %rsp", emulator->sp);
    return *back != CALLER && !emulator->is_broken;
}
