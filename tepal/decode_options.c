/* SPDX-License-Identifier: MIT */
/*
 * decode_options.c - the command line of "tepal decode". Quota and budget are
 * written, and read, as in manifests.
 */
#include "decode_options.h"
#include "tepal.h"
#include "tepal_trusted/loader.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DECODE_FILES_MAX 1000000

static const struct option names[] = {
    {"output", required_argument, NULL, 'o'},
    {"output-dir", required_argument, NULL, 'd'},
    {"memory", required_argument, NULL, 'm'},
    {"budget", required_argument, NULL, 'b'},
    {"flavour", required_argument, NULL, 'f'},
    {"json", required_argument, NULL, 'j'},
    {"lib", required_argument, NULL, 'l'},
    {"quiet", no_argument, NULL, 'q'},
    {NULL, 0, NULL, 0},
};

/* @value as a manifest's option @name, in @domain. */
static bool read_as_manifest(struct system_domain *domain, const char *name,
                             const char *value)
{
    static struct system system;
    struct load_error error;
    char text[128];
    int length;

    if (value[strspn(value, "0123456789KMGmsu.")])
        return false;
    length = snprintf(text, sizeof(text), "domain d file=f %s=%s\n", name,
                      value);
    if (length >= (int)sizeof(text) ||
        !system_parse(&system, text, (size_t)length, &error))
        return false;
    *domain = system.domains[0];
    return true;
}

static int read_memory(struct decode_options *options, const char *value)
{
    static struct system_domain domain;

    if (!read_as_manifest(&domain, "private", value) ||
        domain.private_quota > TP_PRIVATE_END)
        return fail(EXIT_USAGE, "decode: --memory is a number of bytes up to "
                                "1G, such as 64M, not '%s'",
                    value);
    options->memory_bytes = domain.private_quota;
    return EXIT_FINE;
}

static int read_budget(struct decode_options *options, const char *value)
{
    static struct system_domain domain;

    if (!read_as_manifest(&domain, "budget", value))
        return fail(EXIT_USAGE, "decode: --budget is a time up to 60s, such "
                                "as 500ms, not '%s'",
                    value);
    options->budget_ticks = domain.budget_ticks;
    return EXIT_FINE;
}

static int read_flavour(struct decode_options *options, const char *value)
{
    options->gs = strcmp(value, "gs") == 0;
    if (!options->gs && strcmp(value, "base") != 0)
        return fail(EXIT_USAGE, "decode: --flavour is base or gs, not '%s'",
                    value);
    return EXIT_FINE;
}

static int read_option(struct decode_options *options, int option)
{
    switch (option) {
    case 'o':
        options->output = optarg;
        return EXIT_FINE;
    case 'd':
        options->output_dir = optarg;
        return EXIT_FINE;
    case 'm':
        return read_memory(options, optarg);
    case 'b':
        return read_budget(options, optarg);
    case 'f':
        return read_flavour(options, optarg);
    case 'j':
        options->json = optarg;
        return EXIT_FINE;
    case 'l':
        options->lib = optarg;
        return EXIT_FINE;
    case 'q':
    default:
        options->quiet = true;
        return EXIT_FINE;
    }
}

/* The file's own name: what its output is called after. */
static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static int compare_bases(const void *a, const void *b)
{
    return strcmp(base_of(*(char *const *)a), base_of(*(char *const *)b));
}

/* Two files of one name would have one output. */
static int check_names(const struct decode_options *options)
{
    size_t count = (size_t)options->file_count, i;
    char **sorted = malloc(count * sizeof(*sorted));
    int code = EXIT_FINE;

    if (!sorted)
        return fail(EXIT_RUN_FAILED, "out of memory");
    memcpy(sorted, options->files, count * sizeof(*sorted));
    qsort(sorted, count, sizeof(*sorted), compare_bases);
    for (i = 1; i < count && code == EXIT_FINE; i++)
        if (compare_bases(&sorted[i - 1], &sorted[i]) == 0)
            code = fail(EXIT_USAGE, "decode: %s and %s would both be written "
                                    "to %s/%s.ppm",
                        sorted[i - 1], sorted[i], options->output_dir,
                        base_of(sorted[i]));
    free(sorted);
    return code;
}

static int check(const struct decode_options *options)
{
    if (options->file_count < 1)
        return fail(EXIT_USAGE, "decode: no file is named");
    if (options->file_count > DECODE_FILES_MAX)
        return fail(EXIT_USAGE, "decode: more than a million files");
    if (options->output && options->output_dir)
        return fail(EXIT_USAGE, "decode: -o or --output-dir, not both");
    if (options->output && options->file_count > 1)
        return fail(EXIT_USAGE, "decode: -o is for one file; for several "
                                "there is --output-dir");
    if (options->output && strcmp(options->output, "-") == 0 &&
        options->json && strcmp(options->json, "-") == 0)
        return fail(EXIT_USAGE, "decode: -o and --json cannot both be "
                                "standard output");
    return options->output_dir ? check_names(options) : EXIT_FINE;
}

int decode_options_read(struct decode_options *options, int argc, char **argv)
{
    int code, option;

    memset(options, 0, sizeof(*options));
    /* getopt skips the first word: the command's name. */
    opterr = 0;
    while ((option = getopt_long(argc + 1, argv - 1, ":o:", names, NULL)) !=
           -1) {
        if (option == ':' || option == '?')
            return fail(EXIT_USAGE, "decode: %s '%s'",
                        option == ':' ? "a value must follow"
                                      : "unknown option",
                        argv[optind - 2]);
        code = read_option(options, option);
        if (code != EXIT_FINE)
            return code;
    }
    options->files = argv + optind - 1;
    options->file_count = argc - optind + 1;
    return check(options);
}
