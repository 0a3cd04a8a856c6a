/* SPDX-License-Identifier: MIT */
/* systems.c - "tepal systems": which systems come with tepal. */
#define _GNU_SOURCE
#include "files.h"
#include "json.h"
#include "tepal.h"
#include "tepal_trusted/loader.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SUFFIX ".manifest"
#define DESCRIPTION_BYTES 100

/* One of them, as long as it is shown. */
struct listed {
    char name[FILE_PATH_MAX], path[FILE_PATH_MAX];
    char description[DESCRIPTION_BYTES];
    struct system system;
};

static int is_manifest(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name), tail = strlen(SUFFIX);

    return entry->d_name[0] != '.' && length > tail &&
           strcmp(entry->d_name + length - tail, SUFFIX) == 0;
}

static bool is_licence(const char *line, size_t length)
{
    static const char mark[] = "SPDX-License-Identifier";

    return memmem(line, length, mark, strlen(mark)) != NULL;
}

/* The comment that a line is, without its #; 0 when it is none. */
static size_t comment_of(const char **line, size_t length)
{
    if (!length || **line != '#' || is_licence(*line, length))
        return 0;
    while (length && (**line == '#' || **line == ' ')) {
        (*line)++;
        length--;
    }
    return length;
}

/* The first line of comment; bytes that are no text become '?'. */
static void describe(struct listed *listed, const struct file *file)
{
    const char *at = (const char *)file->bytes, *end = at + file->size;
    size_t length = 0, i;

    listed->description[0] = 0;
    while (at < end) {
        const char *line = at;
        const char *stop = memchr(at, '\n', (size_t)(end - at));

        stop = stop ? stop : end;
        length = comment_of(&line, (size_t)(stop - at));
        if (length) {
            length = length < DESCRIPTION_BYTES ? length
                                                : DESCRIPTION_BYTES - 1;
            for (i = 0; i < length; i++)
                listed->description[i] =
                    line[i] >= ' ' && line[i] <= '~' ? line[i] : '?';
            listed->description[length] = 0;
            return;
        }
        at = stop + (stop < end);
    }
}

/* Read the manifest at listed->path. */
static int list(struct listed *listed)
{
    struct load_error error;
    struct file file;
    const char *why = file_read(&file, listed->path);
    bool fine;

    if (why)
        return fail(EXIT_REFUSED, "%s: %s", listed->path, why);
    describe(listed, &file);
    fine = system_parse(&listed->system, (const char *)file.bytes, file.size,
                        &error);
    file_close(&file);
    return fine ? EXIT_FINE
                : fail(EXIT_REFUSED, "%s: %s", listed->path, error.text);
}

static void print_text(const struct listed *listed)
{
    const struct system *system = &listed->system;
    uint32_t i;

    printf("%-16s %s\n", listed->name, listed->description);
    if (system->device_count) {
        printf("%-16s   devices:", "");
        for (i = 0; i < system->device_count; i++)
            printf(" %s (%s)", system->devices[i].name,
                   system->devices[i].model);
        putchar('\n');
    }
    printf("%-16s   domains:", "");
    for (i = 0; i < system->domain_count; i++)
        printf(" %s", system->domains[i].name);
    putchar('\n');
}

static void print_domain(const struct system_domain *domain,
                         struct json *json)
{
    json_open(json, NULL, '{');
    json_text(json, "name", domain->name);
    json_text(json, "file", domain->file);
    if (domain->device[0])
        json_text(json, "device", domain->device);
    if (domain->data[0])
        json_text(json, "data", domain->data);
    json_close(json, '}');
}

static void print_json(const struct listed *listed, struct json *json)
{
    const struct system *system = &listed->system;
    uint32_t i;

    json_open(json, NULL, '{');
    json_text(json, "name", listed->name);
    json_text(json, "description", listed->description);
    json_text(json, "path", listed->path);
    json_open(json, "devices", '[');
    for (i = 0; i < system->device_count; i++) {
        json_open(json, NULL, '{');
        json_text(json, "name", system->devices[i].name);
        json_text(json, "model", system->devices[i].model);
        json_close(json, '}');
    }
    json_close(json, ']');
    json_open(json, "domains", '[');
    for (i = 0; i < system->domain_count; i++)
        print_domain(&system->domains[i], json);
    json_close(json, ']');
    json_close(json, '}');
}

static int show(const char *folder, const char *entry, struct json *json)
{
    static struct listed listed;
    int code;

    if (snprintf(listed.path, sizeof(listed.path), "%s/%s", folder, entry) >=
        (int)sizeof(listed.path))
        return fail(EXIT_REFUSED, "%s: too long a path", entry);
    snprintf(listed.name, sizeof(listed.name), "%.*s",
             (int)(strlen(entry) - strlen(SUFFIX)), entry);
    code = list(&listed);
    if (code == EXIT_FINE && json)
        print_json(&listed, json);
    else if (code == EXIT_FINE)
        print_text(&listed);
    return code;
}

/* Those that are refused do not keep the others from being shown. */
static int show_all(const char *folder, struct json *json)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, is_manifest, alphasort);
    int code = EXIT_FINE, i, one;

    if (count < 0)
        return fail(EXIT_USAGE, "%s: %s", folder, strerror(errno));
    if (json)
        json_open(json, "systems", '[');
    for (i = 0; i < count; i++) {
        one = show(folder, entries[i]->d_name, json);
        code = one == EXIT_FINE ? code : one;
        free(entries[i]);
    }
    free(entries);
    if (json)
        json_close(json, ']');
    return code;
}

int command_systems(int argc, char **argv)
{
    char folder[FILE_PATH_MAX];
    const char *lib = NULL;
    bool as_json = false;
    struct json json;
    int code, i;

    for (i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0)
            as_json = true;
        else if (strcmp(argv[i], "--lib") == 0 && i + 1 < argc)
            lib = argv[++i];
        else
            return fail(EXIT_USAGE, "systems: an unknown option, or no value "
                                    "after it: '%s'", argv[i]);
    }
    if (snprintf(folder, sizeof(folder), "%s/systems", files_root(lib)) >=
        (int)sizeof(folder))
        return fail(EXIT_USAGE, "%s: too long a path", lib);
    if (as_json)
        json_begin(&json, stdout);
    code = show_all(folder, as_json ? &json : NULL);
    if (as_json)
        json_end(&json);
    return code;
}
