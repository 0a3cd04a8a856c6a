/* SPDX-License-Identifier: MIT */
/*
 * bounds.pml - how large the world is in each configuration. Part of
 * ownership.pml. Each is explored to its end, and together they hold every
 * step of the protocol; what any of them costs stands in the test's output.
 *
 * HOME is where thread 0 begins; thread 1 begins in O. DEPTH: crossings on a
 * thread's stack, its first entry among them. PARAMS: handles in a call.
 */

/* One thread through all domains: containers, loans of loans, refusals. */
#ifdef CONFIG_ALONE
#define THREADS 1
#define HOME A
#define RECORDS 2
#define GENERATIONS 2
#define TYPES 1
#define PARAMS 2
#define DEPTH 3
#endif

/* The same, killed from outside at any moment, on loan or not. */
#ifdef CONFIG_ORPHANED
#define THREADS 1
#define HOME O
#define RECORDS 1
#define GENERATIONS 3
#define TYPES 1
#define PARAMS 2
#define DEPTH 3
#define VICTIM O
#endif

/* Two threads, objects of two types in one record. */
#ifdef CONFIG_RACING
#define THREADS 2
#define HOME A
#define RECORDS 1
#define GENERATIONS 2
#define TYPES 2
#define PARAMS 2
#define DEPTH 2
#endif

/* Two threads, one of them deep enough to lend what it has on loan. */
#ifdef CONFIG_RELENDING
#define THREADS 2
#define HOME A
#define RECORDS 1
#define GENERATIONS 2
#define TYPES 1
#define PARAMS 1
#define DEPTH 3
#define DEPTH_OF_OTHER 2
#endif

/* Two threads, containers of two objects. */
#ifdef CONFIG_SPINES
#define THREADS 2
#define HOME A
#define RECORDS 2
#define GENERATIONS 1
#define TYPES 1
#define PARAMS 2
#define DEPTH 2
#endif

/* Two threads, a kill from outside, and a new life with the old id. */
#ifdef CONFIG_RENEWED
#define THREADS 2
#define HOME A
#define RECORDS 1
#define GENERATIONS 2
#define TYPES 1
#define PARAMS 1
#define DEPTH 2
#define VICTIM O
#endif

#ifndef DEPTH_OF_OTHER
#define DEPTH_OF_OTHER DEPTH
#endif
