/* SPDX-License-Identifier: MIT */
/*
 * races.c - attacks that take two threads. A handle that is freed comes back
 * with the next generation, at the same place, as long as the same thread
 * allocates: so the next handle can be guessed before it is made.
 */
#include "intruder.h"

#define NEXT_GENERATION (1ull << 32)

static void wait_for_go(void)
{
    while (!mischief.go)
        ;
}

uint32_t drop_next(void)
{
    uint32_t won = 0;

    mischief.go = 1;
    while (!mischief.stop)
        if (tp_heap_drop(mischief.guess))
            won++;
    return won;
}

uint32_t alloc_and_drop(uint64_t rounds)
{
    uint32_t done;

    wait_for_go();
    for (done = 0; done < rounds; done++) {
        struct rref_apple apple = rref_apple_new();

        if (rref_apple_is_null(apple))
            break;
        mischief.guess = apple.handle + NEXT_GENERATION;
        rref_apple_drop(&apple);
    }
    mischief.stop = 1;
    return done;
}

uint32_t take_next(void)
{
    uint32_t won = 0;

    mischief.go = 1;
    while (!mischief.stop) {
        struct rref_apple apple = {mischief.guess};

        if (note(test_take(neighbour, &apple)))
            won++;
    }
    return won;
}

/* Apple, pear, apple at one place: both are one granule. */
uint32_t alloc_in_turn(uint64_t rounds)
{
    volatile uint32_t delay;
    uint32_t done;

    wait_for_go();
    for (done = 0; done < rounds; done++) {
        struct rref_apple apple = rref_apple_new();
        struct rref_pear pear;

        if (rref_apple_is_null(apple))
            break;
        mischief.guess = apple.handle + NEXT_GENERATION;
        for (delay = 0; delay < (done & 31); delay++)
            ;
        rref_apple_drop(&apple);
        pear = rref_pear_new();
        rref_pear_drop(&pear);
    }
    mischief.stop = 1;
    return done;
}

/* What is taken is replaced, so that another gets the place. */
uint32_t drop_posted(void)
{
    volatile uint64_t *posted = (volatile uint64_t *)(uintptr_t)mischief.posted;
    uint32_t won = 0;

    mischief.go = 1;
    while (*posted != POSTED_END) {
        struct rref_apple other;

        if (!tp_heap_drop(*posted))
            continue;
        won++;
        other = rref_apple_new();
        if (won % 2)
            rref_apple_drop(&other);
    }
    return won;
}

/* The last element is nobody's, so the first, already moved, goes back. */
uint32_t be_refused(uint64_t rounds)
{
    volatile uint64_t *posted = (volatile uint64_t *)(uintptr_t)mischief.posted;
    struct crate apples = {{0}};
    uint32_t done;

    for (done = 0; done < rounds; done++) {
        uint64_t apple = rref_apple_new().handle;

        if (!apple)
            break;
        *posted = apple;
        apples.handle[0] = apple;
        apples.handle[3] = 0x4141414100000007u;
        (void)note(test_pass_crate(neighbour, &apples));
        (void)tp_heap_drop(apple);
    }
    *posted = POSTED_END;
    return done;
}

struct page {
    struct page *previous;
    uint64_t mark;
};

/* Both threads have all their pages before either looks at the marks. */
uint32_t grow_and_mark(uint64_t pages)
{
    uint64_t me = __atomic_add_fetch(&mischief.go, 1, __ATOMIC_SEQ_CST);
    struct page *page, *last = NULL;
    uint32_t kept = 0;

    while (mischief.go < 2)
        ;
    while (pages--) {
        page = tp_private_grow(TP_PAGE);
        if (!page)
            break;
        page->previous = last;
        page->mark = me;
        last = page;
    }
    __atomic_add_fetch(&mischief.stop, 1, __ATOMIC_SEQ_CST);
    while (mischief.stop < 2)
        ;
    for (page = last; page && page->mark == me; page = page->previous)
        kept++;
    return kept;
}
