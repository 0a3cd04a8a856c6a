/* SPDX-License-Identifier: MIT */
/*
 * fuzz_options.c - words of the command line and the file of --costs: faults,
 * settings of a replay, numbers. A script may pass on what it was given.
 */
#include "arch/platform.h"
#include "cost_table.h"
#include "fault_setting.h"
#include "fuzz.h"
#include "number.h"
#include "replay_settings.h"
#include <string.h>

/* The kernel's own is broken: cost_table_default. */
_Noreturn void kernel_panic(const char *text)
{
    fprintf(stderr, "%s\n", text);
    abort();
}

static void read_costs(const char *text, size_t bytes)
{
    struct cost_table table;
    uint32_t line = 0, i;

    cost_table_init(&table);
    if (!cost_table_read(&table, text, bytes, &line)) {
        CLAIM(line >= 1 && line <= bytes + 1);
        return;
    }
    CLAIM(table.counter_count <= COST_COUNTERS_MAX);
    for (i = 0; i < table.counter_count; i++) {
        claim_is_text(table.counters[i].name, COST_NAME_MAX);
        CLAIM(table.counters[i].cycles <= COST_CYCLES_MAX);
    }
    CLAIM(cost_of_counter(&table, "ixgbe", "rx_frames.7") <= COST_CYCLES_MAX);
}

static void read_fault(const char *text)
{
    struct running_fault faults[NIC82599_FAULTS] = {{0}};
    uint32_t i, wanted = 0;
    const char *wrong = fault_setting_read(text, faults);

    for (i = 0; i < NIC82599_FAULTS; i++)
        wanted += faults[i].wanted;
    CLAIM(wanted == (wrong ? 0 : 1));
}

/* "OPTION VALUE" a line. */
static void read_replay(char *text)
{
    struct replay_settings settings;
    char *line, *value, *rest = NULL;

    replay_settings_begin(&settings);
    for (line = strtok_r(text, "\n", &rest); line;
         line = strtok_r(NULL, "\n", &rest)) {
        value = strchr(line, ' ');
        if (value)
            *value++ = 0;
        if (value && replay_settings_knows(line) &&
            replay_settings_set(&settings, line, value))
            return;
    }
    if (!replay_settings_end(&settings))
        CLAIM(!replay_check(&settings.replay));
}

static void read_number(const char *text)
{
    char again[32];
    uint64_t value;
    double real;

    if (number_whole(text, &value)) {
        snprintf(again, sizeof(again), "%llu", (unsigned long long)value);
        CLAIM(strcmp(again, text + strspn(text, "0") -
                                (value == 0)) == 0);
    }
    if (number_seconds(text, &value))
        CLAIM(number_real(text, &real));
    if (number_real(text, &real))
        CLAIM(real >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);

    CLAIM(text);
    memcpy(text, data, size);
    text[size] = 0;
    read_costs(text, size);
    read_fault(text);
    read_number(text);
    read_replay(text);
    free(text);
    return 0;
}
