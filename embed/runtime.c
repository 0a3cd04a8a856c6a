/* SPDX-License-Identifier: MIT */
/*
 * runtime.c - libtepal begins and ends, and threads of the program come to it.
 *
 * A thread becomes a kernel thread with its first call, and is one until it
 * ends or calls tepal_stop(). While it works for the program, its domain is the
 * program's; otherwise it has none, so that a fault of the program's own code
 * is known as such.
 * Locking: embed.lock, but for what only the thread itself looks at.
 */
#include "embed.h"
#include "arch/pages.h"
#include "tepal_trusted/base.h"
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#define DOMAINS_DEFAULT 256u
#define DOMAINS_MAX 4094u
#define POLL_NANOSECONDS 100000u

struct embed embed = {.lock = PTHREAD_MUTEX_INITIALIZER};

static pthread_key_t thread_key;
static __thread struct host_thread *adopted;

int embed_fail(struct tepal_error *error, int code, const char *format, ...)
{
    char text[sizeof(error->text)];
    va_list list;

    if (!error)
        return code;
    va_start(list, format);
    text_format_list(text, sizeof(text), format, list);
    va_end(list);
    embed_copy(error->text, sizeof(error->text), text);
    return code;
}

/* What a file says of itself may hold anything. */
void embed_copy(char *to, size_t room, const char *from)
{
    size_t i;

    for (i = 0; from[i] && i + 1 < room; i++)
        to[i] = from[i] >= ' ' && from[i] <= '~' ? from[i] : '.';
    to[i] = 0;
}

static void disown(void *thread)
{
    host_disown(thread);
    adopted = NULL;
}

struct host_thread *embed_enter(void)
{
    struct domain *program =
        __atomic_load_n(&embed.program, __ATOMIC_ACQUIRE);

    if (!program)
        return NULL;
    if (!adopted) {
        adopted = host_adopt();
        if (!adopted)
            return NULL;
        if (pthread_setspecific(thread_key, adopted) != 0) {
            disown(adopted);
            return NULL;
        }
    }
    thread_current()->domain = program;
    return adopted;
}

void embed_leave(void)
{
    thread_current()->domain = NULL;
}

static bool is_zero(const uint64_t *words, size_t count)
{
    while (count > 0 && words[count - 1] == 0)
        count--;
    return count == 0;
}

static int reserve(const struct tepal_options *options,
                   struct tepal_error *error)
{
    uint32_t domains = options->domains ? options->domains : DOMAINS_DEFAULT;
    /* The kernel's slot and the program's. */
    const struct host_options host = {.slots = domains + 2,
                                      .heap_bytes = options->heap_bytes,
                                      .embedded = true};

    if (domains > DOMAINS_MAX || !is_zero(options->reserved, 4))
        return embed_fail(error, TEPAL_INVALID,
                          "an option is not what it can be");
    if (options->heap_bytes % HEAP_CHUNK_BYTES ||
        options->heap_bytes > TP_SHARED_MAX)
        return embed_fail(error, TEPAL_INVALID,
                          "the heap is to be a multiple of 2 MiB below 2 GiB");
    if (embed.reserved)
        return 0;
    if (pthread_key_create(&thread_key, disown) != 0 || !host_start(&host))
        return embed_fail(error, TEPAL_NO_MEMORY,
                          "no room for %u domains and a heap: %s", domains,
                          strerror(errno));
    embed.reserved = true;
    return 0;
}

/* A slot with nothing in it: threads get memory for parameters as stacks. */
static struct domain *make_program(void)
{
    struct domain *program = domain_create("program");

    if (!program)
        return NULL;
    program->mapped = true;
    program->open = true;
    program->shared_quota = INT64_MAX;
    program->data_stack_bytes = DOMAIN_DATA_STACK_MIN;
    domain_open_up(program);
    return program;
}

static int start(const struct tepal_options *options,
                 struct tepal_error *error)
{
    struct domain *program;
    int code;

    if (embed.program)
        return embed_fail(error, TEPAL_INVALID, "started already");
    code = reserve(options, error);
    if (code)
        return code;
    host_log_to(options->log_to ? (int)options->log_to : -1);
    program = make_program();
    if (!program)
        return embed_fail(error, TEPAL_NO_MEMORY, "no slot");
    __atomic_store_n(&embed.program, program, __ATOMIC_RELEASE);
    return 0;
}

EMBED_API int tepal_start(const struct tepal_options *options,
                          struct tepal_error *error)
{
    static const struct tepal_options none;
    int code;

    pthread_mutex_lock(&embed.lock);
    code = start(options ? options : &none, error);
    pthread_mutex_unlock(&embed.lock);
    return code;
}

/* The watchdog has to come by. */
void embed_wait_until_gone(const struct domain *domain)
{
    while (!domain_is_alive(domain) && !domain_is_gone(domain))
        host_sleep(POLL_NANOSECONDS);
}

void embed_retire(struct domain *domain)
{
    (void)domain_retire(domain, domain_life(domain));
    embed_wait_until_gone(domain);
}

EMBED_API void tepal_stop(void)
{
    struct domain *program = embed.program;

    if (!program || !embed_enter())
        return;
    while (embed.domains)
        tepal_unload(embed.domains);
    embed_leave();
    __atomic_store_n(&embed.program, NULL, __ATOMIC_RELEASE);
    embed_retire(program);
    domain_release(program);
    (void)pthread_setspecific(thread_key, NULL);
    disown(adopted);
}
