/* SPDX-License-Identifier: MIT */
/*
 * known.c - the interfaces and shared types that this kernel knows: those that
 * it was built with, in the tables of the IDL compiler, and those that a
 * program which embeds it adds. What was added stays.
 * Locking: lists only grow, by one store of a whole entry.
 */
#include "tepal_trusted/lock.h"
#include "tepal_trusted/proxy.h"

static const struct known_type *types;
static const struct known_interface *interfaces;
static struct lock adding;

const struct type *type_find(uint64_t id)
{
    const struct known_type *known =
        __atomic_load_n(&types, __ATOMIC_ACQUIRE);
    uint32_t i;

    for (i = 0; i < tp_type_count; i++)
        if (tp_types[i]->id == id)
            return tp_types[i];
    while (known && known->type.id != id)
        known = known->next;
    return known ? &known->type : NULL;
}

const struct proxy_interface *interface_find(uint64_t id)
{
    const struct known_interface *known =
        __atomic_load_n(&interfaces, __ATOMIC_ACQUIRE);
    uint32_t i;

    for (i = 0; i < tp_interface_count; i++)
        if (tp_interfaces[i]->id == id)
            return tp_interfaces[i];
    while (known && known->interface.id != id)
        known = known->next;
    return known ? &known->interface : NULL;
}

void type_add(struct known_type *type)
{
    lock_acquire(&adding);
    type->next = types;
    __atomic_store_n(&types, type, __ATOMIC_RELEASE);
    lock_release(&adding);
}

void interface_add(struct known_interface *interface)
{
    lock_acquire(&adding);
    interface->next = interfaces;
    __atomic_store_n(&interfaces, interface, __ATOMIC_RELEASE);
    lock_release(&adding);
}
