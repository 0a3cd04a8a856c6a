/* SPDX-License-Identifier: MIT */
/*
 * slow_model.h - the load balancer once more, written for the test from the
 * paper, the RFCs and docs/MAGLEV.md alone: bytes instead of words, whole
 * permutations instead of steps, lists instead of tables. No code of the
 * domain's is in it.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SLOW_SIZE 65537
#define SLOW_BACKENDS 255
#define SLOW_NOBODY (-1)

/* What is to become of a frame. */
struct slow_verdict {
    bool malformed;
    int backend; /* SLOW_NOBODY: it passes as it is */
};

/* A flow as bytes: addresses, ports, protocol. */
struct slow_tuple {
    uint8_t bytes[37];
    size_t length;
};

struct slow_flow {
    struct slow_tuple tuple;
    uint64_t set;
    int backend;
    struct slow_flow *next; /* that was seen before this one */
};

struct slow {
    uint8_t key[16];
    uint64_t mac[SLOW_BACKENDS]; /* 0 = none */
    int entry[SLOW_SIZE];
    uint64_t sets, ways;
    struct slow_flow *flows; /* the one seen last comes first */
    uint64_t count, hits, misses, evictions;
};

/* @k0, @k1: the key's halves, little endian. The cache: @sets of @ways. */
struct slow *slow_new(uint64_t k0, uint64_t k1, uint64_t sets, uint64_t ways);
void slow_free(struct slow *slow);

/* Its index, the lowest free; the table is populated anew. */
int slow_add(struct slow *slow, uint64_t mac);
void slow_remove(struct slow *slow, int index);

/* Needs: the bytes. */
struct slow_verdict slow_frame(struct slow *slow, const uint8_t *frame,
                               size_t length);

/* SipHash-c-d of bytes. */
uint64_t slow_siphash(int c, int d, const uint8_t key[16], const uint8_t *bytes,
                      size_t length);
