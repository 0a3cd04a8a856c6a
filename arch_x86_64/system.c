/* SPDX-License-Identifier: MIT */
/*
 * system.c - see system.h. Each domain has a thread of its own for its tp_main,
 * as on the host.
 */
#include "system.h"
#include "arch/platform.h"
#include "console.h"
#include "counts.h"
#include "modules.h"
#include "nic82599.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/crossing.h"
#include "tepal_trusted/loader.h"
#include "tepal_trusted/obituary.h"
#include "tepal_trusted/restart.h"
#include "threads.h"
#include "timer.h"
#include "wire_memory.h"

struct running_nic {
    struct nic82599 nic;
    struct wire_memory wire;
};

static char manifest[SYSTEM_FILE_MAX]; /* its file's name */
static struct system plan;
static struct domain *domains[SYSTEM_DOMAINS_MAX];
static struct running_nic nics[SYSTEM_DEVICES_MAX];
static struct load_error error;

static bool refuse(uint32_t line, const char *what, const char *why)
{
    log_line("system", "%s: line %u: %s: %s", manifest, line, what, why);
    return false;
}

static bool parse(const char *name)
{
    struct module_file file;

    text_format(manifest, sizeof(manifest), "%s.manifest", name);
    if (!modules_find(manifest, &file)) {
        log_line("system", "%s: no such file among the modules", manifest);
        return false;
    }
    if (system_parse(&plan, (const char *)file.bytes, file.size, &error))
        return true;
    log_line("system", "%s: %s", manifest, error.text);
    return false;
}

/* The capture that is to arrive at @device: the rest of "--in DEVICE=". */
static bool capture_for(const char *device, const char *word, char *name,
                        size_t room)
{
    size_t length = text_length(device), i;

    for (i = 0; i < length; i++)
        if (word[i] != device[i])
            return false;
    if (word[length] != '=')
        return false;
    for (i = 0; word[length + 1 + i] > ' ' && i + 1 < room; i++)
        name[i] = word[length + 1 + i];
    name[i] = 0;
    return true;
}

static bool find_capture(const char *command_line, const char *device,
                         struct module_file *file)
{
    char name[SYSTEM_FILE_MAX];
    const char *at;

    for (at = command_line; *at; at++)
        if ((at == command_line || at[-1] == ' ') &&
            capture_for(device, at, name, sizeof(name)))
            return modules_find(name, file);
    return false;
}

static bool make_devices(const char *command_line)
{
    uint32_t i;

    for (i = 0; i < plan.device_count; i++) {
        const struct system_device *wanted = &plan.devices[i];
        struct module_file file = {NULL, 0};
        const char *wrong;

        if (!text_equal(wanted->model, "82599"))
            return refuse(wanted->line, wanted->model,
                          "no such device model here");
        if (!find_capture(command_line, wanted->name, &file))
            return refuse(wanted->line, wanted->name,
                          "no capture among the modules: give --in "
                          "DEVICE=FILE");
        wrong = wire_memory_open(&nics[i].wire, file.bytes, file.size,
                                 clock_nanoseconds,
                                 i == 0 ? console_capture : NULL);
        if (wrong)
            return refuse(wanted->line, wanted->name, wrong);
        nic82599_init(&nics[i].nic, &nics[i].wire.wire, wanted->name);
        nic82599_set_clock(&nics[i].nic, clock_nanoseconds);
        if (!device_add(&nics[i].nic.device))
            return refuse(wanted->line, wanted->name, "one too many");
    }
    return true;
}

static bool give(const struct system_domain *wanted, struct domain *domain)
{
    struct device *device;
    struct module_file data;

    system_give_settings(wanted, domain);
    if (wanted->data[0]) {
        if (!modules_find(wanted->data, &data))
            return refuse(wanted->line, wanted->data,
                          "no such file among the modules");
        domain->data = data.bytes;
        domain->data_bytes = data.size;
    }
    if (!wanted->device[0])
        return true;
    device = device_find(wanted->device);
    if (!device || device->owner)
        return refuse(wanted->line, wanted->device,
                      device ? "another domain has it" : "no such device");
    device_give(device, domain);
    return true;
}

static bool load(uint32_t i)
{
    const struct system_domain *wanted = &plan.domains[i];
    struct module_file file;

    if (!modules_find(wanted->file, &file))
        return refuse(wanted->line, wanted->file,
                      "no such file among the modules");
    domains[i] = domain_load(wanted->name, file.bytes, file.size, &error);
    if (!domains[i])
        return refuse(wanted->line, wanted->file, error.text);
    load_log(domains[i], wanted->file, file.bytes, file.size);
    return give(wanted, domains[i]);
}

static struct domain *find(const char *name)
{
    uint32_t i;

    for (i = 0; i < plan.domain_count; i++)
        if (text_equal(plan.domains[i].name, name))
            return domains[i];
    return NULL;
}

static bool wire(uint32_t i)
{
    const struct system_domain *wanted = &plan.domains[i];
    uint32_t w;

    for (w = 0; w < wanted->wire_count; w++) {
        const struct system_wire *line = &wanted->wires[w];

        if (!domain_wire(domains[i], line->cap, find(line->domain),
                         line->export, &error))
            return refuse(wanted->line, wanted->name, error.text);
    }
    return domain_is_wired(domains[i], &error) ||
           refuse(wanted->line, wanted->name, error.text);
}

static bool load_all(void)
{
    uint32_t i;

    for (i = 0; i < plan.domain_count; i++)
        if (!load(i))
            return false;
    for (i = 0; i < plan.domain_count; i++)
        if (!wire(i))
            return false;
    for (i = 0; i < plan.domain_count; i++)
        domain_open_up(domains[i]);
    return true;
}

/* A domain's own thread. */
struct own_thread {
    struct domain *domain;
    struct kernel_thread *thread;
    bool is_fine;
};

static struct own_thread own[SYSTEM_DOMAINS_MAX];

/* Again after a death, as the manifest says; what serves has others for that. */
static void run_main(void *context)
{
    struct own_thread *self = context;
    struct domain *domain = self->domain;
    uint32_t value = 0;
    struct rpc ended;

    do
        ended = crossing_run(domain, domain->main_entry, 0, 0, &value);
    while (ended.result != RPC_OK && !domain->serves &&
           domain_revive(domain, thread_current()));
    self->is_fine = ended.result == RPC_OK && value == 0;
    if (!self->is_fine)
        log_line("system", "%s ended with %u (%u)", domain->name, value,
                 (unsigned)ended.result);
}

static bool start(uint32_t i)
{
    own[i] = (struct own_thread){.domain = domains[i], .is_fine = true};
    if (!domains[i]->main_entry)
        return true;
    own[i].thread = threads_spawn(run_main, &own[i]);
    if (!own[i].thread)
        log_line("system", "no thread for %s", domains[i]->name);
    return own[i].thread;
}

static bool join(uint32_t i)
{
    if (own[i].thread)
        threads_join(own[i].thread);
    own[i].thread = NULL;
    return own[i].is_fine;
}

/* One after the other: they set themselves up. */
static bool run_callees(void)
{
    bool fine = true;
    uint32_t i;

    for (i = 0; i < plan.domain_count; i++)
        if (domains[i]->serves)
            fine = start(i) && join(i) && fine;
    return fine;
}

/* Side by side. */
static bool run_callers(void)
{
    bool fine = true;
    uint32_t i;

    for (i = 0; i < plan.domain_count; i++)
        if (!domains[i]->serves)
            fine = start(i) && fine;
    for (i = 0; i < plan.domain_count; i++)
        if (!domains[i]->serves)
            fine = join(i) && fine;
    return fine;
}

static void report_deaths(void)
{
    static struct obituary obituary;
    const char *function;
    uint32_t offset = 0;

    while (obituary_take(&obituary)) {
        const struct domain_death *death = &obituary.death;

        function = image_symbol(&obituary.domain->image, death->address,
                                &offset);
        log_line("system", "%s died: %s, at %s+0x%x (slot offset 0x%x)",
                 obituary.domain->name, death->cause,
                 function ? function : "no symbol", offset, death->address);
    }
}

/* Those that called first, as in a run on the host. */
static void end_all(void)
{
    uint32_t i;

    for (i = plan.domain_count; i-- > 0;) {
        struct domain *domain = domains[i];

        log_line("system", "%s: %lu crossings, %u crashes, %u lives",
                 domain->name, domain_crossings(domain),
                 (unsigned)domain->crashes, (unsigned)domain->generation);
        domain_kill(domain, thread_current());
        domain_release(domain);
    }
    for (i = 0; i < plan.device_count; i++) {
        nic82599_unplug(&nics[i].nic);
        log_line("system", "%s: %lu frames in, %lu out, %lu skipped",
                 plan.devices[i].name, nics[i].wire.frames_in,
                 nics[i].wire.frames_out, nics[i].wire.skipped);
    }
}

/* Whether "--count" stands among the words. */
static bool wants_counts(const char *command_line)
{
    static const char option[] = "--count";
    size_t length = text_length(command_line), i;

    for (i = 0; i + sizeof(option) - 1 <= length; i++)
        if (__builtin_memcmp(command_line + i, option, sizeof(option) - 1) == 0)
            return true;
    return false;
}

static bool take_counts(void)
{
    struct domain *caller = find("caller");

    return !caller || (caller->export_count == 1 && counts_take(caller));
}

bool system_run(const char *command_line)
{
    char name[DOMAIN_NAME_MAX];
    uint64_t live;
    uint32_t i;
    bool fine;

    for (i = 0; command_line[i] > ' ' && i + 1 < sizeof(name); i++)
        name[i] = command_line[i];
    name[i] = 0;
    if (!parse(name) || !make_devices(command_line) || !load_all())
        return false;
    if (wants_counts(command_line))
        timer_stop();
    log_line("system", "%s is set up", manifest);
    fine = run_callees();
    fine = run_callers() && fine;
    if (wants_counts(command_line))
        fine = take_counts() && fine;
    report_deaths();
    end_all();
    live = heap_statistics().live_objects;
    log_line("system", "%s has ended, preemptions %lu, live rrefs %lu",
             manifest, threads_preemptions(), live);
    return fine && live == 0;
}
