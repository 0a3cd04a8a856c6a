/* SPDX-License-Identifier: MIT */
/* inspect.c - "tepal inspect": verify a domain file and describe it. */
#include "files.h"
#include "json.h"
#include "tepal.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/loader.h"
#include "tepal_trusted/proxy.h"
#include <stdlib.h>
#include <string.h>

static const char *interface_name(uint64_t id)
{
    const struct proxy_interface *interface = interface_find(id);

    if (id == TP_KERNEL_ID)
        return "kernel";
    return interface ? interface->name : "unknown";
}

static const char *type_name(uint64_t id)
{
    const struct type *type = type_find(id);

    return type ? type->name : "unknown";
}

static void print_segment(const char *name, const struct image_segment *s)
{
    if (s->memory_bytes)
        printf("  %-8s 0x%08x  %8u bytes, %u in the file\n", name, s->address,
               s->memory_bytes, s->file_bytes);
}

static const char *flavour_name(const struct image *image)
{
    return image->header.flavour == TP_FLAVOUR_GS ? "gs" : "base";
}

static void print_text(const struct image *image)
{
    uint32_t i;

    printf("flavour    %s\nsegments\n", flavour_name(image));
    print_segment("table", &image->ftab);
    print_segment("text", &image->text);
    print_segment("rodata", &image->rodata);
    print_segment("data", &image->data);
    printf("functions in the table  %u\n",
           image_ftab_count(image) - 1 - image->import_count);
    for (i = 0; i < image->import_count; i++)
        printf("imports    %s method %lu\n",
               interface_name(image_method(image, i).interface_id),
               image_method(image, i).method);
    for (i = 0; i < image->cap_count; i++)
        printf("capability %s: %s %016lx\n", image_cap_name(image, i),
               interface_name(image_cap(image, i).interface_id),
               image_cap(image, i).interface_id);
    for (i = 0; i < image->export_count; i++)
        printf("exports    %s: %s %016lx\n", image_export_name(image, i),
               interface_name(image_export(image, i).interface_id),
               image_export(image, i).interface_id);
    for (i = 0; i < image->type_count; i++)
        printf("allocates  %s %016lx\n",
               type_name(image_type(image, i).type_id),
               image_type(image, i).type_id);
}

static void print_json(const struct image *image, const char *path)
{
    struct json json;
    uint32_t i;

    json_begin(&json, stdout);
    json_text(&json, "file", path);
    json_text(&json, "flavour", flavour_name(image));
    json_number(&json, "text_bytes", image->text.file_bytes);
    json_number(&json, "functions",
                image_ftab_count(image) - 1 - image->import_count);
    json_number(&json, "imports", image->import_count);
    json_open(&json, "capabilities", '[');
    for (i = 0; i < image->cap_count; i++)
        json_text(&json, NULL, image_cap_name(image, i));
    json_close(&json, ']');
    json_open(&json, "exports", '[');
    for (i = 0; i < image->export_count; i++)
        json_text(&json, NULL, image_export_name(image, i));
    json_close(&json, ']');
    json_end(&json);
}

static int verify(const struct image *image, const char *path)
{
    struct load_error error;
    uint8_t *text = malloc(image->text.file_bytes);
    bool fine;

    if (!text)
        return fail(EXIT_RUN_FAILED, "out of memory");
    memcpy(text, image->file + image->text.file_offset,
           image->text.file_bytes);
    fine = load_verify(image, text, &error);
    free(text);
    return fine ? EXIT_FINE : fail(EXIT_REFUSED, "%s: %s", path, error.text);
}

static int inspect(const struct file *file, bool json)
{
    struct image_error error;
    struct image image;
    int code;

    if (!image_parse(&image, file->bytes, file->size, &error))
        return fail(EXIT_REFUSED, "%s: not a domain file: %s, at byte 0x%zx",
                    file->path, error.text, error.offset);
    code = verify(&image, file->path);
    if (code == EXIT_FINE && json)
        print_json(&image, file->path);
    else if (code == EXIT_FINE)
        print_text(&image);
    return code;
}

int command_inspect(int argc, char **argv)
{
    bool json = argc == 2 && (strcmp(argv[0], "--json") == 0 ||
                              strcmp(argv[1], "--json") == 0);
    const char *path = argc == 2 && argv[0][0] == '-' ? argv[1] : argv[0];
    struct file file;
    const char *why;
    int code;

    if ((argc != 1 && !json) || path[0] == '-')
        return fail(EXIT_USAGE, "usage: tepal inspect FILE.dom [--json]");
    why = file_read(&file, path);
    if (why)
        return fail(EXIT_REFUSED, "%s: %s", path, why);
    code = inspect(&file, json);
    file_close(&file);
    return code;
}
