/* SPDX-License-Identifier: MIT */
/*
 * test_kernel.h - as much of a kernel as the ixgbe driver and an application
 * need to run in a test program: a heap that knows owners and generations, an
 * IOMMU, a clock that moves when somebody waits, and one crossing.
 */
#pragma once
#include "tepal_trusted/device.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum test_domain { TEST_NOBODY, TEST_DRIVER, TEST_APPLICATION };

#define TEST_PACKETS 2048

struct test_kernel {
    struct device *device;   /* NULL: the driver has none */
    enum test_domain domain; /* whose code runs */
    uint32_t packet_limit;   /* allocations beyond fail */
    uint32_t packets;        /* live ones */
    uint64_t drops_refused;  /* of what is stale or somebody else's */
    uint64_t clock;          /* nanoseconds */
    uint64_t idles;
    const char *arguments; /* of the driver; NULL = none */
    struct test_counter {
        char name[24];
        const uint64_t *value;
    } counters[64];
    uint32_t counter_count;
    bool dma_off;            /* the IOMMU refuses everything */
    bool windows_off;        /* dma_private fails */
    /* reads of this register give (value & keep) | set */
    uint32_t stuck_register, keep, set;
    struct test_window {
        uint8_t *memory;
        uint32_t bus, bytes;
    } windows[16];
    uint32_t window_count;
    char log[4096];
};

extern struct test_kernel kernel;

/* Start anew, with @device. */
void test_kernel_init(struct device *device);
void test_kernel_free(void);

/* A packet for the domain that runs, and its owner. */
uint64_t test_packet_new(void);
enum test_domain test_packet_owner(uint64_t handle);
bool test_packet_drop(uint64_t handle);
/* Assert that nothing was written beside the packets' payloads. */
void test_kernel_assert_sound(void);

/* What the driver shows under that name. */
uint64_t test_counter(const char *name);

/* Whether a line with @text was logged. */
bool test_logged(const char *text);
