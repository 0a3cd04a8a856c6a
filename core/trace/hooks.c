/* SPDX-License-Identifier: MIT */
/*
 * hooks.c - what happens becomes an event, on the thread that it happens on.
 *
 * A thread's chunk always has room for the ends of the calls that it is in and
 * whose beginnings were recorded (trace.owed). A beginning without room is left
 * out, and everything up to its end with it (trace.left_out counts how many
 * calls deep the thread is in there).
 * Source: docs/man/tepal.1, "TRACES".
 */
#include "tepal_trusted/base.h"
#include "tepal_trusted/crossing.h"
#include "tepal_trusted/timing.h"
#include "tepal_trusted/trace.h"

static uint32_t last_thread;

/* In the order of their first events, the same each time on a virtual clock. */
static void number_thread(struct trace_thread *t, const struct domain *main)
{
    if (t->number)
        return;
    t->number = __atomic_add_fetch(&last_thread, 1, __ATOMIC_RELAXED);
    t->slot = main->slot;
}

/* A chunk with room for @needed more; or NULL. */
static struct trace_chunk *find_room(struct trace_thread *t, uint32_t needed)
{
    struct trace_chunk *chunk = t->chunk;

    if (chunk && chunk->count + needed <= TRACE_CHUNK_EVENTS)
        return chunk;
    if (needed > TRACE_CHUNK_EVENTS)
        return NULL;
    chunk = trace_chunk_new();
    if (!chunk)
        return NULL;
    if (t->chunk)
        trace_chunk_full(t->chunk);
    chunk->thread = t->number;
    chunk->slot = t->slot;
    t->chunk = chunk;
    return chunk;
}

/* A new event that leaves room for @needed - 1 more; or NULL, and counted. */
static struct trace_event *new_event(struct trace_thread *t, uint32_t needed,
                                     enum trace_kind kind)
{
    struct trace_chunk *chunk = t->left_out ? NULL : find_room(t, needed);
    struct trace_event *event;

    if (!chunk) {
        trace_leave_out();
        return NULL;
    }
    event = &chunk->events[chunk->count++];
    *event = (struct trace_event){.time = timing_cycles(),
                                  .kind = (uint8_t)kind};
    return event;
}

void trace_enter(struct crossing *x, const char *method)
{
    struct trace_thread *t = &x->thread->trace;
    struct trace_event *event;

    if (!tracing)
        return;
    number_thread(t, x->callee);
    event = new_event(t, t->owed + 2, TRACE_ENTER);
    if (!event) {
        t->left_out++;
        return;
    }
    t->owed++;
    event->method = method;
    event->caller = x->caller->slot;
    event->callee = x->callee->slot;
}

void trace_failed(struct thread *thread, const char *method, uint32_t result)
{
    struct trace_thread *t = &thread->trace;
    struct trace_event *event;

    if (!tracing)
        return;
    number_thread(t, thread->domain);
    event = new_event(t, t->owed + 1, TRACE_FAILED);
    if (!event)
        return;
    event->method = method;
    event->caller = thread->domain->slot;
    event->count = result;
}

/* The type of what was moved, unless another thread has dropped it since. */
static const struct type *type_of(const struct flip *flip)
{
    const struct registry_record *record = flip->record;
    const struct type *type = __atomic_load_n(&record->type, __ATOMIC_ACQUIRE);

    return __atomic_load_n(&record->word, __ATOMIC_ACQUIRE) == flip->word
               ? type
               : NULL;
}

static void add_objects(struct crossing *x, enum trace_kind kind,
                        const struct type *type, uint32_t count)
{
    struct trace_thread *t = &x->thread->trace;
    struct trace_event *event = new_event(t, t->owed + 1, kind);

    if (!event)
        return;
    event->type = type;
    event->count = count;
    event->caller = x->caller->slot;
    event->callee = x->callee->slot;
}

/* One event for each type of an array's objects, or those in its payloads. */
#define GROUPS 4
static void add_moves(struct crossing *x, enum trace_kind kind)
{
    const struct type *types[GROUPS];
    uint32_t counts[GROUPS], used = 0, i;
    const struct flip *flip;

    for (flip = x->moves; flip != x->moves_end; flip++) {
        const struct type *type = type_of(flip);

        for (i = 0; i < used && types[i] != type; i++)
            ;
        if (i == GROUPS) {
            for (i = 0; i < used; i++)
                add_objects(x, kind, types[i], counts[i]);
            used = i = 0;
        }
        if (i == used) {
            types[used] = type;
            counts[used++] = 0;
        }
        counts[i]++;
    }
    for (i = 0; i < used; i++)
        add_objects(x, kind, types[i], counts[i]);
}

void trace_arguments(struct crossing *x)
{
    if (!tracing)
        return;
    if (x->moves)
        add_moves(x, TRACE_ARGUMENTS);
    if (x->loan_count)
        add_objects(x, TRACE_LENT, NULL, x->loan_count);
}

void trace_results(struct crossing *x)
{
    if (tracing && x->moves)
        add_moves(x, TRACE_RESULTS);
}

/* There is room for it; the outermost one leaves nothing with the thread. */
struct rpc trace_leave(struct crossing *x, struct rpc answer)
{
    struct trace_thread *t = &x->thread->trace;
    struct trace_event *event;

    if (!tracing)
        return answer;
    if (t->left_out) {
        t->left_out--;
        trace_leave_out();
        return answer;
    }
    event = new_event(t, t->owed--, TRACE_LEAVE);
    tp_assert(event);
    event->answer = answer;
    if (t->owed == 0) {
        trace_chunk_full(t->chunk);
        t->chunk = NULL;
    }
    return answer;
}

static void add_life(const struct domain *domain, bool restarted)
{
    const struct thread *thread = thread_current();
    struct trace_life *life = trace_life_new();

    if (!life)
        return;
    life->time = timing_cycles();
    life->thread = thread ? thread->trace.number : 0;
    life->slot = domain->slot;
    life->restarted = restarted;
    if (!restarted) {
        life->address = domain->death.address;
        text_copy(life->cause, sizeof(life->cause), domain->death.cause);
    }
    __atomic_store_n(&life->whole, true, __ATOMIC_RELEASE);
}

void trace_crashed(const struct domain *domain)
{
    add_life(domain, false);
}

void trace_restarted(const struct domain *domain)
{
    add_life(domain, true);
}
