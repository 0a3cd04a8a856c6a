/* SPDX-License-Identifier: MIT */
/*
 * maglev.c - a load balancer: TCP and UDP over IPv4 and IPv6, in untagged
 * frames and in those with one VLAN tag or two, go to one of several backends,
 * each flow always to the same one.
 *
 * A frame's destination address becomes that of its backend, and its source
 * address the one that the manifest gives; the backend has the service's IP
 * address too and answers the client itself (direct server return). Nothing
 * else of a frame changes, so all checksums stay right; none is looked at.
 * Every other frame passes as it came: another protocol, one that contradicts
 * itself or is cut short, and all while there is no backend. Fragments of a
 * datagram go where its addresses lead: all one way, but not needfully the way
 * of the same ports' whole datagrams. docs/MAGLEV.md has it all.
 *
 * The order of its files: flow.c (whose frame), hash.h, cache.c (flows that
 * are known), table.c (those that are not), forwarder.c (both of them together,
 * and backends), settings.c (the manifest's words), and here the domain.
 * Source: Eisenbud et al., "Maglev: A Fast and Reliable Software Network Load
 * Balancer", NSDI 2016, sections 3.3 and 3.4.
 */
#include "forwarder.h"
#include "stage.h"
#include "tepal/kernel.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DATA_MAX (1u << 20)
#define ARGUMENTS_MAX 256
#define COUNTED_MAX 32 /* backends with a counter */

static struct forwarder balancer;
static bool is_counted[COUNTED_MAX];

static void work(struct queue *frames, struct queue *buffers)
{
    (void)buffers;
    forwarder_work(&balancer, frames);
}

/* Frames of the backends 0 to 31, which keep a counter once they have one. */
static void count_backend(uint32_t index)
{
    char name[16];

    if (index >= COUNTED_MAX || is_counted[index])
        return;
    snprintf(name, sizeof(name), "backend.%u", index);
    is_counted[index] =
        tp_counter(name, strlen(name), &balancer.backend[index].frames);
}

uint32_t balancer_impl_add(uint64_t mac, uint32_t *index)
{
    uint32_t error;

    if (!stage_enter())
        return BALANCER_ERROR_BUSY;
    error = forwarder_add(&balancer, mac, index);
    if (!error)
        count_backend(*index);
    stage_leave();
    return error;
}

uint32_t balancer_impl_remove(uint32_t index)
{
    uint32_t error;

    if (!stage_enter())
        return BALANCER_ERROR_BUSY;
    error = forwarder_remove(&balancer, index);
    stage_leave();
    return error;
}

uint32_t balancer_impl_count(uint32_t *backends)
{
    *backends = (uint32_t)balancer.count;
    return 0;
}

uint32_t balancer_impl_backend(uint32_t index, uint64_t *mac, uint64_t *frames,
                               uint64_t *bytes, uint64_t *flows)
{
    const struct backend *backend;

    if (!stage_enter())
        return BALANCER_ERROR_BUSY;
    backend = forwarder_backend(&balancer, index);
    if (backend) {
        *mac = backend->mac;
        *frames = backend->frames;
        *bytes = backend->bytes;
        *flows = balancer.cache.held[index];
    }
    stage_leave();
    return backend ? 0 : BALANCER_ERROR_NO_SUCH;
}

BALANCER_EXPORT();

static bool is_right(const char *where, struct settings_error error)
{
    if (error.reason)
        printf("%s line %u: %s", where, error.line, error.reason);
    return !error.reason;
}

static bool read_arguments(struct settings *settings)
{
    char text[ARGUMENTS_MAX];
    size_t length = tp_arguments(text, sizeof(text));

    if (length > sizeof(text))
        length = sizeof(text);
    return is_right("args", settings_read(settings, text, length, true));
}

static bool read_data(struct settings *settings)
{
    size_t length = tp_data(0, NULL, 0);
    struct settings_error error;
    char *text;

    if (length == 0)
        return true;
    text = length <= DATA_MAX ? malloc(length) : NULL;
    if (!text) {
        printf("data of %zu bytes: at most 1 MiB is read", length);
        return false;
    }
    tp_data(0, text, length);
    error = settings_read(settings, text, length, false);
    free(text);
    return is_right("data", error);
}

static struct sip_key key_of(const struct settings *settings)
{
    struct sip_key key;

    if (settings->has_seed)
        return (struct sip_key){settings->seed, ~settings->seed};
    key.k0 = tp_random();
    key.k1 = tp_random();
    return key;
}

static bool start(void)
{
    static struct settings settings;

    settings_init(&settings);
    if (!read_data(&settings) || !read_arguments(&settings))
        return false;
    if (!forwarder_init(&balancer, &settings, key_of(&settings))) {
        printf("no memory for a cache of %llu flows",
               (unsigned long long)settings.cache_entries);
        return false;
    }
    printf("%u backends, room for %llu flows", settings.backends,
           (unsigned long long)(balancer.cache.set_mask + 1) * CACHE_WAYS);
    return true;
}

static void show_counters(void)
{
    uint32_t i;

    TP_COUNTER("frames", &balancer.frames);
    TP_COUNTER("passed", &balancer.passed);
    TP_COUNTER("malformed", &balancer.malformed);
    TP_COUNTER("flows", &balancer.cache.flows);
    TP_COUNTER("cache_hits", &balancer.cache.hits);
    TP_COUNTER("cache_misses", &balancer.cache.misses);
    TP_COUNTER("evictions", &balancer.cache.evictions);
    TP_COUNTER("backends", &balancer.count);
    for (i = 0; i < balancer.count; i++)
        count_backend(i);
}

int tp_main(void)
{
    if (!start())
        return 1;
    show_counters();
    return stage_run(work);
}
