/* SPDX-License-Identifier: MIT */
/* lex.h - from characters to tokens. */
#pragma once
#include "diag.h"

enum token_kind {
    TOKEN_END,  /* also for ever after too many errors */
    TOKEN_NAME, /* keywords too: the parser knows where they are meant */
    TOKEN_NUMBER,
    TOKEN_SIGN, /* one character of punctuation */
};

struct token {
    enum token_kind kind;
    struct span span;
    const char *name; /* TOKEN_NAME */
    uint64_t number;  /* TOKEN_NUMBER */
    char sign;        /* TOKEN_SIGN */
};

struct lexer {
    const struct source *source;
    struct diag *diag;
    struct arena *arena;
    uint32_t at;
};

struct token lex_next(struct lexer *lexer);
