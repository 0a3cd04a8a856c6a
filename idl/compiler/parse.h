/* SPDX-License-Identifier: MIT */
/*
 * parse.h - from tokens to a tree. Functions are named after the grammar:
 *
 *   unit      = { decl }
 *   decl      = struct | type | enum | error | interface
 *   struct    = "struct" NAME "{" { field ";" } "}" [ ";" ]
 *   type      = "type" NAME "=" typeref ";"
 *   enum      = ("enum" | "error") NAME "{" NAME { "," NAME } [","] "}" [ ";" ]
 *   interface = "interface" NAME "{" { method ";" } "}" [ ";" ]
 *   field     = typeref NAME { "[" NUMBER "]" }
 *   method    = NAME "(" [ params ] ")" [ "returns" "(" params ")" ]
 *               [ "fails" NAME ] [ "retry" ]
 *   params    = param { "," param }
 *   param     = [ "move" | "borrow" ] typeref NAME { "[" NUMBER "]" }
 *   typeref   = base { "[" NUMBER "]" }
 *   base      = NAME | "rref" "<" typeref ">" | "cap" "<" NAME ">"
 *             | ("rref_array" | "rref_deque") "<" typeref "," NUMBER ">"
 *
 * Pointers and function pointers are parsed as in C, so that the checks can
 * say which field holds one.
 */
#pragma once
#include "ast.h"
#include "lex.h"

struct parser {
    struct lexer lexer;
    struct token token, next;
    uint32_t behind; /* where the token before @token ends */
    uint32_t depth;
};

/* Errors: counted in @diag; the tree holds what could be understood. */
struct unit *parse_unit(struct arena *arena, const struct source *source,
                        struct diag *diag);

/* For the parser's own files. */
void parse_advance(struct parser *parser);
bool parse_at(const struct parser *parser, char sign);
bool parse_at_word(const struct parser *parser, const char *word);
bool parse_accept(struct parser *parser, char sign);
bool parse_expect(struct parser *parser, char sign, const char *after);
void parse_error(struct parser *parser, const char *wanted);
bool parse_name(struct parser *parser, const char *of_what, const char **name,
                struct span *span);
/* NULL after an error. */
struct type *parse_typeref(struct parser *parser);
/* The part of a C declarator that follows the base type: name and arrays. */
struct type *parse_declarator(struct parser *parser, struct type *base,
                              const char *of_what, const char **name,
                              struct span *span);
