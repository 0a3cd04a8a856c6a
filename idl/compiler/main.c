/* SPDX-License-Identifier: MIT */
/*
 * main.c - the IDL compiler's command line.
 *
 * All outputs of a run are made before the first is written; nothing is
 * written after an error. Exit: 0 done, 1 errors in a file, 2 the command
 * line or the system.
 */
#include "check.h"
#include "emit.h"
#include "parse.h"
#include <getopt.h>
#include <string.h>

enum output {
    HEADER,
    IMPORT,
    PROXY,
    TRACED,
    TYPES,
    TABLE,
    HOST,
    DESCRIPTION,
    OUTPUTS
};

struct options {
    const char *path[OUTPUTS];
};

static const char help[] =
    "Usage: idlc [OPTION]... FILE.idl\n"
    "  or:  idlc --table OUT FILE.idl...\n"
    "Compile interface descriptions. Without an option, only check.\n"
    "\n"
    "  --header OUT   for domains: shared types, prototypes of methods\n"
    "  --import OUT   for domains: capabilities and stubs of callers;\n"
    "                 includes \"FILE.h\", the header\n"
    "  --proxy OUT    trusted: type descriptors and proxies\n"
    "  --traced OUT   trusted: the same proxies, for runs that are traced\n"
    "  --types OUT    trusted: declarations of those\n"
    "  --table OUT    trusted: tables of all types and interfaces\n"
    "  --host OUT     for programs with libtepal: shared types, calls\n"
    "  --describe     print ids, layouts and frames\n"
    "  --help         print this\n"
    "  --version      print the version\n"
    "\n"
    "OUT may be '-', standard output.\n"
    "Exit status: 0 done, 1 errors in FILE, 2 other trouble.\n";

static int usage(const char *message)
{
    fprintf(stderr, "idlc: %s\nTry 'idlc --help'.\n", message);
    return 2;
}

static void emit(struct text *out, enum output output, struct unit **units,
                 size_t count, struct arena *arena)
{
    switch (output) {
    case HEADER:
        emit_header(out, units[0], arena);
        break;
    case IMPORT:
        emit_import(out, units[0], arena);
        break;
    case PROXY:
        emit_proxy(out, units[0], arena);
        break;
    case TRACED:
        emit_traced(out, units[0], arena);
        break;
    case TYPES:
        emit_types(out, units[0]);
        break;
    case TABLE:
        emit_table(out, units, count);
        break;
    case HOST:
        emit_host(out, units[0], arena);
        break;
    case DESCRIPTION:
    case OUTPUTS:
        emit_description(out, units[0]);
        break;
    }
}

static int write_all(const struct options *options, struct unit **units,
                     size_t count, struct arena *arena)
{
    struct text text[OUTPUTS] = {{0}};
    int output, status = 0;

    for (output = 0; output < OUTPUTS; output++)
        if (options->path[output])
            emit(&text[output], (enum output)output, units, count, arena);
    for (output = 0; output < OUTPUTS && status == 0; output++)
        if (options->path[output] &&
            !text_write(&text[output], options->path[output]))
            status = 2;
    for (output = 0; output < OUTPUTS; output++)
        text_free(&text[output]);
    return status;
}

/* Tables join files: C names that two of them make would not link. */
static bool same_symbol(const struct unit *a, const struct unit *b)
{
    const struct decl *x, *y;

    if (strcmp(a->source->unit, b->source->unit) == 0) {
        fprintf(stderr, "%s: error: '%s' stands for its types already\n",
                b->source->path, a->source->unit);
        return true;
    }
    for (x = a->decls; x; x = x->next) {
        for (y = b->decls; y; y = y->next) {
            if (x->kind != DECL_INTERFACE || y->kind != DECL_INTERFACE ||
                strcmp(x->name, y->name))
                continue;
            fprintf(stderr, "%s: error: %s has an interface '%s' too\n",
                    b->source->path, a->source->path, x->name);
            return true;
        }
    }
    return false;
}

static bool have_same_symbol(struct unit **units, size_t count)
{
    size_t i, j;

    for (i = 0; i < count; i++)
        for (j = 0; j < i; j++)
            if (same_symbol(units[j], units[i]))
                return true;
    return false;
}

static int compile(const struct options *options, char **paths, size_t count,
                   struct arena *arena)
{
    struct unit **units = arena_alloc(arena, count * sizeof(*units));
    uint32_t errors = 0;
    size_t i;

    for (i = 0; i < count; i++) {
        struct source *source = arena_alloc(arena, sizeof(*source));
        struct diag diag = {source, stderr, 0};

        if (!source_load(source, arena, paths[i]))
            return 2;
        units[i] = parse_unit(arena, source, &diag);
        if (!diag_is_full(&diag))
            check_unit(units[i], arena, &diag);
        errors += diag.errors;
    }
    if (errors || have_same_symbol(units, count))
        return 1;
    return write_all(options, units, count, arena);
}

/* -1: go on; otherwise the exit status. */
static int read_options(struct options *options, int argc, char **argv)
{
    static const struct option known[] = {
        {"header", required_argument, NULL, HEADER},
        {"import", required_argument, NULL, IMPORT},
        {"proxy", required_argument, NULL, PROXY},
        {"traced", required_argument, NULL, TRACED},
        {"types", required_argument, NULL, TYPES},
        {"table", required_argument, NULL, TABLE},
        {"host", required_argument, NULL, HOST},
        {"describe", no_argument, NULL, DESCRIPTION},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'v'},
        {0},
    };
    int option;

    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (option == 'h')
            return fputs(help, stdout) < 0 ? 2 : 0;
        if (option == 'v')
            return printf("idlc of Tepal, ABI %d\n", TP_ABI_VERSION) < 0 ? 2
                                                                         : 0;
        if (option < 0 || option >= OUTPUTS)
            return usage("that is not understood");
        options->path[option] = option == DESCRIPTION ? "-" : optarg;
    }
    return -1;
}

int main(int argc, char **argv)
{
    struct options options = {{0}};
    struct arena arena = {0};
    int status = read_options(&options, argc, argv);

    if (status >= 0)
        return status;
    if (optind == argc)
        return usage("no file to compile");
    if (argc - optind > 1 && !options.path[TABLE])
        return usage("several files only make a table");
    if (options.path[TABLE] &&
        (options.path[HEADER] || options.path[IMPORT] || options.path[PROXY] ||
         options.path[TRACED] || options.path[TYPES] ||
         options.path[HOST] || options.path[DESCRIPTION]))
        return usage("--table goes with no other output");
    status = compile(&options, argv + optind, (size_t)(argc - optind), &arena);
    arena_free(&arena);
    return status;
}
