/* SPDX-License-Identifier: MIT */
/*
 * emit_traced.c - every proxy once more, for runs that are traced: the same
 * code, made of the operations in tepal_trusted/trace_proxy.h where it begins,
 * calls and ends. It stands in a file of its own, so that the other proxies are
 * compiled as if there were no tracing.
 */
#include "emit.h"

void emit_traced(struct text *out, const struct unit *unit, struct arena *arena)
{
    const struct decl *decl;

    emit_opening(out, unit,
                 "Trusted: a proxy for each method that records its calls.");
    text_add(out, "#include \"arch/gate.h\"\n"
                  "#include \"tepal_trusted/trace_proxy.h\"\n\n");
    for (decl = unit->decls; decl; decl = decl->next) {
        if (decl_is_payload(decl))
            text_add(out, "extern const struct type type_%s_%s;\n",
                     unit->source->unit, decl->name);
        else if (decl->kind == DECL_INTERFACE)
            text_add(out, "extern void (*const traced_gates_%s[])(void);\n",
                     decl->name);
    }
    for (decl = unit->decls; decl; decl = decl->next)
        if (decl->kind == DECL_INTERFACE)
            emit_traced_gates(out, unit, decl, arena);
}
