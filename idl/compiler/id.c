/* SPDX-License-Identifier: MIT */
/*
 * id.c - ids of types and interfaces: 64-bit FNV-1a of a canonical text.
 *
 * The text spells out all that two sides must agree on. Where a type is made
 * of others their ids stand for them, so texts stay short. Names of types
 * count, with the file's: what is called alike in two files is not the same.
 * Names of parameters do not.
 */
#include "check.h"
#include <stdarg.h>
#include <stdio.h>

#define FNV_START 0xcbf29ce484222325u
#define FNV_PRIME 0x100000001b3u

static void hash_text(uint64_t *hash, const char *text)
{
    for (; *text; text++)
        *hash = (*hash ^ (unsigned char)*text) * FNV_PRIME;
}

__attribute__((format(printf, 2, 3))) static void
hash_format(uint64_t *hash, const char *format, ...)
{
    char text[4 * NAME_LENGTH_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    hash_text(hash, text);
}

static void hash_members(uint64_t *hash, const struct decl *decl)
{
    const struct member *member;

    hash_text(hash, decl->kind == DECL_ENUM ? "enum(" : "error(");
    for (member = decl->members; member; member = member->next)
        hash_format(hash, "%s,", member->name);
    hash_text(hash, ")");
}

static void hash_type(uint64_t *hash, const struct type *type)
{
    for (; type->kind == TYPE_FIXED; type = type->element)
        hash_format(hash, "[%llu]", (unsigned long long)type->count);
    if (type_is_reference(type))
        hash_format(hash, "%s %llu #%016llx",
                    type->kind == TYPE_RREF         ? "rref"
                    : type->kind == TYPE_RREF_ARRAY ? "array"
                                                    : "deque",
                    (unsigned long long)type->count,
                    (unsigned long long)type->element->decl->id);
    else if (type->kind == TYPE_SCALAR)
        hash_text(hash, scalar_info[type->scalar].name);
    else if (type->kind == TYPE_ENUM)
        hash_members(hash, type->decl);
    else if (type->kind == TYPE_CAP) /* of the interface itself: no id yet */
        hash_format(hash, "cap #%016llx", (unsigned long long)type->decl->id);
    else
        hash_format(hash, "#%016llx", (unsigned long long)type->decl->id);
}

/* One more round moves a hash off the values that mean something else. */
static uint64_t finish(uint64_t hash)
{
    while (hash == 0 || hash == TP_KERNEL_ID)
        hash_text(&hash, "+");
    return hash;
}

void id_of_payload(const struct unit *unit, struct decl *decl)
{
    uint64_t hash = FNV_START;
    const struct field *field;

    hash_format(&hash, "type %s.%s %llu {", unit->source->unit, decl->name,
                (unsigned long long)decl->bytes);
    for (field = decl->fields; field; field = field->next) {
        hash_format(&hash, "%s@%llu:", field->name,
                    (unsigned long long)field->offset);
        hash_type(&hash, field->type);
        hash_text(&hash, ";");
    }
    if (decl->kind == DECL_TYPE)
        hash_type(&hash, decl->type);
    hash_text(&hash, "}");
    decl->id = finish(hash);
}

static void hash_parameter(uint64_t *hash, const struct parameter *p)
{
    hash_format(hash, "%s%s%s ", p->transfer == BY_BORROW ? "borrow " : "",
                p->is_in ? "in" : "", p->is_out ? "out" : "");
    hash_type(hash, p->type);
    hash_text(hash, ",");
}

void id_of_interface(struct decl *decl)
{
    uint64_t hash = FNV_START;
    const struct method *method;
    uint32_t i;

    hash_format(&hash, "interface %s {", decl->name);
    for (method = decl->methods; method; method = method->next) {
        hash_format(&hash, "%s(", method->name);
        for (i = 0; i < method->parameter_count; i++)
            hash_parameter(&hash, method->parameters[i]);
        hash_text(&hash, ")");
        if (method->error)
            hash_members(&hash, method->error);
        hash_text(&hash, ";");
    }
    hash_text(&hash, "}");
    decl->id = finish(hash);
}
