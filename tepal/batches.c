/* SPDX-License-Identifier: MIT */
/* batches.c - see batches.h. Runs with the device's lock held. */
#include "batches.h"
#include "arch/platform.h"
#include "tepal_trusted/domain.h"
#include "tepal_trusted/timing.h"
#include <string.h>

static void look_at_resets(struct batches *batches)
{
    if (batches->resets == batches->nic->resets)
        return;
    batches->resets = batches->nic->resets;
    memset(batches->last, 0, sizeof(batches->last));
}

static void look_at_deaths(struct batches *batches)
{
    uint64_t died, deaths = domain_deaths(&died);

    if (batches->deaths == deaths)
        return;
    batches->deaths = deaths;
    histogram_record(&batches->recovery, clock_nanoseconds() - died);
}

/* The first post of a queue, after a reset too, is that of its whole ring. */
static void posted(void *context, uint32_t queue, uint32_t count)
{
    struct batches *batches = context;
    uint64_t now = timing_cycles(), last;

    look_at_resets(batches);
    last = batches->last[queue];
    batches->last[queue] = now;
    if (last == 0 || count == 0)
        return;
    look_at_deaths(batches);
    histogram_record(&batches->fill, count);
    histogram_record(&batches->cycles, (now - last) / count);
}

void batches_watch(struct batches *batches, struct nic82599 *nic)
{
    nic->observe = posted;
    nic->observer = batches;
    batches->nic = nic;
}
