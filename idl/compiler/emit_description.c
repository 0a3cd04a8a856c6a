/* SPDX-License-Identifier: MIT */
/* emit_description.c - ids, layouts and frames, to be read by people. */
#include "check.h"
#include "emit.h"

static void describe_type(struct text *out, const struct type *type)
{
    const struct type *base = type;

    while (base->kind == TYPE_FIXED)
        base = base->element;
    if (base->kind == TYPE_SCALAR)
        text_add(out, "%s", scalar_info[base->scalar].name);
    else if (base->kind == TYPE_RREF)
        text_add(out, "rref<%s>", base->element->decl->name);
    else if (type_is_container(base))
        text_add(out, "%s<%s, %u>",
                 base->kind == TYPE_RREF_ARRAY ? "rref_array" : "rref_deque",
                 base->element->decl->name, (unsigned)base->count);
    else if (base->kind == TYPE_CAP)
        text_add(out, "cap<%s>", base->decl->name);
    else
        text_add(out, "%s", base->decl->name);
    for (; type->kind == TYPE_FIXED; type = type->element)
        text_add(out, "[%llu]", (unsigned long long)type->count);
}

static void describe_payload(struct text *out, const struct decl *decl)
{
    const struct field *field;

    text_add(out,
             "type %s: id 0x%016llx, %llu bytes, aligned to %u, %llu "
             "references inside\n",
             decl->name, (unsigned long long)decl->id,
             (unsigned long long)decl->bytes, decl->align,
             (unsigned long long)decl->handles);
    for (field = decl->fields; field; field = field->next) {
        text_add(out, "    %8llu  %s: ", (unsigned long long)field->offset,
                 field->name);
        describe_type(out, field->type);
        text_add(out, "\n");
    }
}

static void describe_method(struct text *out, const struct method *method)
{
    static const char *const transfers[] = {"", "move ", "borrow "};
    uint32_t i;

    text_add(out, "    %u %s: frame of %u bytes, %u moves, %u loans%s%s%s\n",
             method->number, method->name, method->frame_bytes,
             method->move_count, method->loan_count,
             method->error ? ", fails " : "",
             method->error ? method->error->name : "",
             method->retry ? ", retry" : "");
    for (i = 0; i < method->parameter_count; i++) {
        const struct parameter *p = method->parameters[i];

        text_add(out, "        %u %-6s %s: %s", i,
                 p->is_in && p->is_out ? "in-out"
                 : p->is_in            ? "in"
                                       : "out",
                 p->name, transfers[p->transfer]);
        describe_type(out, p->type);
        if (p->is_out || type_is_container(p->type) || p->transfer == BY_MOVE)
            text_add(out, ", at %u", p->frame);
        text_add(out, "\n");
    }
}

void emit_description(struct text *out, const struct unit *unit)
{
    const struct method *method;
    const struct decl *decl;

    for (decl = unit->decls; decl; decl = decl->next) {
        if (decl_is_payload(decl))
            describe_payload(out, decl);
        if (decl->kind != DECL_INTERFACE)
            continue;
        text_add(out, "interface %s: id 0x%016llx\n", decl->name,
                 (unsigned long long)decl->id);
        for (method = decl->methods; method; method = method->next)
            describe_method(out, method);
    }
}
