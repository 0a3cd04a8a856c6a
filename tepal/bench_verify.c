/* SPDX-License-Identifier: MIT */
/*
 * bench_verify.c - "tepal bench verify": what it costs to verify the texts of
 * the domain files that come with the program, and to load the large one of
 * them from a file (in the page cache) to a domain that can be called.
 */
#define _GNU_SOURCE
#include "bench.h"
#include "host.h"
#include "json.h"
#include "running.h"
#include "tepal.h"
#include "tepal_trusted/base.h"
#include "verification.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FILES_MAX 64u
#define TEXT_MIN 1024u /* smaller ones are over before they have begun */
#define LOADS 41u
#define LARGE 1u /* domain of the system; the first is its callee */

/* Stretches of a load. */
enum { LOAD_READ, LOAD_DOMAIN, LOAD_WIRE, LOAD_WHOLE, LOAD_STRETCHES };
static const char *const stretch_names[] = {
    "load/read", "load/verify_and_map", "load/wire", "load/whole"};

/* One measurement in a process; too large for a stack. */
static struct running running;
static struct file contents[FILES_MAX];
static struct verification files[FILES_MAX];
static uint32_t file_count;
static double load_values[LOAD_STRETCHES][LOADS];
static struct sample loads[LOAD_STRETCHES]; /* us */
static const char *why_not;

/* Kernels exist at four places: the first is enough. */
static int is_subject(const struct dirent *entry)
{
    const char *name = entry->d_name, *dot = strrchr(name, '.');
    static const char again[] = "bench_code";

    return dot && strcmp(dot, ".dom") == 0 && strlen(name) < 64 &&
           (strncmp(name, again, strlen(again)) != 0 ||
            name[strlen(again)] == '0');
}

static int add_file(const char *folder, const char *name)
{
    struct verification *to = &files[file_count];
    struct file *file = &contents[file_count];
    struct image_error error;
    char path[FILE_PATH_MAX];
    const char *why;

    if (snprintf(path, sizeof(path), "%s/%s", folder, name) >=
        (int)sizeof(path))
        return fail(EXIT_USAGE, "%s: the name is too long", folder);
    why = file_read(file, path);
    if (why)
        return fail(EXIT_REFUSED, "%s: %s", path, why);
    if (!image_parse(&to->image, file->bytes, file->size, &error))
        return fail(EXIT_REFUSED, "%s: %s", path, error.text);
    text_copy(to->name, strlen(name) - strlen(".dom") + 1, name);
    if (to->image.text.file_bytes < TEXT_MIN)
        file_close(file);
    else
        file_count++;
    return EXIT_FINE;
}

static int add_files(const char *root)
{
    char folder[FILE_PATH_MAX];
    struct dirent **list;
    int code = EXIT_FINE, count, i;

    if (snprintf(folder, sizeof(folder), "%s/domains", root) >=
        (int)sizeof(folder))
        return fail(EXIT_USAGE, "%s: the name is too long", root);
    count = scandir(folder, &list, is_subject, alphasort);
    if (count < 0)
        return fail(EXIT_USAGE, "%s: %s", folder, strerror(errno));
    for (i = 0; i < count; i++) {
        if (code == EXIT_FINE && file_count < FILES_MAX)
            code = add_file(folder, list[i]->d_name);
        free(list[i]);
    }
    free(list);
    return code;
}

static double now(void)
{
    return (double)host_nanoseconds() / 1e3;
}

/* Wire @domain as the manifest says that the large one is. */
static bool wire(struct domain *domain, struct load_error *error)
{
    const struct system_domain *wanted = &running.system.domains[LARGE];
    uint32_t i;

    for (i = 0; i < wanted->wire_count; i++)
        if (!domain_wire(domain, wanted->wires[i].cap,
                         running.domains[0].domain, wanted->wires[i].export,
                         error))
            return false;
    return domain_is_wired(domain, error);
}

/* From the file to a domain that can be called, and back. */
static bool load_once(const char *path, uint32_t turn)
{
    double at[LOAD_STRETCHES + 1];
    struct version *version;
    struct domain *domain;
    uint32_t i;

    at[0] = now();
    version = version_read(NULL, path, &why_not);
    if (!version)
        return false;
    at[1] = now();
    domain = domain_load("again", version->file.bytes, version->file.size,
                         &running.error);
    at[2] = now();
    if (domain && wire(domain, &running.error)) {
        domain_open_up(domain);
        why_not = NULL;
    } else {
        why_not = running.error.text;
    }
    at[3] = now();
    for (i = 0; i < LOAD_WHOLE; i++)
        load_values[i][turn] = at[i + 1] - at[i];
    load_values[LOAD_WHOLE][turn] = at[3] - at[0];
    if (domain) {
        domain_kill(domain, thread_current());
        domain_release(domain);
    }
    version_close(version);
    return !why_not;
}

static void measure(void *context)
{
    const char *path = running.domains[LARGE].latest->file.path;
    uint32_t turn, i;

    (void)context;
    why_not = verification_measure(files, file_count);
    if (why_not || !load_once(path, 0)) /* warms up */
        return;
    for (turn = 0; turn < LOADS; turn++)
        if (!load_once(path, turn))
            return;
    for (i = 0; i < LOAD_STRETCHES; i++)
        loads[i] = sample_of(load_values[i], LOADS);
}

static void print_way(const char *name, uint32_t bytes,
                      const struct sample *verify, const struct sample *copy,
                      const struct sample *hash)
{
    printf("%-22s %8u %8.2f %8.2f %8.2f %8.2f %8.2f\n", name, bytes,
           verify->minimum, verify->median, verify->p99, copy->median,
           hash->median);
}

static void print_text(void)
{
    struct sample total[VERIFICATION_WAYS];
    uint32_t i, bytes = 0;

    printf("TSC cycles a byte of text: verified; copied; hashed\n");
    printf("%-22s %8s %8s %8s %8s %8s %8s\n", "file", "bytes", "min", "median",
           "p99", "memcpy", "SHA-256");
    for (i = 0; i < file_count; i++) {
        const struct verification *file = &files[i];

        print_way(file->name, file->image.text.file_bytes,
                  &file->cycles[VERIFICATION_VERIFY],
                  &file->cycles[VERIFICATION_MEMCPY],
                  &file->cycles[VERIFICATION_SHA256]);
        bytes += file->image.text.file_bytes;
    }
    for (i = 0; i < VERIFICATION_WAYS; i++)
        total[i] = verification_total(files, file_count,
                                      (enum verification_way)i);
    print_way("all", bytes, &total[VERIFICATION_VERIFY],
              &total[VERIFICATION_MEMCPY], &total[VERIFICATION_SHA256]);
    printf("microseconds, %s: %u bytes of text, %lu of file\n",
           running.system.domains[LARGE].file,
           running.domains[LARGE].latest->image.text.file_bytes,
           running.domains[LARGE].latest->file.size);
    for (i = 0; i < LOAD_STRETCHES; i++)
        printf("%-22s %8s %8.1f %8.1f %8.1f\n", stretch_names[i], "",
               loads[i].minimum, loads[i].median, loads[i].p99);
}

/* @whole: the median of what @sample's ratio is of. */
static void print_case(const char *kind, const char *name, const char *unit,
                       const struct sample *sample, double whole,
                       struct json *json)
{
    char full[96];

    snprintf(full, sizeof(full), "%s%s", kind, name);
    json_open(json, NULL, '{');
    json_text(json, "name", full);
    json_text(json, "unit", unit);
    json_ratio(json, "min", sample->minimum);
    json_ratio(json, "median", sample->median);
    json_ratio(json, "p99", sample->p99);
    json_ratio(json, "ratio", sample->median / whole);
    json_close(json, '}');
}

static void print_file(const char *name, const struct sample *cycles,
                       struct json *json)
{
    static const char *const kinds[] = {"verify/", "memcpy/", "sha256/"};
    uint32_t way;

    for (way = 0; way < VERIFICATION_WAYS; way++)
        print_case(kinds[way], name, "TSC cycles a byte", &cycles[way],
                   cycles[VERIFICATION_SHA256].median, json);
}

static void print_json(FILE *file)
{
    struct sample total[VERIFICATION_WAYS];
    struct json json;
    uint32_t i;

    json_begin(&json, file);
    json_text(&json, "suite", "verify");
    json_number(&json, "large_text_bytes",
                running.domains[LARGE].latest->image.text.file_bytes);
    json_number(&json, "large_file_bytes",
                running.domains[LARGE].latest->file.size);
    json_open(&json, "cases", '[');
    for (i = 0; i < file_count; i++)
        print_file(files[i].name, files[i].cycles, &json);
    for (i = 0; i < VERIFICATION_WAYS; i++)
        total[i] = verification_total(files, file_count,
                                      (enum verification_way)i);
    print_file("all", total, &json);
    for (i = 0; i < LOAD_STRETCHES; i++)
        print_case("", stretch_names[i], "microseconds", &loads[i],
                   loads[LOAD_WHOLE].median, &json);
    json_close(&json, ']');
    json_end(&json);
}

static int measure_all(const char *root)
{
    int code = add_files(root);

    if (code == EXIT_FINE)
        code = running_read(&running, root, "bench_verify");
    if (code == EXIT_FINE)
        code = running_start(&running, root);
    if (code == EXIT_FINE && running.loaded <= LARGE)
        code = fail(EXIT_REFUSED, "%s: not two domains", running.manifest.path);
    if (code == EXIT_FINE && !host_run(measure, NULL))
        code = fail(EXIT_RUN_FAILED, "cannot start a thread");
    if (code == EXIT_FINE && why_not)
        code = fail(EXIT_REFUSED, "%s", why_not);
    running_end(&running);
    return code;
}

static void close_all(void)
{
    uint32_t i;

    running_close(&running);
    for (i = 0; i < file_count; i++)
        file_close(&contents[i]);
}

const struct bench bench_verify = {
    "verify", measure_all, print_text, print_json, close_all,
};
