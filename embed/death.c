/* SPDX-License-Identifier: MIT */
/*
 * death.c - obituaries become what a program can read of a domain's last death.
 * What a domain's file says of itself is made printable.
 */
#include "embed.h"
#include "source_lines.h"
#include <string.h>

/* A pointer of the domain's, if the address is one of its slot. */
static uint64_t pointer_at(const struct obituary *obituary)
{
    uint64_t offset = obituary->death.fault_address - obituary->base;

    return offset < TP_SLOT_STRIDE ? offset : 0;
}

static void name_function(struct tepal_death *death,
                          const struct obituary *obituary)
{
    const char *function;

    if (!death->address)
        return;
    function = image_symbol(&obituary->domain->image, death->address,
                            &death->function_offset);
    if (function)
        embed_copy(death->function, sizeof(death->function), function);
}

static void name_method(struct tepal_death *death,
                        const struct death_frame *frame)
{
    if (frame->interface)
        embed_copy(death->interface, sizeof(death->interface),
                   frame->interface);
    if (frame->method)
        embed_copy(death->method, sizeof(death->method), frame->method);
}

static void write_down(struct tepal_domain *domain,
                       const struct obituary *obituary)
{
    struct tepal_death *death = &domain->death;

    memset(death, 0, sizeof(*death));
    embed_copy(death->cause, sizeof(death->cause), obituary->death.cause);
    death->life = obituary->generation;
    death->address = obituary->death.chain[0].address;
    death->fault_address = pointer_at(obituary);
    death->freed_objects = obituary->death.freed.objects;
    death->freed_bytes = obituary->death.freed.bytes;
    name_function(death, obituary);
    name_method(death, &obituary->death.chain[0]);
    domain->died = true;
}

/* With the lock. */
static void take_deaths(void)
{
    static struct obituary obituary;
    struct tepal_domain *domain;

    while (obituary_take(&obituary)) {
        domain = embed.domains;
        while (domain && domain->domain != obituary.domain)
            domain = domain->next;
        if (domain)
            write_down(domain, &obituary);
    }
}

void embed_take_deaths(void)
{
    pthread_mutex_lock(&embed.lock);
    take_deaths();
    pthread_mutex_unlock(&embed.lock);
}

EMBED_API bool tepal_death(struct tepal_domain *domain,
                           struct tepal_death *death)
{
    bool died;

    pthread_mutex_lock(&embed.lock);
    take_deaths();
    died = domain->died;
    if (died)
        *death = domain->death;
    pthread_mutex_unlock(&embed.lock);
    return died;
}

EMBED_API bool tepal_death_find_line(struct tepal_domain *domain,
                                     struct tepal_death *death)
{
    struct source_line line = {.address = death->address};

    if (!death->address ||
        !source_lines_find(domain->file, domain->file_bytes, &line, 1) ||
        line.place.line == 0)
        return false;
    if (line.inlined.line)
        line.place = line.inlined;
    death->line = line.place.line;
    embed_copy(death->file, sizeof(death->file), line.place.file);
    return true;
}
