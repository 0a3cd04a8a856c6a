/* SPDX-License-Identifier: MIT */
/* lex.c - see lex.h. Bad characters are reported once a run and skipped. */
#include "lex.h"
#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) ||
           c == '_';
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_sign(char c)
{
    return c && strchr("{}()<>[],;=*:.-+&?\"'#", c) != NULL;
}

static char peek(const struct lexer *lexer, uint32_t ahead)
{
    uint32_t at = lexer->at + ahead;

    return at < lexer->source->bytes ? lexer->source->text[at] : 0;
}

static bool at_end(const struct lexer *lexer)
{
    return lexer->at >= lexer->source->bytes;
}

static void skip_comment(struct lexer *lexer)
{
    struct span start = {lexer->at, 2};

    lexer->at += 2;
    while (!at_end(lexer)) {
        if (peek(lexer, 0) == '*' && peek(lexer, 1) == '/') {
            lexer->at += 2;
            return;
        }
        lexer->at++;
    }
    diag_error(lexer->diag, start, "this comment never ends");
    diag_note(lexer->diag, "end it with '*/'");
}

static void skip_strange(struct lexer *lexer)
{
    struct span span = {lexer->at, 0};
    unsigned char first = (unsigned char)peek(lexer, 0);

    while (!at_end(lexer) && !is_space(peek(lexer, 0)) &&
           !is_name(peek(lexer, 0)) && !is_sign(peek(lexer, 0)) &&
           peek(lexer, 0) != '/')
        lexer->at++;
    if (lexer->at == span.start)
        lexer->at++;
    span.length = lexer->at - span.start;
    diag_error(lexer->diag, span, "stray character 0x%02x", first);
    diag_note(lexer->diag, "outside comments an IDL file is plain ASCII");
}

/* To the next token. Returns false at the end. */
static bool skip_blank(struct lexer *lexer)
{
    while (!at_end(lexer) && !diag_is_full(lexer->diag)) {
        char c = peek(lexer, 0);

        if (is_space(c)) {
            lexer->at++;
        } else if (c == '/' && peek(lexer, 1) == '*') {
            skip_comment(lexer);
        } else if (c == '/' && peek(lexer, 1) == '/') {
            while (!at_end(lexer) && peek(lexer, 0) != '\n')
                lexer->at++;
        } else if (is_name(c) || is_sign(c)) {
            return true;
        } else {
            skip_strange(lexer);
        }
    }
    return false;
}

static int digit_value(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 99;
}

/* A bad one counts as 1, so that it is reported only once. */
static void read_number(struct lexer *lexer, struct token *token)
{
    const char *text = lexer->source->text + token->span.start;
    uint32_t i = 0, length = token->span.length;
    int base = 10;

    if (length > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        base = 16;
        i = 2;
    }
    for (; i < length; i++) {
        int digit = digit_value(text[i]);

        if (digit >= base) {
            diag_error(lexer->diag, token->span, "'%.*s' is not a number",
                       (int)(length < 80 ? length : 80), text);
            diag_note(lexer->diag, "numbers are like 4096 or 0x1000");
            token->number = 1;
            return;
        }
        if (token->number > (UINT64_MAX - (uint64_t)digit) / (uint64_t)base) {
            diag_error(lexer->diag, token->span, "number beyond 64 bits");
            diag_note(lexer->diag, "the largest size of anything is 2 MiB");
            token->number = 1;
            return;
        }
        token->number = token->number * (uint64_t)base + (uint64_t)digit;
    }
}

struct token lex_next(struct lexer *lexer)
{
    struct token token = {.kind = TOKEN_END};

    if (!skip_blank(lexer)) {
        token.span = (struct span){lexer->source->bytes, 1};
        return token;
    }
    token.span.start = lexer->at;
    if (!is_name(peek(lexer, 0))) {
        token.kind = TOKEN_SIGN;
        token.sign = peek(lexer, 0);
        token.span.length = 1;
        lexer->at++;
        return token;
    }
    token.kind = is_digit(peek(lexer, 0)) ? TOKEN_NUMBER : TOKEN_NAME;
    while (is_name(peek(lexer, 0)))
        lexer->at++;
    token.span.length = lexer->at - token.span.start;
    if (token.kind == TOKEN_NUMBER)
        read_number(lexer, &token);
    else
        token.name =
            arena_string(lexer->arena, lexer->source->text + token.span.start,
                         token.span.length);
    return token;
}
