/* SPDX-License-Identifier: MIT */
/*
 * emulate.c - one domain in an emulated processor: its memory, its registers
 * and its runs. watch.c has what is watched.
 */
#include "watch.h"
#include <stdlib.h>
#include <string.h>

/* Pages of the slot that a domain finds mapped, for reading and writing. */
static const struct window {
    uint32_t start, bytes;
} windows[] = {{0x200000, 0x8000},
               {0x403f8000, 0x8000},
               {0x80200000, 0x4000},
               {0xffffc000, 0x4000}};
#define WINDOWS (sizeof(windows) / sizeof(windows[0]))
#define WINDOWS_BYTES 0x18000u

/* --- a run --- */

static const uint64_t extremes[] = {0,
                                    1,
                                    7,
                                    0x7fffffff,
                                    0x80000000,
                                    0xffffffff,
                                    0x100000000,
                                    0x7fffffffffffffff,
                                    0x8000000000000000,
                                    0xffffffffffffffff,
                                    0xfffffffffffffff8};
#define EXTREMES (sizeof(extremes) / sizeof(extremes[0]))

/* A slot offset in a window. */
static uint32_t choose_offset(struct chance *chance)
{
    const struct window *window = &windows[chance_below(chance, WINDOWS)];

    return window->start + (chance_below(chance, window->bytes) & ~7u);
}

/* What a register or a word of memory may hold. */
static uint64_t choose_value(struct chance *chance)
{
    switch (chance_below(chance, 8)) {
    case 0:
        return chance_bits(chance);
    case 1:
        return extremes[chance_below(chance, EXTREMES)];
    case 2:
        return STACK_END - STACK_CALLERS - 8 * chance_below(chance, 64);
    case 3:
        return KERNEL + 8 * chance_below(chance, 64);
    case 4:
        return TEXT + chance_below(chance, 256);
    case 5:
        return TP_FTAB_START + 8 * chance_below(chance, 512);
    default:
        return choose_offset(chance);
    }
}

static void set_registers(struct emulator *emulator, struct chance *chance)
{
    for (int i = 0; i < GPRS; i++)
        watch_set(emulator, watch_gprs[i], choose_value(chance));
    for (int i = 0; i < 16; i++) {
        uint64_t value[2] = {choose_value(chance), chance_bits(chance)};

        uc_reg_write(emulator->uc, UC_X86_REG_XMM0 + i, value);
    }
    watch_set(emulator, watch_gprs[RSP], emulator->sp);
    watch_set(emulator, watch_gprs[RBP], choose_offset(chance) & ~15u);
    if (emulator->mutant->flavour == TP_FLAVOUR_BASE) {
        watch_set(emulator, watch_gprs[R14], SLOT);
        watch_set(emulator, watch_gprs[R11], (uint32_t)choose_value(chance));
    }
    watch_set(emulator, UC_X86_REG_EFLAGS, 2);
    watch_set(emulator, UC_X86_REG_MXCSR, MXCSR_DEFAULT);
    watch_set(emulator, UC_X86_REG_FPCW, 0x37f);
    watch_set(emulator, UC_X86_REG_GS_BASE, SLOT);
    watch_set(emulator, UC_X86_REG_FS_BASE, KERNEL);
    emulator->kept_flags = watch_get(emulator, UC_X86_REG_EFLAGS) & FLAGS_KEPT;
}

static void begin(struct emulator *emulator, uint64_t seed, uint32_t limit)
{
    struct chance chance = {seed};
    const uint64_t caller = CALLER;

    /* Nothing of an earlier run: an exception in it is not served. */
    uc_context_restore(emulator->uc, emulator->fresh);
    emulator->is_broken = false;
    emulator->executed = 0;
    emulator->limit = limit;
    emulator->block = NULL;
    emulator->block_at = TEXT;
    emulator->sp = STACK_END - STACK_CALLERS - 8;
    memcpy(emulator->stack + STACK_BYTES - 8, &caller, 8);
    emulator->returns[watch_word(emulator->sp)] = CALLER;
    emulator->frame = 0;
    emulator->frames[0] = emulator->sp;
    emulator->in_gate = false;
    set_registers(emulator, &chance);
}

/* Not all of a block was executed: the rest does not count. */
static void uncount(struct emulator *emulator, uint64_t at)
{
    const uint64_t end = emulator->block_at + emulator->block->bytes;

    if (at >= emulator->block_at && at < end)
        emulator->executed -=
            blocks_count(emulator->blocks, (uint32_t)(at - TEXT),
                         (uint32_t)(end - TEXT));
}

static bool stands_at_ud2(const struct emulator *emulator, uint64_t at)
{
    const uint64_t index = at - TEXT;

    return index + 1 < emulator->mutant->bytes &&
           emulator->text[index] == 0x0f && emulator->text[index + 1] == 0x0b;
}

/* The processor stopped at @at, not by a gate. */
static enum run_end stop(struct emulator *emulator, uc_err error, uint64_t at)
{
    const bool is_limited = emulator->executed >= emulator->limit;

    if (emulator->block)
        uncount(emulator, at);
    switch ((int)error) {
    case UC_ERR_OK:
        return is_limited ? RUN_LIMITED : RUN_FAULTED;
    case UC_ERR_READ_UNMAPPED:
    case UC_ERR_WRITE_UNMAPPED:
    case UC_ERR_READ_PROT:
    case UC_ERR_WRITE_PROT:
        return RUN_FAULTED;
    case UC_ERR_INSN_INVALID:
        if (stands_at_ud2(emulator, at) ||
            (at - TEXT < emulator->mutant->bytes &&
             blocks_is_unknown(emulator->blocks, (uint32_t)(at - TEXT))))
            return RUN_FAULTED;
        watch_broken(emulator, "an instruction that Unicorn does not know", at);
        return RUN_FAULTED;
    default:
        watch_broken(emulator, uc_strerror(error), at);
        return RUN_FAULTED;
    }
}

static enum run_end run_from(struct emulator *emulator, uint64_t at)
{
    for (;;) {
        uc_err error =
            uc_emu_start(emulator->uc, at, TEXT + MUTANT_BYTES_MAX - 1, 0, 0);
        uint64_t stopped_at = watch_get(emulator, UC_X86_REG_RIP);

        if (emulator->is_broken)
            return RUN_FAULTED;
        if ((error != UC_ERR_FETCH_UNMAPPED && error != UC_ERR_FETCH_PROT) ||
            !emulator->block)
            return stop(emulator, error, stopped_at);
        if (!watch_leave(emulator, stopped_at, &at))
            return at == TRAP ? RUN_FAULTED : RUN_RETURNED;
        emulator->in_gate = true;
    }
}

bool emulator_run(struct emulator *emulator, uint32_t entry, uint64_t seed,
                  uint32_t limit)
{
    enum run_end end;

    begin(emulator, seed, limit);
    end = run_from(emulator, SLOT + entry);
    emulator->totals.runs++;
    emulator->totals.insns += emulator->executed;
    emulator->totals.ends[end]++;
    return !emulator->is_broken;
}

/* --- what is mapped --- */

static void fill_table(struct emulator *emulator, struct chance *chance)
{
    const struct mutant *mutant = emulator->mutant;
    uint64_t *entries = (uint64_t *)(void *)emulator->table;

    for (uint32_t i = 0; i < MUTANT_FTAB_BYTES / 8; i++) {
        uint32_t function = chance_below(chance, mutant->entry_count);

        if (i >= 1 && i <= MUTANT_IMPORTS)
            entries[i] = GATE(i - 1);
        else if (i == 0 || chance_below(chance, 16) == 0)
            entries[i] = TRAP;
        else
            entries[i] = SLOT + mutant->entries[function];
    }
}

static void fill_data(struct emulator *emulator, struct chance *chance)
{
    uint64_t *words = (uint64_t *)(void *)emulator->data;
    uint64_t pattern[64];

    for (uint32_t i = 0; i < 64; i++)
        pattern[i] = choose_value(chance);
    for (uint32_t i = 0; i < WINDOWS_BYTES / sizeof(pattern); i++)
        memcpy(words + 64 * i, pattern, sizeof(pattern));
}

void emulator_load(struct emulator *emulator, const struct mutant *mutant,
                   const uint16_t *marks, uint64_t seed)
{
    struct chance chance = {seed};

    emulator->mutant = mutant;
    emulator->marks = marks;
    emulator->low = SLOT;
    emulator->high = SLOT + ABOVE_GS;
    if (mutant->flavour == TP_FLAVOUR_BASE) {
        emulator->low = SLOT - GUARD_BELOW;
        emulator->high = SLOT + ABOVE_BASE;
    }
    for (uint32_t i = 0; i < mutant->bytes; i++)
        emulator->text[i] = marks[i] ? mutant->text[i] : 0xcc;
    memset(emulator->text + mutant->bytes, 0xcc, 64);
    uc_ctl_remove_cache(emulator->uc, TEXT, TEXT + MUTANT_BYTES_MAX);
    blocks_begin(emulator->blocks, emulator->text, mutant->bytes, marks);
    fill_table(emulator, &chance);
    fill_data(emulator, &chance);
}

static uint8_t *map(struct emulator *emulator, uint64_t address, size_t bytes,
                    uint32_t rights)
{
    uint8_t *pages = aligned_alloc(TP_PAGE, bytes);

    if (!pages || uc_mem_map_ptr(emulator->uc, address, bytes, rights, pages) !=
                      UC_ERR_OK)
        abort();
    memset(pages, 0xcc, bytes);
    return pages;
}

static void map_data(struct emulator *emulator)
{
    uint8_t *at = aligned_alloc(TP_PAGE, WINDOWS_BYTES);

    emulator->data = at;
    for (size_t i = 0; at && i < WINDOWS; i++) {
        if (uc_mem_map_ptr(emulator->uc, SLOT + windows[i].start,
                           windows[i].bytes, UC_PROT_READ | UC_PROT_WRITE,
                           at) != UC_ERR_OK)
            abort();
        at += windows[i].bytes;
    }
}

static void hook(struct emulator *emulator, int types, void *function)
{
    uc_hook handle;

    if (uc_hook_add(emulator->uc, &handle, types, function, emulator, 1, 0) !=
        UC_ERR_OK)
        abort();
}

struct emulator *emulator_create(void)
{
    struct emulator *emulator = calloc(1, sizeof(*emulator));

    if (!emulator || uc_open(UC_ARCH_X86, UC_MODE_64, &emulator->uc) ||
        uc_ctl_set_cpu_model(emulator->uc, UC_CPU_X86_HASWELL))
        abort();
    emulator->blocks = blocks_create();
    emulator->text =
        map(emulator, TEXT, MUTANT_BYTES_MAX, UC_PROT_READ | UC_PROT_EXEC);
    emulator->table =
        map(emulator, SLOT + TP_FTAB_START, MUTANT_FTAB_BYTES, UC_PROT_READ);
    emulator->stack =
        map(emulator, STACK_END - STACK_CALLERS - STACK_BYTES,
            STACK_BYTES + STACK_CALLERS, UC_PROT_READ | UC_PROT_WRITE);
    map_data(emulator);
    if (uc_context_alloc(emulator->uc, &emulator->fresh) ||
        uc_context_save(emulator->uc, emulator->fresh))
        abort();
    hook(emulator, UC_HOOK_BLOCK, (void *)watch_block);
    hook(emulator, UC_HOOK_MEM_READ | UC_HOOK_MEM_WRITE, (void *)watch_access);
    hook(emulator, UC_HOOK_MEM_INVALID, (void *)watch_fault);
    hook(emulator, UC_HOOK_INTR, (void *)watch_exception);
    return emulator;
}

void emulator_free(struct emulator *emulator)
{
    uc_context_free(emulator->fresh);
    uc_close(emulator->uc);
    blocks_free(emulator->blocks);
    free(emulator->text);
    free(emulator->table);
    free(emulator->stack);
    free(emulator->data);
    free(emulator);
}

const char *emulator_report(const struct emulator *emulator)
{
    return emulator->report;
}

const struct emulated *emulator_totals(const struct emulator *emulator)
{
    return &emulator->totals;
}
