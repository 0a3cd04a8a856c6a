/* SPDX-License-Identifier: MIT */
/*
 * wire.c - the capabilities a file asks for meet the exports of others.
 * Interface ids are hashes of their structure: if they agree, both sides were
 * compiled for the same layouts; if not, they do not link.
 */
#include "arch/access.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/loader.h"

static int find_cap(const struct domain *domain, const char *name)
{
    uint32_t i;

    for (i = 0; i < domain->image.cap_count; i++)
        if (text_equal(image_cap_name(&domain->image, i), name))
            return (int)i;
    return -1;
}

/* Where the file wants it, once both sides agree on the interface. */
static bool find_place(const struct domain *domain,
                       const struct domain_wire *wire, uint32_t *number,
                       struct load_error *error)
{
    int found = find_cap(domain, wire->cap);

    if (found < 0)
        return load_refuse(error, "%s has no capability called %s",
                           domain->name, wire->cap);
    *number = (uint32_t)found;
    if (image_cap(&domain->image, *number).interface_id !=
        wire->export->interface_id)
        return load_refuse(error,
                      "%s of %s and %s.%s are not the same interface; rebuild "
                      "both files from the same .idl",
                      wire->cap, domain->name, wire->callee->name,
                      wire->export->name);
    return true;
}

typedef uint32_t grant_function(struct domain *holder, struct domain *callee,
                                const struct domain_export *export);

static bool give(struct domain *domain, const struct domain_wire *wire,
                 grant_function *grant, struct load_error *error)
{
    uint32_t number = 0, index;

    if (!find_place(domain, wire, &number, error))
        return false;
    index = grant(domain, wire->callee, wire->export);
    if (!index ||
        !slot_store32(domain->base, image_cap(&domain->image, number).variable,
                      index))
        return load_refuse(error, "%s cannot hold another capability",
                           domain->name);
    domain->wired |= 1ull << number;
    return true;
}

/* The one of that name, or a new one. */
static struct domain_wire *wire_called(struct domain *domain, const char *cap)
{
    struct domain_wire *wire = domain->wires;

    while (wire < domain->wires + domain->wire_count &&
           !text_equal(wire->cap, cap))
        wire++;
    return wire < domain->wires + DOMAIN_WIRES_MAX ? wire : NULL;
}

bool domain_wire(struct domain *domain, const char *cap_name,
                 struct domain *callee, const char *export_name,
                 struct load_error *error)
{
    struct domain_wire *wire = wire_called(domain, cap_name);

    if (!wire)
        return load_refuse(error, "%s cannot have another wire", domain->name);
    text_copy(wire->cap, sizeof(wire->cap), cap_name);
    wire->callee = callee;
    wire->export = domain_find_export(callee, export_name);
    if (!wire->export)
        return load_refuse(error, "%s does not export %s", callee->name,
                           export_name);
    if (!give(domain, wire, capability_grant, error))
        return false;
    if (wire == domain->wires + domain->wire_count)
        domain->wire_count++;
    callee->serves = true;
    return true;
}

bool domain_wire_again(struct domain *domain, struct load_error *error)
{
    uint32_t i;

    domain->wired = 0;
    for (i = 0; i < domain->wire_count; i++)
        if (!give(domain, &domain->wires[i], capability_grant_again, error))
            return false;
    return true;
}

bool domain_wires_fit(const struct domain *domain, const struct domain *fresh,
                      struct load_error *error)
{
    uint32_t number = 0, i;

    for (i = 0; i < domain->wire_count; i++)
        if (!find_place(fresh, &domain->wires[i], &number, error))
            return false;
    for (i = 0; i < fresh->image.cap_count; i++) {
        const char *name = image_cap_name(&fresh->image, i);

        if (find_cap(domain, name) < 0)
            return load_refuse(error, "asks for a capability %s, and the "
                               "version that runs does not", name);
    }
    return true;
}

bool domain_is_wired(const struct domain *domain, struct load_error *error)
{
    uint32_t i;

    for (i = 0; i < domain->image.cap_count; i++)
        if (!(domain->wired & 1ull << i))
            return load_refuse(error,
                          "capability %s of %s is not wired; add %s="
                          "DOMAIN.EXPORT to its line",
                          image_cap_name(&domain->image, i), domain->name,
                          image_cap_name(&domain->image, i));
    return true;
}
