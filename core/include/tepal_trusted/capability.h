/* SPDX-License-Identifier: MIT */
/*
 * capability.h - the rights of a domain to call others, and where each right
 * came from. Trusted only.
 *
 * A domain names a capability by its index in a table that it cannot reach.
 * What it passes on, or narrows, is derived: who takes a capability back takes
 * back everything that was derived from it, in whatever domain.
 * Source: thesis 2 (trait objects as capabilities); design, section 4.
 */
#pragma once
#include "tepal/types.h"

#define CAPABILITIES_MAX 64 /* of a domain; index 0 is none */
#define CAPABILITY_METHODS_ALL (~0ull)

struct domain;
struct domain_export;
struct lock;

/*
 * The right to call some methods of an interface of one domain's life.
 *
 * Proxies read it without a lock. @whole_id and @methods change atomically and
 * say whether it is there at all; @callee_life does too, and says for which life
 * of the callee; the rest of what a proxy reads is written before them. In an
 * open domain that rest never changes again, since another thread may be
 * reading it: the entry is used for the same export only.
 */
struct capability {
    uint64_t whole_id; /* the interface when all its methods may be called */
    struct domain *callee;
    const uintptr_t *entries; /* absolute address of each method */
    uint32_t callee_life;
    uint32_t depth;   /* 0 = derived from none */
    uint64_t methods; /* bit i: method i may be called; 0 = void */
    uint64_t interface_id;
    /* All there are, each followed by what was derived from it. NULL: free. */
    struct capability *next, *previous;
};
_Static_assert(sizeof(struct capability) == 64, "a cache line");

/* The life of the callee that it is for. */
static inline uint32_t capability_life(const struct capability *capability)
{
    return __atomic_load_n(&capability->callee_life, __ATOMIC_RELAXED);
}

/*
 * Whether it is for @life of its callee, which was loaded before: whoever has
 * seen another life finds that capabilities to the one before name none.
 */
static inline bool capability_is_for(const struct capability *capability,
                                     uint32_t life)
{
    __asm__ volatile("" ::"r"(life) : "memory");
    return capability_life(capability) == life;
}

/* Whether method @method of interface @interface_id may be called by it. */
static inline bool capability_allows(const struct capability *capability,
                                     uint64_t interface_id, uint32_t method)
{
    uint64_t methods =
        __atomic_load_n(&capability->methods, __ATOMIC_ACQUIRE);

    return methods >> method & 1 && capability->interface_id == interface_id;
}

/*
 * Give @holder the right to call all of @callee's export, derived from none.
 * Errors: 0 when its table is full.
 */
uint32_t capability_grant(struct domain *holder, struct domain *callee,
                          const struct domain_export *export);

/*
 * The same to a callee that may be dead, or just being restarted: then
 * capability_renew() has to come first.
 */
uint32_t capability_grant_again(struct domain *holder, struct domain *callee,
                                const struct domain_export *export);

/*
 * Derive from @index of @holder a capability of @to, for those of its methods
 * that are in @methods.
 * @interface_id: it must be for this one; 0 = any.
 * Errors: 0: @holder has no such capability, no method is left, or @to's table
 * is full.
 */
uint32_t capability_derive(struct domain *holder, uint64_t index,
                           uint64_t interface_id, uint64_t methods,
                           struct domain *to);

/*
 * Take back everything that was derived from @index of @holder, in all domains;
 * and the capability itself unless @keep. Only then is @index free for another,
 * whoever had voided it before: until it is told, a holder may use it.
 * Errors: false: @holder has no such capability, or no longer.
 * Cost:   one step for each that goes.
 */
bool capability_revoke(struct domain *holder, uint64_t index, bool keep);

/* Whom @index of @holder leads to, dead or alive; NULL: there is none. */
struct domain *capability_callee(struct domain *holder, uint64_t index);

/*
 * @index of @holder names the present life of @callee, whom it leads to.
 * Returns that life's generation; 0 when there is no such capability any more,
 * or @callee is not ready.
 */
uint32_t capability_renew(struct domain *holder, uint64_t index,
                          const struct domain *callee);

/* The generation of the life that it names, if that has not ended; or 0. */
uint32_t capability_generation(struct domain *holder, uint64_t index);

/*
 * @domain's life has ended and it will have another: capabilities to it name no
 * life until they are renewed, those that it held are given up. What it had
 * passed on stays, as with capability_forget().
 */
void capability_retire(struct domain *domain);

/* Whether @holder has one that leads to @callee, dead or alive. */
bool capability_is_held(const struct domain *holder,
                        const struct domain *callee);

/* The head of the list of all, and its lock: for audits. */
const struct capability *capability_list(struct lock **lock);

/* Whether another domain holds a capability to @domain. */
bool capability_leads_to(const struct domain *domain);

/*
 * @domain is gone: nobody has a capability to it any more. What it had passed
 * on stays, as if whoever gave it to @domain had done so.
 */
void capability_forget(struct domain *domain);
