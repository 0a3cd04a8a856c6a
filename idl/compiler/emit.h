/* SPDX-License-Identifier: MIT */
/*
 * emit.h - from a checked tree to C. Emitters decide nothing and cannot fail.
 */
#pragma once
#include "ast.h"
#include "text.h"

/* For domains: shared types, and what an implementer of an interface needs. */
void emit_header(struct text *out, const struct unit *unit,
                 struct arena *arena);
/* For domains: what a caller needs. */
void emit_import(struct text *out, const struct unit *unit,
                 struct arena *arena);
/* Trusted: type descriptors and proxies. */
void emit_proxy(struct text *out, const struct unit *unit, struct arena *arena);
/* Trusted: the proxies once more, traced. */
void emit_traced(struct text *out, const struct unit *unit,
                 struct arena *arena);
/* Trusted: declarations of the descriptors. */
void emit_types(struct text *out, const struct unit *unit);
/* Trusted: the tables of all interfaces and types of a kernel. */
void emit_table(struct text *out, struct unit *const *units, size_t count);
/* For programs that embed the kernel: callers with tepal/tepal.h. */
void emit_host(struct text *out, const struct unit *unit, struct arena *arena);
/* For people. */
void emit_description(struct text *out, const struct unit *unit);

/* Shared by the emitters. */
/* Traced proxies of @interface's methods, and the table of their gates. */
void emit_traced_gates(struct text *out, const struct unit *unit,
                       const struct decl *interface, struct arena *arena);
void emit_opening(struct text *out, const struct unit *unit,
                  const char *sentence);
const char *emit_upper(struct arena *arena, const char *name);
/* A payload's structure, and the members of an enum or error. */
void emit_layout(struct text *out, const struct decl *decl);
void emit_members(struct text *out, const struct decl *decl,
                  struct arena *arena);
/* "struct queue *packets", as callers and implementers see it. */
void emit_parameter(struct text *out, const struct parameter *p);
/* A typed wrapper for each operation of a container, or of a reference. */
void emit_reference(struct text *out, const struct unit *unit,
                    const struct decl *decl, struct arena *arena);
void emit_container(struct text *out, const struct decl *decl,
                    struct arena *arena);
