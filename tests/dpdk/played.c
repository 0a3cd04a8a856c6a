/* SPDX-License-Identifier: MIT */
/* played.c - the capture that is played, and what must come of it. */
#include "played.h"
#include "sure.h"
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CAPTURE                                                                \
    "pathspider/usr/lib/python3/dist-packages/pathspider/tests/data/real.pcap"
#define PADDED_BYTES 60

/* A capture that mkcapture makes, where real.pcap could not be fetched. */
static void capture_make(char *path, size_t bytes)
{
    char command[1024];
    int descriptor;

    snprintf(path, bytes, P_tmpdir "/tepal-dpdk-XXXXXX");
    descriptor = mkstemp(path);
    ck_assert_int_ge(descriptor, 0);
    close(descriptor);
    snprintf(command, sizeof(command), "'%s/mkcapture' '%s' 50000 1",
             getenv("TEPAL_BUILD"), path);
    ck_assert_int_eq(system(command), 0);
    puts("capture: GENERATED, bootstrap.sh could not fetch real.pcap");
}

void played_load(struct test_wire *wire)
{
    const char *folder = getenv("TEPAL_CAPTURES");
    const char *build = getenv("TEPAL_BUILD");
    char reason[PCAP_ERRBUF_SIZE], path[512];
    struct pcap_pkthdr *header;
    const u_char *data;
    bool made = false;
    pcap_t *capture;

    ck_assert(folder || build);
    snprintf(path, sizeof(path),
             folder ? "%s/" CAPTURE : "%s/captures/" CAPTURE,
             folder ? folder : build);
    if (!folder && access(path, R_OK) != 0) {
        capture_make(path, sizeof(path));
        made = true;
    }
    capture = pcap_open_offline(path, reason);
    ck_assert_msg(capture, "%s", reason);
    while (pcap_next_ex(capture, &header, &data) == 1)
        test_wire_add(wire, data, header->caplen);
    pcap_close(capture);
    if (made)
        unlink(path);
    ck_assert_uint_ge(wire->in.count, 10000);
}

uint32_t played_bytes(const struct test_frame *frame)
{
    return frame->bytes < PADDED_BYTES ? PADDED_BYTES : frame->bytes;
}

void played_assert_frame(const struct test_frame *in,
                         const struct test_frame *out)
{
    static const uint8_t zeros[PADDED_BYTES];

    sure(out->bytes == played_bytes(in));
    sure(memcmp(out->data, in->data, in->bytes) == 0);
    sure(memcmp(out->data + in->bytes, zeros, out->bytes - in->bytes) == 0);
}

void played_assert(const struct port *port, const uint8_t *queue_of_in)
{
    const struct test_frames *in = &port->wire.in, *out = &port->wire.out;
    size_t next[PORT_QUEUES_MAX] = {0}, i;

    ck_assert_uint_eq(out->count, in->count);
    for (i = 0; i < in->count; i++) {
        uint8_t queue = queue_of_in ? queue_of_in[i] : 0;
        size_t *at = &next[queue];

        while (*at < out->count && port->queue_of[*at] != queue)
            (*at)++;
        sure(*at < out->count);
        played_assert_frame(&in->frame[i], &out->frame[(*at)++]);
    }
}
