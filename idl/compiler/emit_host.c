/* SPDX-License-Identifier: MIT */
/*
 * emit_host.c - the header for a program that embeds the kernel by libtepal:
 * shared types and containers as the program sees them, descriptions of what
 * the file declares, and a typed call for each method.
 * Source: embed/include/tepal/tepal.h.
 */
#include "check.h"
#include "emit.h"

/* $t$: the payload's name; $u$: the file's. */
static const char reference_pattern[] =
    "\n"
    "struct rref_$t$ {\n"
    "    uint64_t handle;\n"
    "};\n"
    "\n"
    "/* A new object, all zero. Errors: null: no memory, or not added. */\n"
    "static inline struct rref_$t$ rref_$t$_new(void)\n"
    "{\n"
    "    struct rref_$t$ ref = {tepal_object_new(&tepal_type_$u$_$t$)};\n"
    "\n"
    "    return ref;\n"
    "}\n"
    "\n"
    "/* Where it lies. Errors: NULL: null, or not the program's. */\n"
    "static inline struct $t$ *rref_$t$_value(struct rref_$t$ ref)\n"
    "{\n"
    "    return (struct $t$ *)tepal_object_payload(ref.handle);\n"
    "}\n"
    "\n"
    "/* Errors: false, nothing changed: not the program's, or lent. */\n"
    "static inline bool rref_$t$_drop(struct rref_$t$ *ref)\n"
    "{\n"
    "    bool dropped = tepal_object_drop(ref->handle);\n"
    "\n"
    "    if (dropped)\n"
    "        ref->handle = 0;\n"
    "    return dropped;\n"
    "}\n";

/* $i$: the interface's name; $u$: the file's. */
static const char port_pattern[] =
    "\n"
    "/* What a domain exports as $i$; tepal_find(). */\n"
    "struct $i$_port {\n"
    "    struct tepal_port port;\n"
    "};\n"
    "\n"
    "static inline int $i$_port_find(struct $i$_port *port,\n"
    "        struct tepal_domain *domain, struct tepal_error *error)\n"
    "{\n"
    "    return tepal_find(&port->port, domain,\n"
    "                      &tepal_interface_$u$_$i$, NULL, error);\n"
    "}\n";

static const char *unit_of(const struct unit *unit)
{
    return unit->source->unit;
}

/* Every handle in @type, which lies at @offset of the payload. */
static void add_handles(struct text *out, const struct unit *unit,
                        const struct type *type, uint64_t offset)
{
    const struct field *field;
    uint64_t i;

    if (check_measure(type).handles == 0)
        return;
    if (type->kind == TYPE_RREF) {
        text_add(out, "    {%llu, &tepal_type_%s_%s},\n",
                 (unsigned long long)offset, unit_of(unit), type->element->decl->name);
    } else if (type->kind == TYPE_FIXED) {
        for (i = 0; i < type->count; i++)
            add_handles(out, unit, type->element,
                        offset + i * check_measure(type->element).bytes);
    } else if (type->decl->kind == DECL_TYPE) {
        add_handles(out, unit, type->decl->type, offset);
    } else {
        for (field = type->decl->fields; field; field = field->next)
            add_handles(out, unit, field->type, offset + field->offset);
    }
}

static void add_type(struct text *out, const struct unit *unit,
                     struct decl *decl)
{
    struct type whole = {.kind = TYPE_PAYLOAD, .decl = decl};

    if (decl->handles) {
        text_add(out,
                 "\nstatic const struct tepal_type_handle "
                 "tepal_handles_%s_%s[] = {\n",
                 unit_of(unit), decl->name);
        add_handles(out, unit, &whole, 0);
        text_add(out, "};\n");
    }
    text_add(out,
             "\nstatic const struct tepal_type tepal_type_%s_%s = {\n"
             "    .id = 0x%016llxu,\n    .name = \"%s.%s\",\n"
             "    .bytes = %llu,\n",
             unit_of(unit), decl->name, (unsigned long long)decl->id,
             unit_of(unit), decl->name, (unsigned long long)decl->bytes);
    if (decl->handles)
        text_add(out,
                 "    .handle_count = %llu,\n"
                 "    .handles = tepal_handles_%s_%s,\n",
                 (unsigned long long)decl->handles, unit_of(unit), decl->name);
    text_add(out, "};\n");
}

static const char *kind_of(const struct type *type)
{
    switch (type->kind) {
    case TYPE_ENUM:
        return "ENUM";
    case TYPE_RREF:
        return "RREF";
    case TYPE_RREF_ARRAY:
        return "ARRAY";
    case TYPE_RREF_DEQUE:
        return "DEQUE";
    case TYPE_CAP:
        return "CAP";
    case TYPE_SCALAR:
    case TYPE_BAD:
    case TYPE_NAME:
    case TYPE_PAYLOAD:
    case TYPE_FIXED:
    case TYPE_POINTER:
    case TYPE_FUNCTION:
        break;
    }
    if (type->scalar == SCALAR_BOOL)
        return "BOOL";
    return scalar_info[type->scalar].is_signed ? "SIGNED" : "UNSIGNED";
}

static void add_way(struct text *out, const struct parameter *p)
{
    text_add(out, "%s%s%s%s", p->is_in ? "TEPAL_IN" : "",
             p->is_in && p->is_out ? " | " : "", p->is_out ? "TEPAL_OUT" : "",
             p->transfer == BY_BORROW ? " | TEPAL_LENT" : "");
}

static void add_parameter(struct text *out, const struct unit *unit,
                          const struct parameter *p)
{
    const struct type *type = p->type;
    uint64_t count = type_is_container(type) ? type->count : 0;

    if (type->kind == TYPE_ENUM)
        count = type->decl->count;
    text_add(out, "        {TEPAL_%s, ", kind_of(type));
    add_way(out, p);
    text_add(out, ", %u, %llu, ",
             type->kind == TYPE_SCALAR ? type_room(type) : 0,
             (unsigned long long)count);
    if (type_is_reference(type))
        text_add(out, "&tepal_type_%s_%s},\n", unit_of(unit),
                 type->element->decl->name);
    else
        text_add(out, "NULL},\n");
}

static void add_interface(struct text *out, const struct unit *unit,
                          const struct decl *decl)
{
    const struct method *method;
    uint32_t i;

    text_add(out,
             "\nstatic const struct tepal_method "
             "tepal_methods_%s_%s[] = {\n",
             unit_of(unit), decl->name);
    for (method = decl->methods; method; method = method->next) {
        text_add(out, "    {\"%s\", %u, {\n", method->name,
                 method->parameter_count);
        for (i = 0; i < method->parameter_count; i++)
            add_parameter(out, unit, method->parameters[i]);
        if (method->parameter_count == 0)
            text_add(out, "        {0},\n");
        text_add(out, "    }},\n");
    }
    text_add(out,
             "};\n\nstatic const struct tepal_interface "
             "tepal_interface_%s_%s = {\n"
             "    .id = 0x%016llxu,\n    .name = \"%s\",\n"
             "    .method_count = %u,\n"
             "    .methods = tepal_methods_%s_%s,\n};\n",
             unit_of(unit), decl->name, (unsigned long long)decl->id,
             decl->name, decl->count, unit_of(unit), decl->name);
}

/* The register's value: as docs/ABI.md says, with pointers of the program. */
static void add_argument(struct text *out, const struct parameter *p)
{
    if (p->is_out || type_is_container(p->type))
        text_add(out, "(uintptr_t)%s", p->name);
    else if (p->type->kind == TYPE_RREF)
        text_add(out,
                 p->transfer == BY_MOVE ? "(uintptr_t)%s" : "%s.handle",
                 p->name);
    else
        text_add(out, "(uint64_t)%s", p->name);
}

static bool passes_cap(const struct method *method)
{
    uint32_t i;

    for (i = 0; i < method->parameter_count; i++)
        if (method->parameters[i]->type->kind == TYPE_CAP)
            return true;
    return false;
}

static void add_call(struct text *out, const struct unit *unit,
                     const struct decl *decl, const struct method *method)
{
    uint32_t i;

    if (passes_cap(method)) {
        text_add(out, "\n/* %s_%s passes capabilities: not for programs. */\n",
                 decl->name, method->name);
        return;
    }
    text_add(out, "\n/* Fails with %s%s. */\n",
             method->error ? "enum " : "no error of its own",
             method->error ? method->error->name : "");
    text_add(out,
             "static inline struct rpc %s_%s(\n"
             "        struct %s_port port_",
             decl->name, method->name, decl->name);
    for (i = 0; i < method->parameter_count; i++) {
        text_add(out, ",\n        ");
        emit_parameter(out, method->parameters[i]);
    }
    text_add(out, ")\n{\n    const uint64_t arguments_[6] = {");
    for (i = 0; i < method->parameter_count; i++) {
        text_add(out, i ? ", " : "");
        add_argument(out, method->parameters[i]);
    }
    text_add(out,
             "%s};\n\n"
             "    return tepal_call(port_.port, &tepal_interface_%s_%s, %u,\n"
             "                      arguments_);\n}\n",
             method->parameter_count ? "" : "0", unit_of(unit), decl->name,
             method->number);
}

static void add_container(struct text *out, const struct decl *decl)
{
    bool is_array = decl->type->kind == TYPE_RREF_ARRAY;

    text_add(out,
             "\n/* rref_%s<%s, %llu>: handle%s, null where absent. */\n"
             "struct %s {\n%s    uint64_t handle[%llu];\n};\n",
             is_array ? "array" : "deque", decl->type->element->decl->name,
             (unsigned long long)decl->type->count,
             is_array ? "s" : "s from head on, round the end", decl->name,
             is_array ? "" : "    uint32_t head, length;\n",
             (unsigned long long)decl->type->count);
}

static void add_unit(struct text *out, const struct unit *unit)
{
    const struct decl *decl;

    text_add(out,
             "\nstatic const struct tepal_type *const tepal_types_%s[] = {\n",
             unit_of(unit));
    for (decl = unit->decls; decl; decl = decl->next)
        if (decl_is_payload(decl))
            text_add(out, "    &tepal_type_%s_%s,\n", unit_of(unit),
                     decl->name);
    text_add(out,
             "    NULL,\n};\n\nstatic const struct tepal_interface *const "
             "tepal_interfaces_%s[] = {\n",
             unit_of(unit));
    for (decl = unit->decls; decl; decl = decl->next)
        if (decl->kind == DECL_INTERFACE)
            text_add(out, "    &tepal_interface_%s_%s,\n", unit_of(unit),
                     decl->name);
    text_add(out,
             "    NULL,\n};\n\n/* For tepal_add_unit(). */\n"
             "static const struct tepal_unit tepal_unit_%s "
             "__attribute__((unused)) = {\n"
             "    TEPAL_VERSION, tepal_types_%s, tepal_interfaces_%s,\n};\n",
             unit_of(unit), unit_of(unit), unit_of(unit));
}

static void add_interface_and_calls(struct text *out, const struct unit *unit,
                                    const struct decl *decl,
                                    struct arena *arena)
{
    const char *const words[] = {"i", decl->name, "u", unit_of(unit), NULL};
    const struct method *method;

    (void)arena;
    add_interface(out, unit, decl);
    text_fill(out, port_pattern, words);
    for (method = decl->methods; method; method = method->next)
        add_call(out, unit, decl, method);
}

void emit_host(struct text *out, const struct unit *unit, struct arena *arena)
{
    struct decl *decl;

    emit_opening(out, unit,
                 "For programs that embed Tepal: shared types, and what calls "
                 "the methods of\n * a domain. See <tepal/tepal.h>.");
    text_add(out, "#pragma once\n#include <tepal/tepal.h>\n");
    for (decl = unit->decls; decl; decl = decl->next) {
        const char *const words[] = {"t", decl->name, "u", unit_of(unit),
                                     NULL};

        if (decl->kind == DECL_ENUM || decl->kind == DECL_ERROR) {
            emit_members(out, decl, arena);
        } else if (decl->kind == DECL_INTERFACE) {
            add_interface_and_calls(out, unit, decl, arena);
        } else if (decl_is_container(decl)) {
            add_container(out, decl);
        } else if (decl_is_payload(decl)) {
            emit_layout(out, decl);
            add_type(out, unit, decl);
            text_fill(out, reference_pattern, words);
        }
    }
    add_unit(out, unit);
}
