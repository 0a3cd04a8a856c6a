/* SPDX-License-Identifier: MIT */
/*
 * bounds.pml - how large the world is in each configuration. Part of
 * ownership.pml. Each is explored to its end, and together they hold every
 * step of the protocol; what any of them costs stands in the test's output.
 *
 * HOME is where thread 0 begins; thread 1 begins in O. DEPTH: crossings on a
 * thread's stack, its first entry among them. PARAMS: handles in a call.
 * VICTIM: who is ended from outside, KILLS times. LIVES: that it can have, by
 * restarts. CALLED_ONLY: who alone is called by domains.
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
#define CALLED_ONLY O
#endif

/* Two threads call a domain that is ended, and revive it. */
#ifdef CONFIG_REVIVED
#define THREADS 2
#define HOME A
#define HOME_OF_OTHER P
#define RECORDS 1
#define GENERATIONS 1
#define TYPES 1
#define PARAMS 1
#define DEPTH 2
#define VICTIM O
#define LIVES 2
#define KILLS 1
#define CALLED_ONLY O
#endif

/*
 * One thread, and the affine domain that it calls: ended twice. It has an
 * ESTATE: an object that its next life inherits.
 */
#ifdef CONFIG_AFFINE
#define THREADS 1
#define HOME P
#define RECORDS 1
#define GENERATIONS 2
#define TYPES 1
#define PARAMS 1
#define DEPTH 2
#define VICTIM A
#define LIVES 3
#define KILLS 2
#define ESTATE
#endif

#ifndef HOME_OF_OTHER
#define HOME_OF_OTHER O
#endif
#ifndef LIVES
#define LIVES 1
#endif
#ifndef KILLS
#define KILLS 1
#endif
#if LIVES > 1
#define STACK (DEPTH + 2) /* the kernel's crossing in a revival among them */
#else
#define STACK DEPTH
#endif
#ifndef DEPTH_OF_OTHER
#define DEPTH_OF_OTHER DEPTH
#endif
