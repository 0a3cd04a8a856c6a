/* SPDX-License-Identifier: MIT */
/*
 * fuzz_backends.c - what a manifest says of a load balancer, as its domain reads
 * it: as a file and as arguments. And the same bytes as a frame.
 */
#include "flow.h"
#include "fuzz.h"
#include "settings.h"
#include <string.h>

static void look(const struct settings *settings)
{
    uint32_t i, j;

    CLAIM(settings->backends <= TABLE_NONE);
    CLAIM(settings->cache_entries <= SETTINGS_CACHE_MAX);
    for (i = 0; i < settings->backends; i++) {
        CLAIM(settings_is_station(settings->mac[i]));
        claim_is_text(settings->name[i], SETTINGS_NAME_MAX + 1);
        for (j = 0; j < i && j < 64; j++)
            CLAIM(settings->mac[i] != settings->mac[j]);
    }
}

/* The frame and, behind it, bytes that are not its own. */
static void find_flow(const uint8_t *data, size_t size)
{
    static struct packet packet;
    struct flow flow, again;
    size_t length = size < sizeof(packet.data) ? size : sizeof(packet.data);

    memset(packet.data, 0xa5, sizeof(packet.data));
    memcpy(packet.data, data, length);
    packet.length = (uint16_t)length;
    if (flow_find(&packet, (uint32_t)length, &flow) != FLOW_FOUND)
        return;
    memset(packet.data + length, 0x5a, sizeof(packet.data) - length);
    CLAIM(flow_find(&packet, (uint32_t)length, &again) == FLOW_FOUND);
    CLAIM(memcmp(flow.word, again.word, sizeof(flow.word)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct settings settings;
    struct settings_error error;
    int in_arguments;

    find_flow(data, size);

    for (in_arguments = 0; in_arguments < 2; in_arguments++) {
        settings_init(&settings);
        error = settings_read(&settings, (const char *)data, size,
                              in_arguments);
        CLAIM(!error.reason || error.line >= 1);
        look(&settings);
    }
    return 0;
}
