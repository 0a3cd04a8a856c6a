/* SPDX-License-Identifier: MIT */
/* domain.h - domains, their capabilities and their death. Trusted only. */
#pragma once
#include "tepal_trusted/capability.h"
#include "tepal_trusted/image.h"
#include "tepal_trusted/lock.h"
#include "tepal_trusted/owner.h"
#include "tepal/types.h"

#define DOMAIN_NAME_MAX 32
#define DOMAIN_METHODS_MAX 64
/* Data stack that a callee has at least, besides its frame, in bytes. */
#define DOMAIN_CALLEE_DATA_STACK 0x4000u
#define DOMAIN_DATA_STACK_MIN 0x10000u
#define DOMAIN_STACKS_MAX 256 /* threads inside, ever at one time */
#define DOMAIN_EXPORTS_MAX 8
#define DOMAIN_TYPES_MAX 32

struct thread;
struct device;
struct type;

/*
 * A domain's life: its id, and above it whether that incarnation is alive. A
 * capability carries the life it was made for, so one comparison finds both a
 * dead callee and one that has been replaced.
 */
#define DOMAIN_ALIVE 0x10000u

/* The two counts of domain.inside. */
#define DOMAIN_FRAME_BITS 20
#define DOMAIN_ONE_FRAME 1u
#define DOMAIN_FRAMES ((1u << DOMAIN_FRAME_BITS) - 1)
#define DOMAIN_ONE_ENTRY (DOMAIN_ONE_FRAME + (1u << DOMAIN_FRAME_BITS))

struct domain_export {
    uint64_t interface_id;
    const char *name;
    const uintptr_t *entries;
    uint32_t count;
};

/* Why a domain died. */
struct domain_death {
    char cause[80];
    uint32_t address; /* slot offset of the instruction, 0 = unknown */
    uint64_t fault_address;
};

/*
 * Domains are never freed, only reused: a stale pointer finds another life.
 *
 * What the gates read comes first. @affine is the thread that alone may enter
 * an affine domain, NULL while none has; an open domain never has one.
 * @inside counts crossings: the lower DOMAIN_FRAME_BITS those that are inside
 * now, from before the check of @life until after the results (the last pass
 * of death waits for it); above that all that ever entered.
 */
struct domain {
    uint32_t life;
    domain_id_t id; /* 0 = not in use */
    uint16_t slot;
    uintptr_t base;
    struct thread *affine;
    uint32_t data_stack; /* of @affine: its upper end; 0 = none yet */
    uint64_t inside;
    int64_t shared_bytes; /* its objects take; calls settle at their end */
    int64_t shared_quota;
    bool open;

    bool mapped; /* the slot's memory is there */
    uint64_t entered_before; /* @inside when this life began */
    char name[DOMAIN_NAME_MAX];
    struct image image;
    uint32_t text_end;
    /* data, bss and private heap: from start to break, up to limit */
    uint32_t private_start, private_break, private_limit;
    uint32_t data_stack_bytes;
    uint64_t data_stacks[DOMAIN_STACKS_MAX / 64]; /* bit i: stack i in use */
    struct lock growing; /* of the private heap */
    uint32_t reap_due;   /* died; what raced with that is still to be freed */
    uintptr_t main_entry; /* absolute; 0 = no thread of its own */
    char arguments[256];
    struct capability caps[CAPABILITIES_MAX];
    uint64_t wired; /* bit i: capability i of the file has been given */
    struct domain_export exports[DOMAIN_EXPORTS_MAX];
    uint32_t export_count;
    uintptr_t methods[DOMAIN_METHODS_MAX];
    uint32_t method_count;
    const struct type *types[DOMAIN_TYPES_MAX]; /* by the file's record */
    struct device *device;
    struct domain_death death;
    uint64_t allocated[DOMAIN_TYPES_MAX]; /* objects ever made, by the same */
    uint64_t reclaimed; /* objects that death took back */
};

/* Slots below this have been used so far; slot 0 is the kernel's. */
uint32_t domain_slots(void);

/* The domain of @slot, which may not be in use; NULL when it never was. */
struct domain *domain_at(uint32_t slot);

/*
 * A free slot's domain with a new id and name, not alive yet.
 * Errors: NULL when all slots are taken.
 */
struct domain *domain_create(const char *name);

/* Let it be entered. */
void domain_open_up(struct domain *domain);

/*
 * Note why @domain is about to die. The first cause stays. Safe in a signal
 * handler.
 */
void domain_blame(struct domain *domain, const char *cause, uint32_t address,
                  uint64_t fault_address);

/*
 * The domain that runs on @thread has broken a contract: it dies as soon as
 * the service that found out returns.
 */
void domain_fail(struct thread *thread, const char *cause);

/*
 * Death, first part: nobody enters any more, devices stop, objects it owns are
 * freed, those on loan become orphans. Does nothing to a dead domain.
 * Needs: the thread may enter it (thread_claims()).
 */
void domain_kill(struct domain *domain, struct thread *thread);

/* One crossing less inside; the last one out of a dead domain cleans up. */
void domain_leave(struct domain *domain, struct thread *thread);

/* Crossings that are inside now, and all that were in this life. */
static inline uint32_t domain_frames(const struct domain *domain)
{
    return __atomic_load_n(&domain->inside, __ATOMIC_SEQ_CST) & DOMAIN_FRAMES;
}

static inline uint64_t domain_crossings(const struct domain *domain)
{
    return (__atomic_load_n(&domain->inside, __ATOMIC_RELAXED) -
            domain->entered_before) >>
           DOMAIN_FRAME_BITS;
}

/*
 * Make the slot reusable.
 * Needs: dead, and no crossing inside.
 */
void domain_release(struct domain *domain);

/* The export of this id, and name unless that is NULL; or NULL. */
const struct domain_export *domain_find_export(const struct domain *domain,
                                               const char *name);

/*
 * The upper end of @thread's data stack in @domain: mapped now if it was not.
 * Errors: 0 when there is none to be had.
 */
uint32_t domain_data_stack(struct domain *domain, struct thread *thread);

/* A thread that had the data stack that ends at @end is gone. */
void domain_free_data_stack(struct domain *domain, uint32_t end);
