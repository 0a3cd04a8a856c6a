/* SPDX-License-Identifier: MIT */
/*
 * ownership.pml - the ownership protocol of the shared heap: who owns an
 * object, who has it on loan, and what becomes of it when its owner dies.
 * Spin explores every interleaving of every program that domains could run.
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
 * change by a plain load and a plain store. O and P are open.
 *
 * Checked: each change of a word is a legal step of the design's table at the
 * moment it is made (one owner, not lent, not stale, of its type, no update
 * lost); the borrow count is the number of loans noted; nothing is freed twice
 * or while lent, and generations rise; an id is given out only when no record
 * names it; a refused call leaves owners as they were; once all is quiet every
 * record is free, retired or owned by somebody alive, unlent, and nobody is
 * inside. Whoever waits for ever is an invalid end state, which Spin reports.
 *
 * Not modelled: weak memory (every access is sequentially consistent), the
 * heap's caches (any thread may take any free record), quotas, children of a
 * payload (each is a handle like another), devices, capabilities' tables.
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
bit reap_due[DOMAINS];

/* What only the checks know. */
bit listed[RECORDS]; /* in a list of free records */
byte lent[RECORDS];  /* loans noted in all frames of all threads */
byte running;        /* processes that have not come to their end */
byte busy;           /* threads in a crossing, threads in domain_kill() */
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
#include "thread.pml"

/* --- the kernel's own thread -------------------------------------------- */

/*
 * domain_release(), then domain_create() in its slot with the same id, which is
 * the worst of all, and domain_open_up(). The program joins every other thread
 * before it releases a domain (tepal/running.c), so nobody runs meanwhile.
 */
inline renew(d)
{
    atomic {
#if defined(BREAK_RELEASE_BY_COUNT)
        !IS_ALIVE(d) && inside[d] == 0
#elif defined(BREAK_RELEASE_WHILE_INSIDE)
        !IS_ALIVE(d)
#else
        !IS_ALIVE(d) && busy == 0;
        is_halted = 1;
        assert(inside[d] == 0)
#endif
    }
    life[d] = 0;
    id[d] = KERNEL;
    reap_due[d] = 0;
    atomic {
        do
        :: r < RECORDS -> assert(OWNER(word[r]) != d); r++
        :: else -> r = 0; break
        od;
        id[d] = d
    }
    atomic { life[d] = ALIVE | d; is_halted = 0 }
}

/* Kills from outside, whatever the threads are at. */
proctype reaper(byte victim)
{
    byte r, w, owner;

    domain_kill(victim);
#ifdef CONFIG_RENEWED
    renew(victim);
#endif
    atomic { finish() }
}

init
{
    byte r;

    atomic {
        do
        :: r < RECORDS -> word[r] = W(1, 0, 0); listed[r] = 1; r++
        :: else -> r = A; break
        od;
        do
        :: r < DOMAINS -> id[r] = r; life[r] = ALIVE | r; r++
        :: else -> r = 0; break
        od;
#ifdef VICTIM
        running++;
        run reaper(VICTIM);
#endif
#if THREADS > 1
        running++;
        run thread(1, O, DEPTH_OF_OTHER);
#endif
        running++;
        run thread(0, HOME, DEPTH)
    }
}
