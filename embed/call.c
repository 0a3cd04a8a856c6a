/* SPDX-License-Identifier: MIT */
/*
 * call.c - the program calls a method of a domain: what a generated proxy does,
 * from a description instead.
 *
 * What goes by pointer is copied to the program's slot first, and back at the
 * end, so that the operations of proxies work on it as on any caller's memory;
 * no domain can reach that. Refused or not, what is copied back is right: a
 * proxy changes the caller's copies only when the call is made.
 * Source: docs/ABI.md, "Calling an import"; design, section 4.
 */
#include "embed.h"
#include <string.h>

#define MOVES_MAX 2048u /* see describe.c */

struct call {
    struct tepal_domain *domain;
    uintptr_t entry;
    const struct embed_method *method;
    const uint64_t *arguments;
    /* By parameter: what an import would get, and the callee's copy. */
    uint64_t values[TP_PARAMETERS_MAX];
    uint32_t frames[TP_PARAMETERS_MAX];
    uint32_t frame_bytes;
    struct crossing crossing;
    struct rpc answer;
    struct flip moves[MOVES_MAX];
    struct registry_record *loans[MOVES_MAX];
};

static bool is_container(const struct tepal_parameter *p)
{
    return p->kind == TEPAL_ARRAY || p->kind == TEPAL_DEQUE;
}

static bool is_reference(const struct tepal_parameter *p)
{
    return p->kind == TEPAL_RREF || is_container(p);
}

static bool is_moved(const struct tepal_parameter *p)
{
    return is_reference(p) && !(p->way & TEPAL_LENT);
}

static bool is_by_pointer(const struct tepal_parameter *p)
{
    return p->way & TEPAL_OUT || is_container(p) || is_moved(p);
}

static uint32_t room_of(const struct tepal_parameter *p)
{
    switch ((enum tepal_kind)p->kind) {
    case TEPAL_RREF:
        return 8;
    case TEPAL_ARRAY:
        return 8 * p->count;
    case TEPAL_DEQUE:
        return 8 + 8 * p->count;
    case TEPAL_ENUM:
    case TEPAL_CAP:
        return 4;
    case TEPAL_UNSIGNED:
    case TEPAL_SIGNED:
    case TEPAL_BOOL:
        break;
    }
    return p->bytes;
}

/* What is emptied by a move, or as a result: of a deque its head and length. */
static uint32_t clear_bytes(const struct tepal_parameter *p)
{
    return p->kind == TEPAL_DEQUE ? 8 : room_of(p);
}

/* The frames of both sides are alike: 16 bytes to each, or more. */
static void lay_out(struct call *call)
{
    uint32_t i;

    for (i = 0; i < call->method->parameter_count; i++) {
        const struct tepal_parameter *p = &call->method->parameters[i];

        call->frames[i] = call->frame_bytes;
        if (is_by_pointer(p))
            call->frame_bytes += (room_of(p) + 15) & ~15u;
    }
}

static void *memory_at(const struct call *call, uint32_t parameter)
{
    return (void *)(call->crossing.caller->base + call->values[parameter]);
}

static void *memory_of(const struct call *call, uint32_t parameter)
{
    return (void *)(uintptr_t)call->arguments[parameter];
}

static bool refuse(struct call *call, uint32_t result, uint32_t detail)
{
    call->answer = (struct rpc){result, detail};
    return false;
}

/* Errors: false: no memory, or a NULL for what goes by pointer. */
static bool copy_in(struct call *call)
{
    struct crossing *x = &call->crossing;
    uint32_t end = x->thread->data_stack[x->caller->slot], i;

    if (!end)
        end = domain_data_stack(x->caller, x->thread);
    if (!end || call->frame_bytes > x->caller->data_stack_bytes - TP_PAGE)
        return refuse(call, RPC_NO_STACK, 0);
    for (i = 0; i < call->method->parameter_count; i++) {
        const struct tepal_parameter *p = &call->method->parameters[i];

        call->values[i] = call->arguments[i];
        if (!is_by_pointer(p))
            continue;
        if (!call->arguments[i])
            return refuse(call, RPC_REFUSED, i);
        call->values[i] = end - call->frame_bytes + call->frames[i];
        memcpy(memory_at(call, i), memory_of(call, i), room_of(p));
    }
    return true;
}

static void copy_out(struct call *call)
{
    uint32_t i;

    for (i = 0; i < call->method->parameter_count; i++) {
        const struct tepal_parameter *p = &call->method->parameters[i];

        if (is_by_pointer(p) && (p->way & TEPAL_OUT || is_moved(p)))
            memcpy(memory_of(call, i), memory_at(call, i), room_of(p));
    }
}

static bool move(struct call *call, const struct tepal_parameter *p, uint32_t i)
{
    struct crossing *x = &call->crossing;
    const struct type *type = call->method->types[i];

    if (p->kind == TEPAL_RREF)
        return proxy_move_rref(x, call->values[i], call->frames[i], type);
    if (p->kind == TEPAL_ARRAY)
        return proxy_move_array(x, call->values[i], call->frames[i], type,
                                p->count);
    return proxy_move_deque(x, call->values[i], call->frames[i], type,
                            p->count);
}

static bool lend(struct call *call, const struct tepal_parameter *p, uint32_t i)
{
    struct crossing *x = &call->crossing;
    const struct type *type = call->method->types[i];

    if (p->kind == TEPAL_RREF)
        return proxy_lend_rref(x, call->values[i], type);
    if (p->kind == TEPAL_ARRAY)
        return proxy_lend_array(x, call->values[i], call->frames[i], type,
                                p->count);
    return proxy_lend_deque(x, call->values[i], call->frames[i], type,
                            p->count);
}

static bool accept(struct call *call, const struct tepal_parameter *p,
                   uint32_t i)
{
    if (!(p->way & TEPAL_IN))
        return proxy_expect(&call->crossing, call->values[i], call->frames[i],
                            (room_of(p) + 7) & ~7u);
    if (is_reference(p))
        return is_moved(p) ? move(call, p, i) : lend(call, p, i);
    return p->kind != TEPAL_ENUM || (uint32_t)call->values[i] < p->count;
}

static bool give_back(struct call *call, const struct tepal_parameter *p,
                      uint32_t i)
{
    struct crossing *x = &call->crossing;
    const struct type *type = call->method->types[i];
    uint32_t frame = call->frames[i];
    uint64_t pointer = call->values[i];

    switch ((enum tepal_kind)p->kind) {
    case TEPAL_RREF:
        return proxy_return_rref(x, frame, pointer, type);
    case TEPAL_ARRAY:
        return proxy_return_array(x, frame, pointer, type, p->count);
    case TEPAL_DEQUE:
        return proxy_return_deque(x, frame, pointer, type, p->count);
    case TEPAL_BOOL:
        return proxy_return_bool(x, frame, pointer);
    case TEPAL_ENUM:
        return proxy_return_enum(x, frame, pointer, p->count);
    case TEPAL_UNSIGNED:
    case TEPAL_SIGNED:
        return proxy_return_scalar(x, frame, pointer, p->bytes);
    case TEPAL_CAP:
        break;
    }
    return false;
}

static void clear(struct call *call, bool results_only)
{
    uint32_t i;

    for (i = 0; i < call->method->parameter_count; i++) {
        const struct tepal_parameter *p = &call->method->parameters[i];

        if (p->way & TEPAL_OUT || (!results_only && is_moved(p)))
            proxy_clear(&call->crossing, call->values[i], clear_bytes(p));
    }
}

/* A value in its width. */
static uint64_t narrow(const struct tepal_parameter *p, uint64_t value)
{
    uint32_t shift = 64 - 8u * p->bytes;

    if (p->kind == TEPAL_ENUM)
        return (uint32_t)value;
    if (p->kind == TEPAL_BOOL)
        return (uint8_t)value != 0;
    if (p->kind == TEPAL_SIGNED)
        return (uint64_t)((int64_t)(value << shift) >> shift);
    return value << shift >> shift;
}

static uint64_t for_callee(const struct call *call, uint32_t i)
{
    const struct tepal_parameter *p = &call->method->parameters[i];

    if (i >= call->method->parameter_count)
        return 0;
    if (is_by_pointer(p))
        return call->crossing.data_stack + call->frames[i];
    return is_reference(p) ? call->values[i] : narrow(p, call->values[i]);
}

static bool enter(struct call *call)
{
    uint64_t a[TP_PARAMETERS_MAX];
    uint32_t i;

    for (i = 0; i < TP_PARAMETERS_MAX; i++)
        a[i] = for_callee(call, i);
    return proxy_call(&call->crossing, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static struct rpc finish(struct call *call)
{
    uint32_t i;

    for (i = 0; i < call->method->parameter_count; i++) {
        const struct tepal_parameter *p = &call->method->parameters[i];

        if (p->way & TEPAL_OUT && !give_back(call, p, i)) {
            clear(call, true);
            return proxy_refuse(&call->crossing, i);
        }
    }
    return proxy_end(&call->crossing);
}

static struct rpc cross(struct call *call)
{
    struct crossing *x = &call->crossing;
    const struct capability right = {
        .callee_life = __atomic_load_n(&call->domain->life, __ATOMIC_ACQUIRE)};
    uint32_t i;

    x->thread->calls++;
    if (!proxy_begin_slow(x, &right, call->frame_bytes))
        return proxy_answer(x);
    x->entry = call->entry;
    for (i = 0; i < call->method->parameter_count; i++)
        if (!accept(call, &call->method->parameters[i], i))
            return proxy_refuse(x, i);
    clear(call, false);
    return enter(call) ? finish(call) : proxy_crashed(x);
}

/* On the stack for it, which has room for a call's lists. */
struct order {
    struct tepal_domain *domain;
    uintptr_t entry;
    const struct embed_method *method;
    const uint64_t *arguments;
    struct rpc answer;
};

static void call_work(void *opaque)
{
    struct order *order = opaque;
    struct thread *thread = thread_current();
    struct call call;

    memset(&call, 0, offsetof(struct call, moves));
    call.domain = order->domain;
    call.entry = order->entry;
    call.method = order->method;
    call.arguments = order->arguments;
    call.crossing.thread = thread;
    call.crossing.caller = thread->domain;
    call.crossing.callee = order->domain->domain;
    call.crossing.moves = call.crossing.moves_end = call.moves;
    call.crossing.loans = call.loans;
    lay_out(&call);
    if (copy_in(&call)) {
        call.answer = cross(&call);
        copy_out(&call);
    }
    order->answer = call.answer;
}

static bool has_cap(const struct embed_method *method)
{
    uint32_t i;

    for (i = 0; i < method->parameter_count; i++)
        if (method->parameters[i].kind == TEPAL_CAP)
            return true;
    return false;
}

/* Errors: false: no such method that a program may call. */
static bool find_method(struct order *order, struct tepal_port port,
                        uint64_t interface_id, uint32_t number)
{
    const struct domain *callee = port.domain ? port.domain->domain : NULL;
    const struct domain_export *export;

    if (!callee || port.export_number >= callee->export_count)
        return false;
    export = &callee->exports[port.export_number];
    if (export->interface_id != interface_id || number >= export->count)
        return false;
    order->domain = port.domain;
    order->entry = export->entries[number];
    order->method =
        &port.domain->described[port.export_number]->methods[number];
    return !has_cap(order->method);
}

EMBED_API struct rpc tepal_call(struct tepal_port port,
                                const struct tepal_interface *interface,
                                uint32_t method, const uint64_t arguments[6])
{
    struct order order = {.arguments = arguments};
    struct host_thread *thread;

    if (!find_method(&order, port, interface->id, method))
        return (struct rpc){RPC_NO_CAP, 0};
    thread = embed_enter();
    if (!thread)
        return (struct rpc){RPC_NO_STACK, 0};
    embed_take_turn(port.domain);
    host_call(thread, call_work, &order);
    embed_let_go(port.domain->domain, thread_current());
    embed_give_turn(port.domain);
    embed_leave();
    if (order.answer.result == RPC_CRASHED)
        embed_take_deaths();
    return order.answer;
}

static int no_export(struct tepal_error *error, const struct domain *domain,
                     const struct tepal_interface *interface, const char *name)
{
    return embed_fail(error, TEPAL_INVALID, "%s exports no %s as %s",
                      domain->name, interface->name, name ? name : "anything");
}

EMBED_API int tepal_find(struct tepal_port *port, struct tepal_domain *domain,
                         const struct tepal_interface *interface,
                         const char *name, struct tepal_error *error)
{
    const struct domain *callee = domain->domain;
    uint32_t i;

    *port = (struct tepal_port){NULL, 0};
    for (i = 0; i < callee->export_count; i++) {
        if (callee->exports[i].interface_id != interface->id ||
            (name && strcmp(callee->exports[i].name, name) != 0))
            continue;
        *port = (struct tepal_port){domain, i};
        return 0;
    }
    return no_export(error, callee, interface, name);
}
