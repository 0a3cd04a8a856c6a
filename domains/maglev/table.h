/* SPDX-License-Identifier: MIT */
/*
 * table.h - the look-up table of Maglev: from a hash to a backend.
 * Source: Eisenbud et al., "Maglev: A Fast and Reliable Software Network Load
 * Balancer", NSDI 2016, section 3.4.
 */
#pragma once
#include "tepal/types.h"

#define TABLE_SIZE 65537u /* a prime: so each skip leads to every entry */
#define TABLE_NONE 255    /* no backend; also how many there can be */

/* A backend's preferences: offset, offset + skip, offset + 2 * skip, ... */
struct table_row {
    uint32_t offset; /* < TABLE_SIZE */
    uint32_t skip;   /* 1 .. TABLE_SIZE - 1 */
    uint8_t value;   /* what stands in its entries */
};

/*
 * The backends take turns, in the order of @rows; each takes the first entry
 * in its order of preference that is free. So no backend has more than one
 * entry more than another, and without one of them most entries stay.
 * With no rows, every entry is TABLE_NONE.
 * Cost: about TABLE_SIZE * ln TABLE_SIZE steps.
 */
void table_fill(uint8_t *table, const struct table_row *rows, uint32_t count);
