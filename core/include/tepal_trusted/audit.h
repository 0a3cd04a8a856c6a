/* SPDX-License-Identifier: MIT */
/*
 * audit.h - whether the kernel's books are right: what it keeps in several
 * places is compared, what never changes is hashed. For fault injection and for
 * tests. Trusted only. Source: design, sections 3 to 5; docs/INJECT.md.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AUDIT_TEXT_MAX 160

/* What was there when it began. The members are the audit's own. */
struct audit {
    uint32_t threads, slots;
    uint64_t *hashes; /* by slot: what never changes */
    size_t hashes_bytes;
    uint64_t *seen; /* bit i: granule i's record is in a list of free ones */
    size_t seen_bytes;
    char broken[AUDIT_TEXT_MAX];
};

/*
 * Remember how many threads and slots there are, and what is in the tables of
 * every domain, all of which are loaded.
 * Errors: false: no memory.
 */
bool audit_begin(struct audit *audit);

/*
 * The first invariant that does not hold, in words; NULL: all do.
 * Needs: the world stands still: every kernel thread runs a domain's text, or
 * none of the kernel's code, until this returns.
 * Cost:  a walk over all records, and over the memory of all tables.
 */
const char *audit_run(struct audit *audit);

void audit_end(struct audit *audit);
