/* SPDX-License-Identifier: MIT */
/*
 * check_methods.c - parameters: who owns what, and where each one travels.
 * Source: docs/ABI.md, "Calling an import".
 */
#include "check.h"
#include "tepal/abi.h"
#include <string.h>

static bool check_by_value(struct checker *checker, struct parameter *p)
{
    if (p->type->kind != TYPE_SCALAR && p->type->kind != TYPE_ENUM &&
        p->type->kind != TYPE_CAP) {
        diag_error(checker->diag, p->type->span,
                   "parameter '%s' would be copied between domains", p->name);
        diag_note(checker->diag, p->type->kind == TYPE_FIXED &&
                                         p->type->element->kind == TYPE_CAP
                                     ? "pass each as a parameter of its own"
                                     : "share it: move rref<...> or borrow "
                                       "rref<...>");
        return false;
    }
    if (p->transfer != BY_VALUE) {
        diag_error(checker->diag, p->transfer_span,
                   "'%s' is a %s, nothing to %s", p->name,
                   p->type->kind == TYPE_CAP ? "capability" : "value",
                   p->transfer == BY_MOVE ? "move" : "borrow");
        diag_note(checker->diag, "leave the word out");
        return false;
    }
    return true;
}

static bool check_reference(struct checker *checker, struct parameter *p,
                            bool is_out)
{
    if (p->transfer == BY_VALUE) {
        diag_error(checker->diag, p->type->span,
                   "who owns '%s' after the call?", p->name);
        diag_note(checker->diag, "write 'move' to give it away%s",
                  is_out ? "" : ", 'borrow' to lend it for the call");
        return false;
    }
    if (is_out && p->transfer == BY_BORROW) {
        diag_error(checker->diag, p->transfer_span,
                   "result '%s' cannot be borrowed", p->name);
        diag_note(checker->diag, "a loan ends when the call returns; move it");
        return false;
    }
    return true;
}

static bool check_parameter(struct checker *checker, struct parameter *p,
                            bool is_out)
{
    check_resolve(checker, p->type);
    if (p->type->kind == TYPE_BAD)
        return false;
    if (p->type->kind == TYPE_POINTER || p->type->kind == TYPE_FUNCTION) {
        diag_error(checker->diag, p->type->span,
                   "parameter '%s' is a pointer, which cannot cross", p->name);
        diag_note(checker->diag,
                  "an address means nothing in another domain; "
                  "pass an rref<...>%s",
                  is_out ? "" : ", or a result after 'returns'");
        return false;
    }
    if (type_is_reference(p->type))
        return check_reference(checker, p, is_out);
    return check_by_value(checker, p);
}

static struct parameter *find(struct parameter *list, const char *name,
                              const struct parameter *end)
{
    for (; list && list != end; list = list->next)
        if (strcmp(list->name, name) == 0)
            return list;
    return NULL;
}

static bool check_list(struct checker *checker, struct parameter *list,
                       bool is_out)
{
    struct parameter *p;
    bool ok = true;

    for (p = list; p; p = p->next) {
        struct parameter *twin = find(list, p->name, p);

        if (twin) {
            diag_error(checker->diag, p->span, "a second parameter '%s'",
                       p->name);
            diag_note_at(checker->diag, twin->span, "the first");
            ok = false;
        }
        if (!check_parameter(checker, p, is_out))
            ok = false;
    }
    return ok;
}

static bool same_type(const struct type *a, const struct type *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == TYPE_RREF)
        return a->element->decl == b->element->decl;
    return a->decl == b->decl;
}

/* A name on both sides is one parameter that goes in and comes back. */
static bool check_both_ways(struct checker *checker, struct parameter *in,
                            struct parameter *out)
{
    if (in->transfer != BY_MOVE || out->transfer != BY_MOVE) {
        diag_error(checker->diag, out->span,
                   "'%s' goes in and comes back, but is not moved", out->name);
        diag_note(checker->diag,
                  type_is_reference(in->type)
                      ? "write 'move' on both sides"
                      : "values do not come back; give the result a name of "
                        "its own");
        return false;
    }
    if (!same_type(in->type, out->type)) {
        diag_error(checker->diag, out->type->span,
                   "'%s' comes back with another type", out->name);
        diag_note_at(checker->diag, in->type->span, "it goes in with this one");
        return false;
    }
    return true;
}

static bool add(struct checker *checker, struct method *method,
                struct parameter *p)
{
    if (method->parameter_count == TP_PARAMETERS_MAX) {
        diag_error(checker->diag, p->span,
                   "'%s' is one parameter too many for '%s'", p->name,
                   method->name);
        diag_note(checker->diag,
                  "at most %d travel, in and out together; put more into a "
                  "struct behind an rref",
                  TP_PARAMETERS_MAX);
        return false;
    }
    p->number = method->parameter_count;
    method->parameters[method->parameter_count++] = p;
    return true;
}

/* Ins in their order, then the outs that are not ins. */
static bool merge(struct checker *checker, struct method *method)
{
    struct parameter *p;

    for (p = method->in; p; p = p->next) {
        p->is_in = true;
        if (!add(checker, method, p))
            return false;
    }
    for (p = method->out; p; p = p->next) {
        struct parameter *in = find(method->in, p->name, NULL);

        if (in) {
            if (!check_both_ways(checker, in, p))
                return false;
            in->is_out = true;
        } else {
            p->is_out = true;
            if (!add(checker, method, p))
                return false;
        }
    }
    return true;
}

/* Objects that a parameter may carry over, with all they hold. */
static uint64_t objects_of(const struct type *type)
{
    uint64_t each = type->element->decl->objects;

    return type->kind == TYPE_RREF ? each : each * type->count;
}

static uint32_t frame_room(const struct parameter *p)
{
    if (type_is_container(p->type))
        return type_room(p->type);
    return p->is_out || p->transfer == BY_MOVE ? 8 : 0;
}

static uint32_t align_up(uint32_t value, uint32_t align)
{
    return (value + align - 1) / align * align;
}

/* Places in the callee's frame, and room for what the proxy notes. */
static void plan_crossing(struct checker *checker, struct method *method)
{
    uint64_t in = 0, out = 0, lent = 0;
    uint32_t i;

    for (i = 0; i < method->parameter_count; i++) {
        struct parameter *p = method->parameters[i];

        p->frame =
            align_up(method->frame_bytes, type_is_container(p->type) ? 16 : 8);
        if (frame_room(p))
            method->frame_bytes = p->frame + frame_room(p);
        if (!type_is_reference(p->type))
            continue;
        if (p->transfer == BY_BORROW)
            lent += objects_of(p->type);
        if (p->transfer == BY_MOVE && p->is_in)
            in += objects_of(p->type);
        if (p->transfer == BY_MOVE && p->is_out)
            out += objects_of(p->type);
    }
    method->frame_bytes = align_up(method->frame_bytes, 16);
    if (in < out)
        in = out;
    if (in + lent > METHOD_HANDLES_MAX) {
        diag_error(checker->diag, method->span,
                   "a call of '%s' could carry more than %u objects",
                   method->name, METHOD_HANDLES_MAX);
        diag_note(checker->diag, "use smaller containers, or structs that "
                                 "hold fewer references");
        checker->current->bad = true;
        return;
    }
    method->move_count = (uint32_t)in;
    method->loan_count = (uint32_t)lent;
}

static void check_error(struct checker *checker, struct method *method)
{
    struct decl *decl = checker->unit->decls;

    if (!method->error_name)
        return;
    for (; decl != checker->current; decl = decl->next) {
        if (strcmp(decl->name, method->error_name) == 0 &&
            decl->kind == DECL_ERROR) {
            method->error = decl;
            return;
        }
    }
    diag_error(checker->diag, method->error_span, "there is no error '%s'",
               method->error_name);
    diag_note(checker->diag, "declare it before: error %s { ... }",
              method->error_name);
    checker->current->bad = true;
}

/* What a first call took with it, a second one cannot have. */
static void check_retry(struct checker *checker, struct method *method)
{
    uint32_t i;

    for (i = 0; method->retry && i < method->parameter_count; i++) {
        struct parameter *p = method->parameters[i];

        if (p->transfer != BY_MOVE || !p->is_in || p->is_out)
            continue;
        diag_error(checker->diag, p->transfer_span,
                   "'%s' would be gone when '%s' is repeated", p->name,
                   method->name);
        diag_note(checker->diag,
                  "borrow it, return it too, or leave out 'retry'");
        checker->current->bad = true;
    }
}

static void check_method(struct checker *checker, struct decl *interface,
                         struct method *method)
{
    const struct method *other = interface->methods;
    bool in_ok, out_ok;

    while (strcmp(other->name, method->name))
        other = other->next;
    if (other != method) {
        diag_error(checker->diag, method->span, "a second method '%s'",
                   method->name);
        diag_note_at(checker->diag, other->span, "the first");
        interface->bad = true;
    }
    check_error(checker, method);
    in_ok = check_list(checker, method->in, false);
    out_ok = check_list(checker, method->out, true);
    if (!in_ok || !out_ok || !merge(checker, method)) {
        interface->bad = true;
        return;
    }
    plan_crossing(checker, method);
    check_retry(checker, method);
}

void check_interface(struct checker *checker, struct decl *decl)
{
    struct method *method;

    if (!decl->methods && !decl->bad) {
        diag_error(checker->diag, decl->span, "interface '%s' has no methods",
                   decl->name);
        diag_note(checker->diag, "nobody could call it");
        decl->bad = true;
    }
    for (method = decl->methods; method && !diag_is_full(checker->diag);
         method = method->next)
        check_method(checker, decl, method);
    if (!decl->bad)
        id_of_interface(decl);
}
