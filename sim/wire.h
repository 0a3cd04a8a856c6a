/* SPDX-License-Identifier: MIT */
/*
 * wire.h - what a device model is plugged into: frames come from it and go to
 * it. sim/wire.c implements it on libpcap; bare metal on a capture in memory.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct wire;

struct wire_ops {
    /*
     * The next frame to arrive, valid until the next call of receive() or
     * next(), without checksum; NULL when none is there now.
     */
    const uint8_t *(*receive)(struct wire *wire, uint32_t *bytes);
    /*
     * From when on the next frame can be received, by clock_nanoseconds(),
     * which may be a virtual clock: now, where frames are not timed. False
     * when none will ever come.
     */
    bool (*next)(struct wire *wire, uint64_t *nanoseconds);
    /* Nothing will ever arrive again. */
    bool (*ended)(const struct wire *wire);
    /* A frame leaves the device. */
    void (*send)(struct wire *wire, const uint8_t *frame, uint32_t bytes);
};

/* Embedded as the first member of an implementation. */
struct wire {
    const struct wire_ops *ops;
};
