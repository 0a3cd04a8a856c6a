/* SPDX-License-Identifier: MIT */
/*
 * resolve.c - from names in types to what they name.
 *
 * An array that stands without a name in rref<...>, and a container that
 * stands in a parameter, get a declaration with a made-up name, so that
 * everything which C code has to name has one.
 */
#include "check.h"
#include <string.h>

static bool resolve_scalar(struct type *type)
{
    int i;

    for (i = 0; i < SCALAR_COUNT; i++) {
        if (strcmp(type->name, scalar_info[i].name) == 0) {
            type->kind = TYPE_SCALAR;
            type->scalar = (enum scalar)i;
            return true;
        }
    }
    return false;
}

/* What a writer of C may have meant. */
static void note_c_type(struct checker *checker, const char *name)
{
    static const struct {
        const char *c, *idl;
    } known[] = {
        {"char", "u8 or i8"}, {"short", "i16"},    {"int", "i32"},
        {"long", "i64"},      {"unsigned", "u32"}, {"size_t", "u64"},
        {"uint8_t", "u8"},    {"uint16_t", "u16"}, {"uint32_t", "u32"},
        {"uint64_t", "u64"},  {"int8_t", "i8"},    {"int16_t", "i16"},
        {"int32_t", "i32"},   {"int64_t", "i64"},  {"uintptr_t", "u64"},
        {"_Bool", "bool"},    {"signed", "i32"},
    };
    size_t i;

    for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(name, known[i].c) == 0) {
            diag_note(checker->diag, "write %s", known[i].idl);
            return;
        }
    }
    if (strcmp(name, "float") == 0 || strcmp(name, "double") == 0)
        diag_note(checker->diag, "there is no floating point in interfaces");
    else
        diag_note(checker->diag,
                  "types are bool, u8 to u64, i8 to i64, arrays of them, "
                  "rref<...> and what was declared before");
}

/* What is being declared, or a declaration behind it; NULL when there is none. */
static const struct decl *find_from_here(const struct checker *checker,
                                         const char *name)
{
    const struct decl *decl = checker->current;

    while (decl && strcmp(decl->name, name))
        decl = decl->next;
    return decl;
}

static void unknown(struct checker *checker, struct type *type)
{
    const struct decl *decl = find_from_here(checker, type->name);

    if (!decl) {
        diag_error(checker->diag, type->span, "there is no type '%s'",
                   type->name);
        note_c_type(checker, type->name);
    } else if (decl == checker->current) {
        diag_error(checker->diag, type->span, "'%s' contains itself",
                   type->name);
        diag_note(checker->diag,
                  "recursive types cannot be shared: a crossing walks all "
                  "that is moved; pass the parts in a container of their own");
    } else {
        diag_error(checker->diag, type->span,
                   "'%s' is used before it is declared", type->name);
        diag_note_at(checker->diag, decl->span, "move this declaration up");
    }
}

static struct decl *find_before(struct checker *checker, const char *name)
{
    struct decl *decl = checker->unit->decls;

    for (; decl && decl != checker->current; decl = decl->next)
        if (strcmp(decl->name, name) == 0)
            return decl;
    return NULL;
}

static void resolve_type_decl(struct type *type, struct decl *decl)
{
    if (decl_is_payload(decl)) {
        type->kind = TYPE_PAYLOAD;
        type->decl = decl;
        return;
    }
    type->kind = decl->type->kind;
    type->scalar = decl->type->scalar;
    type->element = decl->type->element;
    type->count = decl->type->count;
    type->decl = decl->type->decl;
}

static void resolve_name(struct checker *checker, struct type *type)
{
    struct decl *decl;

    if (resolve_scalar(type))
        return;
    decl = find_before(checker, type->name);
    type->kind = TYPE_BAD;
    if (!decl) {
        unknown(checker, type);
        return;
    }
    if (decl->bad)
        return;
    switch (decl->kind) {
    case DECL_STRUCT:
    case DECL_TYPE:
        resolve_type_decl(type, decl);
        break;
    case DECL_ENUM:
        type->kind = TYPE_ENUM;
        type->decl = decl;
        break;
    case DECL_ERROR:
        diag_error(checker->diag, type->span, "'%s' is an error, not a type",
                   decl->name);
        diag_note(checker->diag, "errors stand after 'fails'");
        break;
    case DECL_INTERFACE:
        diag_error(checker->diag, type->span,
                   "'%s' is an interface, not a type", decl->name);
        diag_note(checker->diag, "cap<%s> is the right to call one",
                  decl->name);
        break;
    }
}

/* Declare @name before the current declaration, or find it there. */
static struct decl *declare(struct checker *checker, const char *name,
                            struct type *type)
{
    struct decl *decl = find_before(checker, name);

    if (decl)
        return decl;
    decl = arena_alloc(checker->arena, sizeof(*decl));
    decl->kind = DECL_TYPE;
    decl->name = name;
    decl->span = type->span;
    decl->type = type;
    decl->next = checker->current;
    *checker->link = decl;
    checker->link = &decl->next;
    return decl;
}

/* u8[1514] becomes u8_1514. NULL when it is too intricate for that. */
static const char *array_name(struct checker *checker, const struct type *type)
{
    const char *dimensions = "";
    const char *base = NULL;

    for (; type->kind == TYPE_FIXED; type = type->element)
        dimensions = arena_format(checker->arena, "%s_%llu", dimensions,
                                  (unsigned long long)type->count);
    if (type->kind == TYPE_SCALAR)
        base = scalar_info[type->scalar].name;
    if (type->kind == TYPE_ENUM || type->kind == TYPE_PAYLOAD)
        base = type->decl->name;
    if (!base || strlen(base) + strlen(dimensions) > NAME_LENGTH_MAX)
        return NULL;
    return arena_format(checker->arena, "%s%s", base, dimensions);
}

static bool is_array_named(struct checker *checker, const struct decl *decl,
                           const char *name)
{
    const char *own;

    if (decl->kind != DECL_TYPE || decl->type->kind != TYPE_FIXED)
        return false;
    own = array_name(checker, decl->type);
    return own && strcmp(own, name) == 0;
}

static void name_array(struct checker *checker, struct type *type)
{
    const char *name = array_name(checker, type);
    struct type *copy;
    struct decl *decl;

    if (!name) {
        diag_error(checker->diag, type->span, "this array needs a name");
        diag_note(checker->diag, "declare it before: type NAME = ...;");
        type->kind = TYPE_BAD;
        return;
    }
    copy = arena_alloc(checker->arena, sizeof(*copy));
    *copy = *type;
    decl = declare(checker, name, copy);
    type->kind = TYPE_BAD;
    if (decl->type == copy)
        check_type(checker, decl);
    if (decl->bad)
        return;
    if (!is_array_named(checker, decl, name)) {
        diag_error(checker->diag, type->span,
                   "this array's own name, '%s', is taken", name);
        diag_note_at(checker->diag, decl->span, "by this");
        return;
    }
    type->kind = TYPE_PAYLOAD;
    type->decl = decl;
}

/* What a reference refers to has to be a payload. */
static bool resolve_target(struct checker *checker, struct type *type)
{
    struct type *target = type->element;

    check_resolve(checker, target);
    if (target->kind == TYPE_FIXED)
        name_array(checker, target);
    if (target->kind == TYPE_PAYLOAD)
        return true;
    if (target->kind == TYPE_BAD)
        return false;
    if (target->kind == TYPE_POINTER || target->kind == TYPE_FUNCTION) {
        diag_error(checker->diag, target->span,
                   "a pointer cannot be shared between domains");
        diag_note(checker->diag, "refer to a struct or an array");
    } else if (target->kind == TYPE_CAP) {
        diag_error(checker->diag, target->span,
                   "a capability does not live in the shared heap");
        diag_note(checker->diag, "pass it as a parameter of its own");
    } else if (type_is_reference(target)) {
        diag_error(checker->diag, target->span, "a reference to a reference");
        diag_note(checker->diag, target->kind == TYPE_RREF
                                     ? "put the inner rref into a struct"
                                     : "a container is a parameter by itself");
    } else {
        diag_error(checker->diag, target->span,
                   "only structs and arrays live in the shared heap");
        diag_note(checker->diag, "wrap it: struct NAME { ... }");
    }
    return false;
}

/* The interface may be the one that is being declared. */
static void resolve_cap(struct checker *checker, struct type *type)
{
    struct decl *current = checker->current;
    struct decl *decl = find_before(checker, type->name);
    const struct decl *later;

    if (!decl && strcmp(current->name, type->name) == 0)
        decl = current;
    if (decl && decl->kind == DECL_INTERFACE) {
        type->decl = decl;
        if (decl->bad && decl != current)
            type->kind = TYPE_BAD;
        return;
    }
    type->kind = TYPE_BAD;
    diag_error(checker->diag, type->span, "there is no interface '%s'",
               type->name);
    later = find_from_here(checker, type->name);
    if (decl)
        diag_note_at(checker->diag, decl->span, "this is something else");
    else if (later)
        diag_note_at(checker->diag, later->span, "move this declaration up");
    else
        diag_note(checker->diag, "declare it before");
}

static bool check_capacity(struct checker *checker, struct type *type)
{
    if (type->count >= 1 && type->count <= CAPACITY_MAX)
        return true;
    diag_error(checker->diag, type->count_span,
               "a container's capacity is 1 to %u", CAPACITY_MAX);
    diag_note(checker->diag, "every crossing looks at each element");
    return false;
}

/* A container has a C type, so it needs a name. */
static void name_container(struct checker *checker, struct type *type)
{
    struct decl *current = checker->current;
    struct type *copy;

    if (current->kind == DECL_TYPE && current->type == type) {
        type->decl = current;
        return;
    }
    copy = arena_alloc(checker->arena, sizeof(*copy));
    *copy = *type;
    type->decl =
        declare(checker,
                arena_format(checker->arena, "%s_%s_%u",
                             type->kind == TYPE_RREF_ARRAY ? "rref_array"
                                                           : "rref_deque",
                             type->element->decl->name, (unsigned)type->count),
                copy);
    copy->decl = type->decl;
}

void check_resolve(struct checker *checker, struct type *type)
{
    switch (type->kind) {
    case TYPE_NAME:
        resolve_name(checker, type);
        break;
    case TYPE_FIXED:
        check_resolve(checker, type->element);
        if (type->element->kind == TYPE_BAD)
            type->kind = TYPE_BAD;
        break;
    case TYPE_RREF:
        if (!resolve_target(checker, type))
            type->kind = TYPE_BAD;
        break;
    case TYPE_CAP:
        resolve_cap(checker, type);
        break;
    case TYPE_RREF_ARRAY:
    case TYPE_RREF_DEQUE:
        if (type->decl)
            break;
        if (!resolve_target(checker, type) || !check_capacity(checker, type))
            type->kind = TYPE_BAD;
        else
            name_container(checker, type);
        break;
    case TYPE_BAD:
    case TYPE_SCALAR:
    case TYPE_ENUM:
    case TYPE_PAYLOAD:
    case TYPE_POINTER:
    case TYPE_FUNCTION:
        break;
    }
}
