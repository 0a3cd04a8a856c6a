/* SPDX-License-Identifier: MIT */
/*
 * unit.c - one assembly file from the compiler's form to the verifier's.
 *
 * Function pointers. A pointer to f is the address of f's entry in the
 * function table, which has the name __fp_f. The file that defines f makes
 * the entry when it takes the address itself. For a symbol of another file
 * the assembly does not tell a function from data; the reference is written
 * as __ref_f, and at link time, when all symbols are known, domcc defines
 * __ref_f as the entry of f or as f itself, and makes entries that nobody
 * made (refs.c). A relocation of type NONE names f beside each __ref_f, so
 * that the linker finds f in an archive.
 */
#include "unit.h"
#include "rewriter.h"
#include "sections.h"
#include <stdlib.h>
#include <string.h>

struct unit {
    struct unit_options options;
    struct arena arena;
    struct symbols symbols;
    struct assembly assembly;
    struct sections sections;
    struct rewriter rewriter;
    bool has_code;
};

/* The word after @name in @directive, up to a comma; NULL if another. */
static const char *argument(struct unit *unit, const char *directive,
                            const char *name)
{
    size_t length = strlen(name);

    if (strncmp(directive, name, length) != 0 ||
        !strchr(" \t", directive[length]))
        return NULL;
    directive += length + strspn(directive + length, " \t");
    return arena_copy(&unit->arena, directive, strcspn(directive, ", \t"));
}

static struct symbol *named(struct unit *unit, const char *directive,
                            const char *name)
{
    const char *word = argument(unit, directive, name);

    return word ? symbols_intern(&unit->symbols, word) : NULL;
}

/* .set alias, symbol */
static void collect_alias(struct unit *unit, const char *directive)
{
    struct symbol *symbol = named(unit, directive, ".set");
    const char *comma = strchr(directive, ',');

    if (!symbol || !comma)
        return;
    comma += 1 + strspn(comma + 1, " \t");
    symbol->defined = true;
    symbol->alias = comma;
}

static void collect_directive(struct unit *unit, const char *directive)
{
    struct symbol *symbol;

    if ((symbol = named(unit, directive, ".type"))) {
        if (strstr(directive, "function"))
            symbol->function = true;
    } else if ((symbol = named(unit, directive, ".globl")) ||
               (symbol = named(unit, directive, ".global")) ||
               (symbol = named(unit, directive, ".weak"))) {
        symbol->global = true;
    } else if ((symbol = named(unit, directive, ".comm")) ||
               (symbol = named(unit, directive, ".lcomm"))) {
        symbol->defined = true;
    } else {
        collect_alias(unit, directive);
    }
}

static void collect_symbols(struct unit *unit)
{
    struct assembly *assembly = &unit->assembly;

    for (size_t at = 0; at < assembly->count; at++) {
        const struct statement *statement = &assembly->statements[at];

        if (statement->kind == STATEMENT_DIRECTIVE) {
            collect_directive(unit, statement->text);
        } else if (statement->kind == STATEMENT_LABEL) {
            struct symbol *symbol =
                symbols_intern(&unit->symbols, statement->text);

            symbol->defined = true;
            symbol->at = at;
        }
    }
}

/* Aliases of functions are functions; chains of aliases are short. */
static bool is_function(const struct unit *unit, const struct symbol *symbol)
{
    for (int hops = 0; symbol && hops < 8; hops++) {
        if (symbol->function || !symbol->alias)
            return symbol->function;
        symbol = symbols_find(&unit->symbols, symbol->alias);
    }
    return false;
}

/* symbol, or symbol+number: compilers fold arithmetic on addresses. */
const char *reference_to(struct rewriter *rewriter, const char *expression)
{
    struct unit *unit =
        (struct unit *)((char *)rewriter - offsetof(struct unit, rewriter));
    size_t length = strcspn(expression, "+-");
    const char *name = arena_copy(&unit->arena, expression, length);
    const char *offset = expression + length;
    struct symbol *symbol;
    int64_t number;

    if (!is_symbol(name) ||
        (*offset && !parse_number(offset + (*offset == '+'), &number)))
        return expression;
    symbol = symbols_intern(&unit->symbols, name);
    if (symbol->code)
        return NULL;
    if (is_function(unit, symbol)) {
        symbol->has_entry = true;
        return arena_format(&unit->arena, "__fp_%s%s", name, offset);
    }
    if (symbol->defined || strncmp(name, ".L", 2) == 0)
        return expression;
    symbol->has_ref = true;
    return arena_format(&unit->arena, "__ref_%s%s", name, offset);
}

/* Directives whose values may be addresses of functions. */
static size_t pointer_directive(const char *directive)
{
    static const char *const names[] = {".quad", ".8byte", ".long", ".4byte"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t length = strlen(names[i]);

        if (strncmp(directive, names[i], length) == 0 &&
            strchr(" \t", directive[length]))
            return length;
    }
    return 0;
}

static bool rewrite_values(struct rewriter *rewriter,
                           const struct statement *statement, size_t length)
{
    const char *rest = statement->text + length, *name;

    fprintf(rewriter->out, "\t%.*s\t", (int)length, statement->text);
    while (*rest) {
        size_t bytes;

        rest += strspn(rest, " \t");
        bytes = strcspn(rest, ",");
        name = arena_copy(rewriter->arena, rest, bytes);
        name = reference_to(rewriter, name);
        if (!name)
            return rewrite_refuse(rewriter, statement, "address of a label",
                                  "computed goto is not supported");
        rest += bytes + (rest[bytes] == ',');
        fprintf(rewriter->out, "%s%s", name, *rest ? ", " : "\n");
    }
    return true;
}

static bool starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Sections that ask for what a domain does not have. */
static bool check_section(struct unit *unit, const struct statement *statement)
{
    const char *name = unit->sections.current;

    if (starts(name, ".tdata") || starts(name, ".tbss"))
        return rewrite_refuse(&unit->rewriter, statement,
                              "thread-local variable",
                              "not in a domain; make it an ordinary one");
    if (starts(name, ".init_array") || starts(name, ".fini_array") ||
        starts(name, ".ctors") || starts(name, ".dtors"))
        return rewrite_refuse(&unit->rewriter, statement,
                              "constructor or destructor function",
                              "call it from tp_main()");
    if (starts(name, ".note.GNU-stack") && strstr(statement->text, "\"x\""))
        return rewrite_refuse(&unit->rewriter, statement,
                              "pointer to a nested function",
                              "make it a function of its own");
    return true;
}

/* Directives that describe what the rewriter changes, or nobody reads. */
static bool is_dropped(const struct unit *unit, const char *directive)
{
    if (starts(directive, ".cfi_") || starts(directive, ".addrsig"))
        return true;
    /* .local is none of them: without it statics of two files become one. */
    return !unit->options.keeps_debug &&
           ((starts(directive, ".loc") && !starts(directive, ".local")) ||
            starts(directive, ".file"));
}

/* About a symbol, wherever it stands: clang does not change back before. */
static bool names_symbol(const char *directive)
{
    return starts(directive, ".weak") || starts(directive, ".globl") ||
           starts(directive, ".hidden") || starts(directive, ".set");
}

bool rewrite_directive(struct rewriter *rewriter,
                       const struct statement *statement)
{
    struct unit *unit =
        (struct unit *)((char *)rewriter - offsetof(struct unit, rewriter));
    const char *directive = statement->text;
    bool debug = sections_debug(&unit->sections);
    size_t length = pointer_directive(directive);

    if (sections_take(&unit->sections, &unit->arena, directive)) {
        if (!check_section(unit, statement))
            return false;
        debug = sections_debug(&unit->sections);
    }
    if (is_dropped(unit, directive) ||
        (debug && !unit->options.keeps_debug && !names_symbol(directive)))
        return true;
    if (length && !debug)
        return rewrite_values(rewriter, statement, length);
    emit(rewriter, "%s", directive);
    return true;
}

static bool is_code_section(const char *name)
{
    return strcmp(name, ".text") == 0 || starts(name, ".text.");
}

/*
 * The end of the function that starts at @first: its .size. Labels on the way
 * are marked as the function's own, and statements in other sections as not.
 */
static size_t function_end(struct unit *unit, size_t first)
{
    struct assembly *assembly = &unit->assembly;
    struct sections sections = unit->sections;
    const char *name = assembly->statements[first].text, *size;

    for (size_t at = first + 1; at < assembly->count; at++) {
        struct statement *statement = &assembly->statements[at];

        if (statement->kind == STATEMENT_DIRECTIVE) {
            size = argument(unit, statement->text, ".size");
            if (size && strcmp(size, name) == 0)
                return at;
            sections_take(&sections, &unit->arena, statement->text);
        }
        statement->elsewhere =
            strcmp(sections.current, unit->sections.current) != 0;
        if (statement->kind == STATEMENT_LABEL && !statement->elsewhere)
            symbols_find(&unit->symbols, statement->text)->code = true;
    }
    return first;
}

static bool rewrite_one(struct unit *unit, size_t first, size_t end)
{
    struct function function = {
        .name = unit->assembly.statements[first].text,
        .assembly = &unit->assembly,
        .symbols = &unit->symbols,
        .first = first,
        .end = end,
        .frame_pointer = unit->options.frame_pointer,
    };

    unit->has_code = true;
    return frame_analyse(&function) &&
           rewrite_function(&unit->rewriter, &function);
}

static bool is_function_start(const struct unit *unit,
                              const struct statement *statement)
{
    return statement->kind == STATEMENT_LABEL &&
           is_code_section(unit->sections.current) &&
           symbols_find(&unit->symbols, statement->text)->function;
}

/* A statement outside functions. */
static bool rewrite_loose(struct unit *unit, const struct statement *statement)
{
    struct rewriter *rewriter = &unit->rewriter;

    if (statement->kind == STATEMENT_INSN)
        return rewrite_refuse(rewriter, statement, statement->text,
                              "code outside a function; give its label "
                              ".type and .size");
    if (statement->kind == STATEMENT_LABEL) {
        if (!sections_debug(&unit->sections) || unit->options.keeps_debug)
            fprintf(rewriter->out, "%s:\n", statement->text);
        return true;
    }
    if (is_code_section(unit->sections.current) &&
        control_align(rewriter, statement->text))
        return true;
    return rewrite_directive(rewriter, statement);
}

static bool rewrite_statements(struct unit *unit)
{
    struct assembly *assembly = &unit->assembly;
    bool done = true;

    for (size_t at = 0; at < assembly->count; at++) {
        const struct statement *statement = &assembly->statements[at];
        size_t end = at;

        if (is_function_start(unit, statement))
            end = function_end(unit, at);
        if (end == at) {
            done &= rewrite_loose(unit, statement);
        } else {
            done &= rewrite_one(unit, at, end);
            at = end - 1;
        }
    }
    return done;
}

static void emit_entry(struct rewriter *rewriter, const struct symbol *symbol)
{
    const char *name = symbol->name;

    if (symbol->global) {
        emit(rewriter,
             ".section .tepal.ftab.fn,\"aG\",@progbits,__fp_%s,comdat", name);
        emit(rewriter, ".globl __fp_%s", name);
    } else {
        emit(rewriter, ".section .tepal.ftab.fn,\"a\",@progbits");
    }
    fprintf(rewriter->out, "__fp_%s:\n", name);
    emit(rewriter, ".quad %s", name);
}

static void emit_references(struct unit *unit)
{
    struct rewriter *rewriter = &unit->rewriter;

    for (int bucket = 0; bucket < SYMBOL_BUCKETS; bucket++) {
        const struct symbol *symbol = unit->symbols.buckets[bucket];

        for (; symbol; symbol = symbol->next) {
            if (symbol->has_entry)
                emit_entry(rewriter, symbol);
            if (symbol->has_ref) {
                emit(rewriter, ".text");
                emit(rewriter, ".reloc ., R_X86_64_NONE, %s", symbol->name);
            }
        }
    }
}

/* Only the header of a file of this flavour has the symbol: see link.c. */
static void emit_flavour(struct unit *unit)
{
    if (!unit->has_code)
        return;
    emit(&unit->rewriter, ".text");
    emit(&unit->rewriter, ".reloc ., R_X86_64_NONE, __tepal_flavour_is_%s",
         unit->options.flavour == TP_FLAVOUR_GS ? "gs" : "base");
}

bool unit_rewrite(const char *path, const char *text, FILE *out,
                  struct unit_options options)
{
    struct unit unit = {.options = options};
    bool done;

    unit.sections.current = unit.sections.previous = ".text";
    unit.symbols.arena = unit.assembly.arena = &unit.arena;
    unit.rewriter.out = out;
    unit.rewriter.arena = &unit.arena;
    unit.rewriter.symbols = &unit.symbols;
    unit.rewriter.flavour = options.flavour;
    done = assembly_parse(&unit.assembly, path, text, options.written_by_hand);
    if (done) {
        collect_symbols(&unit);
        done = rewrite_statements(&unit);
        emit_references(&unit);
        emit_flavour(&unit);
    }
    assembly_free(&unit.assembly);
    arena_free(&unit.arena);
    return done && !ferror(out);
}
