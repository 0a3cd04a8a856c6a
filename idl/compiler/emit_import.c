/* SPDX-License-Identifier: MIT */
/*
 * emit_import.c - the header for domains that call an interface: how to be
 * given a capability, and a stub for each method that loads the registers.
 * Source: docs/ABI.md, "Calling an import".
 */
#include "check.h"
#include "emit.h"

static bool is_bool(const struct type *type)
{
    return type->kind == TYPE_SCALAR && type->scalar == SCALAR_BOOL;
}

/* What the register carries. */
static void emit_argument(struct text *out, const struct parameter *p)
{
    if (p->is_out && is_bool(p->type))
        text_add(out, "TP_POINTER(&%s_)", p->name);
    else if (p->is_out || type_is_container(p->type))
        text_add(out, "TP_POINTER(%s)", p->name);
    else if (p->type->kind == TYPE_CAP)
        text_add(out, "%s.index", p->name);
    else if (p->type->kind == TYPE_RREF && p->transfer == BY_BORROW)
        text_add(out, "%s.handle", p->name);
    else if (p->type->kind == TYPE_RREF)
        text_add(out, "TP_POINTER(%s)", p->name);
    else
        text_add(out, "(uint64_t)%s", p->name);
}

static void emit_stub_opening(struct text *out, const struct decl *decl,
                              const struct method *method)
{
    uint32_t i;

    text_add(out, "\n/* %s%s%s%s */\n", method->retry ? "Retryable. " : "",
             method->error ? "Fails with enum "
                           : "Fails with no error of its "
                             "own.",
             method->error ? method->error->name : "",
             method->error ? "." : "");
    text_add(out, "TP_INLINE struct rpc %s_%s(\n        struct %s_cap cap",
             decl->name, method->name, decl->name);
    for (i = 0; i < method->parameter_count; i++) {
        text_add(out, ",\n        ");
        emit_parameter(out, method->parameters[i]);
    }
    text_add(out, ")\n{\n");
}

/* A bool from another domain is any byte until it has been looked at. */
static void emit_bools(struct text *out, const struct method *method,
                       bool before)
{
    uint32_t i;

    for (i = 0; i < method->parameter_count; i++) {
        const struct parameter *p = method->parameters[i];

        if (!p->is_out || !is_bool(p->type))
            continue;
        if (before)
            text_add(out, "    uint8_t %s_ = 0;\n", p->name);
        else
            text_add(out, "    *%s = %s_ != 0;\n", p->name, p->name);
    }
}

static bool is_moved_rref(const struct parameter *p)
{
    return p->is_in && p->type->kind == TYPE_RREF && p->transfer == BY_MOVE;
}

/* The compiler should see the use of a reference that has been moved away. */
static void emit_use_checks(struct text *out, const struct method *method)
{
    uint32_t i;

    for (i = 0; i < method->parameter_count; i++) {
        const struct parameter *p = method->parameters[i];

        if (is_moved_rref(p))
            text_add(out, "    rref_check_use(%s->handle);\n", p->name);
        else if (p->type->kind == TYPE_RREF && p->transfer == BY_BORROW)
            text_add(out, "    rref_check_use(%s.handle);\n", p->name);
    }
}

/* What the kernel has done, in words that the compiler understands. */
static void emit_moved(struct text *out, const struct method *method)
{
    uint32_t i;

    for (i = 0; i < method->parameter_count; i++) {
        const struct parameter *p = method->parameters[i];

        if (is_moved_rref(p) && !p->is_out)
            text_add(out,
                     "    if ((uint32_t)rax == RPC_OK)\n"
                     "        %s->handle = 0;\n",
                     p->name);
    }
}

static void emit_stub(struct text *out, const struct decl *decl,
                      const struct method *method)
{
    uint32_t i;

    emit_stub_opening(out, decl, method);
    emit_bools(out, method, true);
    emit_use_checks(out, method);
    text_add(out,
             "    uint64_t rax = TP_IMPORT_CALL(\n"
             "        \"__tepal_%s_%u\", cap.index",
             decl->name, method->number);
    for (i = 0; i < TP_PARAMETERS_MAX; i++) {
        text_add(out, i < method->parameter_count ? ",\n        " : ", ");
        if (i < method->parameter_count)
            emit_argument(out, method->parameters[i]);
        else
            text_add(out, "0");
    }
    text_add(out, ");\n\n");
    emit_bools(out, method, false);
    emit_moved(out, method);
    text_add(out, "    return rpc_from_register(rax);\n}\n");
}

static void emit_importer(struct text *out, const struct decl *decl,
                          struct arena *arena)
{
    const char *upper = emit_upper(arena, decl->name);
    const struct method *method;

    text_add(out,
             "\n/* Once in a domain, at file scope: a global variable of type "
             "struct %s_cap,\n * wired by the manifest under its own name. "
             "*/\n"
             "#define %s_CAP(variable) TP_CAP(%s_cap, variable, %s_ID)\n",
             decl->name, upper, decl->name, upper);
    text_add(out, "\n");
    for (method = decl->methods; method; method = method->next)
        text_add(out, "TP_IMPORT_ENTRY(\"__tepal_%s_%u\", 0x%016llx, %u);\n",
                 decl->name, method->number, (unsigned long long)decl->id,
                 method->number);
    for (method = decl->methods; method; method = method->next)
        emit_stub(out, decl, method);
}

void emit_import(struct text *out, const struct unit *unit, struct arena *arena)
{
    const struct decl *decl;

    emit_opening(out, unit,
                 "Domain code only: capabilities and stubs for callers. What "
                 "was moved is\n * cleared once the call is made; a refused "
                 "call changes nothing.");
    text_add(out, "#pragma once\n#include \"%s.h\"\n", unit->source->unit);
    for (decl = unit->decls; decl; decl = decl->next)
        if (decl->kind == DECL_INTERFACE)
            emit_importer(out, decl, arena);
}
