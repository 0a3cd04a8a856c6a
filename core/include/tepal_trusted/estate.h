/* SPDX-License-Identifier: MIT */
/*
 * estate.h - what a domain leaves to its next life: objects that it has given
 * names. Trusted only. Source: design, section 5; docs/ABI.md, "Services".
 */
#pragma once
#include "tepal_trusted/domain.h"

/*
 * What @handle names is @domain's next life's, as @name; the object stays
 * @domain's as any other, and what is not its own at its death is not left.
 * @handle 0: nothing is left under @name any more.
 * Errors: false: not its own just now, its type holds other handles, no room
 * (DOMAIN_KEPT_MAX), or nothing to take back.
 */
bool estate_keep(struct domain *domain, const char *name, uint64_t handle);

/*
 * The object that @domain has, or was left, as @name.
 * Errors: 0: none, not of @type, or not its own any more.
 */
uint64_t estate_find(const struct domain *domain, const char *name,
                     const struct type *type);

/* Before a pass over the objects of @id, a dead life of @domain's. */
void estate_set_aside(struct domain *domain, domain_id_t id);

/* @domain has a new id: what was set aside is its own. */
void estate_take_over(struct domain *domain);

/* There will be no next life. */
void estate_dissolve(struct domain *domain, struct thread *thread);
