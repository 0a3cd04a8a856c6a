/* SPDX-License-Identifier: MIT */
/* fuzz_manifest.c - a manifest, as "tepal run" and "tepal systems" read it. */
#include "fuzz.h"
#include "tepal_trusted/loader.h"
#include "tepal_trusted/watchdog.h"
#include <string.h>

static void look_at_wires(const struct system_domain *domain)
{
    uint32_t i;

    CLAIM(domain->wire_count <= SYSTEM_WIRES_MAX);
    for (i = 0; i < domain->wire_count; i++) {
        const struct system_wire *wire = &domain->wires[i];

        claim_is_text(wire->cap, sizeof(wire->cap));
        claim_is_text(wire->domain, sizeof(wire->domain));
        claim_is_text(wire->export, sizeof(wire->export));
        CLAIM(wire->cap[0] && wire->domain[0] && wire->export[0]);
    }
}

static void look_at_domain(const struct system *system, uint32_t index)
{
    const struct system_domain *domain = &system->domains[index];
    uint32_t i;

    claim_is_text(domain->name, sizeof(domain->name));
    claim_is_text(domain->file, sizeof(domain->file));
    claim_is_text(domain->data, sizeof(domain->data));
    claim_is_text(domain->device, sizeof(domain->device));
    claim_is_text(domain->arguments, sizeof(domain->arguments));
    CLAIM(domain->name[0] && domain->file[0] && domain->line);
    CLAIM(domain->restart.policy <= RESTART_ALWAYS && domain->restart.limit);
    CLAIM(domain->budget_ticks <= WATCHDOG_TICKS_MAX);
    for (i = 0; i < index; i++)
        CLAIM(strcmp(domain->name, system->domains[i].name) != 0);
    look_at_wires(domain);
}

static void look(const struct system *system)
{
    uint32_t i;

    CLAIM(system->domain_count && system->domain_count <= SYSTEM_DOMAINS_MAX);
    CLAIM(system->device_count <= SYSTEM_DEVICES_MAX);
    claim_is_text(system->name, sizeof(system->name));
    for (i = 0; i < system->device_count; i++) {
        claim_is_text(system->devices[i].name,
                      sizeof(system->devices[i].name));
        claim_is_text(system->devices[i].model,
                      sizeof(system->devices[i].model));
    }
    for (i = 0; i < system->domain_count; i++)
        look_at_domain(system, i);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct load_error error;
    static struct system system;

    memset(&error, 0xff, sizeof(error));
    memset(&system, 0xff, sizeof(system));
    if (system_parse(&system, (const char *)data, size, &error)) {
        look(&system);
        return 0;
    }
    claim_is_text(error.text, sizeof(error.text));
    CLAIM(strncmp(error.text, "line ", 5) == 0);
    return 0;
}
