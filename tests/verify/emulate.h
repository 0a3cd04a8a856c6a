/* SPDX-License-Identifier: MIT */
/*
 * emulate.h - runs a verified text under Unicorn and judges what it does by
 * the guarantees of docs/VERIFIER.md.
 */
#pragma once
#include "mutant.h"
#include <stdbool.h>

/* How runs ended; all of them within the rules. */
enum run_end {
    RUN_RETURNED, /* to who called, or by an import in its place */
    RUN_FAULTED,  /* in a guard, in an unmapped page, by a trap, a division */
    RUN_LIMITED,  /* as many instructions as were asked for */
    RUN_ENDS
};

struct emulated {
    uint64_t runs, insns, imports, accesses, blocks;
    uint64_t ends[RUN_ENDS];
};

struct emulator;

struct emulator *emulator_create(void);
void emulator_free(struct emulator *emulator);

/*
 * Load @mutant, whose marks the verifier left, with memory as @seed says.
 * Bytes without a mark become int3, as the loader does it.
 */
void emulator_load(struct emulator *emulator, const struct mutant *mutant,
                   const uint16_t *marks, uint64_t seed);

/*
 * Call entry @entry with registers as @seed says.
 * Units:  @limit in instructions.
 * Errors: false, and emulator_report() says what was broken.
 */
bool emulator_run(struct emulator *emulator, uint32_t entry, uint64_t seed,
                  uint32_t limit);

const char *emulator_report(const struct emulator *emulator);
const struct emulated *emulator_totals(const struct emulator *emulator);
