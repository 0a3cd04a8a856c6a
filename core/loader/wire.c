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

bool domain_wire(struct domain *domain, const char *cap_name,
                 struct domain *callee, const char *export_name,
                 struct load_error *error)
{
    int number = find_cap(domain, cap_name);
    const struct domain_export *export;
    struct dom_cap cap;
    uint32_t index;

    if (number < 0)
        return load_refuse(error, "%s has no capability called %s", domain->name,
                      cap_name);
    export = domain_find_export(callee, export_name);
    if (!export)
        return load_refuse(error, "%s does not export %s", callee->name,
                      export_name);
    cap = image_cap(&domain->image, (uint32_t)number);
    if (cap.interface_id != export->interface_id)
        return load_refuse(error,
                      "%s of %s and %s.%s are not the same interface; rebuild "
                      "both files from the same .idl",
                      cap_name, domain->name, callee->name, export_name);
    index = capability_grant(domain, callee, export);
    if (!index || !slot_store32(domain->base, cap.variable, index))
        return load_refuse(error, "%s cannot hold another capability",
                      domain->name);
    domain->wired |= 1ull << number;
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
