/* SPDX-License-Identifier: MIT */
/*
 * replace.c - another version of a domain's file takes the place of the one that
 * runs, while others call it.
 *
 * It is loaded and verified in a slot of its own first, so that a file which is
 * refused has harmed nobody; and compared with what others hold on to: proxies
 * index the methods of an export, capabilities point to them, and wires of the
 * manifest meet capabilities by name. The next restart (restart.c), which may be
 * asked for, has domain_reload() load it into the domain's own slot, where its
 * text is verified once more, in the copy that will run.
 * Source: thesis 2 (Domains, Proxies); design, section 5.
 */
#include "tepal_trusted/base.h"
#include "tepal_trusted/loader.h"

/* As many methods follow from the interface: see load.c. */
static bool exports_fit(const struct domain *domain, const struct domain *fresh,
                        struct load_error *error)
{
    uint32_t i;

    if (fresh->export_count != domain->export_count)
        return load_refuse(error, "exports %u interfaces, and the version that "
                           "runs %u", fresh->export_count,
                           domain->export_count);
    for (i = 0; i < domain->export_count; i++)
        if (!text_equal(fresh->exports[i].name, domain->exports[i].name) ||
            fresh->exports[i].interface_id != domain->exports[i].interface_id)
            return load_refuse(error, "export %u is not %s %016lx, as in the "
                               "version that runs", i + 1,
                               domain->exports[i].name,
                               domain->exports[i].interface_id);
    return true;
}

static bool main_fits(const struct domain *domain, const struct domain *fresh,
                      struct load_error *error)
{
    return (domain->main_entry == 0) == (fresh->main_entry == 0) ||
           load_refuse(error, "has %s tp_main, and the version that runs has %s",
                       fresh->main_entry ? "a" : "no",
                       domain->main_entry ? "one" : "none");
}

bool domain_set_next(struct domain *domain, const uint8_t *file, size_t bytes,
                     struct load_error *error)
{
    struct domain *fresh;
    bool fits;

    if (__atomic_load_n(&domain->has_next, __ATOMIC_ACQUIRE))
        return load_refuse(error, "the version before has not begun to run");
    fresh = domain_load(domain->name, file, bytes, error);
    if (!fresh)
        return false;
    fits = exports_fit(domain, fresh, error) &&
           domain_wires_fit(domain, fresh, error) &&
           main_fits(domain, fresh, error);
    if (fits) {
        domain->next = fresh->image;
        __atomic_store_n(&domain->has_next, 1, __ATOMIC_RELEASE);
    }
    domain_release(fresh);
    return fits;
}
