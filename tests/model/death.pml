/* SPDX-License-Identifier: MIT */
/*
 * death.pml - how a domain ends, from inside and from outside, and the last
 * pass. Part of ownership.pml. Whoever uses these inlines has the locals of
 * heap.pml, and n.
 * Source: core/domain/death.c, core/sched/watchdog.c.
 */

/* The compare-and-exchange of mark_dead(); @w: the id that it ended, or 0. */
inline mark_dead(d)
{
    atomic {
        if
        :: IS_ALIVE(d) ->
            w = life[d] & 7;
            assert(!unreaped[d]);
            unreaped[d] = 1;
#ifndef BREAK_DEAD_AFTER_PASS
            life[d] = w
#endif
        :: else -> w = 0
        fi
    }
}

/*
 * domain_kill(), on a thread that is inside: the early pass, and only then may
 * another be made.
 */
inline domain_kill(d)
{
    mark_dead(d);
    if
    :: w != 0 ->
        atomic { owner = w; w = 0 }
        estate_set_aside(d);
        reap(1);
        atomic { reap_due[d] = owner; owner = 0 } /* let_reap() */
#ifdef BREAK_DEAD_AFTER_PASS
        life[d] = life[d] & 7
#endif
    :: else
    fi
}

/* domain_end(), on any thread or none: it frees nothing. */
inline domain_end(d)
{
    mark_dead(d);
    if
#ifdef BREAK_END_MAKES_A_PASS
    :: w != 0 ->
        atomic { owner = w; w = 0 }
        estate_set_aside(d);
        reap(1);
        atomic { reap_due[d] = owner; owner = 0 }
#else
    :: w != 0 -> atomic { reap_due[d] = w; w = 0 }
#endif
    :: else
    fi
}

/* Who takes the last pass makes it, and then it is gone. */
inline take_last_pass(d)
{
    atomic {
        if
#ifdef BREAK_DUE_UNCOMPARED
        :: n != 0 && reap_due[d] != 0 ->
#else
        :: n != 0 && reap_due[d] == n ->
#endif
            assert(unreaped[d] && admitted[d] == 0);
            reap_due[d] = 0;
            owner = n
        :: else
        fi;
        n = 0
    }
    if
    :: owner != 0 ->
#ifdef BREAK_GONE_BEFORE_PASS
        gone[d] = owner;
#endif
        estate_set_aside(d);
        reap(0);
        atomic {
            assert(unreaped[d]);
            unreaped[d] = 0;
            gone[d] = owner;
            owner = 0
        }
    :: else
    fi
}

/* What there is to settle: the id of the dead life, or 0. */
inline look_at_life(d)
{
    atomic { n = (IS_ALIVE(d) -> 0 : life[d]) }
}

/* domain_settle(), of the life @n: frames, then who takes its last pass. */
inline domain_settle(d)
{
#ifdef BREAK_NO_LAST_PASS
    atomic { n = 0 }
#endif
    if
    :: n != 0 ->
        atomic { n = (inside[d] == 0 -> n : 0) }
        take_last_pass(d)
    :: else
    fi
}

/* One frame less, by domain_count(). */
inline lower_plainly(d)
{
    n = inside[d];
    atomic { n--; inside[d] = n; resign(d) }
}

inline lower(d)
{
    if
    :: IS_AFFINE(d) -> lower_plainly(d)
    :: else -> atomic { inside[d]--; n = inside[d]; resign(d) }
    fi
}

/* domain_leave() */
inline domain_leave(d)
{
    lower(d);
#ifdef BREAK_FRAMES_COUNTED_ONCE
    atomic { n = (n == 0 && !IS_ALIVE(d) -> life[d] : 0) }
    take_last_pass(d)
#else
    look_at_life(d);
    domain_settle(d)
#endif
}

/* cpu_barrier_all(): what a thread has stored, everybody sees. */
inline cpu_barrier_all(d)
{
    atomic {
        if
#ifndef BREAK_NO_BARRIER
        :: IS_AFFINE(d) && is_hidden -> inside[d]++; is_hidden = 0
#endif
        :: else
        fi
    }
}

/*
 * look_at(): it comes again until there is nothing left to finish. What is
 * settled is the life that was there before the barrier.
 */
#define IS_UNFINISHED(d) (life[d] != 0 && reap_due[d] == life[d])

proctype watchdog(byte victim)
{
    byte r, w, n, owner;
    bit is_over;

    do
    :: atomic {
            IS_UNFINISHED(victim) -> n = life[victim];
            is_over = (running == 1)
        }
        cpu_barrier_all(victim);
#ifdef BREAK_BARRIER_FOR_EARLIER_LIFE
        look_at_life(victim);
#endif
        domain_settle(victim);
        atomic {
            if
            :: is_over -> finish(); break
            :: else
            fi
        }
    :: atomic { running == 1 && !IS_UNFINISHED(victim) -> finish(); break }
    od
}
