/* SPDX-License-Identifier: MIT */
/*
 * obituary.h - what is known of a domain's death, for whoever reports it.
 * Trusted only.
 *
 * A death is written down in its domain by the threads that work it off. When
 * the last of them has left, it is filed as an obituary in a ring, which the
 * program empties at its leisure: nobody prints on a dying thread.
 * Source: design, section 5.
 */
#pragma once
#include "tepal_trusted/lock.h"
#include "tepal_trusted/owner.h"
#include "tepal/types.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DEATH_CAUSE_MAX 80
#define DEATH_NAME_MAX 32
#define DEATH_CHAIN_MAX 16
#define DEATH_TYPES_MAX 8
#define DEATH_LENDERS_MAX 8
#define OBITUARIES_MAX 64

struct crossing;
struct domain;
struct thread;
struct type;

/* A domain on the dying thread, with the call that brought the thread there. */
struct death_frame {
    char name[DEATH_NAME_MAX];
    const struct domain *domain;
    uint32_t version; /* of its file: domain->version */
    uint32_t address; /* slot offset: of the call's last byte; 0 = unknown */
    const char *interface; /* NULL: its own thread, called by nobody */
    const char *method;
};

/* Objects, and the bytes of heap that they take. */
struct death_objects {
    uint64_t objects, bytes;
};

/* Why and where a domain died, and what became of what it had. */
struct domain_death {
    char cause[DEATH_CAUSE_MAX];
    /* Slot offset of the instruction, or of a call's last byte; 0 = unknown. */
    uint32_t address;
    enum death_blame {
        DEATH_UNBLAMED,
        DEATH_BEING_BLAMED, /* somebody writes the cause */
        DEATH_BLAMED,
    } blamed; /* atomic */
    bool chained, filed;
    uint64_t fault_address;
    const struct thread *thread; /* that it died on; NULL: killed by another */

    struct death_frame chain[DEATH_CHAIN_MAX]; /* innermost first */
    /* May be more than there is room for. With 0, when a domain was killed
     * with nobody inside, the first frame's place is its last known one. */
    uint32_t chain_length;

    struct lock lock; /* of what follows */
    struct death_objects freed, orphaned;
    struct death_types {
        const struct type *type;
        struct death_objects freed;
    } types[DEATH_TYPES_MAX]; /* of @freed, the first so many types */
    struct death_lender {
        char name[DEATH_NAME_MAX];
        domain_id_t id;
        uint64_t loans;
    } lenders[DEATH_LENDERS_MAX]; /* to whom loans went back */
    uint64_t loans_elsewhere;     /* that found no room there */
};

struct obituary {
    const struct domain *domain;
    char name[DEATH_NAME_MAX];
    domain_id_t id;
    uint32_t generation; /* which of its lives it was, from 1 */
    uint32_t version;    /* of its file: domain->version */
    uintptr_t base;
    struct domain_death death;
};

/*
 * Whoever was writing the cause has done so. Not in a signal handler: that may
 * have interrupted the writer.
 */
void death_await_blame(const struct domain_death *death);

/*
 * A crossing into a domain that died is about to end: note the chain of
 * crossings, if this is the thread that it died on, and the loans that go back
 * to the caller now.
 */
void death_settle(struct crossing *x);

/* An object of a dead domain's was freed, or waits for its last return. */
void death_count_object(struct domain_death *death, const struct type *type,
                        bool freed);

/*
 * The death of @domain has been worked off: file it, once. Does nothing when
 * it was ended rather than died.
 * Needs: dead, and no crossing inside.
 */
void death_file(struct domain *domain);

/* Take the oldest obituary out; false when there is none. On any thread. */
bool obituary_take(struct obituary *obituary);

/* The lock of the ring: for audits. */
struct lock *obituary_lock(void);

/* How many found the ring full. */
uint64_t obituaries_lost(void);
