/* SPDX-License-Identifier: MIT */
/*
 * audit_tables.c - what never changes once a domain is loaded: its function
 * table, its text, its read-only data, and what the kernel knows of them.
 * The hash finds accidents, not adversaries: whoever could choose what stands
 * there has won already.
 * Source: design, sections 2 and 6; docs/INJECT.md, "What is checked".
 */
#include "audit.h"
#include "tepal_trusted/base.h"

#define MULTIPLIER 0x9e3779b97f4a7c15u

/* Four lanes, since each multiplication waits for the one before. */
static uint64_t mix(uint64_t hash, const void *memory, size_t bytes)
{
    const uint64_t *words = memory;
    uint64_t lanes[4] = {hash, hash + 1, hash + 2, hash + 3};
    size_t i, count = bytes / 8;

    for (i = 0; i < count; i++) {
        lanes[i % 4] = (lanes[i % 4] ^ words[i]) * MULTIPLIER;
        lanes[i % 4] ^= lanes[i % 4] >> 29;
    }
    for (i = 0; i < 4; i++)
        hash = (hash ^ lanes[i]) * MULTIPLIER;
    return hash;
}

static uint64_t mix_segment(uint64_t hash, const struct domain *domain,
                            uint32_t address, uint32_t bytes)
{
    return mix(hash, (const void *)(domain->base + address),
               (bytes + TP_PAGE - 1) & ~(uint32_t)(TP_PAGE - 1));
}

static uint64_t mix_wires(uint64_t hash, const struct domain *domain)
{
    hash = mix(hash, domain->exports,
               domain->export_count * sizeof(domain->exports[0]));
    hash = mix(hash, domain->methods,
               domain->method_count * sizeof(domain->methods[0]));
    hash = mix(hash, domain->wires,
               domain->wire_count * sizeof(domain->wires[0]));
    return mix(hash, domain->types, sizeof(domain->types));
}

uint64_t audit_hash(const struct domain *domain)
{
    const struct image *image = &domain->image;
    const uint64_t words[] = {
        domain->base,           domain->slot,          domain->open,
        domain->main_entry,     domain->text_end,      domain->image_end,
        domain->private_start,  domain->export_count,  domain->method_count,
        domain->wire_count,     domain->data_stack_bytes,
    };
    uint64_t hash = mix(1, words, sizeof(words));

    if (!domain->mapped)
        return 0;
    hash = mix_segment(hash, domain, TP_FTAB_START, image->ftab_bytes);
    hash = mix_segment(hash, domain, image->text.address,
                       image->text.memory_bytes);
    hash = mix_segment(hash, domain, image->rodata.address,
                       image->rodata.memory_bytes);
    return mix_wires(hash, domain);
}

bool audit_tables(struct audit *audit)
{
    uint32_t slot;

    for (slot = 1; slot < audit->slots; slot++)
        if (audit_hash(domain_at(slot)) != audit->hashes[slot])
            return audit_fails(audit, "tables: those of %s have changed",
                               domain_at(slot)->name);
    return true;
}
