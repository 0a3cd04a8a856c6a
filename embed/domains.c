/* SPDX-License-Identifier: MIT */
/*
 * domains.c - a program loads domains, begins their lives anew, ends them.
 *
 * An affine domain belongs to a thread only while that thread has the turn, so
 * that the next one may have it: see embed_let_go().
 * Locking: embed.lock for the list and for loading; the turn of a domain for
 * what runs in it.
 */
#include "embed.h"
#include "file.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/restart.h"
#include "tepal_trusted/watchdog.h"
#include <stdlib.h>
#include <string.h>

void embed_take_turn(struct tepal_domain *domain)
{
    if (!domain->domain->open)
        pthread_mutex_lock(&domain->turn);
}

void embed_give_turn(struct tepal_domain *domain)
{
    if (!domain->domain->open)
        pthread_mutex_unlock(&domain->turn);
}

void embed_let_go(struct domain *domain, struct thread *thread)
{
    struct thread *self = thread;

    if (domain_frames(domain) == 0)
        (void)__atomic_compare_exchange_n(&domain->affine, &self, NULL, false,
                                          __ATOMIC_RELEASE, __ATOMIC_RELAXED);
}

/* What runs on a kernel thread's stack. */
struct work {
    struct tepal_domain *domain;
    const struct tepal_domain_options *options;
    struct tepal_error *error;
    const char *name;
    struct rpc rpc;
    uint32_t value;
    int code;
};

static int refuse(struct work *work, const char *text)
{
    return embed_fail(work->error, TEPAL_REFUSED, "%s: %s", work->name, text);
}

static bool are_described(struct tepal_domain *domain)
{
    const struct domain *loaded = domain->domain;
    uint32_t i;

    for (i = 0; i < loaded->export_count; i++) {
        domain->described[i] =
            embed_described(loaded->exports[i].interface_id);
        if (!domain->described[i])
            return false;
    }
    return true;
}

static void set_options(struct domain *domain,
                        const struct tepal_domain_options *options)
{
    if (options->shared_bytes)
        domain->shared_quota = (int64_t)options->shared_bytes;
    if (options->private_bytes)
        domain_set_private_quota(domain, options->private_bytes);
    if (options->arguments)
        text_copy(domain->arguments, sizeof(domain->arguments),
                  options->arguments);
    domain->data = options->data;
    domain->data_bytes = options->data_bytes;
    domain->open = options->is_open == 1;
    domain->serves = true; /* a new life begins with its tp_main */
    __atomic_store_n(&domain->budget_ticks, options->budget_ms,
                     __ATOMIC_RELAXED);
}

static int load(struct work *work)
{
    struct tepal_domain *domain = work->domain;
    struct load_error why = {""};

    domain->domain =
        domain_load(work->name, domain->file, domain->file_bytes, &why);
    if (!domain->domain)
        return refuse(work, why.text);
    if (domain->domain->image.cap_count == 0 && are_described(domain)) {
        set_options(domain->domain, work->options);
        return 0;
    }
    refuse(work, domain->domain->image.cap_count
                     ? "asks for capabilities to other domains, which a "
                       "program cannot give"
                     : "exports an interface that no tepal_add_unit() named");
    domain_release(domain->domain);
    return TEPAL_REFUSED;
}

static void load_work(void *opaque)
{
    struct work *work = opaque;
    struct tepal_domain *domain = work->domain;

    pthread_mutex_lock(&embed.lock);
    work->code = load(work);
    if (!work->code) {
        domain->next = embed.domains;
        embed.domains = domain;
        domain_open_up(domain->domain);
        __atomic_store_n(&domain->life, domain_life(domain->domain),
                         __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&embed.lock);
}

static void main_work(void *opaque)
{
    struct work *work = opaque;
    struct domain *domain = work->domain->domain;

    embed_take_turn(work->domain);
    work->rpc = crossing_run(domain, domain->main_entry, 0, 0, &work->value);
    embed_let_go(domain, thread_current());
    embed_give_turn(work->domain);
}

static int tell_main(struct work *work)
{
    struct tepal_death death;

    if (work->rpc.result == RPC_OK && work->value == 0)
        return 0;
    if (work->rpc.result == RPC_OK)
        return embed_fail(work->error, TEPAL_REFUSED,
                          "%s: its tp_main returned %u", work->name,
                          work->value);
    return embed_fail(work->error, TEPAL_REFUSED, "%s: its tp_main died: %s",
                      work->name,
                      tepal_death(work->domain, &death) ? death.cause
                                                        : "killed");
}

static struct tepal_domain *make(void)
{
    struct tepal_domain *domain = calloc(1, sizeof(*domain));

    if (domain && pthread_mutex_init(&domain->turn, NULL) != 0) {
        free(domain);
        return NULL;
    }
    return domain;
}

static void destroy(struct tepal_domain *domain)
{
    pthread_mutex_destroy(&domain->turn);
    free(domain->file);
    free(domain);
}

static int load_and_begin(struct work *work, struct host_thread *thread)
{
    host_call(thread, load_work, work);
    if (work->code) {
        destroy(work->domain);
        return work->code;
    }
    if (!work->domain->domain->main_entry)
        return 0;
    host_call(thread, main_work, work);
    work->code = tell_main(work);
    if (work->code)
        tepal_unload(work->domain);
    return work->code;
}

static bool are_possible(const struct tepal_domain_options *options)
{
    return options->budget_ms <= WATCHDOG_TICKS_MAX && options->is_open <= 1 &&
           options->shared_bytes <= INT64_MAX &&
           (!options->arguments || strlen(options->arguments) < 256) &&
           (options->data || options->data_bytes == 0) &&
           !(options->reserved[0] | options->reserved[1] |
             options->reserved[2] | options->reserved[3]);
}

/* Owns: @file, whatever comes of it. */
static int load_file(struct tepal_domain **loaded, const char *name,
                     uint8_t *file, size_t bytes,
                     const struct tepal_domain_options *options,
                     struct tepal_error *error)
{
    struct work work = {.domain = make(), .options = options, .error = error,
                        .name = name};
    struct host_thread *thread = embed_enter();

    if (!work.domain || !thread) {
        if (thread)
            embed_leave();
        free(work.domain);
        free(file);
        return embed_fail(error, embed.program ? TEPAL_NO_MEMORY
                                               : TEPAL_INVALID,
                          embed.program ? "out of memory" : "not started");
    }
    work.domain->file = file;
    work.domain->file_bytes = bytes;
    if (!load_and_begin(&work, thread))
        *loaded = work.domain;
    embed_leave();
    return work.code;
}

EMBED_API int tepal_load_bytes(struct tepal_domain **domain, const void *file,
                               size_t bytes,
                               const struct tepal_domain_options *options,
                               struct tepal_error *error)
{
    static const struct tepal_domain_options none;
    uint8_t *copy;

    *domain = NULL;
    if (!options)
        options = &none;
    if (!are_possible(options))
        return embed_fail(error, TEPAL_INVALID,
                          "an option is not what it can be");
    copy = malloc(bytes ? bytes : 1);
    if (!copy)
        return embed_fail(error, TEPAL_NO_MEMORY, "out of memory");
    memcpy(copy, file, bytes);
    return load_file(domain, options->name ? options->name : "domain", copy,
                     bytes, options, error);
}

EMBED_API int tepal_load(struct tepal_domain **domain, const char *path,
                         const struct tepal_domain_options *options,
                         struct tepal_error *error)
{
    static const struct tepal_domain_options none;
    struct tepal_domain_options wanted = options ? *options : none;
    char stem[DOMAIN_NAME_MAX];
    struct file file = {.bytes = NULL};
    const char *why = file_read(&file, path);
    int code;

    *domain = NULL;
    if (why)
        return embed_fail(error, TEPAL_NO_FILE, "%s: %s", path, why);
    file_stem(path, stem, sizeof(stem));
    embed_copy(stem, sizeof(stem), stem);
    if (!wanted.name)
        wanted.name = stem;
    code = tepal_load_bytes(domain, file.bytes, file.size, &wanted, error);
    file_close(&file);
    return code;
}

static void forget(struct tepal_domain *domain)
{
    struct tepal_domain **link;

    embed_take_deaths(); /* its slot may be another's soon */
    pthread_mutex_lock(&embed.lock);
    for (link = &embed.domains; *link != domain; link = &(*link)->next)
        ;
    *link = domain->next;
    domain_release(domain->domain);
    pthread_mutex_unlock(&embed.lock);
}

EMBED_API void tepal_unload(struct tepal_domain *domain)
{
    struct domain *program = thread_current() ? thread_current()->domain : NULL;

    if (!domain || !embed_enter())
        return;
    embed_retire(domain->domain);
    forget(domain);
    destroy(domain);
    thread_current()->domain = program; /* as it was: tepal_stop() */
}

EMBED_API bool tepal_is_alive(const struct tepal_domain *domain)
{
    return domain_is_alive(domain->domain);
}

EMBED_API void tepal_kill(struct tepal_domain *domain)
{
    if (!embed_enter())
        return;
    domain_end(domain->domain, "killed by the program");
    embed_wait_until_gone(domain->domain);
    embed_leave();
}

static void restart_work(void *opaque)
{
    struct work *work = opaque;
    struct tepal_domain *domain = work->domain;

    embed_take_turn(domain);
    domain_restart(domain->domain);
    work->value = domain_revive(domain->domain, thread_current());
    embed_let_go(domain->domain, thread_current());
    __atomic_store_n(&domain->life, domain_life(domain->domain),
                     __ATOMIC_RELEASE);
    embed_give_turn(domain);
}

EMBED_API int tepal_restart(struct tepal_domain *domain,
                            struct tepal_error *error)
{
    struct work work = {.domain = domain, .error = error};
    struct host_thread *thread = embed_enter();
    struct tepal_death death;

    if (!thread)
        return embed_fail(error, TEPAL_NO_MEMORY, "out of memory");
    host_call(thread, restart_work, &work);
    embed_leave();
    if (work.value)
        return 0;
    return embed_fail(error, TEPAL_REFUSED,
                      "%s: its next life did not begin: %s",
                      domain->domain->name,
                      tepal_death(domain, &death) ? death.cause : "killed");
}
