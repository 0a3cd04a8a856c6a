/* SPDX-License-Identifier: MIT */
/* port.c - an Ethernet port of DPDK over the 82599 model. */
#include "port.h"
#include "sure.h"
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_log.h>
#include <rte_mbuf.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BURST 32
#define BUFFERS 16383
/* Empty rounds after which nothing is on its way any more. */
#define QUIET_ROUNDS 4

void port_defaults(struct port_options *options)
{
    *options = (struct port_options){
        .queues = 1,
        .receive = 512,
        .transmit = 512,
        .buffer = 2048,
    };
}

/* All that DPDK says; what it says loudly is shown, and counted. */
static ssize_t log_write(void *of, const char *text, size_t bytes)
{
    struct port *port = of;

    if (rte_log_cur_msg_loglevel() <= (int)RTE_LOG_WARNING) {
        port->complaints++;
        fprintf(stderr, "%.*s", (int)bytes, text);
    }
    return fwrite(text, 1, bytes, port->log) == bytes ? (ssize_t)bytes : -1;
}

static void log_open(struct port *port)
{
    const cookie_io_functions_t functions = {.write = log_write};
    FILE *stream = fopencookie(port, "w", functions);

    port->log = open_memstream(&port->said, &port->said_bytes);
    ck_assert_ptr_nonnull(port->log);
    ck_assert_ptr_nonnull(stream);
    ck_assert_int_eq(rte_openlog_stream(stream), 0);
}

/* Ordinary memory, one CPU, nothing shared with other processes. */
static void dpdk_init(uint32_t flags)
{
    char *arguments[] = {
        "test_dpdk", "--no-huge", "-m", "128", "--no-shconf", "--no-telemetry",
        "--iova-mode=va", "--lcores", NULL, "--log-level=warning",
        "--force-max-simd-bitwidth=64", NULL,
    };
    int count = (int)(sizeof(arguments) / sizeof(arguments[0])) - 1;
    char lcores[32];

    snprintf(lcores, sizeof(lcores), "0@%d", sched_getcpu());
    arguments[8] = lcores;
    if (!(flags & PORT_SCALAR))
        count--;
    ck_assert_int_eq(rte_eal_init(count, arguments), count - 1);
}

void port_probe(struct port *port, const struct port_options *options)
{
    memset(port, 0, sizeof(*port));
    port->options = *options;
    test_wire_init(&port->wire);
    pci_device_plug(&port->pci, &port->wire.wire);
    log_open(port);
    dpdk_init(options->flags);
    pci_device_forget_files(&port->pci);
    ck_assert_ptr_nonnull(port->pci.registers);
    ck_assert_uint_eq(rte_eth_dev_count_avail(), 1);
}

static void port_configure(struct port *port)
{
    const struct port_options *options = &port->options;
    struct rte_eth_conf conf = {0};

    if (options->queues > 1) {
        conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
        conf.rx_adv_conf.rss_conf.rss_hf = RTE_ETH_RSS_IPV4 |
                                           RTE_ETH_RSS_NONFRAG_IPV4_TCP |
                                           RTE_ETH_RSS_NONFRAG_IPV4_UDP;
        conf.rxmode.offloads |= RTE_ETH_RX_OFFLOAD_RSS_HASH;
    }
    if (options->flags & PORT_SCATTERED) {
        conf.rxmode.offloads |= RTE_ETH_RX_OFFLOAD_SCATTER;
        conf.txmode.offloads |= RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
    }
    conf.intr_conf.lsc = !!(options->flags & PORT_LINK_INTERRUPT);
    ck_assert_int_eq(rte_eth_dev_configure(0, options->queues, options->queues,
                                           &conf),
                     0);
}

static void queues_set_up(struct port *port)
{
    const struct port_options *options = &port->options;
    uint16_t queue;

    port->pool =
        rte_pktmbuf_pool_create("frames", BUFFERS, 0, 0,
                                (uint16_t)(options->buffer + PORT_HEADROOM),
                                SOCKET_ID_ANY);
    ck_assert_ptr_nonnull(port->pool);
    for (queue = 0; queue < options->queues; queue++) {
        ck_assert_int_eq(rte_eth_rx_queue_setup(0, queue, options->receive, 0,
                                                NULL, port->pool),
                         0);
        ck_assert_int_eq(rte_eth_tx_queue_setup(0, queue, options->transmit, 0,
                                                NULL),
                         0);
    }
}

void port_start(struct port *port)
{
    rte_log_set_global_level(RTE_LOG_DEBUG);
    rte_log_set_level_pattern("pmd.net.ixgbe.init", RTE_LOG_DEBUG);
    port_configure(port);
    queues_set_up(port);
    ck_assert_int_eq(rte_eth_promiscuous_enable(0), 0);
    ck_assert_int_eq(rte_eth_dev_start(0), 0);
    rte_log_set_global_level(RTE_LOG_WARNING);
    fflush(port->log);
}

/* The frames from wire.out number @from on left by @queue. */
static void note_queue(struct port *port, size_t from, uint8_t queue)
{
    size_t count = port->wire.out.count;

    if (count > port->queue_room) {
        port->queue_room = port->wire.out.room;
        port->queue_of = realloc(port->queue_of, port->queue_room);
        sure(port->queue_of);
    }
    if (count > from)
        memset(port->queue_of + from, queue, count - from);
}

/* What @queue has received goes out by @queue; how many frames. */
static uint16_t forward_burst(struct port *port, uint16_t queue)
{
    struct rte_mbuf *frames[BURST];
    uint16_t count = rte_eth_rx_burst(0, queue, frames, BURST), sent = 0, i;
    size_t before = port->wire.out.count;
    uint32_t tries = 0;

    for (i = 0; i < count; i++) {
        port->buffers += frames[i]->nb_segs;
        if (port->inspect)
            port->inspect(port, frames[i], queue);
    }
    while (sent < count) {
        sent = (uint16_t)(sent + rte_eth_tx_burst(0, queue, frames + sent,
                                                  (uint16_t)(count - sent)));
        sure(tries++ < 1000); /* or the ring is stuck */
    }
    note_queue(port, before, (uint8_t)queue);
    return count;
}

void port_forward(struct port *port)
{
    unsigned quiet = 0;

    while (quiet < QUIET_ROUNDS) {
        uint32_t count = 0;
        uint16_t queue;

        for (queue = 0; queue < port->options.queues; queue++)
            count += forward_burst(port, queue);
        pci_device_step(&port->pci);
        if (count > 0 || port->wire.next < port->wire.in.count)
            quiet = 0;
        else
            quiet++;
    }
}

void port_close(struct port *port)
{
    ck_assert_int_eq(rte_eth_dev_stop(0), 0);
    /* the driver answers how many callbacks it removed */
    ck_assert_int_ge(rte_eth_dev_close(0), 0);
    ck_assert_uint_eq(rte_mempool_avail_count(port->pool), BUFFERS);
    ck_assert_uint_eq(port->pci.dma_refused, 0);
    ck_assert_uint_eq(port->complaints, 0);
    rte_mempool_free(port->pool);
    test_wire_free(&port->wire);
    free(port->queue_of);
    rte_openlog_stream(NULL);
    fclose(port->log);
    free(port->said);
}
