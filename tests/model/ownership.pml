/* SPDX-License-Identifier: MIT */
/*
 * ownership.pml - the ownership protocol of the shared heap: who owns an
 * object, who has it on loan, and what becomes of it when its owner dies.
 * Spin explores every interleaving of every program that domains could run.
 *
 * A domain dies by a crash of a thread inside it, or is ended from outside at
 * any moment; the last pass over its objects is made by the last thread to
 * leave, by who restarts it, or by the watchdog; and it is restarted by who
 * calls it, with a new id, and inherits what it has named. That a thread is
 * poked out of a dead domain is one more crash, at any moment.
 *
 * The code is modelled as it is. One atomic{} here is one access to shared
 * memory there, together with what the thread then does in its registers and
 * its own frame; beside each inline and label stands the C function it models.
 *
 * What domains do is left open: at each moment a thread may allocate, drop,
 * call, return or crash, with any handle of any record and any generation. So
 * every handle can be guessed, no domain need remember one, and what holds
 * here holds for every program. A container of two is two handles in a call. A
 * pointer that cannot be written, or a quota without room, is a refusal that
 * may follow any parameter.
 *
 * Domains: A is affine, thread 0 alone enters it, and words of its objects
 * change by a plain load and a plain store, but for the last pass. O and P are
 * open.
 *
 * Checked: each change of a word is a legal step of the design's table at the
 * moment it is made (one owner, not lent, not stale, of its type, no update
 * lost); the borrow count is the number of loans noted; nothing is freed twice
 * or while lent, and generations rise; an id is given out only when no record
 * names it; who comes into a domain found it alive; each death has one last
 * pass, while nobody is inside who found it alive, and is over before the next
 * life; the watchdog comes to its end; a refused call leaves owners as they
 * were; once all is quiet every record is free, retired or owned by somebody
 * alive, unlent, and nobody is inside. Whoever waits for ever is an invalid end
 * state, which Spin reports.
 *
 * Not modelled: weak memory, but for the one store that a barrier is for (the
 * frame of an affine domain, of configurations with a kill; every other access
 * is sequentially consistent), who claims an affine domain, the heap's caches
 * (any thread may take any free record), quotas, children of a payload (each is
 * a handle like another), devices, capabilities' tables.
 *
 * CONFIG_... bounds the space (bounds.pml); BREAK_... breaks one rule.
 * Source: thesis 3.1, 3.2; design, sections 4 and 5.
 */
#include "bounds.pml"

#define KERNEL 0
#define A 1
#define O 2
#define P 3
#define DOMAINS 4
#define ORPHAN 7
#define KEPT 6
#define ALIVE 8
#define LINK 0 /* a free record has a link where its type was */

/* The owner word (owner.h): generation, two bits of borrows, three of owner. */
#define W(generation, borrows, owner) \
    ((generation) << 5 | (borrows) << 3 | (owner))
#define GENERATION(w) ((w) >> 5)
#define BORROWS(w) ((w) >> 3 & 3)
#define OWNER(w) ((w) & 7)
#define BORROWS_MAX 3
#define ONE_BORROW 8

byte word[RECORDS]; /* registry.h */
byte type[RECORDS];
byte id[DOMAINS]; /* domain.h */
byte life[DOMAINS];
byte inside[DOMAINS];
byte reap_due[DOMAINS]; /* ids, as gone */
byte gone[DOMAINS];
byte capability[DOMAINS]; /* the life that it was made for */
bit is_locked;            /* the lock of all capabilities */
byte kept;                /* the generation of VICTIM's named object, or 0 */
bit is_aside;             /* it is KEPT */
bit reviving;             /* the only one that is revived is VICTIM */

/* What only the checks know. */
bit listed[RECORDS]; /* in a list of free records */
byte lent[RECORDS];  /* loans noted in all frames of all threads */
byte admitted[DOMAINS]; /* frames that found it alive */
bit unreaped[DOMAINS];  /* it died, and the last pass is not over */
bit is_hidden; /* A's frame is in its thread's store buffer, seen by no other */
byte lives;
byte running;        /* processes that have not come to their end */
byte busy;           /* threads in a crossing */
bit is_halted;       /* the other threads have been joined */

#define IS_ALIVE(d) (life[d] & ALIVE)
#define IS_AFFINE(d) ((d) == A)
#ifdef BREAK_PLAIN_IN_OPEN
#define IS_PLAIN(d) 1
#else
#define IS_PLAIN(d) IS_AFFINE(d)
#endif
#define NAMES_THE_LIVING(o) \
    (life[A] == (ALIVE | (o)) || life[O] == (ALIVE | (o)) || \
     life[P] == (ALIVE | (o)))

inline put(at_record, value)
{
    word[at_record] = value;
    assert(BORROWS(value) == lent[at_record])
}

#include "heap.pml"
#include "estate.pml"
#include "death.pml"
#include "restart.pml"
#include "thread.pml"

/* Ends a domain from outside, whatever the threads are at. */
proctype reaper(byte victim)
{
    byte r, w, n, owner;

    domain_end(victim);
#if KILLS > 1
    domain_end(victim);
#endif
#ifdef CONFIG_RENEWED
    renew(victim);
#endif
    atomic { running-- } /* the watchdog is there */
}

init
{
    byte r;

    atomic {
        do
        :: r < RECORDS -> word[r] = W(1, 0, 0); listed[r] = 1; r++
        :: else -> r = A; lives = 1; break
        od;
        do
        :: r < DOMAINS ->
            id[r] = r;
            life[r] = ALIVE | r;
            capability[r] = life[r];
            r++
        :: else -> r = 0; break
        od;
#ifdef VICTIM
        running++;
        run reaper(VICTIM);
        running++;
        run watchdog(VICTIM);
#endif
#if THREADS > 1
        running++;
        run thread(1, HOME_OF_OTHER, DEPTH_OF_OTHER);
#endif
        running++;
        run thread(0, HOME, DEPTH)
    }
}
