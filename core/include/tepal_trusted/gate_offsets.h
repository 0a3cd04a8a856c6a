/* SPDX-License-Identifier: MIT */
/*
 * gate_offsets.h - what the assembly gates know of C structures; crossing.h
 * asserts each number.
 */
#pragma once

#define THREAD_STACK_LIMIT 0
#define THREAD_CONTINUATION 8
#define THREAD_CALL_LIMIT 16
#define THREAD_DYING 24
#define THREAD_LEFT_AT 32

#define CROSSING_ENTRY 0
#define CROSSING_CALLEE 8
#define CROSSING_DATA_STACK 16
#define CROSSING_THREAD 24

#define THREAD_DOMAIN 40

/* The bits of thread.dying. */
#define THREAD_UNWIND 1
#define THREAD_LOOK 2

#define DOMAIN_LIFE 0
#define DOMAIN_BASE 8

/* domain.life: whether the incarnation of that id is alive. */
#define DOMAIN_ALIVE 0x10000
