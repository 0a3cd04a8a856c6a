/* SPDX-License-Identifier: MIT */
/* intruder.h - the parts of the intruder. */
#pragma once
#include "mischief.h"
#include "tepal/kernel.h"
#include "test_import.h"

extern volatile struct mischief mischief;
extern struct test_cap neighbour;

/* Count @answer, and keep it unless it is RPC_OK; true when it is. */
bool note(struct rpc answer);
uint32_t hoard_apples(void);

/* Attacks that have a file of their own. */
uint32_t drop_next(void);
uint32_t alloc_and_drop(uint64_t rounds);
uint32_t take_next(void);
uint32_t alloc_in_turn(uint64_t rounds);
uint32_t drop_posted(void);
uint32_t be_refused(uint64_t rounds);
uint32_t grow_and_mark(uint64_t pages);

uint32_t call_deep(uint64_t frames);
uint32_t call_in_circles(uint64_t bytes);
uint32_t call_with_frame(uint64_t frame);
void circle(void);
void call_back(void);

uint32_t trade(uint64_t rounds);
uint32_t scribble(void);
/* On other threads, for as long as this one has patience. */
void let_them_scribble(void);
/* Of methods: their parameter's copy, and that it is not kept. */
void expose(void *spine, uint32_t words);
void eat(void *spine, uint32_t words);
