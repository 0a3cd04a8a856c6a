/* SPDX-License-Identifier: MIT */
/*
 * frames.h - frames for the load balancer's tests: flows of a number each, in
 * many wrappings, and broken ones. The same seed makes the same frames.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_ROOM 2048

struct frame {
    uint8_t data[FRAME_ROOM];
    uint32_t length;
};

struct dice {
    uint64_t state;
};

uint64_t dice_throw(struct dice *dice);
/* 0 .. @sides - 1 */
uint32_t dice_below(struct dice *dice, uint32_t sides);

/*
 * A whole frame of flow @number: its addresses, ports, protocol and version
 * depend on @number alone, all else is thrown: tags, options, extension
 * headers, payload.
 */
void frame_of_flow(struct frame *frame, uint32_t number, struct dice *dice);
/* The same, as short and plain as it can be. */
void frame_plain(struct frame *frame, uint32_t number);

/* Any frame: mostly one of @flows flows, some of them fragments, some of other
 * protocols, some with bytes changed or missing, some of nothing but noise. */
void frame_any(struct frame *frame, uint32_t flows, struct dice *dice);
