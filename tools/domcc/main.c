/* SPDX-License-Identifier: MIT */
/*
 * main.c - domcc, the compiler of domains.
 *
 * domcc runs gcc, rewrites its assembly so that every memory access, call and
 * local variable is in a form that the load-time verifier accepts (design,
 * section 2), and links the result to a .dom file (docs/ABI.md). Nothing here
 * is trusted: what domcc gets wrong, the verifier refuses.
 *
 *     options.c   the command line
 *     compile.c   source -> gcc -S -> rewritten assembly -> object
 *       unit.c      a file: sections, symbols, function pointers
 *       parse.c     lines to statements; operand.c, notes.c, sections.c
 *       frame.c     where locals go; paths.c, framepointer.c
 *       rewrite.c   instructions; address.c, stack.c, control.c, insns.c
 *     link.c      objects -> .dom; refs.c, dom.ld
 *     process.c   running programs, temporary files
 */
#include "diag.h"
#include "options.h"
#include "stages.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* DIR/name.c -> name.o in the current directory, as cc does. */
static const char *default_output(const char *path, const char *suffix)
{
    static char name[4096];
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    const char *dot = strrchr(base, '.');

    snprintf(name, sizeof name, "%.*s%s", (int)(dot - base), base, suffix);
    return name;
}

static bool compile_each(const struct options *options)
{
    const char *suffix = options->assembly_only ? ".dom.s" : ".o";
    bool done = true;

    for (size_t i = 0; i < options->inputs.count; i++) {
        const char *path = options->inputs.list[i];

        if (!is_source(path)) {
            diag_error("%s: not a source file", path);
            done = false;
            continue;
        }
        done &= compile_file(options, path,
                             options->output ? options->output
                                             : default_output(path, suffix),
                             i);
    }
    return done;
}

static bool compile_and_link(const struct options *options)
{
    struct arguments objects = {0};
    bool done = true;

    for (size_t i = 0; i < options->inputs.count; i++) {
        const char *input = options->inputs.list[i];
        char name[32];

        if (is_source(input)) {
            snprintf(name, sizeof name, "%zu.o", i);
            input = temporary_path(name);
            done &= compile_file(options, options->inputs.list[i], input, i);
        }
        arguments_add(&objects, input);
    }
    done = done && link_domain(options, &objects,
                               options->output ? options->output : "a.dom");
    arguments_free(&objects);
    return done;
}

static bool run(struct options *options)
{
    const char *output = options->output ? options->output : "a.dom";
    char keep[4096];
    bool done;

    snprintf(keep, sizeof keep, "%s.temps", output);
    if (!temporary_start(options->save_temps ? keep : NULL))
        return false;
    if (!compiler_check(options))
        done = false;
    else if (options->compiles_only || options->assembly_only)
        done = compile_each(options);
    else
        done = compile_and_link(options);
    temporary_end();
    return done && !diag_count();
}

int main(int argc, char **argv)
{
    struct options options;
    int status = 0;

    switch (options_read(&options, argc, argv)) {
    case OPTIONS_USAGE:
        status = 2;
        break;
    case OPTIONS_RUN:
        status = run(&options) ? 0 : 1;
        break;
    case OPTIONS_DONE:
        break;
    }
    options_free(&options);
    return status;
}
