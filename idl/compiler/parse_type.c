/* SPDX-License-Identifier: MIT */
/* parse_type.c - types and declarators; the grammar stands in parse.h. */
#include "parse.h"
#include <string.h>

static struct type *type_new(struct parser *parser, enum type_kind kind,
                             struct span span)
{
    struct type *type = arena_alloc(parser->lexer.arena, sizeof(*type));

    type->kind = kind;
    type->span = span;
    return type;
}

static bool parse_number(struct parser *parser, struct type *type,
                         const char *wanted)
{
    if (parser->token.kind != TOKEN_NUMBER) {
        parse_error(parser, wanted);
        return false;
    }
    type->count = parser->token.number;
    type->count_span = parser->token.span;
    parse_advance(parser);
    return true;
}

/* { "[" NUMBER "]" }, the first being the outermost, as in C. */
static struct type *parse_dimensions(struct parser *parser, struct type *base)
{
    struct type *outer = base, **inner = &outer;
    uint32_t count = 0;

    while (parse_at(parser, '[')) {
        struct type *array = type_new(parser, TYPE_FIXED, base->span);

        if (count++ == NESTING_MAX) {
            parse_error(parser, "fewer dimensions");
            return NULL;
        }
        parse_advance(parser);
        if (!parse_number(parser, array, "the number of elements") ||
            !parse_expect(parser, ']', "the number of elements"))
            return NULL;
        array->element = base;
        *inner = array;
        inner = &array->element;
    }
    return outer;
}

/* "<" typeref [ "," NUMBER ] ">" */
static struct type *parse_reference(struct parser *parser, enum type_kind kind)
{
    struct type *type = type_new(parser, kind, parser->token.span);
    const char *word = parser->token.name;

    parse_advance(parser);
    if (!parse_expect(parser, '<', word))
        return NULL;
    type->element = parse_typeref(parser);
    if (!type->element)
        return NULL;
    if (kind != TYPE_RREF &&
        (!parse_expect(parser, ',', "the type of the elements") ||
         !parse_number(parser, type, "the capacity")))
        return NULL;
    if (!parse_expect(parser, '>', "what it refers to"))
        return NULL;
    return type;
}

/* "<" NAME ">" */
static struct type *parse_cap(struct parser *parser)
{
    struct type *type = type_new(parser, TYPE_CAP, parser->token.span);

    parse_advance(parser);
    if (!parse_expect(parser, '<', "cap") ||
        !parse_name(parser, "an interface", &type->name, &type->span) ||
        !parse_expect(parser, '>', "the interface"))
        return NULL;
    return type;
}

static struct type *parse_base(struct parser *parser)
{
    struct type *type;

    if (parse_at_word(parser, "struct") || parse_at_word(parser, "enum")) {
        const char *word = parser->token.name;

        parse_error(parser, "the name of a type");
        diag_note(parser->lexer.diag, "'%s' stands only where it is declared",
                  word);
        return NULL;
    }
    if (parse_at_word(parser, "rref"))
        return parse_reference(parser, TYPE_RREF);
    if (parse_at_word(parser, "rref_array"))
        return parse_reference(parser, TYPE_RREF_ARRAY);
    if (parse_at_word(parser, "rref_deque"))
        return parse_reference(parser, TYPE_RREF_DEQUE);
    if (parse_at_word(parser, "cap"))
        return parse_cap(parser);
    /* As in C, where it stands before what is then refused as a pointer. */
    if (parse_at_word(parser, "const"))
        parse_advance(parser);
    if (parser->token.kind != TOKEN_NAME) {
        parse_error(parser, "a type");
        return NULL;
    }
    type = type_new(parser, TYPE_NAME, parser->token.span);
    type->name = parser->token.name;
    parse_advance(parser);
    return type;
}

static struct type *parse_stars(struct parser *parser, struct type *type)
{
    while (type && parse_at(parser, '*')) {
        struct type *pointer =
            type_new(parser, TYPE_POINTER, parser->token.span);

        pointer->element = type;
        type = pointer;
        parse_advance(parser);
    }
    return type;
}

struct type *parse_typeref(struct parser *parser)
{
    struct type *type;

    if (parser->depth >= NESTING_MAX) {
        diag_error(parser->lexer.diag, parser->token.span,
                   "types nest more than %u deep", NESTING_MAX);
        diag_note(parser->lexer.diag, "name the inner ones first");
        return NULL;
    }
    parser->depth++;
    type = parse_base(parser);
    if (type)
        type = parse_stars(parser, parse_dimensions(parser, type));
    parser->depth--;
    return type;
}

/* From "(" to the ")" that belongs to it. */
static bool skip_parentheses(struct parser *parser)
{
    uint32_t open = 0;

    do {
        if (parse_at(parser, '('))
            open++;
        if (parse_at(parser, ')'))
            open--;
        if (parser->token.kind == TOKEN_END) {
            parse_error(parser, "')'");
            return false;
        }
        parse_advance(parser);
    } while (open);
    return true;
}

/* "(" "*" NAME ... ")" "(" ... ")", what C writes for a function pointer. */
static struct type *parse_function(struct parser *parser, const char *of_what,
                                   const char **name, struct span *span)
{
    struct type *type = type_new(parser, TYPE_FUNCTION, parser->token.span);

    parse_advance(parser);
    while (parse_at(parser, '*'))
        parse_advance(parser);
    if (!parse_name(parser, of_what, name, span))
        return NULL;
    while (parse_at(parser, '['))
        if (!parse_dimensions(parser, type))
            return NULL;
    if (!parse_expect(parser, ')', "the name"))
        return NULL;
    if (!parse_at(parser, '(')) {
        parse_error(parser, "the parameters of a function");
        return NULL;
    }
    return skip_parentheses(parser) ? type : NULL;
}

struct type *parse_declarator(struct parser *parser, struct type *base,
                              const char *of_what, const char **name,
                              struct span *span)
{
    if (parse_at(parser, '(') && parser->next.kind == TOKEN_SIGN &&
        parser->next.sign == '*')
        return parse_function(parser, of_what, name, span);
    if (!parse_name(parser, of_what, name, span))
        return NULL;
    return parse_dimensions(parser, base);
}
