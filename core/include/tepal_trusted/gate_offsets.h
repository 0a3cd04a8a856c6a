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

#define CROSSING_ENTRY 0
#define CROSSING_CALLEE 8
#define CROSSING_DATA_STACK 16
#define CROSSING_THREAD 24

#define DOMAIN_BASE 8
