/* SPDX-License-Identifier: MIT */
/* domain.h - domains, their capabilities and their death. Trusted only. */
#pragma once
#include "tepal_trusted/capability.h"
#include "tepal_trusted/gate_offsets.h"
#include "tepal_trusted/image.h"
#include "tepal_trusted/lock.h"
#include "tepal_trusted/obituary.h"
#include "tepal_trusted/owner.h"
#include "tepal/types.h"

#define DOMAIN_NAME_MAX 32
#define DOMAIN_METHODS_MAX 64
/* Data stack that a callee has at least, besides its frame, in bytes. */
#define DOMAIN_CALLEE_DATA_STACK 0x4000u
#define DOMAIN_DATA_STACK_MIN 0x10000u
#define DOMAIN_STACKS_MAX 256 /* threads inside, ever at one time */
#define DOMAIN_EXPORTS_MAX 16
#define DOMAIN_TYPES_MAX 32
#define DOMAIN_COUNTERS_MAX 64
#define DOMAIN_WIRES_MAX 32
#define DOMAIN_KEPT_MAX 8
#define DOMAIN_COUNTER_NAME 24

struct thread;
struct device;
struct type;

/*
 * A domain's life: its id, and above it DOMAIN_ALIVE while that incarnation is.
 * A capability carries the life it was made for, so one comparison finds both a
 * dead callee and one that has been replaced. No domain ever has this one:
 */
#define DOMAIN_NO_LIFE 0u

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

/*
 * A counter that the domain shows in reports: where it is, not its value. What
 * earlier lives counted is in @past.
 */
struct domain_counter {
    char name[DOMAIN_COUNTER_NAME];
    uint32_t address; /* slot offset, private and mapped; 0 = not shown */
    uint64_t past;
};

/* A capability that the manifest gives it, in each of its lives. */
struct domain_wire {
    char cap[DOMAIN_NAME_MAX];
    struct domain *callee;
    const struct domain_export *export;
};

/* An object that the next life inherits; see estate.h. Empty name: none. */
struct domain_kept {
    char name[DOMAIN_COUNTER_NAME];
    uint64_t handle;
    const struct type *type;
    bool is_aside; /* its life has ended, and it was its own then */
};

enum restart_policy {
    RESTART_NEVER,
    RESTART_ON_CRASH,
    RESTART_ALWAYS, /* also when its own thread ended with a failure */
};

/* What becomes of it after its death. The last three are the kernel's notes. */
struct domain_restart {
    enum restart_policy policy;
    uint32_t limit; /* restarts in a window; 0 = any number */
    uint64_t window_nanoseconds;
    uint64_t delay_nanoseconds; /* before one; longer for each in the window */
    uint64_t window_start;
    uint32_t count; /* in this window */
    uint32_t owed;  /* a bool, atomic: once more, whatever the policy is */
};

/*
 * Domains are never freed, only reused: a stale pointer finds another life.
 *
 * What the gates read comes first. @affine is the thread that alone may enter
 * an affine domain, NULL while none has; an open domain never has one.
 * @inside counts crossings: the lower DOMAIN_FRAME_BITS those that are inside
 * now, from before the check of @life until after the results (the last pass
 * of death waits for it); above that all that ever entered.
 *
 * @reap_due is the id of the incarnation whose last pass is still to be made,
 * @gone that of the last one of which nothing is left.
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
    uint32_t reap_due, gone;
    uint32_t budget_ticks; /* what one call may take; 0 = any time */
    uintptr_t gs_base; /* @base when its code is of the gs flavour, or else 0 */

    bool mapped; /* the slot's memory is there */
    bool serves; /* others are wired to it: ready when tp_main has returned */
    uint32_t reviving; /* a bool; a thread is restarting it */
    uint32_t generation; /* lives it has had */
    struct domain_restart restart;
    uint64_t entered_before; /* @inside when the first life began */
    char name[DOMAIN_NAME_MAX];
    struct image image;
    uint32_t version; /* how often another file took the place of its first */
    struct image next; /* what the next life runs, if @has_next */
    uint32_t has_next; /* a bool, atomic */
    uint32_t text_end;
    /* data, bss and private heap: from start to break, up to limit */
    uint32_t private_start, private_break, private_limit;
    uint64_t private_quota; /* bytes of private heap */
    uint32_t image_end; /* where the private heap starts */
    uint32_t data_stack_bytes;
    uint64_t data_stacks[DOMAIN_STACKS_MAX / 64]; /* bit i: stack i in use */
    struct lock growing; /* of the private heap */
    uintptr_t main_entry; /* absolute; 0 = no thread of its own */
    char arguments[256];
    const uint8_t *data; /* the manifest's file for it; who loads keeps it */
    size_t data_bytes;
    struct domain_kept kept[DOMAIN_KEPT_MAX];
    struct domain_counter counters[DOMAIN_COUNTERS_MAX];
    uint32_t counter_count; /* grows only, and after the counter is there */
    struct capability caps[CAPABILITIES_MAX];
    uint64_t wired; /* bit i: capability i of the file has been given */
    struct domain_wire wires[DOMAIN_WIRES_MAX];
    uint32_t wire_count;
    struct domain_export exports[DOMAIN_EXPORTS_MAX];
    uint32_t export_count;
    uintptr_t methods[DOMAIN_METHODS_MAX];
    uint32_t method_count;
    const struct type *types[DOMAIN_TYPES_MAX]; /* by the file's record */
    struct device *device; /* NULL once it is dead */
    struct device *driven; /* the one it has in each life */
    uint64_t allocated[DOMAIN_TYPES_MAX]; /* objects ever made, by the same */
    uint64_t reclaimed; /* objects that death took back */
    uint32_t crashes;   /* deaths that somebody gave a cause for, in all lives */
    struct domain_death death;
};

/* Slots below this have been used so far; slot 0 is the kernel's. */
uint32_t domain_slots(void);

/* The domain of @slot, which may not be in use; NULL when it never was. */
struct domain *domain_at(uint32_t slot);

/* For audits: the lock of the table, and whether some life has @id. */
struct lock *domain_lock(void);
bool domain_id_is_used(domain_id_t id);

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
 * Death by the thread that ran in it, first part: nobody enters any more,
 * devices stop, objects it owns are freed, those on loan become orphans. Does
 * nothing to a dead domain.
 * Needs: the thread may enter it (thread_enter()).
 */
void domain_kill(struct domain *domain, struct thread *thread);

/*
 * Death from outside, on any thread or none, at any moment: nobody enters any
 * more, devices stop. The rest is work of watchdog_tick(). Does nothing to a
 * dead domain.
 */
void domain_end(struct domain *domain, const char *cause);

/*
 * The same where no lock may be taken, as in a signal handler: devices stop
 * when the watchdog comes by.
 */
void domain_end_now(struct domain *domain, const char *cause);

/*
 * The same for the incarnation @life alone, and nobody is to blame: no crash is
 * counted and no obituary written.
 * Errors: false: it is another's life, or over.
 */
bool domain_retire(struct domain *domain, uint32_t life);

/* How many domains have died so far, and when the last of them did. */
uint64_t domain_deaths(uint64_t *last_nanoseconds);

/* One crossing less inside; the last one out of a dead domain cleans up. */
void domain_leave(struct domain *domain, struct thread *thread);

/*
 * If nobody is inside and this was not done: stop its device, free all that it
 * owned in @life, which has ended. Afterwards that is gone.
 * @life: as it was seen in domain->life; does nothing if it is not dead.
 * Needs: of an affine domain that another thread may enter, cpu_barrier_all()
 * since @life was seen: who enters later than that finds it dead.
 */
void domain_settle(struct domain *domain, struct thread *thread, uint32_t life);

/* Dead, and nothing is left of that incarnation but its slot. */
static inline bool domain_is_gone(const struct domain *domain)
{
    uint32_t life = __atomic_load_n(&domain->life, __ATOMIC_SEQ_CST);

    return !(life & DOMAIN_ALIVE) &&
           __atomic_load_n(&domain->gone, __ATOMIC_ACQUIRE) == life;
}

static inline uint32_t domain_life(const struct domain *domain)
{
    return __atomic_load_n(&domain->life, __ATOMIC_RELAXED);
}

static inline bool domain_is_alive(const struct domain *domain)
{
    return domain_life(domain) & DOMAIN_ALIVE;
}

/* Dead or not, there may be another life after this one. */
static inline bool domain_may_return(const struct domain *domain)
{
    return __atomic_load_n(&domain->restart.policy, __ATOMIC_RELAXED) !=
               RESTART_NEVER ||
           __atomic_load_n(&domain->restart.owed, __ATOMIC_SEQ_CST) != 0 ||
           __atomic_load_n(&domain->reviving, __ATOMIC_SEQ_CST) != 0;
}

/*
 * Count crossings of an affine domain. Only its thread does, so a plain store
 * will do; others look.
 */
static inline void domain_count(struct domain *domain, uint64_t change)
{
    __atomic_store_n(&domain->inside,
                     __atomic_load_n(&domain->inside, __ATOMIC_RELAXED) +
                         change,
                     __ATOMIC_RELAXED);
    __asm__ volatile("" ::: "memory");
}

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
 * Show the 64-bit counter at @address of @domain's private memory as @name.
 * Errors: false: not a name, taken, no private memory, or no room.
 */
bool domain_counter_add(struct domain *domain, const char *name,
                        uint32_t address);

/* A life has ended: its counts are kept, those of the next are added. */
void domain_counters_carry(struct domain *domain);

/* How many there are: [0, this) of domain->counters have their names. */
uint32_t domain_counters(const struct domain *domain);

/*
 * The value of counter @index of @domain; 0 when it has not so many. On any
 * thread, as long as the domain has not been released.
 */
uint64_t domain_counter_value(const struct domain *domain, uint32_t index);

/*
 * The upper end of @thread's data stack in @domain: mapped now if it was not.
 * Errors: 0 when there is none to be had.
 */
uint32_t domain_data_stack(struct domain *domain, struct thread *thread);

/* Zero what threads have as data stacks: nobody is inside. */
void domain_clear_data_stacks(struct domain *domain);

/*
 * The slot was unmapped: map what threads have as data stacks anew.
 * Errors: false when there is no memory.
 */
bool domain_map_data_stacks(struct domain *domain);

/*
 * Another incarnation: a new id. Needs: dead and gone, and no capability names
 * its life (capability_retire()).
 */
void domain_renew_id(struct domain *domain);

/* A thread that had the data stack that ends at @end is gone. */
void domain_free_data_stack(struct domain *domain, uint32_t end);
