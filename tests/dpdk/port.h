/* SPDX-License-Identifier: MIT */
/*
 * port.h - DPDK as an application sees it, over the 82599 model: one Ethernet
 * port, and the loop that sends everything it receives.
 */
#pragma once
#include "pci_device.h"
#include "test_wire.h"
#include <rte_mempool.h>
#include <stdio.h>

#define PORT_QUEUES_MAX 16
/* The first of a frame's buffers, as DPDK lays them out. */
#define PORT_HEADROOM 128u

enum port_flag {
    PORT_SCATTERED = 1,      /* frames over several buffers */
    PORT_SCALAR = 2,         /* the driver's paths without vectors */
    PORT_LINK_INTERRUPT = 4, /* the driver learns of the link by interrupt */
};

struct port_options {
    uint16_t queues;  /* of each direction; several: by RSS */
    uint16_t receive; /* descriptors of each ring */
    uint16_t transmit;
    uint16_t buffer; /* bytes of a frame that a buffer holds */
    uint32_t flags;  /* of enum port_flag */
};

struct rte_mbuf;

struct port {
    struct pci_device pci;
    struct test_wire wire;
    struct port_options options;
    struct rte_mempool *pool;
    /* Sees each frame that has been received. NULL: nobody looks. */
    void (*inspect)(struct port *port, const struct rte_mbuf *frame,
                    uint16_t queue);
    FILE *log;
    char *said; /* by DPDK in the log, at length while it started the port */
    size_t said_bytes;
    uint32_t complaints; /* of DPDK: warnings and worse */
    uint64_t buffers;    /* that the frames received were in */
    uint8_t *queue_of;   /* of each frame in wire.out: where it left */
    size_t queue_room;
};

/* One queue, buffers for any frame, the path that the driver likes best. */
void port_defaults(struct port_options *options);

/* Initialise DPDK in this process, and have it find the model. */
void port_probe(struct port *port, const struct port_options *options);
/* Set the port up as its options say, promiscuous, and start it. */
void port_start(struct port *port);
/*
 * Forward until the wire has ended and everything is out; of each queue what
 * it received, in its order.
 */
void port_forward(struct port *port);
/*
 * Stop and close the port, and see that every buffer came back, that the
 * device kept to DPDK's memory and that DPDK had nothing to complain of.
 */
void port_close(struct port *port);
