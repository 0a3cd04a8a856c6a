/* SPDX-License-Identifier: MIT */
/*
 * running.c - a system on Linux, from manifest to end.
 *
 * Domains are loaded and wired in the manifest's order, all before any runs.
 * Then each domain's own thread runs tp_main. Those that others call go first:
 * they set themselves up and return, one after the other. Those that nobody
 * calls then run side by side until the system ends.
 */
#include "running.h"
#include "host.h"
#include "tepal.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/crossing.h"
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
        struct running_nic *nic = &running->nics[i];

        if (strcmp(wanted->model, "82599") != 0)
            return refuse_device(running, wanted,
                                 "the only device model is 82599, not",
                                 wanted->model);
        if (device_find(wanted->name))
            return refuse_device(running, wanted, "a second device called",
                                 wanted->name);
        nic82599_init(&nic->nic, &nic->wire.wire, wanted->name);
        tp_assert(device_add(&nic->nic.device));
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
        struct running_nic *nic = &running->nics[i];

        if (!nic->nic.device.owner)
            return refuse_device(running, wanted, "no domain drives",
                                 wanted->name);
        if (!nic->in)
            return fail(EXIT_USAGE, "no capture for %s: give --in %s=FILE",
                        wanted->name, wanted->name);
    }
    for (i = 0; i < running->system.device_count; i++) {
        struct running_nic *nic = &running->nics[i];

        wrong = wire_pcap_open(&nic->wire, nic->in, nic->out);
        if (wrong)
            return fail(EXIT_RUN_FAILED, "%s", wrong);
        running->plugged++;
    }
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

static void give_quotas(const struct system_domain *wanted,
                        struct domain *domain)
{
    uint64_t room = TP_PRIVATE_END - domain->private_break;

    if (wanted->shared_quota)
        domain->shared_quota = (int64_t)wanted->shared_quota;
    if (wanted->private_quota)
        domain->private_limit =
            domain->private_break +
            (uint32_t)(wanted->private_quota < room ? wanted->private_quota
                                                    : room);
    domain->open = wanted->open;
    text_copy(domain->arguments, sizeof(domain->arguments), wanted->arguments);
}

static int load_domain(struct running *running, const char *root, uint32_t i)
{
    const struct system_domain *wanted = &running->system.domains[i];
    struct running_domain *place = &running->domains[i];
    char path[FILE_PATH_MAX];
    const char *why;

    if (files_find_domain(root, running->manifest.path, wanted->file, path))
        why = file_read(&place->file, path);
    else
        why = "no such file beside the manifest or in the library folder";
    if (why) {
        load_refuse(&running->error, "%s: %s", wanted->file, why);
        return refuse(running, wanted->line, "");
    }
    place->domain = domain_load(wanted->name, place->file.bytes,
                                place->file.size, &running->error);
    if (!place->domain)
        return refuse(running, wanted->line, path);
    running->loaded++;
    give_quotas(wanted, place->domain);
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

int running_start(struct running *running, const char *root)
{
    int code = add_devices(running);
    uint32_t i;

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

static void run_main(void *context)
{
    struct running_domain *place = context;

    place->ended = crossing_run(place->domain, place->domain->main_entry, 0, 0,
                                &place->value);
}

static bool is_called(const struct running *running, const char *name)
{
    uint32_t i, w;

    for (i = 0; i < running->system.domain_count; i++)
        for (w = 0; w < running->system.domains[i].wire_count; w++)
            if (strcmp(running->system.domains[i].wires[w].domain, name) == 0)
                return true;
    return false;
}

static int start_thread(struct running *running, uint32_t i)
{
    struct running_domain *place = &running->domains[i];

    if (!place->domain->main_entry)
        return EXIT_FINE;
    place->thread = host_spawn(run_main, place);
    return place->thread ? EXIT_FINE
                         : fail(EXIT_RUN_FAILED, "no thread for %s: %s",
                                running->system.domains[i].name,
                                strerror(errno));
}

static void join_thread(struct running_domain *place)
{
    if (place->thread)
        host_join(place->thread);
    place->thread = NULL;
}

/* Domains that others call set themselves up, one after the other. */
static int run_callees(struct running *running)
{
    int code = EXIT_FINE;
    uint32_t i;

    for (i = 0; code == EXIT_FINE && i < running->loaded; i++)
        if (is_called(running, running->system.domains[i].name)) {
            code = start_thread(running, i);
            join_thread(&running->domains[i]);
        }
    return code;
}

/* The others run side by side; those after one without a thread do not. */
static int run_callers(struct running *running)
{
    uint64_t cycles = cpu_cycles(), nanoseconds = clock_nanoseconds();
    int code = EXIT_FINE;
    uint32_t i;

    for (i = 0; code == EXIT_FINE && i < running->loaded; i++)
        if (!is_called(running, running->system.domains[i].name))
            code = start_thread(running, i);
    for (i = 0; i < running->loaded; i++)
        join_thread(&running->domains[i]);
    running->cycles = cpu_cycles() - cycles;
    running->nanoseconds = clock_nanoseconds() - nanoseconds;
    return code;
}

static int judge(const struct running *running, uint32_t i)
{
    const struct running_domain *place = &running->domains[i];

    if (!(place->domain->life & DOMAIN_ALIVE))
        return EXIT_RUN_FAILED;
    if (place->ended.result != RPC_OK)
        return fail(EXIT_RUN_FAILED, "%s could not be started (%u)",
                    running->system.domains[i].name,
                    (unsigned)place->ended.result);
    if (place->value != 0)
        return fail(EXIT_RUN_FAILED, "%s ended with %u",
                    running->system.domains[i].name, place->value);
    return EXIT_FINE;
}

int running_run(struct running *running)
{
    int code = run_callees(running), one;
    uint32_t i;

    if (code == EXIT_FINE)
        code = run_callers(running);
    for (i = 0; i < running->loaded; i++) {
        one = judge(running, i);
        code = one == EXIT_FINE ? code : one;
    }
    return code;
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
        running->crashes += domain->death.cause[0] != 0;
        domain_kill(domain, thread_current());
        running->reclaimed += domain->reclaimed;
        domain_release(domain);
    }
    running->live_rrefs = heap_statistics().live_objects;
}

void running_end(struct running *running)
{
    const char *wrong;
    uint32_t i;

    tp_assert(host_run(end_domains, running));
    for (i = 0; i < running->plugged; i++) {
        wrong = wire_pcap_close(&running->nics[i].wire);
        if (wrong)
            running->nics[i].damage = wrong;
    }
    devices_forget();
}

void running_close(struct running *running)
{
    uint32_t i;

    for (i = 0; i < running->system.domain_count; i++)
        file_close(&running->domains[i].file);
    file_close(&running->manifest);
    census_end(&running->census);
}
