/* SPDX-License-Identifier: MIT */
/*
 * parse.c - assembly text to statements.
 *
 * A line holds statements separated by ';', each with any number of labels
 * before it. '#' starts a comment; the compiler's #APP and #NO_APP comments
 * bracket what comes from an asm statement.
 */
#include "assembly.h"
#include "notes.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct parser {
    struct assembly *assembly;
    struct notes notes;
    bool from_asm;
    bool in_comment;    /* between slash-star and star-slash */
    const char *prefix; /* stood as a statement of its own; or NULL */
};

static struct statement *add(struct parser *parser, enum statement_kind kind,
                             const char *text)
{
    struct assembly *assembly = parser->assembly;
    struct statement *statement;

    if (assembly->count == assembly->room) {
        assembly->room = assembly->room ? assembly->room * 2 : 1024;
        assembly->statements = array_grow(assembly->statements, assembly->room,
                                          sizeof *assembly->statements);
    }
    statement = &assembly->statements[assembly->count++];
    *statement = (struct statement){
        .kind = kind,
        .text = text,
        .place = parser->notes.place,
        .from_asm = parser->from_asm,
        .cfi_depth = parser->notes.framed ? -1 : parser->notes.depth,
        .cfi_framed = parser->notes.framed,
    };
    return statement;
}

static bool is_name_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '$';
}

static char *skip_space(char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    return text;
}

/* Cut @text off at the first comma outside parentheses; the rest, or NULL. */
static char *split_operand(char *text)
{
    int depth = 0;

    for (; *text; text++) {
        if (*text == '(')
            depth++;
        else if (*text == ')')
            depth--;
        else if (*text == ',' && depth == 0) {
            *text = 0;
            return text + 1;
        }
    }
    return NULL;
}

static void trim_end(char *text)
{
    size_t length = strlen(text);

    while (length && isspace((unsigned char)text[length - 1]))
        text[--length] = 0;
}

/* Cut the first word off @text; returns what follows it. */
static char *split_word(char *text)
{
    while (*text && !isspace((unsigned char)*text))
        text++;
    if (!*text)
        return text;
    *text = 0;
    return skip_space(text + 1);
}

static bool refuse(const struct parser *parser, const char *what,
                   const char *remedy)
{
    diag_refuse(parser->notes.place, NULL, what, remedy);
    return false;
}

static bool parse_operands(struct parser *parser, struct insn *insn, char *text)
{
    bool branch = insn->mnemonic[0] == 'j' || insn_is_call(insn);

    while (text && *(text = skip_space(text))) {
        char *rest = split_operand(text);

        trim_end(text);
        if (insn->operand_count == OPERANDS_MAX ||
            !operand_parse(parser->assembly->arena, text, branch,
                           &insn->operands[insn->operand_count++]))
            return refuse(parser, text, "cannot read this operand");
        text = rest;
    }
    return true;
}

static bool is_prefix(const char *word)
{
    return strcmp(word, "lock") == 0 || strcmp(word, "addr32") == 0 ||
           strncmp(word, "rep", 3) == 0;
}

static bool parse_insn(struct parser *parser, char *text)
{
    struct arena *arena = parser->assembly->arena;
    const char *whole = arena_format(arena, "%s", text);
    struct insn insn = {.prefix = parser->prefix ? parser->prefix : ""};
    struct statement *statement;
    char *rest = split_word(text);

    parser->prefix = NULL;
    if (is_prefix(text)) {
        insn.prefix = arena_format(arena, "%s ", text);
        if (!*rest) {
            parser->prefix = insn.prefix;
            return true;
        }
        text = rest;
        rest = split_word(text);
    }
    insn.mnemonic = text;
    if (!parse_operands(parser, &insn, rest))
        return false;
    statement = add(parser, STATEMENT_INSN, whole);
    statement->insn = insn;
    return true;
}

/* @text is one statement without labels; it may be written to. */
static bool parse_statement(struct parser *parser, char *text)
{
    if (*text != '.')
        return parse_insn(parser, text);
    notes_take(&parser->notes, text);
    add(parser, STATEMENT_DIRECTIVE, text);
    return true;
}

/* Take the labels before a statement off it. */
static char *parse_labels(struct parser *parser, char *text)
{
    for (;;) {
        char *end = text = skip_space(text);

        while (is_name_char(*end))
            end++;
        if (end == text || *end != ':')
            return text;
        *end = 0;
        add(parser, STATEMENT_LABEL, text);
        text = end + 1;
    }
}

static bool parse_piece(struct parser *parser, const char *from,
                        const char *end)
{
    char *text =
        arena_copy(parser->assembly->arena, from, (size_t)(end - from));

    text = parse_labels(parser, text);
    trim_end(text);
    return !*text || parse_statement(parser, text);
}

/* Blank out C comments, which may span lines. */
static void blank_comments(struct parser *parser, char *line)
{
    bool quoted = false;

    for (; *line; line++) {
        if (parser->in_comment) {
            if (line[0] == '*' && line[1] == '/') {
                parser->in_comment = false;
                line[1] = ' ';
            }
            *line = ' ';
        } else if (*line == '"') {
            quoted = !quoted;
        } else if (quoted && *line == '\\' && line[1]) {
            line++;
        } else if (!quoted && line[0] == '/' && line[1] == '*') {
            parser->in_comment = true;
            *line = line[1] = ' ';
        }
    }
}

/* Where the statement at @text ends: at a ';', a '#' or the end of line. */
static char *statement_end(char *text)
{
    bool quoted = false;

    for (; *text; text++) {
        if (quoted && *text == '\\' && text[1])
            text++;
        else if (*text == '"')
            quoted = !quoted;
        else if (!quoted && (*text == ';' || *text == '#'))
            break;
    }
    return text;
}

static bool parse_line(struct parser *parser, char *line)
{
    const char *comment = line + strspn(line, "\t"); /* clang indents it */

    blank_comments(parser, line);
    if (strncmp(comment, "#APP", 4) == 0 || strncmp(comment, "#NO_APP", 7) == 0)
        parser->from_asm = comment[1] == 'A';
    if (strncmp(line, "# ", 2) == 0)
        notes_take_marker(&parser->notes, line);
    for (;;) {
        char *end = statement_end(line);

        if (!parse_piece(parser, line, end))
            return false;
        if (*end != ';')
            return true;
        line = end + 1;
    }
}

bool assembly_parse(struct assembly *assembly, const char *path,
                    const char *text, bool counts_lines)
{
    struct parser parser = {.assembly = assembly};

    parser.notes.arena = assembly->arena;
    parser.notes.place = (struct place){path, counts_lines ? 1 : 0};
    parser.notes.depth = -1;
    while (*text) {
        size_t length = strcspn(text, "\n");

        if (!parse_line(&parser, arena_copy(assembly->arena, text, length)))
            return false;
        if (counts_lines && strncmp(text, "# ", 2) != 0)
            parser.notes.place.line++;
        text += length + (text[length] == '\n');
    }
    return true;
}

void assembly_free(struct assembly *assembly)
{
    free(assembly->statements);
    *assembly = (struct assembly){.arena = assembly->arena};
}
