/* SPDX-License-Identifier: MIT */
/*
 * compile.c - from a source file to an object in the verified form.
 *
 * The compiler writes assembly, unit.c rewrites it, the assembler makes the
 * object. The flags that a domain needs come after the user's, so they win.
 */
#include "diag.h"
#include "stages.h"
#include "tepal/abi.h"
#include "unit.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * No position-independent code: a domain is linked at its slot offsets. No
 * jump tables: their targets would be code addresses. Unwind tables tell
 * frame.c the depth.
 */
static const char *const domain_flags[] = {
    "-m64",
    "-ffreestanding",
    "-fno-pic",
    "-fno-pie",
    "-mcmodel=small",
    "-mno-red-zone",
    "-fno-jump-tables",
    "-fcf-protection=none",
    "-fno-stack-protector",
    "-fno-stack-clash-protection",
    "-fasynchronous-unwind-tables",
    "-fno-exceptions",
    "-fno-math-errno",
    "-fno-lto",
    "-fno-sanitize=all",
    NULL,
};

/*
 * What the user's flags may change. Loops begin on lines of their own: longer
 * instructions would put many across two, and where they stand would decide
 * how fast they are.
 */
static const char *const default_flags[] = {"-O2", "-falign-loops=64", "-g1",
                                            NULL};

/*
 * Stack arguments are stored rather than pushed, which costs less here. Every
 * call finds the stack aligned to 16, which frame.c relies on. Copies are
 * calls, not string instructions.
 */
static const char *const gcc_flags[] = {
    "-fomit-frame-pointer",
    "-ffixed-rbp",
    "-fno-reorder-blocks-and-partition",
    "-mno-80387",
    "-maccumulate-outgoing-args",
    "-mno-push-args",
    "-mstringop-strategy=libcall",
    "-fplt",
    "-fno-profile-arcs",
    "-fno-ipa-stack-alignment",
    NULL,
};

/* The registers that base keeps; see docs/ABI.md. */
static const char *const gcc_base_flags[] = {"-ffixed-r11", "-ffixed-r14",
                                             NULL};

/* clang cannot leave a register alone; framepointer.c has what it can do. */
static const char *const clang_flags[] = {
    "-fno-omit-frame-pointer",
    "-mno-omit-leaf-frame-pointer",
    "-mno-x87",
    "-mno-mmx",
    "-fno-addrsig",
    "-Wno-unused-command-line-argument",
    "-mllvm",
    "-trap-unreachable",
    NULL,
};

static void add_flags(struct arguments *run, const char *const *flags)
{
    for (; *flags; flags++)
        arguments_add(run, *flags);
}

bool compiler_check(struct options *options)
{
    struct arguments run = {0};
    char version[256];
    bool done;

    arguments_add(&run, options->cc);
    arguments_add(&run, "--version");
    done = process_first_line(&run, version, sizeof version);
    arguments_free(&run);
    options->is_clang = done && strstr(version, "clang");
    if (!options->is_clang || options->flavour == TP_FLAVOUR_GS)
        return done;
    diag_error("%s is a clang, which cannot leave registers alone as the base "
               "flavour needs; use --flavour=gs, or gcc",
               options->cc);
    return false;
}

bool is_source(const char *path)
{
    return has_suffix(path, ".c") || has_suffix(path, ".s") ||
           has_suffix(path, ".S");
}

static const char *temporary_name(size_t number, const char *suffix)
{
    char name[64];

    snprintf(name, sizeof name, "%zu%s", number, suffix);
    return temporary_path(name);
}

/* The compiler's own headers (stdint.h and so on), and nobody else's. */
static bool find_headers(const struct options *options, char *path,
                         size_t bytes)
{
    struct arguments run = {0};
    bool done;

    arguments_add(&run, options->cc);
    arguments_add(&run, options->is_clang ? "-print-resource-dir"
                                          : "-print-file-name=include");
    done = process_first_line(&run, path, bytes);
    arguments_free(&run);
    if (done && options->is_clang)
        strncat(path, "/include", bytes - strlen(path) - 1);
    return done;
}

/* Dependency files are named after the object, not after our temporary. */
static void add_dependencies(const struct options *options,
                             struct arguments *run, const char *output)
{
    static char name[4096];
    int length = (int)strlen(output);
    bool wanted = false, named = false;

    for (size_t i = 0; i < options->compiler.count; i++) {
        const char *argument = options->compiler.list[i];

        wanted |= !strcmp(argument, "-MD") || !strcmp(argument, "-MMD");
        named |= !strcmp(argument, "-MF");
    }
    if (!wanted || named)
        return;
    if (has_suffix(output, ".o"))
        length -= 2;
    snprintf(name, sizeof name, "%.*s.d", length, output);
    arguments_add(run, "-MF");
    arguments_add(run, name);
    arguments_add(run, "-MT");
    arguments_add(run, output);
}

/* Run the compiler or, for .S, the preprocessor. */
static bool to_assembly(const struct options *options, const char *path,
                        const char *assembly, const char *output)
{
    struct arguments run = {0};
    char headers[4096], include[4096];
    bool done;

    if (!find_headers(options, headers, sizeof headers))
        return false;
    snprintf(include, sizeof include, "%s/include", options->root);
    arguments_add(&run, options->cc);
    add_flags(&run, default_flags);
    arguments_add_all(&run, &options->compiler);
    add_flags(&run, domain_flags);
    add_flags(&run, options->is_clang ? clang_flags : gcc_flags);
    if (options->flavour == TP_FLAVOUR_GS)
        arguments_add(&run, "-D__TEPAL_GS__");
    else
        add_flags(&run, gcc_base_flags);
    arguments_add(&run, "-nostdinc");
    arguments_add(&run, "-isystem");
    arguments_add(&run, include);
    arguments_add(&run, "-isystem");
    arguments_add(&run, headers);
    add_dependencies(options, &run, output);
    arguments_add(&run, has_suffix(path, ".S") ? "-E" : "-S");
    arguments_add(&run, "-o");
    arguments_add(&run, assembly);
    arguments_add(&run, path);
    done = process_run(&run);
    arguments_free(&run);
    return done;
}

static bool assemble(const struct options *options, const char *assembly,
                     const char *output)
{
    struct arguments run = {0};
    bool done;

    arguments_add(&run, options->cc);
    arguments_add(&run, "-m64");
    if (options->is_clang)
        arguments_add(&run, "-fno-integrated-as");
    arguments_add(&run, "-c");
    arguments_add(&run, "-o");
    arguments_add(&run, output);
    arguments_add(&run, assembly);
    done = process_run(&run);
    arguments_free(&run);
    return done;
}

static bool rewrite(const struct options *options, const char *path,
                    const char *assembly, const char *output)
{
    struct unit_options unit = {
        .written_by_hand = !has_suffix(path, ".c"),
        .keeps_debug = options->debug,
        .frame_pointer = options->is_clang && has_suffix(path, ".c"),
        .flavour = options->flavour,
    };
    size_t bytes;
    char *text = read_file(assembly, &bytes);
    FILE *out = text ? fopen(output, "w") : NULL;
    bool done = false;

    if (text && !out)
        diag_error("%s: %s", output, strerror(errno));
    if (out) {
        done = unit_rewrite(path, text, out, unit);
        if (fclose(out) != 0) {
            diag_error("%s: cannot write", output);
            done = false;
        }
    }
    if (out && !done)
        remove(output);
    free(text);
    return done;
}

bool compile_file(const struct options *options, const char *path,
                  const char *output, size_t number)
{
    const char *assembly = path, *rewritten = output;

    if (!has_suffix(path, ".s")) {
        assembly = temporary_name(number, ".cc.s");
        if (!to_assembly(options, path, assembly, output))
            return false;
    }
    if (!options->assembly_only)
        rewritten = temporary_name(number, ".s");
    return rewrite(options, path, assembly, rewritten) &&
           (options->assembly_only || assemble(options, rewritten, output));
}
