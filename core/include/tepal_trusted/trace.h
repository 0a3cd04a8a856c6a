/* SPDX-License-Identifier: MIT */
/*
 * trace.h - what a traced run records: calls between domains, the objects that
 * move in them, deaths and restarts. Trusted only.
 *
 * Nothing of it is on the path of a call that is not traced: domains that are
 * loaded while tracing is on have the gates of other proxies in their function
 * tables (trace_proxy.h), which idlc makes of the same code.
 *
 * Events stand in chunks, each filled by one thread. A full one goes into a
 * queue; whoever reads the trace takes it from there and gives it back. When
 * there is no empty one, a thread leaves out the calls that begin, whole: each
 * beginning that is recorded has its end, and both nest. Deaths and restarts
 * have a place of their own, and are kept when calls are not.
 * Source: docs/man/tepal.1, "TRACES".
 */
#pragma once
#include "tepal_trusted/thread.h"
#include "tepal/types.h"
#include <stddef.h>

struct crossing;
struct domain;
struct type;

enum trace_kind {
    TRACE_ENTER,     /* a call begins: @method */
    TRACE_LEAVE,     /* the newest one ends: @answer */
    TRACE_FAILED,    /* a call did not begin: @method, @count is the result */
    TRACE_ARGUMENTS, /* @count objects of @type moved to the callee */
    TRACE_RESULTS,   /* and to the caller */
    TRACE_LENT,      /* @count objects were lent to the callee */
};

/* @caller, @callee: slots; 0 is the kernel, or nobody. */
struct trace_event {
    uint64_t time; /* cycles, of the virtual clock if there is one */
    union {
        const char *method; /* "interface.method" */
        const struct type *type; /* NULL: it is gone already */
        struct rpc answer;
    };
    uint32_t count;
    uint16_t caller, callee;
    uint8_t kind; /* enum trace_kind */
};
_Static_assert(sizeof(struct trace_event) == 32, "half a line");

/* 128 KiB; more than the calls for which a trusted stack has room. */
#define TRACE_CHUNK_EVENTS 4095
struct trace_chunk {
    struct trace_chunk *next;
    uint32_t thread; /* from 1 in the order of their first calls */
    uint32_t count;
    uint16_t slot; /* of the domain whose tp_main the thread runs */
    struct trace_event events[TRACE_CHUNK_EVENTS];
};

/* The death of a domain, or its restart. */
struct trace_life {
    uint64_t time;
    uint32_t thread; /* that found out; 0: none that was traced */
    uint32_t address; /* of the death: slot offset, 0 = unknown */
    uint16_t slot;
    bool restarted;
    bool whole; /* written to its end */
    char cause[80]; /* as the domain may have put it */
};
#define TRACE_LIVES_MAX 4096

/* Whether there is a trace. Read where it costs calls nothing. */
extern bool tracing;

/*
 * Trace from now on: domains that are loaded then, their threads, all deaths.
 * @bytes: memory for calls. @waits: a thread that finds none left waits for
 * trace_give() instead of leaving calls out; for a clock that does not go on
 * meanwhile.
 * Needs:  no domain's thread runs.
 * Errors: false when there is not so much memory.
 */
bool trace_begin(size_t bytes, bool waits);
/* No event from now on. Needs: as above; from then on no thread waits. */
void trace_stop(void);
/* Its memory is free. Needs: stopped, and all threads that were traced gone. */
void trace_end(void);

/* The oldest full chunk, which is the caller's until trace_give(); or NULL. */
struct trace_chunk *trace_take(void);
void trace_give(struct trace_chunk *chunk);

/* Events that were left out, deaths and restarts too. */
uint64_t trace_left_out(void);
/* Number @index of the deaths and restarts; NULL when there are not so many. */
const struct trace_life *trace_life(uint32_t index);

/*
 * Hooks. Of calls: in traced proxies and crossing_run(). Of deaths and
 * restarts: on any thread, where "if (tracing)" says so.
 */
void trace_enter(struct crossing *x, const char *method);
void trace_failed(struct thread *thread, const char *method, uint32_t result);
/* Before the call: what was moved and lent. After the last result: the same. */
void trace_arguments(struct crossing *x);
void trace_results(struct crossing *x);
/* Returns @answer. */
struct rpc trace_leave(struct crossing *x, struct rpc answer);
void trace_crashed(const struct domain *domain);
void trace_restarted(const struct domain *domain);

/* For the hooks: an empty chunk or NULL; a full one, with its last event. */
struct trace_chunk *trace_chunk_new(void);
void trace_chunk_full(struct trace_chunk *chunk);
void trace_leave_out(void);
struct trace_life *trace_life_new(void);
