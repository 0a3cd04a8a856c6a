/* SPDX-License-Identifier: MIT */
/*
 * decode.c - "tepal decode": untrusted images, one after the other, each in a
 * life of its own of the domain imgdec. A file that kills it is named, with the
 * death, and the next one is decoded.
 */
#include "deaths.h"
#include "decode_options.h"
#include "decoder.h"
#include "host.h"
#include "json_file.h"
#include "ppm.h"
#include "running.h"
#include "tepal.h"
#include "tepal_trusted/base.h"
#include <errno.h>
#include <string.h>

#define OUTCOMES (DECODER_GONE + 1)

/* One in a process; too large for a stack. */
static struct running running;
static struct ppm ppm;

struct decoding {
    struct decode_options options;
    struct decoder decoder;
    struct json json;
    FILE *json_file; /* NULL: none is wanted */
    uint32_t counts[OUTCOMES];
    uint32_t unreadable;
};

static const char *const outcome_names[OUTCOMES] = {
    "decoded", "refused", "died", "lied", "not written", "gone",
};

static bool is_text_wanted(const struct decode_options *options)
{
    return !options->quiet &&
           !(options->json && strcmp(options->json, "-") == 0) &&
           !(options->output && strcmp(options->output, "-") == 0);
}

static void say_outcome(const struct decoding *d, const char *path,
                        const struct decoded *image)
{
    switch (image->outcome) {
    case DECODER_DECODED:
        if (is_text_wanted(&d->options))
            printf("%s: %ux%u, %u channel%s%s%s\n", path, image->width,
                   image->height, image->channels,
                   image->channels == 1 ? "" : "s", ppm.path[0] ? " -> " : "",
                   ppm.path);
        break;
    case DECODER_REFUSED:
        fail(EXIT_REFUSED, "%s: refused: %s", path, image->reason);
        break;
    case DECODER_DIED:
        fail(EXIT_RUN_FAILED, "%s: killed its domain: %s", path,
             image->reason);
        break;
    case DECODER_LIED:
        fail(EXIT_RUN_FAILED, "%s: the domain's answer cannot be: %s", path,
             image->reason);
        break;
    case DECODER_STOPPED:
        fail(EXIT_RUN_FAILED, "%s: %s", ppm.path, strerror(ppm.error));
        break;
    case DECODER_GONE:
        fail(EXIT_RUN_FAILED, "%s: %s", path, image->reason);
        break;
    }
}

static void json_outcome(struct decoding *d, const char *path,
                         const struct decoded *image)
{
    if (!d->json_file)
        return;
    json_open(&d->json, NULL, '{');
    json_text(&d->json, "file", path);
    json_text(&d->json, "outcome", outcome_names[image->outcome]);
    if (image->outcome == DECODER_DECODED) {
        json_number(&d->json, "width", image->width);
        json_number(&d->json, "height", image->height);
        json_number(&d->json, "channels", image->channels);
        if (ppm.path[0])
            json_text(&d->json, "output", ppm.path);
    }
    if (image->reason[0])
        json_text(&d->json, "reason", image->reason);
    json_close(&d->json, '}');
}

/* Where @path's pixels go: ppm.path, empty for nowhere. */
static bool choose_output(const struct decode_options *options,
                          const char *path)
{
    static char chosen[FILE_PATH_MAX];
    const char *slash = strrchr(path, '/');

    if (options->output)
        return ppm_begin(&ppm, options->output);
    if (!options->output_dir)
        return ppm_begin(&ppm, "");
    return snprintf(chosen, sizeof(chosen), "%s/%s.ppm", options->output_dir,
                    slash ? slash + 1 : path) < (int)sizeof(chosen) &&
           ppm_begin(&ppm, chosen);
}

static void decode_bytes(struct decoding *d, const struct file *file,
                         struct decoded *image)
{
    decoder_decode(&d->decoder, file->bytes, file->size,
                   ppm.path[0] ? &ppm.sink : NULL, image);
    if (!ppm_end(&ppm, image->outcome == DECODER_DECODED) &&
        image->outcome == DECODER_DECODED)
        image->outcome = DECODER_STOPPED;
}

static void decode_file(struct decoding *d, const char *path)
{
    static struct file file;
    struct decoded image;
    const char *why = file_read(&file, path);

    if (!why && !choose_output(&d->options, path))
        why = "the name of its output is too long";
    if (!why && ppm.path[0] && files_are_one(path, ppm.path))
        why = "it would be overwritten by its own pixels";
    if (why) {
        fail(EXIT_REFUSED, "%s: %s", path, why);
        d->unreadable++;
    } else {
        decode_bytes(d, &file, &image);
        d->counts[image.outcome]++;
        say_outcome(d, path, &image);
        deaths_take(&running, "");
        json_outcome(d, path, &image);
    }
    file_close(&file);
}

static void decode_files(void *context)
{
    struct decoding *d = context;
    int i;

    for (i = 0; i < d->options.file_count && !d->counts[DECODER_GONE]; i++)
        decode_file(d, d->options.files[i]);
}

/* The manifest's, but for what the command line says. */
static void apply(const struct decode_options *options)
{
    struct system_domain *domain = &running.system.domains[0];

    if (options->memory_bytes)
        domain->private_quota = options->memory_bytes;
    if (options->budget_ticks)
        domain->budget_ticks = options->budget_ticks;
    if (options->gs)
        text_copy(domain->file, sizeof(domain->file), "imgdec-gs.dom");
    domain->restart.limit = 0; /* a file a life, as many as there are */
}

static int start(struct decoding *d, const char *root)
{
    int code = running_read(&running, root, "imgdec");

    if (code == EXIT_USAGE)
        fail(EXIT_USAGE, "decode: built without stb_image, which is in "
                         "Debian's libstb-dev");
    if (code == EXIT_FINE && running.system.domain_count != 1)
        code = fail(EXIT_REFUSED, "%s: not one domain", running.manifest.path);
    if (code != EXIT_FINE)
        return code;
    apply(&d->options);
    code = running_start(&running, root);
    if (code == EXIT_FINE &&
        !decoder_open(&d->decoder, running.domains[0].domain))
        code = fail(EXIT_REFUSED, "%s: its domain is no decoder",
                    running.manifest.path);
    return code;
}

static int judge(const struct decoding *d)
{
    if (d->counts[DECODER_DIED] || d->counts[DECODER_LIED] ||
        d->counts[DECODER_STOPPED] || d->counts[DECODER_GONE])
        return EXIT_RUN_FAILED;
    return d->counts[DECODER_REFUSED] || d->unreadable ? EXIT_REFUSED
                                                       : EXIT_FINE;
}

static int run(struct decoding *d)
{
    int code = EXIT_FINE;

    if (d->options.json)
        code = json_file_open(d->options.json, &d->json_file);
    if (code != EXIT_FINE)
        return code;
    if (d->json_file) {
        json_begin(&d->json, d->json_file);
        json_open(&d->json, "files", '[');
    }
    if (!host_run(decode_files, d))
        code = fail(EXIT_RUN_FAILED, "cannot start a thread");
    if (d->json_file)
        json_close(&d->json, ']');
    return code == EXIT_FINE ? judge(d) : code;
}

/* After the end of the domain. */
static int finish(struct decoding *d, int code)
{
    int written;

    if (running.live_rrefs)
        code = fail(EXIT_RUN_FAILED, "%lu shared objects are left",
                    running.live_rrefs);
    if (!d->json_file)
        return code;
    json_number(&d->json, "unreadable", d->unreadable);
    json_number(&d->json, "live_rrefs", running.live_rrefs);
    deaths_json(&d->json);
    json_end(&d->json);
    written = json_file_close(d->json_file, d->options.json);
    return written == EXIT_FINE ? code : written;
}

int command_decode(int argc, char **argv)
{
    static const struct host_options host;
    static struct decoding decoding;
    int code = decode_options_read(&decoding.options, argc, argv);
    const char *root;

    if (code != EXIT_FINE)
        return code;
    root = files_root(decoding.options.lib);
    if (!host_start(&host))
        return fail(EXIT_RUN_FAILED, "cannot reserve memory: %s",
                    strerror(errno));
    code = start(&decoding, root);
    if (code == EXIT_FINE)
        code = run(&decoding);
    running_end(&running);
    code = finish(&decoding, code);
    running_close(&running);
    return code;
}
