/* SPDX-License-Identifier: MIT */
/* devices.c - the device models that a manifest may name. */
#include "devices.h"
#include "arch/platform.h"
#include "tepal.h"
#include "tepal_trusted/base.h"
#include <string.h>

static void inject_faults(struct running_nic *nic)
{
    uint32_t f;

    for (f = 0; f < NIC82599_FAULTS; f++)
        if (nic->faults[f].wanted)
            nic82599_inject(&nic->nic, (enum nic82599_fault)f,
                            nic->faults[f].after, nic->faults[f].times);
}

static void make_nic(struct running *running, struct running_nic *nic,
                     const char *name)
{
    nic82599_init(&nic->nic, nic->own ? nic->own : &nic->wire.wire, name);
    nic82599_drop_when_full(&nic->nic, nic->drop_when_full);
    nic->device = &nic->nic.device;
    tp_assert(device_add(nic->device));
    nic82599_set_clock(&nic->nic, clock_nanoseconds);
    if (!nic->own)
        batches_watch(&nic->batches, &nic->nic);
    if (running->clock.virtual)
        nic82599_time(&nic->timed, &nic->nic);
    inject_faults(nic);
}

static void make_recorder(struct running_nic *nic, const char *name)
{
    recorder_init(&nic->recorder, &nic->wire.wire, name);
    nic->device = &nic->recorder.device;
    tp_assert(device_add(nic->device));
}

bool devices_is_recorder(const struct running *running, uint32_t i)
{
    return strcmp(running->system.devices[i].model, "recorder") == 0;
}

bool devices_make(struct running *running, uint32_t i)
{
    const struct system_device *wanted = &running->system.devices[i];

    if (devices_is_recorder(running, i))
        make_recorder(&running->nics[i], wanted->name);
    else if (strcmp(wanted->model, "82599") == 0)
        make_nic(running, &running->nics[i], wanted->name);
    else
        return false;
    return true;
}

static int check_recorder(const struct running_nic *nic, const char *name)
{
    if (nic->in)
        return fail(EXIT_USAGE, "--in %s=%s: nothing arrives from a recorder",
                    name, nic->in);
    if (!nic->out)
        return fail(EXIT_USAGE, "no capture for %s: give --out %s=FILE", name,
                    name);
    return EXIT_FINE;
}

/* Without a frame that arrives somewhere, nothing will ever happen. */
int devices_check_captures(const struct running *running)
{
    const char *waiting = NULL; /* a controller without a capture */
    bool arrives = false;
    uint32_t i;

    for (i = 0; i < running->system.device_count; i++) {
        const struct running_nic *nic = &running->nics[i];
        const char *name = running->system.devices[i].name;

        if (devices_is_recorder(running, i)) {
            if (check_recorder(nic, name) != EXIT_FINE)
                return EXIT_USAGE;
        } else if (nic->in || nic->own) {
            arrives = true;
        } else if (!waiting) {
            waiting = name;
        }
    }
    if (waiting && !arrives)
        return fail(EXIT_USAGE, "no capture for %s: give --in %s=FILE",
                    waiting, waiting);
    return EXIT_FINE;
}

void devices_stamp(struct running *running)
{
    const struct wire_pcap *first = NULL;
    uint32_t i;

    for (i = 0; i < running->system.device_count && !first; i++)
        if (!devices_is_recorder(running, i) && !running->nics[i].own)
            first = &running->nics[i].wire;
    for (i = 0; i < running->system.device_count && first; i++)
        if (devices_is_recorder(running, i))
            wire_pcap_stamp_like(&running->nics[i].wire, first);
}
