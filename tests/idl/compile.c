/* SPDX-License-Identifier: MIT */
/* compile.c - see compile.h. */
#include "compile.h"
#include "check.h"
#include "parse.h"
#include <stdlib.h>
#include <string.h>

struct compiled *compile_bytes(const char *text, size_t bytes)
{
    struct compiled *compiled = calloc(1, sizeof(*compiled));
    size_t length;
    struct diag diag;

    if (!compiled)
        abort();
    compiled->source = (struct source){
        .path = "t.idl",
        .file = "t.idl",
        .unit = "t",
        .text = arena_string(&compiled->arena, text, bytes),
        .bytes = (uint32_t)bytes,
    };
    diag = (struct diag){&compiled->source, NULL, 0};
    diag.out = open_memstream(&compiled->messages, &length);
    compiled->unit = parse_unit(&compiled->arena, &compiled->source, &diag);
    if (!diag_is_full(&diag))
        check_unit(compiled->unit, &compiled->arena, &diag);
    fclose(diag.out);
    compiled->errors = diag.errors;
    return compiled;
}

struct compiled *compile_text(const char *text)
{
    return compile_bytes(text, strlen(text));
}

void compile_free(struct compiled *compiled)
{
    arena_free(&compiled->arena);
    free(compiled->messages);
    free(compiled);
}

struct decl *compile_find(const struct compiled *compiled, const char *name)
{
    struct decl *decl = compiled->unit->decls;

    while (decl && strcmp(decl->name, name))
        decl = decl->next;
    return decl;
}
