/* SPDX-License-Identifier: MIT */
/*
 * running.c - a system on Linux, from manifest to end: domains are loaded and
 * wired in the manifest's order, all before any runs; running_threads.c has
 * what happens then.
 */
#include "running.h"
#include "devices.h"
#include "host.h"
#include "number.h"
#include "tepal.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/restart.h"
#include "tepal_trusted/watchdog.h"
#include "virtual_clock.h"
#include "wire_pcap.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int running_read(struct running *running, const char *root, const char *name)
{
    char path[FILE_PATH_MAX];
    const char *why;

    if (!files_find_system(root, name, path))
        return fail(EXIT_USAGE,
                    "no system called '%s': no such file, and none in "
                    "%s/systems",
                    name, root);
    why = file_read(&running->manifest, path);
    if (why)
        return fail(EXIT_REFUSED, "%s: %s", path, why);
    if (!system_parse(&running->system, (const char *)running->manifest.bytes,
                      running->manifest.size, &running->error))
        return fail(EXIT_REFUSED, "%s: %s", path, running->error.text);
    return EXIT_FINE;
}

const char *running_plug(struct running *running, const char *device,
                         size_t length, const char *path, bool in)
{
    uint32_t i;

    for (i = 0; i < running->system.device_count; i++) {
        const char *name = running->system.devices[i].name;
        struct running_nic *nic = &running->nics[i];

        if (strlen(name) != length || strncmp(name, device, length) != 0)
            continue;
        if (in ? nic->in : nic->out)
            return "the device has one already";
        *(in ? &nic->in : &nic->out) = path;
        return NULL;
    }
    return "the system has no such device";
}

/* The number of domain @name in the manifest, or how many there are. */
static uint32_t number_of(const struct running *running, const char *name,
                          size_t length)
{
    uint32_t i;

    for (i = 0; i < running->system.domain_count; i++)
        if (strlen(running->system.domains[i].name) == length &&
            strncmp(running->system.domains[i].name, name, length) == 0)
            break;
    return i;
}

const char *running_set_data(struct running *running, const char *domain,
                             size_t length, const char *path)
{
    uint32_t i = number_of(running, domain, length);

    if (i == running->system.domain_count)
        return "the system has no such domain";
    if (!*path)
        return "it has no name";
    running->domains[i].data_path = path;
    return NULL;
}

const char *running_set_arguments(struct running *running, const char *domain,
                                  size_t length, const char *text)
{
    uint32_t i = number_of(running, domain, length);

    if (i == running->system.domain_count)
        return "the system has no such domain";
    if (strlen(text) >= sizeof(running->system.domains[i].arguments))
        return "longer than 255 characters";
    text_copy(running->system.domains[i].arguments,
              sizeof(running->system.domains[i].arguments), text);
    return NULL;
}

const char *running_set_kill(struct running *running, const char *domain,
                             size_t length, const char *seconds)
{
    uint32_t i = number_of(running, domain, length);
    uint64_t nanoseconds;

    if (i == running->system.domain_count)
        return "the system has no such domain";
    if (running->clock.virtual)
        return "kills go by the machine's clock, and --clock virtual has its "
               "own";
    if (!number_seconds(seconds, &nanoseconds) || nanoseconds < 10000000)
        return "seconds of at least 0.01, such as 2.5";
    running->domains[i].kill_every_ns = nanoseconds;
    return NULL;
}

static int refuse_device(const struct running *running,
                         const struct system_device *wanted, const char *why,
                         const char *what)
{
    return fail(EXIT_REFUSED, "%s: line %u: %s '%s'", running->manifest.path,
                wanted->line, why, what);
}

static int add_devices(struct running *running)
{
    uint32_t i;

    for (i = 0; i < running->system.device_count; i++) {
        const struct system_device *wanted = &running->system.devices[i];

        if (device_find(wanted->name))
            return refuse_device(running, wanted, "a second device called",
                                 wanted->name);
        if (!devices_make(running, i))
            return refuse_device(running, wanted,
                                 "the device models are " DEVICES_MODELS
                                 ", not",
                                 wanted->model);
    }
    return EXIT_FINE;
}

/*
 * Last of all, since it empties the output captures. A device without a driver
 * would never have played its capture, and the run never end.
 */
static int plug_devices(struct running *running)
{
    const char *wrong;
    uint32_t i;

    for (i = 0; i < running->system.device_count; i++) {
        const struct system_device *wanted = &running->system.devices[i];

        if (!running->nics[i].device->owner)
            return refuse_device(running, wanted, "no domain drives",
                                 wanted->name);
    }
    if (devices_check_captures(running) != EXIT_FINE)
        return EXIT_USAGE;
    for (i = 0; i < running->system.device_count; i++) {
        struct running_nic *nic = &running->nics[i];

        if (nic->own)
            continue;
        wrong = wire_pcap_open(&nic->wire, nic->in, nic->out,
                               &nic->replay);
        if (wrong)
            return fail(EXIT_RUN_FAILED, "%s", wrong);
        running->plugged++;
    }
    devices_stamp(running);
    return EXIT_FINE;
}

static int refuse(const struct running *running, uint32_t line,
                  const char *path)
{
    return fail(EXIT_REFUSED, "%s: line %u: %s%s%s", running->manifest.path,
                line, path, *path ? ": " : "", running->error.text);
}

static int give_device(struct running *running,
                       const struct system_domain *wanted,
                       struct domain *domain)
{
    struct device *device;

    if (!wanted->device[0])
        return EXIT_FINE;
    device = device_find(wanted->device);
    if (!device || device->owner)
        return fail(EXIT_REFUSED, "%s: line %u: %s '%s'",
                    running->manifest.path, wanted->line,
                    device ? "another domain has device"
                           : "no device is called",
                    wanted->device);
    device_give(device, domain);
    return EXIT_FINE;
}

static int give_data(struct running *running, const char *root, uint32_t i)
{
    const struct system_domain *wanted = &running->system.domains[i];
    struct running_domain *place = &running->domains[i];
    char path[FILE_PATH_MAX];
    const char *why;

    if (place->data_path)
        why = file_read(&place->data, place->data_path);
    else if (!wanted->data[0])
        return EXIT_FINE;
    else if (files_find_domain(root, running->manifest.path, wanted->data,
                               path))
        why = file_read(&place->data, path);
    else
        why = "no such file beside the manifest or in the library folder";
    if (why) {
        if (place->data_path)
            return fail(EXIT_REFUSED, "%s: %s", place->data_path, why);
        load_refuse(&running->error, "%s: %s", wanted->data, why);
        return refuse(running, wanted->line, "");
    }
    place->domain->data = place->data.bytes;
    place->domain->data_bytes = place->data.size;
    return EXIT_FINE;
}

static int load_domain(struct running *running, const char *root, uint32_t i)
{
    const struct system_domain *wanted = &running->system.domains[i];
    struct running_domain *place = &running->domains[i];
    char path[FILE_PATH_MAX];
    const char *why = "no such file beside the manifest or in the library "
                      "folder";

    if (files_find_domain(root, running->manifest.path, wanted->file, path))
        place->latest = version_read(NULL, path, &why);
    if (!place->latest) {
        load_refuse(&running->error, "%s: %s", wanted->file, why);
        return refuse(running, wanted->line, "");
    }
    place->running = running;
    place->domain = domain_load(wanted->name, place->latest->file.bytes,
                                place->latest->file.size, &running->error);
    if (!place->domain)
        return refuse(running, wanted->line, path);
    place->latest->image = place->domain->image;
    running->loaded++;
    if (running->clock.virtual) {
        char stem[COST_NAME_MAX];

        file_stem(path, stem, sizeof(stem));
        tp_assert(virtual_clock_watch(place->domain, stem));
    }
    system_give_settings(wanted, place->domain);
    if (give_data(running, root, i) != EXIT_FINE)
        return EXIT_REFUSED;
    return give_device(running, wanted, place->domain);
}

static struct domain *find_domain(const struct running *running,
                                  const char *name)
{
    uint32_t i;

    for (i = 0; i < running->loaded; i++)
        if (strcmp(running->system.domains[i].name, name) == 0)
            return running->domains[i].domain;
    return NULL;
}

static int wire_domain(struct running *running, uint32_t i)
{
    const struct system_domain *wanted = &running->system.domains[i];
    struct domain *domain = running->domains[i].domain;
    uint32_t w;

    for (w = 0; w < wanted->wire_count; w++) {
        const struct system_wire *wire = &wanted->wires[w];

        if (!domain_wire(domain, wire->cap, find_domain(running, wire->domain),
                         wire->export, &running->error))
            return refuse(running, wanted->line, "");
    }
    if (!domain_is_wired(domain, &running->error))
        return refuse(running, wanted->line, "");
    return EXIT_FINE;
}

static int read_costs(const char *path)
{
    static struct file file;
    const char *why = file_read(&file, path);
    uint32_t line;
    bool fine;

    if (why)
        return fail(EXIT_USAGE, "%s: %s", path, why);
    fine = cost_table_read(&virtual_clock.costs, (const char *)file.bytes,
                           file.size, &line);
    file_close(&file);
    return fine ? EXIT_FINE
                : fail(EXIT_REFUSED,
                       "%s: line %u: expected NAME CYCLES with a name of the "
                       "cost table, or DOMAIN.COUNTER", path, line);
}

static int start_clock(struct running *running)
{
    if (!running->clock.virtual)
        return EXIT_FINE;
    virtual_clock_start(running->clock.seed);
    return running->clock.costs ? read_costs(running->clock.costs) : EXIT_FINE;
}

/* Reports look for versions meanwhile: it is there before it runs. */
bool running_replace(struct running_domain *place, const char *path,
                     struct load_error *error)
{
    struct domain *domain = place->domain;
    struct version *fresh;
    const char *why;

    fresh = version_read(place->latest, path, &why);
    if (!fresh)
        return load_refuse(error, "%s", why);
    if (!domain_set_next(domain, fresh->file.bytes, fresh->file.size, error)) {
        version_close(fresh);
        return false;
    }
    fresh->image = domain->next;
    __atomic_store_n(&place->latest, fresh, __ATOMIC_RELEASE);
    domain_restart(domain);
    return true;
}

int running_start(struct running *running, const char *root)
{
    int code = start_clock(running);
    uint32_t i;

    if (code == EXIT_FINE)
        code = add_devices(running);
    for (i = 0; code == EXIT_FINE && i < running->system.domain_count; i++)
        code = load_domain(running, root, i);
    for (i = 0; code == EXIT_FINE && i < running->loaded; i++)
        code = wire_domain(running, i);
    if (code == EXIT_FINE)
        code = plug_devices(running);
    for (i = 0; code == EXIT_FINE && i < running->loaded; i++)
        domain_open_up(running->domains[i].domain);
    return code;
}

/* A dead domain's too: its memory is there until it is released. */
static void take_counters(struct running_domain *place)
{
    uint32_t c;

    place->charged_ticks =
        virtual_clock_charged(place->domain) - place->charged_before;
    place->counter_count = domain_counters(place->domain);
    for (c = 0; c < place->counter_count; c++)
        place->counters[c] = domain_counter_value(place->domain, c);
}

/* Domains that died have given everything back. */
static void take_census(struct running *running)
{
    struct domain *domains[SYSTEM_DOMAINS_MAX];
    uint32_t i;

    for (i = 0; i < running->loaded; i++) {
        struct running_domain *place = &running->domains[i];

        domains[i] = place->domain;
        if (place->domain->life & DOMAIN_ALIVE)
            place->charged_bytes = place->domain->shared_bytes;
        take_counters(place);
    }
    tp_assert(census_take(&running->census, domains, running->loaded));
}

/* The domains that called first, so that no driver misses its clients. */
static void end_domains(void *context)
{
    struct running *running = context;
    uint32_t i;

    take_census(running);
    for (i = running->loaded; i-- > 0;) {
        struct domain *domain = running->domains[i].domain;

        running->crossings += domain_crossings(domain);
        running->crashes += domain->crashes;
        running->restarts += domain->generation ? domain->generation - 1 : 0;
        domain_kill(domain, thread_current());
        domain_release(domain);
        /* Not before: until then the watchdog may be at its last pass. */
        running->reclaimed += domain->reclaimed;
    }
    running->live_rrefs = heap_statistics().live_objects;
}

void running_end(struct running *running)
{
    const char *wrong;
    uint32_t i;

    virtual_clock_stop();
    tp_assert(host_run(end_domains, running));
    for (i = 0; i < running->plugged; i++) {
        if (!devices_is_recorder(running, i))
            nic82599_unplug(&running->nics[i].nic);
        wrong = wire_pcap_close(&running->nics[i].wire);
        if (wrong)
            running->nics[i].damage = wrong;
    }
    devices_forget();
}

void running_close(struct running *running)
{
    uint32_t i;

    for (i = 0; i < running->system.domain_count; i++) {
        versions_close(running->domains[i].latest);
        running->domains[i].latest = NULL;
        file_close(&running->domains[i].data);
    }
    file_close(&running->manifest);
    census_end(&running->census);
}
