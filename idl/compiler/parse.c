/* SPDX-License-Identifier: MIT */
/*
 * parse.c - declarations; the grammar stands in parse.h.
 *
 * After an error the parser goes on behind the next ";" or before the next
 * "}" or declaration, so that one run reports many errors.
 */
#include "parse.h"
#include <string.h>

void parse_advance(struct parser *parser)
{
    parser->behind = parser->token.span.start + parser->token.span.length;
    parser->token = parser->next;
    parser->next = lex_next(&parser->lexer);
}

bool parse_at(const struct parser *parser, char sign)
{
    return parser->token.kind == TOKEN_SIGN && parser->token.sign == sign;
}

bool parse_at_word(const struct parser *parser, const char *word)
{
    return parser->token.kind == TOKEN_NAME &&
           strcmp(parser->token.name, word) == 0;
}

bool parse_accept(struct parser *parser, char sign)
{
    if (!parse_at(parser, sign))
        return false;
    parse_advance(parser);
    return true;
}

void parse_error(struct parser *parser, const char *wanted)
{
    struct diag *diag = parser->lexer.diag;
    struct token *token = &parser->token;

    if (diag_is_full(diag))
        return;
    if (token->kind == TOKEN_END)
        diag_error(diag, (struct span){parser->behind, 1},
                   "the file ends where %s is expected", wanted);
    else
        diag_error(diag, token->span, "expected %s, found '%.*s'", wanted,
                   (int)(token->span.length < 60 ? token->span.length : 60),
                   parser->lexer.source->text + token->span.start);
}

/* Reported where @sign is missing: behind what was read last. */
bool parse_expect(struct parser *parser, char sign, const char *after)
{
    struct diag *diag = parser->lexer.diag;
    struct span behind = {parser->behind, 1};
    uint32_t length = parser->token.span.length;

    if (parse_accept(parser, sign))
        return true;
    if (diag_is_full(diag))
        return false;
    diag_error(diag, behind, "expected '%c' after %.60s", sign, after);
    if (sign == ';')
        diag_note(diag, "fields, methods and types end with ';'");
    else if (parser->token.kind == TOKEN_END)
        diag_note(diag, "the file ends too early");
    else
        diag_note(diag, "found '%.*s' instead",
                  (int)(length < 60 ? length : 60),
                  parser->lexer.source->text + parser->token.span.start);
    return false;
}

bool parse_name(struct parser *parser, const char *of_what, const char **name,
                struct span *span)
{
    char wanted[64];

    if (parser->token.kind != TOKEN_NAME) {
        snprintf(wanted, sizeof(wanted), "the name of %s", of_what);
        parse_error(parser, wanted);
        return false;
    }
    if (parser->token.span.length > NAME_LENGTH_MAX) {
        diag_error(parser->lexer.diag, parser->token.span,
                   "a name of %u characters", parser->token.span.length);
        diag_note(parser->lexer.diag, "names have at most %u characters",
                  NAME_LENGTH_MAX);
        return false;
    }
    *name = parser->token.name;
    *span = parser->token.span;
    parse_advance(parser);
    return true;
}

static bool at_decl_word(const struct parser *parser)
{
    return parse_at_word(parser, "struct") || parse_at_word(parser, "type") ||
           parse_at_word(parser, "enum") || parse_at_word(parser, "error") ||
           parse_at_word(parser, "interface");
}

/*
 * A declaration begins here, beyond doubt: word, name and "{" or "=". So the
 * parser finds back after a forgotten "}".
 */
static bool at_decl(const struct parser *parser)
{
    const char *text = parser->lexer.source->text + parser->lexer.at;

    if (!at_decl_word(parser) || parser->next.kind != TOKEN_NAME)
        return false;
    text += strspn(text, " \t\r\n");
    return *text == '{' || *text == '=';
}

/* Give up on a part: go on behind its ";" or before "}". */
static void skip_part(struct parser *parser)
{
    while (parser->token.kind != TOKEN_END && !parse_at(parser, '}') &&
           !at_decl(parser)) {
        if (parse_accept(parser, ';'))
            return;
        parse_advance(parser);
    }
}

static void *node(struct parser *parser, size_t bytes)
{
    return arena_alloc(parser->lexer.arena, bytes);
}

/* One more part of @decl, at @span; false when it has too many. */
static bool count_part(struct parser *parser, struct decl *decl, uint32_t max,
                       struct span span)
{
    if (decl->count++ < max)
        return true;
    if (decl->count == max + 1) {
        diag_error(parser->lexer.diag, span,
                   "'%s' has more than %u parts", decl->name, max);
        diag_note(parser->lexer.diag, "split it");
    }
    return false;
}

static bool parse_field(struct parser *parser, struct decl *decl,
                        struct field ***tail)
{
    struct field *field = node(parser, sizeof(*field));
    struct type *base = parse_typeref(parser);

    if (!base)
        return false;
    field->type =
        parse_declarator(parser, base, "a field", &field->name, &field->span);
    if (!field->type || !parse_expect(parser, ';', "the field"))
        return false;
    if (count_part(parser, decl, FIELDS_MAX, field->span)) {
        **tail = field;
        *tail = &field->next;
    }
    return true;
}

static void parse_struct(struct parser *parser, struct decl *decl)
{
    struct field **tail = &decl->fields;

    if (!parse_expect(parser, '{', "the name of the struct")) {
        skip_part(parser);
        decl->bad = true;
        return;
    }
    while (!parse_at(parser, '}') && parser->token.kind != TOKEN_END) {
        if (at_decl(parser))
            break;
        if (!parse_field(parser, decl, &tail)) {
            skip_part(parser);
            decl->bad = true;
        }
    }
    if (!parse_expect(parser, '}', "the fields"))
        decl->bad = true;
    parse_accept(parser, ';');
}

static void parse_type(struct parser *parser, struct decl *decl)
{
    if (parse_expect(parser, '=', "the name of the type"))
        decl->type = parse_typeref(parser);
    if (decl->type && parse_expect(parser, ';', "the type"))
        return;
    if (!decl->type) {
        decl->type = node(parser, sizeof(*decl->type));
        decl->type->span = decl->span;
    }
    decl->bad = true;
    skip_part(parser);
}

/* Enums count from 0; errors from 1, since 0 is none. */
static void parse_members(struct parser *parser, struct decl *decl)
{
    struct member **tail = &decl->members;
    uint32_t value = decl->kind == DECL_ERROR ? 1 : 0;

    if (!parse_expect(parser, '{', "the name"))
        goto bad;
    while (!parse_at(parser, '}')) {
        struct member *member = node(parser, sizeof(*member));

        if (!parse_name(parser, "a value", &member->name, &member->span))
            goto bad;
        if (count_part(parser, decl, FIELDS_MAX, member->span)) {
            member->value = value++;
            *tail = member;
            tail = &member->next;
        }
        if (!parse_accept(parser, ','))
            break;
    }
    if (!parse_expect(parser, '}', "the values"))
        goto bad;
    parse_accept(parser, ';');
    return;
bad:
    decl->bad = true;
    skip_part(parser);
    parse_accept(parser, '}');
}

static struct parameter *parse_parameter(struct parser *parser)
{
    struct parameter *parameter = node(parser, sizeof(*parameter));
    struct type *base;

    parameter->transfer_span = parser->token.span;
    if (parse_at_word(parser, "move"))
        parameter->transfer = BY_MOVE;
    if (parse_at_word(parser, "borrow"))
        parameter->transfer = BY_BORROW;
    if (parameter->transfer != BY_VALUE)
        parse_advance(parser);
    base = parse_typeref(parser);
    if (!base)
        return NULL;
    parameter->type = parse_declarator(parser, base, "a parameter",
                                       &parameter->name, &parameter->span);
    return parameter->type ? parameter : NULL;
}

/* "(" [ params ] ")" */
static bool parse_parameters(struct parser *parser, struct parameter **list)
{
    uint32_t count = 0;

    if (!parse_expect(parser, '(', "the name of the method"))
        return false;
    while (!parse_at(parser, ')')) {
        *list = parse_parameter(parser);
        if (!*list)
            return false;
        if (++count > 64) {
            parse_error(parser, "fewer parameters");
            return false;
        }
        list = &(*list)->next;
        if (!parse_accept(parser, ','))
            break;
    }
    return parse_expect(parser, ')', "the parameters");
}

static bool parse_method(struct parser *parser, struct decl *decl,
                         struct method ***tail)
{
    struct method *method = node(parser, sizeof(*method));

    if (!parse_name(parser, "a method", &method->name, &method->span) ||
        !parse_parameters(parser, &method->in))
        return false;
    if (parse_at_word(parser, "returns")) {
        parse_advance(parser);
        if (!parse_parameters(parser, &method->out))
            return false;
    }
    if (parse_at_word(parser, "fails")) {
        parse_advance(parser);
        if (!parse_name(parser, "an error", &method->error_name,
                        &method->error_span))
            return false;
    }
    if (parse_at_word(parser, "retry")) {
        method->retry = true;
        parse_advance(parser);
    }
    if (!parse_expect(parser, ';', "the method"))
        return false;
    method->number = decl->count;
    if (count_part(parser, decl, METHODS_MAX, method->span)) {
        **tail = method;
        *tail = &method->next;
    }
    return true;
}

static void parse_interface(struct parser *parser, struct decl *decl)
{
    struct method **tail = &decl->methods;

    if (!parse_expect(parser, '{', "the name of the interface")) {
        skip_part(parser);
        decl->bad = true;
        return;
    }
    while (!parse_at(parser, '}') && parser->token.kind != TOKEN_END) {
        if (at_decl(parser))
            break;
        if (!parse_method(parser, decl, &tail)) {
            skip_part(parser);
            decl->bad = true;
        }
    }
    if (!parse_expect(parser, '}', "the methods"))
        decl->bad = true;
    parse_accept(parser, ';');
}

static enum decl_kind kind_of_word(const char *word)
{
    switch (word[0]) {
    case 's':
        return DECL_STRUCT;
    case 't':
        return DECL_TYPE;
    case 'i':
        return DECL_INTERFACE;
    default:
        return word[1] == 'n' ? DECL_ENUM : DECL_ERROR;
    }
}

static void skip_to_decl(struct parser *parser)
{
    while (parser->token.kind != TOKEN_END && !at_decl(parser))
        parse_advance(parser);
}

static struct decl *parse_decl(struct parser *parser)
{
    struct decl *decl = node(parser, sizeof(*decl));

    decl->kind = kind_of_word(parser->token.name);
    parse_advance(parser);
    if (!parse_name(parser, "what is declared", &decl->name, &decl->span)) {
        skip_to_decl(parser);
        return NULL;
    }
    switch (decl->kind) {
    case DECL_STRUCT:
        parse_struct(parser, decl);
        break;
    case DECL_TYPE:
        parse_type(parser, decl);
        break;
    case DECL_ENUM:
    case DECL_ERROR:
        parse_members(parser, decl);
        break;
    case DECL_INTERFACE:
        parse_interface(parser, decl);
        break;
    }
    return decl;
}

struct unit *parse_unit(struct arena *arena, const struct source *source,
                        struct diag *diag)
{
    struct parser parser = {.lexer = {source, diag, arena, 0}};
    struct unit *unit = arena_alloc(arena, sizeof(*unit));
    struct decl **tail = &unit->decls;
    uint32_t count = 0;

    unit->source = source;
    parse_advance(&parser);
    parse_advance(&parser);
    while (parser.token.kind != TOKEN_END) {
        struct decl *decl;

        if (!at_decl_word(&parser)) {
            parse_error(&parser, "a declaration");
            diag_note(diag, "struct, type, enum, error and interface declare "
                            "something");
            skip_to_decl(&parser);
            continue;
        }
        if (++count > DECLS_MAX) {
            parse_error(&parser, "the end after so many declarations");
            break;
        }
        decl = parse_decl(&parser);
        if (decl) {
            *tail = decl;
            tail = &decl->next;
        }
    }
    return unit;
}
