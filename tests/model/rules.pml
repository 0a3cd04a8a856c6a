/* SPDX-License-Identifier: MIT */
/*
 * rules.pml - rules of the protocol that are one comparison each, whole and
 * broken. Part of ownership.pml; they speak of the locals of thread.pml. The
 * other switches BREAK_... stand where the step is that they break.
 * Source: design, section 4 (the table of steps).
 */

/* A move and a drop compare generation, borrow count and owner together. */
#ifdef BREAK_GENERATION_UNSEEN
#define SEEN(w) ((w) & 31 | g << 5)
#else
#define SEEN(w) (w)
#endif
#ifdef BREAK_MOVE_LENT
#define SEEN_BY_MOVE(w) ((w) & ~24)
#else
#define SEEN_BY_MOVE(w) SEEN(w)
#endif
#ifdef BREAK_DROP_LENT
#define SEEN_BY_DROP(w) ((w) & ~24)
#else
#define SEEN_BY_DROP(w) SEEN(w)
#endif

/* A handle that stands twice fails at its second sighting. */
#ifdef BREAK_TWICE
#define WORD_FITS \
    (SEEN_BY_MOVE(word[r]) == W(g, 0, id[GIVER]) || \
     flips > 0 && flip_r[0] == r && word[r] == flip_w[0])
#else
#define WORD_FITS (SEEN_BY_MOVE(word[r]) == W(g, 0, id[GIVER]))
#endif

/* The word is looked at before the type: decision 0009. */
#define TYPE_FITS (type[r] == ty)
#ifdef BREAK_TYPE_FIRST
#define FITS_FIRST TYPE_FITS
#define FITS_THEN WORD_FITS
#else
#define FITS_FIRST WORD_FITS
#define FITS_THEN TYPE_FITS
#endif

/* holds_on_loan(): in an outer frame of this thread, whose callee calls now. */
#define LOAN_IS(i) \
    (loans[i] > 0 && loan[(i) * PARAMS] == r || \
     loans[i] > 1 && loan[(i) * PARAMS + PARAMS - 1] == r)
#define HOLDS_IN(i) ((i) < x && at[i] == CALLER && LOAN_IS(i))
#if DEPTH == 2
#define HOLDS_ON_LOAN (HOLDS_IN(1))
#else
#define HOLDS_ON_LOAN (HOLDS_IN(1) || HOLDS_IN(2))
#endif

/* Who may lend: the owner, and who holds it on loan. */
#define OWNS(w) (OWNER(w) == id[CALLER])
#ifdef BREAK_LEND_UNHELD
#define MAY_LEND(w) 1
#else
#define MAY_LEND(w) (OWNS(w) || HOLDS_ON_LOAN)
#endif
#ifdef BREAK_RELEND_UNNOTED
#define IS_NOTED(w) OWNS(w)
#else
#define IS_NOTED(w) 1
#endif
#ifdef BREAK_BORROWS_OVERFLOW
#define HAS_ROOM(w) 1
#else
#define HAS_ROOM(w) (BORROWS(w) < BORROWS_MAX)
#endif

/* A borrow count is raised by an atomic step where others may be at it. */
#ifdef BREAK_LEND_NOT_ATOMIC
#define LENDS_PLAINLY(w) 1
#else
#define LENDS_PLAINLY(w) (OWNS(w) && IS_PLAIN(CALLER))
#endif

/* What is flipped back must still be what the flip made of it. */
#ifdef BREAK_ROLLBACK_BLIND
#define IS_STILL(w) 1
#else
#define IS_STILL(w) (word[r] == (w))
#endif
#ifdef BREAK_NO_ROLLBACK
#define FLIPS_BACK 0
#else
#define FLIPS_BACK 1
#endif

/* Loans come back on every way out. */
#ifdef BREAK_CRASH_KEEPS_LOANS
#define GIVES_BACK (way != crashed)
#else
#define GIVES_BACK 1
#endif

/* The last return frees an orphan. */
#ifdef BREAK_ORPHAN_AT_FIRST_RETURN
#define IS_LAST_RETURN 1
#else
#define IS_LAST_RETURN (BORROWS(word[r]) == 0)
#endif
