/* SPDX-License-Identifier: MIT */
/*
 * oracle.h - a second implementation of docs/VERIFIER.md, to test the first by.
 *
 * Written from that page and docs/ABI.md alone, with Zydis as its decoder; it
 * shares no source with core/verify, and is linked into tests only. Where the
 * kernel's verifier walks and stops at the first thing that is wrong, this one
 * collects: every instruction that could be reached, then every rule that the
 * whole breaks.
 */
#pragma once
#include "tepal_trusted/verify.h"

/* A rule that is broken, and where. */
struct oracle_fault {
    enum verify_rule rule;
    uint32_t address;
};

struct oracle_verdict {
    uint32_t count; /* of faults; 0 = accepted */
    struct oracle_fault *faults;
    uint8_t *reached; /* one for each byte of text */
};

/*
 * Judge @input.
 * Owns: the verdict is the caller's, until oracle_free().
 * Cost: linear in the text for each sweep; not for large texts in numbers.
 */
struct oracle_verdict oracle_judge(const struct verify_input *input);
void oracle_free(struct oracle_verdict *verdict);

/*
 * Whether @result may be said where @verdict is right: accepted where nothing
 * is broken; otherwise a rule that is broken, at a place where it is. If two
 * depths meet, what else is said of the stack depends on the one that is taken,
 * and may be any.
 */
bool oracle_allows(const struct oracle_verdict *verdict,
                   struct verify_result result);

/* The rule, if only one is broken; VERIFY_OK otherwise. */
enum verify_rule oracle_only_rule(const struct oracle_verdict *verdict);
