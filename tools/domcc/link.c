/* SPDX-License-Identifier: MIT */
/*
 * link.c - from objects to a domain file.
 *
 * The linker runs twice: once to merge all inputs, so that refs.c can see
 * which symbols are functions, and once with dom.ld to make the file. The
 * header (docs/ABI.md, "File") is a note whose fields the linker fills in.
 */
#include "diag.h"
#include "refs.h"
#include "stages.h"
#include "tepal/abi.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Fields of struct dom_header in their order, as assembly expressions. */
static const char header_tables[] =
    "\t.long __tepal_ftab_end, __tepal_imports_end\n"
    "\t.long __tepal_methods_start, __tepal_methods_end\n"
    "\t.long __tepal_caps_start, __tepal_caps_end\n"
    "\t.long __tepal_types_start, __tepal_types_end\n"
    "\t.long __tepal_exports_start, __tepal_exports_end\n"
    "\t.long __ref_tp_main\n";

static bool write_header(const struct options *options, const char *path)
{
    static const char name[] = "Tepal";
    const char *flavour = options->flavour == TP_FLAVOUR_GS
                              ? "__tepal_flavour_is_gs"
                              : "__tepal_flavour_is_base";
    FILE *file = fopen(path, "w");

    if (!file) {
        diag_error("%s: %s", path, strerror(errno));
        return false;
    }
    fprintf(file, "\t.section .note.tepal,\"a\",@note\n\t.balign 4\n");
    fprintf(file, "\t.long %zu, %zu, 1\n", sizeof name,
            sizeof(struct dom_header));
    fprintf(file, "\t.asciz \"%s\"\n\t.balign 4\n", name);
    fprintf(file, "\t.long %d, %u\n", TP_ABI_VERSION,
            (unsigned)options->flavour);
    fputs(header_tables, file);
    fprintf(file, "\t.long %u\n", (unsigned)options->stack_bytes);
    /* Code of another flavour asks for another name, and is not linked. */
    fprintf(file, "\t.globl %s\n\t.set %s, 1\n", flavour, flavour);
    /* For addresses that are constants: see address.c. */
    fputs("\t.globl __tepal_zero\n\t.set __tepal_zero, 0\n", file);
    fputs("\t.section .note.GNU-stack,\"\",@progbits\n", file);
    return fclose(file) == 0;
}

static bool assemble(const struct options *options, const char *assembly,
                     const char *object)
{
    struct arguments run = {0};
    bool done;

    arguments_add(&run, options->cc);
    arguments_add(&run, "-c");
    arguments_add(&run, "-o");
    arguments_add(&run, object);
    arguments_add(&run, assembly);
    done = process_run(&run);
    arguments_free(&run);
    return done;
}

static bool find_linker(const struct options *options, char *path, size_t bytes)
{
    struct arguments run = {0};
    bool done;

    arguments_add(&run, options->cc);
    arguments_add(&run, "-print-prog-name=ld");
    done = process_first_line(&run, path, bytes);
    arguments_free(&run);
    return done;
}

static void add_inputs(struct arguments *run, const struct options *options,
                       const struct arguments *inputs, const char *header)
{
    static char library[4096];

    arguments_add(run, header);
    arguments_add_all(run, inputs);
    snprintf(library, sizeof library, "%s/libdom%s.a", options->root,
             options->flavour == TP_FLAVOUR_GS ? "-gs" : "");
    if (!options->no_library && access(library, R_OK) == 0)
        arguments_add(run, library);
}

static bool merge(const char *linker, const struct options *options,
                  const struct arguments *inputs, const char *header,
                  const char *merged)
{
    struct arguments run = {0};
    bool done;

    arguments_add(&run, linker);
    arguments_add(&run, "-r");
    arguments_add(&run, "-o");
    arguments_add(&run, merged);
    add_inputs(&run, options, inputs, header);
    done = process_run(&run);
    arguments_free(&run);
    return done;
}

static bool write_refs(const char *merged)
{
    const char *path = temporary_path("tepal-refs.ld");
    FILE *script = fopen(path, "w");
    bool done;

    if (!script) {
        diag_error("%s: %s", path, strerror(errno));
        return false;
    }
    done = refs_write(merged, script);
    return fclose(script) == 0 && done;
}

static bool make_domain(const char *linker, const struct options *options,
                        const struct arguments *inputs, const char *header,
                        const char *output)
{
    static const char *const flags[] = {
        "-static",
        "-nostdlib",
        "--no-dynamic-linker",
        "-z",
        "max-page-size=4096",
        "-z",
        "noexecstack",
        "--build-id=none",
        "--orphan-handling=error",
        "-e",
        "0",
    };
    struct arguments run = {0};
    char script[4096];
    bool done;

    snprintf(script, sizeof script, "%s/dom.ld", options->root);
    arguments_add(&run, linker);
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        arguments_add(&run, flags[i]);
    arguments_add(&run, "-L");
    arguments_add(&run, temporary_directory());
    arguments_add(&run, "-T");
    arguments_add(&run, options->script ? options->script : script);
    arguments_add(&run, "-o");
    arguments_add(&run, output);
    add_inputs(&run, options, inputs, header);
    done = process_run(&run);
    arguments_free(&run);
    return done;
}

bool link_domain(const struct options *options, const struct arguments *inputs,
                 const char *output)
{
    const char *assembly = temporary_path("header.s");
    const char *header = temporary_path("header.o");
    const char *merged = temporary_path("merged.o");
    char linker[4096];

    return write_header(options, assembly) &&
           assemble(options, assembly, header) &&
           find_linker(options, linker, sizeof linker) &&
           merge(linker, options, inputs, header, merged) &&
           write_refs(merged) &&
           make_domain(linker, options, inputs, header, output);
}
