/* SPDX-License-Identifier: MIT */
/*
 * options.c - the command line, as near to cc's as it goes.
 */
#include "options.h"
#include "tepal/abi.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef PKGDATADIR
#define PKGDATADIR "/usr/local/share/tepal"
#endif
#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "0"
#endif

/* The stacks are that far apart, with a gap between them. */
#define STACK_BYTES_MAX (TP_STACK_STRIDE - 0x10000)

static const char help[] =
    "Usage: domcc [OPTION]... FILE...\n"
    "Compile and link C into a domain file for Tepal.\n"
    "\n"
    "FILE is C (.c), assembly (.s, .S), an object of domcc (.o) or an archive\n"
    "of such (.a).\n"
    "\n"
    "  -o FILE         output (default: a.dom; FILE.o with -c)\n"
    "  -c              compile to objects, do not link\n"
    "  -S              compile to rewritten assembly\n"
    "  -O, -g, -D, -U, -I, -isystem, -include, -std=, -W, -f, -M...\n"
    "                  as for cc; optimisation is -O2 if not given\n"
    "  -L DIR, -l NAME archives to link\n"
    "  --cc=PROGRAM    the C compiler: a gcc, for gs also a clang "
    "(default: gcc)\n"
    "  --flavour=NAME  how memory is addressed: base (default), or gs: faster\n"
    "                  code, dearer calls from one such domain to another\n"
    "  --root=DIR      directory of include/, dom.ld, libdom.a, libdom-gs.a\n"
    "                  (default: $TEPAL_ROOT, or " PKGDATADIR ")\n"
    "  --script=FILE   linker script (default: dom.ld of the root)\n"
    "  --no-library    do not link libdom.a or libdom-gs.a\n"
    "  --stack=BYTES   data stack each thread needs (default: the kernel's)\n"
    "  --save-temps    leave temporary files in OUTPUT.temps\n"
    "  --help, --version\n"
    "\n"
    "Exit status: 0 done, 1 an error in the input, 2 wrong usage.\n";

bool has_suffix(const char *path, const char *suffix)
{
    size_t length = strlen(path), end = strlen(suffix);

    return length > end && strcmp(path + length - end, suffix) == 0;
}

static bool starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* The value in --name=value; NULL if @argument is not that. */
static const char *value_of(const char *argument, const char *name)
{
    size_t length = strlen(name);

    if (strncmp(argument, name, length) != 0 || argument[length] != '=')
        return NULL;
    return argument + length + 1;
}

static bool complain(const char *what, const char *argument)
{
    fprintf(stderr, "domcc: %s: %s\nTry 'domcc --help'.\n", what, argument);
    return false;
}

static bool read_stack(struct options *options, const char *text)
{
    char *end;
    unsigned long long bytes;

    errno = 0;
    bytes = strtoull(text, &end, 0);
    if (!*text || *text == '-' || *end || errno || bytes > STACK_BYTES_MAX)
        return complain("not a possible stack size", text);
    options->stack_bytes = (uint32_t)bytes;
    return true;
}

static bool read_flavour(struct options *options, const char *name)
{
    if (strcmp(name, "base") == 0)
        options->flavour = TP_FLAVOUR_BASE;
    else if (strcmp(name, "gs") == 0)
        options->flavour = TP_FLAVOUR_GS;
    else
        return complain("not a flavour (there are base and gs)", name);
    return true;
}

static bool read_long(struct options *options, const char *argument)
{
    const char *value;

    if ((value = value_of(argument, "--cc")))
        options->cc = value;
    else if ((value = value_of(argument, "--root")))
        options->root = value;
    else if ((value = value_of(argument, "--script")))
        options->script = value;
    else if ((value = value_of(argument, "--stack")))
        return read_stack(options, value);
    else if ((value = value_of(argument, "--flavour")))
        return read_flavour(options, value);
    else if (strcmp(argument, "--save-temps") == 0)
        options->save_temps = true;
    else if (strcmp(argument, "--no-library") == 0)
        options->no_library = true;
    else
        return complain("unknown option", argument);
    return true;
}

/* Options of the compiler with a value in the next argument. */
static bool takes_next(const char *argument)
{
    static const char *const names[] = {"-I",        "-D",       "-U",
                                        "-isystem",  "-include", "-MF",
                                        "-MT",       "-MQ",      "-iquote",
                                        "-idirafter"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(argument, names[i]) == 0)
            return true;
    return false;
}

static bool is_for_compiler(const char *argument)
{
    static const char *const prefixes[] = {
        "-I", "-D",      "-U",      "-isystem",   "-include", "-M",
        "-O", "-g",      "-std",    "-W",         "-f",       "-pedantic",
        "-w", "-mtune=", "-iquote", "-idirafter", "-ansi",
    };

    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (starts(argument, prefixes[i]))
            return true;
    return false;
}

/* One argument; @next is the one behind it. Returns how many were used. */
static int read_one(struct options *options, const char *argument,
                    const char *next)
{
    if (argument[0] != '-') {
        arguments_add(&options->inputs, argument);
    } else if (strcmp(argument, "-o") == 0 && next) {
        options->output = next;
        return 2;
    } else if (strcmp(argument, "-c") == 0) {
        options->compiles_only = true;
    } else if (strcmp(argument, "-S") == 0) {
        options->assembly_only = true;
    } else if (starts(argument, "-l") || starts(argument, "-L")) {
        arguments_add(&options->inputs, argument);
        if (argument[2])
            return 1;
        arguments_add(&options->inputs, next ? next : "");
        return 2;
    } else if (strcmp(argument, "--flavour") == 0 && next) {
        return read_flavour(options, next) ? 2 : 0;
    } else if (starts(argument, "--")) {
        return read_long(options, argument) ? 1 : 0;
    } else if (is_for_compiler(argument)) {
        if (starts(argument, "-g") && strcmp(argument, "-g0") != 0)
            options->debug = true;
        arguments_add(&options->compiler, argument);
        if (!takes_next(argument))
            return 1;
        arguments_add(&options->compiler, next ? next : "");
        return 2;
    } else {
        complain("unknown option", argument);
        return 0;
    }
    return 1;
}

static bool check(const struct options *options)
{
    bool many = options->inputs.count > 1;

    if (!options->inputs.count)
        return complain("no input", "give at least one file");
    if (options->compiles_only && options->assembly_only)
        return complain("give only one of", "-c -S");
    if (options->output && many &&
        (options->compiles_only || options->assembly_only))
        return complain("-o with several files", options->output);
    return true;
}

enum options_outcome options_read(struct options *options, int argc,
                                  char **argv)
{
    const char *root = getenv("TEPAL_ROOT");

    *options = (struct options){
        .cc = "gcc",
        .flavour = TP_FLAVOUR_BASE,
        .root = root && *root ? root : PKGDATADIR,
    };
    for (int i = 1; i < argc;) {
        int used;

        if (strcmp(argv[i], "--help") == 0) {
            fputs(help, stdout);
            return OPTIONS_DONE;
        }
        if (strcmp(argv[i], "--version") == 0) {
            puts("domcc (Tepal) " PACKAGE_VERSION);
            return OPTIONS_DONE;
        }
        used = read_one(options, argv[i], argv[i + 1]);
        if (!used)
            return OPTIONS_USAGE;
        i += used;
    }
    return check(options) ? OPTIONS_RUN : OPTIONS_USAGE;
}

void options_free(struct options *options)
{
    arguments_free(&options->compiler);
    arguments_free(&options->inputs);
}
