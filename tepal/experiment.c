/* SPDX-License-Identifier: MIT */
/* experiment.c - see experiment.h. On the monitor's thread, but for the ends. */
#include "experiment.h"
#include "devices.h"
#include "peek.h"
#include <errno.h>

static FILE *table; /* NULL: none is wanted */

bool experiment_begin(const struct running *running)
{
    if (!running->samples_path)
        return true;
    table = fopen(running->samples_path, "w");
    if (!table)
        return false;
    fputs("seconds,packets_in,packets_out,crashes,restarts\n", table);
    return true;
}

/*
 * Somebody needs @place: its own thread, or one of those that call others. One
 * that died before or after that would not come back.
 */
static bool is_needed(const struct running_domain *place)
{
    const struct running *running = place->running;
    uint32_t i;

    if (!__atomic_load_n(&running->is_set_up, __ATOMIC_ACQUIRE))
        return false;
    if (!place->domain->serves)
        return !running_has_ended(place);
    for (i = 0; i < running->loaded; i++)
        if (!running->domains[i].domain->serves &&
            !running_has_ended(&running->domains[i]))
            return true;
    return false;
}

static void kill_due(struct running_domain *place, uint64_t nanoseconds)
{
    if (place->kill_every_ns == 0 ||
        nanoseconds < (place->kills + 1) * place->kill_every_ns)
        return;
    place->kills = nanoseconds / place->kill_every_ns;
    if (!is_needed(place))
        return;
    domain_end(place->domain, "killed by --kill");
}

static void write_line(const struct running *running, uint64_t nanoseconds)
{
    uint64_t in = 0, out = 0;
    uint32_t crashes = 0, lives = 0, i;

    for (i = 0; i < running->plugged; i++) {
        in += peek(&running->nics[i].wire.counts.packets_in);
        out += peek(&running->nics[i].wire.counts.packets_out);
    }
    for (i = 0; i < running->loaded; i++) {
        crashes += peek_word(&running->domains[i].domain->crashes);
        lives += peek_word(&running->domains[i].domain->generation);
    }
    fprintf(table, "%.6f,%lu,%lu,%u,%u\n", (double)nanoseconds / 1e9, in, out,
            crashes, lives - running->loaded);
}

void experiment_step(struct running *running, uint64_t nanoseconds)
{
    uint32_t i;

    for (i = 0; i < running->loaded; i++)
        kill_due(&running->domains[i], nanoseconds);
    if (table)
        write_line(running, nanoseconds);
}

bool experiment_end(void)
{
    bool fine = true;

    if (table) {
        fine = !ferror(table);
        fine = fclose(table) == 0 && fine;
    }
    table = NULL;
    return fine;
}
