/* SPDX-License-Identifier: MIT */
/* check_types.c - what types may be, and how they lie in memory. */
#include "check.h"
#include <string.h>

const struct scalar_info scalar_info[SCALAR_COUNT] = {
    [SCALAR_BOOL] = {"bool", "bool", 1, false},
    [SCALAR_U8] = {"u8", "uint8_t", 1, false},
    [SCALAR_U16] = {"u16", "uint16_t", 2, false},
    [SCALAR_U32] = {"u32", "uint32_t", 4, false},
    [SCALAR_U64] = {"u64", "uint64_t", 8, false},
    [SCALAR_I8] = {"i8", "int8_t", 1, true},
    [SCALAR_I16] = {"i16", "int16_t", 2, true},
    [SCALAR_I32] = {"i32", "int32_t", 4, true},
    [SCALAR_I64] = {"i64", "int64_t", 8, true},
};

/* More objects than any method could carry; sums stay far below overflow. */
#define OBJECTS_SATURATED 0x40000000u

static uint64_t at_most(uint64_t value, uint64_t max)
{
    return value < max ? value : max;
}

struct measure check_measure(const struct type *type)
{
    struct measure m = {0};

    switch (type->kind) {
    case TYPE_SCALAR:
        m.bytes = m.align = scalar_info[type->scalar].bytes;
        break;
    case TYPE_ENUM:
        m.bytes = m.align = 4;
        break;
    case TYPE_RREF:
        m.bytes = m.align = 8;
        m.handles = 1;
        m.objects = type->element->decl->objects;
        break;
    case TYPE_PAYLOAD:
        m.bytes = type->decl->bytes;
        m.align = type->decl->align;
        m.handles = type->decl->handles;
        m.objects = type->decl->objects - 1;
        break;
    case TYPE_FIXED:
        m = check_measure(type->element);
        m.bytes = at_most(m.bytes * type->count, PAYLOAD_BYTES_MAX + 1);
        m.handles = at_most(m.handles * type->count, PAYLOAD_HANDLES_MAX + 1);
        m.objects = at_most(m.objects * type->count, OBJECTS_SATURATED);
        break;
    case TYPE_BAD:
    case TYPE_NAME:
    case TYPE_RREF_ARRAY:
    case TYPE_RREF_DEQUE:
    case TYPE_CAP:
    case TYPE_POINTER:
    case TYPE_FUNCTION:
        break;
    }
    return m;
}

/* Say in which field or type the trouble at @type is. */
static void bad_part(struct checker *checker, struct type *type,
                     const char *part, const char *what)
{
    if (part)
        diag_error(checker->diag, type->span, "field '%s' of '%s' %s", part,
                   checker->current->name, what);
    else
        diag_error(checker->diag, type->span, "'%s' %s", checker->current->name,
                   what);
    type->kind = TYPE_BAD;
}

/*
 * RRefable: may values of @type lie in the shared heap? Reports and marks what
 * may not. @part: the field's name, or NULL. Needs: resolved.
 */
static bool check_shareable(struct checker *checker, struct type *type,
                            const char *part)
{
    switch (type->kind) {
    case TYPE_BAD:
        return false;
    case TYPE_SCALAR:
    case TYPE_ENUM:
    case TYPE_PAYLOAD:
    case TYPE_RREF:
        return true;
    case TYPE_FIXED:
        if (check_shareable(checker, type->element, part))
            return true;
        type->kind = TYPE_BAD;
        return false;
    case TYPE_RREF_ARRAY:
    case TYPE_RREF_DEQUE:
        bad_part(checker, type, part,
                 "puts a container into the shared heap, where anybody could "
                 "write its handles");
        diag_note(checker->diag, "containers are parameters; in a struct use "
                                 "an array of rref<...>");
        return false;
    case TYPE_CAP:
        bad_part(checker, type, part,
                 "is a capability, which cannot be shared");
        diag_note(checker->diag, "it means something in one domain's table "
                                 "only; pass it as a parameter");
        return false;
    case TYPE_POINTER:
        bad_part(checker, type, part, "is a pointer, which cannot be shared");
        diag_note(checker->diag, "an address means nothing in another domain; "
                                 "use rref<...>, or put the data in place");
        return false;
    case TYPE_FUNCTION:
        bad_part(checker, type, part,
                 "is a function pointer, which cannot be shared");
        diag_note(checker->diag, "code is private to its domain; make it a "
                                 "method of an interface");
        return false;
    case TYPE_NAME:
        break;
    }
    return false;
}

/* The counts of fixed arrays: zero has no layout, and large ones no room. */
static bool check_counts(struct checker *checker, struct type *type)
{
    for (; type->kind == TYPE_FIXED; type = type->element) {
        if (type->count == 0) {
            diag_error(checker->diag, type->count_span,
                       "an array of no elements");
            diag_note(checker->diag, "shared types have a size above 0");
            return false;
        }
        if (type->count > PAYLOAD_BYTES_MAX) {
            diag_error(checker->diag, type->count_span,
                       "an array beyond 2 MiB");
            diag_note(checker->diag, "a shared object has at most %u bytes",
                      PAYLOAD_BYTES_MAX);
            return false;
        }
    }
    return true;
}

/* Resolve the type of a part of a payload and hold it to all rules. */
static bool check_part(struct checker *checker, struct type *type,
                       const char *part)
{
    check_resolve(checker, type);
    if (check_shareable(checker, type, part) && check_counts(checker, type))
        return true;
    type->kind = TYPE_BAD;
    return false;
}

static void check_payload_size(struct checker *checker, struct decl *decl)
{
    if (decl->bytes > PAYLOAD_BYTES_MAX) {
        diag_error(checker->diag, decl->span, "'%s' is larger than 2 MiB",
                   decl->name);
        diag_note(checker->diag, "a shared object has at most %u bytes",
                  PAYLOAD_BYTES_MAX);
        decl->bad = true;
    } else if (decl->handles > PAYLOAD_HANDLES_MAX) {
        diag_error(checker->diag, decl->span,
                   "'%s' holds more than %u references", decl->name,
                   PAYLOAD_HANDLES_MAX);
        diag_note(checker->diag, "every crossing has to look at each of them");
        decl->bad = true;
    }
}

static uint64_t align_up(uint64_t value, uint64_t align)
{
    return (value + align - 1) / align * align;
}

/* Natural alignment, as every C compiler for x86-64 does it. */
static void lay_out(struct decl *decl)
{
    struct field *field;

    decl->objects = 1;
    decl->align = 1;
    for (field = decl->fields; field; field = field->next) {
        struct measure m = check_measure(field->type);

        field->offset = align_up(decl->bytes, m.align);
        decl->bytes = field->offset + m.bytes;
        decl->handles += m.handles;
        decl->objects = at_most(decl->objects + m.objects, OBJECTS_SATURATED);
        if (m.align > decl->align)
            decl->align = m.align;
    }
    decl->bytes = align_up(decl->bytes, decl->align);
}

void check_struct(struct checker *checker, struct decl *decl)
{
    struct field *field;

    for (field = decl->fields; field; field = field->next)
        if (!check_part(checker, field->type, field->name))
            decl->bad = true;
    if (decl->bad)
        return;
    if (!decl->fields) {
        diag_error(checker->diag, decl->span, "struct '%s' has no fields",
                   decl->name);
        diag_note(checker->diag, "shared types have a size above 0");
        decl->bad = true;
        return;
    }
    lay_out(decl);
    check_payload_size(checker, decl);
    id_of_payload(checker->unit, decl);
}

static void check_named_array(struct checker *checker, struct decl *decl)
{
    struct measure m;

    if (!check_part(checker, decl->type, NULL)) {
        decl->bad = true;
        return;
    }
    m = check_measure(decl->type);
    decl->bytes = m.bytes;
    decl->align = m.align;
    decl->handles = m.handles;
    decl->objects = at_most(m.objects + 1, OBJECTS_SATURATED);
    check_payload_size(checker, decl);
    id_of_payload(checker->unit, decl);
}

void check_type(struct checker *checker, struct decl *decl)
{
    struct type *type = decl->type;

    if (decl->bad)
        return;
    if (type->kind == TYPE_FIXED) {
        check_named_array(checker, decl);
        return;
    }
    check_resolve(checker, type);
    switch (type->kind) {
    case TYPE_SCALAR:
    case TYPE_ENUM:
        return;
    case TYPE_RREF_ARRAY:
    case TYPE_RREF_DEQUE:
        if (type->decl == decl)
            return;
        break;
    case TYPE_CAP:
    case TYPE_POINTER:
    case TYPE_FUNCTION:
        check_shareable(checker, type, NULL);
        decl->bad = true;
        return;
    case TYPE_BAD:
        decl->bad = true;
        return;
    case TYPE_NAME:
    case TYPE_PAYLOAD:
    case TYPE_FIXED:
    case TYPE_RREF:
        break;
    }
    diag_error(checker->diag, type->span,
               "'%s' would be a second name for a type", decl->name);
    diag_note(checker->diag, "'type' names an integer, an array, an rref_array "
                             "or an rref_deque; use the first name");
    decl->bad = true;
}
