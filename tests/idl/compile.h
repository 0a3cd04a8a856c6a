/* SPDX-License-Identifier: MIT */
/* compile.h - the IDL compiler's stages on a text in memory, for tests. */
#pragma once
#include "ast.h"
#include "diag.h"

struct compiled {
    struct arena arena;
    struct source source;
    struct unit *unit;
    uint32_t errors;
    char *messages;
};

/* Parse and check @bytes of @text as file "t.idl". */
struct compiled *compile_bytes(const char *text, size_t bytes);
struct compiled *compile_text(const char *text);
void compile_free(struct compiled *compiled);

struct decl *compile_find(const struct compiled *compiled, const char *name);
