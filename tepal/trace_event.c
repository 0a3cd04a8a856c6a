/* SPDX-License-Identifier: MIT */
/*
 * trace_event.c - events of a trace as JSON objects of the Trace Event Format,
 * one a line. The system is process 1, with the kernel threads that ran its
 * domains; each domain and each device is a process too, which has the events
 * of its life.
 * Source: "Trace Event Format" (Google, 2016); docs/man/tepal.1, "TRACES".
 */
#include "trace_event.h"
#include "json.h"
#include "tepal_trusted/base.h"
#include <string.h>

#define PID_SYSTEM 1u
#define PID_DOMAIN 100u   /* and its slot */
#define PID_DEVICE 10000u /* and its number */

static void add(struct trace_writer *writer, const char *text)
{
    size_t length = strlen(text);

    memcpy(&writer->line[writer->used], text, length);
    writer->used += length;
}

/* At least @width digits. */
static void add_number(struct trace_writer *writer, uint64_t value, int width)
{
    char digits[24], *first = &digits[sizeof(digits) - 1];

    for (*first = 0; value || width > 0; width--) {
        *--first = (char)('0' + value % 10);
        value /= 10;
    }
    add(writer, first);
}

/* "key":"text", with what stands before it. */
static void put(struct trace_writer *writer, const char *key, const char *text)
{
    char *to;

    add(writer, key);
    to = json_quote(&writer->line[writer->used], text);
    writer->used = (size_t)(to - writer->line);
}

/* The line as it is; one fits always. */
static void end_line(struct trace_writer *writer, const char *rest)
{
    add(writer, rest);
    tp_assert(writer->used < sizeof(writer->line));
    fwrite(writer->line, 1, writer->used, writer->file);
    writer->used = 0;
}

/* In microseconds; a processor that is behind has nothing before 0. */
static void put_time(struct trace_writer *writer, uint64_t time)
{
    uint64_t cycles = time > writer->start ? time - writer->start : 0;
    uint64_t tenths =
        (uint64_t)((unsigned __int128)cycles * writer->scale >> 32);

    add(writer, ",\"ts\":");
    add_number(writer, tenths / 10000, 1);
    add(writer, ".");
    add_number(writer, tenths % 10000, 4);
}

static void begin_object(struct trace_writer *writer, char phase, uint32_t pid,
                         uint32_t tid)
{
    const char text[] = {phase, 0};

    add(writer, ",\n{\"ph\":\"");
    add(writer, text);
    add(writer, "\",\"pid\":");
    add_number(writer, pid, 1);
    add(writer, ",\"tid\":");
    add_number(writer, tid, 1);
}

/* A name for a process or a thread. */
static void put_name(struct trace_writer *writer, uint32_t pid, uint32_t tid,
                     const char *what, const char *prefix, const char *name)
{
    char text[DOMAIN_NAME_MAX + 16];

    snprintf(text, sizeof(text), "%s%s", prefix, name);
    begin_object(writer, 'M', pid, tid);
    put(writer, ",\"name\":", what);
    put(writer, ",\"args\":{\"name\":", text);
    end_line(writer, "}}");
}

static const char *slot_name(uint32_t slot)
{
    const struct domain *domain = slot ? domain_at(slot) : NULL;

    return domain ? domain->name : "kernel";
}

void trace_write_opening(struct trace_writer *writer)
{
    const struct running *running = writer->running;
    uint32_t i;

    /* The first object of the list has no comma before it. */
    add(writer, "{\"traceEvents\":[\n{\"ph\":\"M\",\"pid\":");
    add_number(writer, PID_SYSTEM, 1);
    add(writer, ",\"tid\":0");
    put(writer, ",\"name\":", "process_name");
    put(writer, ",\"args\":{\"name\":",
        running->system.name[0] ? running->system.name : "tepal");
    end_line(writer, "}}");
    for (i = 0; i < running->loaded; i++) {
        const struct domain *domain = running->domains[i].domain;

        put_name(writer, PID_DOMAIN + domain->slot, 0, "process_name",
                 "domain ", domain->name);
        put_name(writer, PID_DOMAIN + domain->slot, 0, "thread_name", "",
                 "life");
    }
    for (i = 0; i < running->system.device_count; i++) {
        const struct system_device *device = &running->system.devices[i];

        put_name(writer, PID_DEVICE + i, 0, "process_name", "device ",
                 device->name);
        put_name(writer, PID_DEVICE + i, 0, "thread_name", "", device->model);
    }
}

static const char *result_name(uint32_t result)
{
    static const char *const names[] = {
        [RPC_OK] = "ok",           [RPC_NO_CAP] = "no capability",
        [RPC_DEAD] = "dead",       [RPC_CRASHED] = "crashed",
        [RPC_REFUSED] = "refused", [RPC_NO_STACK] = "no stack",
        [RPC_BUSY] = "busy",
    };

    return result < sizeof(names) / sizeof(names[0]) && names[result]
               ? names[result]
               : "unknown";
}

static void put_instant(struct trace_writer *writer, const char *name,
                        const char *category)
{
    put(writer, ",\"name\":", name);
    put(writer, ",\"cat\":", category);
    add(writer, ",\"s\":\"t\",\"args\":{");
}

static void put_call(struct trace_writer *writer,
                     const struct trace_event *event)
{
    put(writer, ",\"name\":", event->method);
    put(writer, ",\"cat\":\"crossing\",\"args\":{\"caller\":",
        slot_name(event->caller));
    put(writer, ",\"callee\":", slot_name(event->callee));
}

static void put_answer(struct trace_writer *writer, struct rpc answer)
{
    put(writer, ",\"args\":{\"result\":", result_name(answer.result));
    if (answer.detail || answer.result == RPC_REFUSED) {
        add(writer, answer.result == RPC_REFUSED ? ",\"parameter\":"
                                                 : ",\"error\":");
        add_number(writer, answer.detail, 1);
    }
}

static void put_failed(struct trace_writer *writer,
                       const struct trace_event *event)
{
    put_instant(writer, "call failed", "crossing");
    put(writer, "\"method\":", event->method);
    put(writer, ",\"caller\":", slot_name(event->caller));
    put(writer, ",\"result\":", result_name(event->count));
}

static void put_objects(struct trace_writer *writer,
                        const struct trace_event *event)
{
    bool out = event->kind == TRACE_RESULTS;
    bool lent = event->kind == TRACE_LENT;

    put_instant(writer, lent ? "lent" : "moved", "objects");
    if (!lent) {
        put(writer, "\"type\":", event->type ? event->type->name : "unknown");
        put(writer, ",\"as\":", out ? "result" : "argument");
        add(writer, ",");
    }
    add(writer, "\"count\":");
    add_number(writer, event->count, 1);
    put(writer, ",\"from\":", slot_name(out ? event->callee : event->caller));
    put(writer, ",\"to\":", slot_name(out ? event->caller : event->callee));
}

static char phase_of(const struct trace_event *event)
{
    return event->kind == TRACE_ENTER ? 'B'
           : event->kind == TRACE_LEAVE ? 'E'
                                        : 'i';
}

static void put_event(struct trace_writer *writer, uint32_t thread,
                      const struct trace_event *event)
{
    begin_object(writer, phase_of(event), PID_SYSTEM, thread);
    put_time(writer, event->time);
    if (event->kind == TRACE_ENTER)
        put_call(writer, event);
    else if (event->kind == TRACE_LEAVE)
        put_answer(writer, event->answer);
    else if (event->kind == TRACE_FAILED)
        put_failed(writer, event);
    else
        put_objects(writer, event);
    end_line(writer, "}}");
}

void trace_write_chunk(struct trace_writer *writer,
                       const struct trace_chunk *chunk)
{
    uint32_t i;

    if (chunk->thread >= TRACE_THREADS_MAX || !writer->named[chunk->thread])
        put_name(writer, PID_SYSTEM, chunk->thread, "thread_name", "",
                 slot_name(chunk->slot));
    if (chunk->thread < TRACE_THREADS_MAX)
        writer->named[chunk->thread] = true;
    for (i = 0; i < chunk->count; i++)
        put_event(writer, chunk->thread, &chunk->events[i]);
}

/* A driver's device has lost bus mastering with it. */
static void put_device_stop(struct trace_writer *writer,
                            const struct trace_life *life)
{
    const struct running *running = writer->running;
    uint32_t i, d;

    for (d = 0; d < running->system.domain_count; d++)
        if (running->domains[d].domain == domain_at(life->slot))
            break;
    for (i = 0; d < running->loaded && i < running->system.device_count; i++) {
        if (strcmp(running->system.devices[i].name,
                   running->system.domains[d].device) != 0)
            continue;
        begin_object(writer, 'i', PID_DEVICE + i, 0);
        put_time(writer, life->time);
        put_instant(writer, "stopped", "life");
        put(writer, "\"driver\":", slot_name(life->slot));
        end_line(writer, "}}");
    }
}

static void put_life(struct trace_writer *writer, const struct trace_life *life)
{
    begin_object(writer, 'i', PID_DOMAIN + life->slot, 0);
    put_time(writer, life->time);
    put(writer, ",\"name\":", life->restarted ? "restart" : "crash");
    put(writer, ",\"cat\":\"life\",\"s\":\"g\",\"args\":{\"domain\":",
        slot_name(life->slot));
    add(writer, ",\"thread\":");
    add_number(writer, life->thread, 1);
    if (!life->restarted)
        put(writer, ",\"cause\":", life->cause);
    if (life->address) {
        char address[16];

        snprintf(address, sizeof(address), "0x%x", (unsigned)life->address);
        put(writer, ",\"address\":", address);
    }
    end_line(writer, "}}");
}

void trace_write_lives(struct trace_writer *writer)
{
    const struct trace_life *life;
    uint32_t i;

    for (i = 0; (life = trace_life(i)) != NULL; i++) {
        if (!__atomic_load_n(&life->whole, __ATOMIC_ACQUIRE))
            continue;
        put_life(writer, life);
        if (!life->restarted)
            put_device_stop(writer, life);
    }
}

void trace_write_closing(struct trace_writer *writer, uint64_t left_out)
{
    const struct running *running = writer->running;

    add(writer, "\n],\n\"displayTimeUnit\":\"ns\",\n\"otherData\":{");
    put(writer, "\"system\":", running->system.name);
    put(writer, ",\"clock\":", running->clock.virtual ? "virtual" : "real");
    add(writer, ",\"left_out\":");
    add_number(writer, left_out, 1);
    end_line(writer, "}\n}\n");
}
