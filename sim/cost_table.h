/* SPDX-License-Identifier: MIT */
/*
 * cost_table.h - what work costs on the virtual clock, in CPU cycles.
 *
 * Text, one entry a line, NAME CYCLES: a service (register_read,
 * register_write, idle, irq_wait, log, nanoseconds, cycles, random), crossing,
 * allocation, or DOMAIN.COUNTER: that much for each step of a counter that
 * domain file DOMAIN.dom shows. NAME.N, for queue N, is charged as NAME.
 * docs/VIRTUAL_CLOCK.md says where the default figures come from.
 */
#pragma once
#include "tepal/abi.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COST_COUNTERS_MAX 64
#define COST_NAME_MAX 64
#define COST_CYCLES_MAX 1000000000u

struct cost_counter {
    char name[COST_NAME_MAX]; /* DOMAIN.COUNTER */
    uint32_t cycles;
};

struct cost_table {
    uint32_t service[TP_SERVICE_COUNT];
    uint32_t crossing, allocation;
    struct cost_counter counters[COST_COUNTERS_MAX];
    uint32_t counter_count;
};

/* The figures that stand in cost_table_default. */
void cost_table_init(struct cost_table *table);
extern const char cost_table_default[];

/*
 * Change @table by the entries of @text.
 * Errors: false; @line has the number of the first line that is wrong, and the
 *         table is undefined.
 */
bool cost_table_read(struct cost_table *table, const char *text, size_t bytes,
                     uint32_t *line);

/* What a step of @counter of the file DOMAIN.dom costs; 0 when not listed. */
uint32_t cost_of_counter(const struct cost_table *table, const char *domain,
                         const char *counter);
