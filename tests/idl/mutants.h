/* SPDX-License-Identifier: MIT */
/*
 * mutants.h - IDL files with a few random changes, the same in every run: a
 * mutant depends on its number and on the seeds alone.
 *
 * Seeds are the files of accept/ and reject/, without their first comments.
 */
#pragma once
#include <stdint.h>

#define MUTANT_BYTES_MAX 8192u

struct mutant {
    char bytes[MUTANT_BYTES_MAX];
    uint32_t length;
};

/* Read the seeds below the folder @tests_idl, and end the test program where
 * there are none. */
void seeds_load(const char *tests_idl);
void seeds_free(void);

/* Needs: seeds. */
void mutant_make(struct mutant *mutant, uint64_t number);

/* No seed, but random bytes: text in half of all. */
void mutant_make_noise(struct mutant *mutant, uint64_t number);
