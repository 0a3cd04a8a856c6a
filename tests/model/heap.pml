/* SPDX-License-Identifier: MIT */
/*
 * heap.pml - allocation, freeing, and the two passes of death. Part of
 * ownership.pml. Whoever uses these inlines has the locals r (the record), w
 * (its word as it was read) and owner (the id that a pass looks for).
 * Source: core/heap/heap.c, core/heap/reap.c, core/domain/death.c.
 */

/* heap_free(): @was is the word without owner; nobody else can change it. */
inline heap_free(was)
{
    atomic {
        assert(lent[r] == 0 && !listed[r] && type[r] != LINK);
        assert(word[r] == (was | ORPHAN));
        if
        :: GENERATION(was) < GENERATIONS ->
            put(r, W(GENERATION(was) + 1, 0, 0))
#ifdef BREAK_GENERATION_WRAPS
        :: else -> put(r, W(1, 0, 0))
#else
        :: else -> put(r, W(GENERATION(was), 0, 0)) /* retired */
#endif
        fi
    }
    atomic { /* cache_push() */
        if
        :: GENERATION(word[r]) != GENERATION(was) ->
            assert(!listed[r] && GENERATION(word[r]) > GENERATION(was));
            type[r] = LINK;
            listed[r] = 1
        :: else
        fi
    }
}

/* reap_record(): until the word holds still. */
inline reap_record(is_early)
{
    do
    :: atomic {
            if
            :: OWNER(word[r]) != owner -> break
            :: else -> w = word[r]
            fi
        }
        atomic {
            if
#ifdef BREAK_REAP_WITHOUT_COMPARE
            :: assert(word[r] == w);
#else
            :: word[r] != w -> w = 0
            :: word[r] == w ->
#endif
                assert(!NAMES_THE_LIVING(owner));
                put(r, w | ORPHAN);
                if
                :: BORROWS(w) == 0
#ifdef BREAK_EARLY_PASS_FREES_LENT
                :: BORROWS(w) != 0 && is_early
                :: BORROWS(w) != 0 && !is_early -> break
#else
                :: BORROWS(w) != 0 -> break
#endif
                fi
            fi
        }
        if
        :: w != 0 -> heap_free(w); break
        :: else
        fi
    od
}

/* heap_reap(): a pass. It reads the domain's id once, when it begins. */
inline reap(d, is_early)
{
    atomic { owner = id[d]; r = 0 }
    do
    :: r < RECORDS -> reap_record(is_early); atomic { w = 0; r++ }
    :: else -> atomic { r = 0; owner = 0; break }
    od
}

/* domain_kill() */
inline domain_kill(d)
{
    atomic { busy++ }
    atomic { /* mark_dead() */
        if
        :: IS_ALIVE(d) -> w = 1
        :: else
        fi;
#ifndef BREAK_DEAD_AFTER_PASS
        life[d] = life[d] & 7
#endif
    }
    if
    :: w == 1 ->
        w = 0;
#ifndef BREAK_DUE_AFTER_PASS
        reap_due[d] = 1;
#endif
        reap(d, 1);
#ifdef BREAK_DUE_AFTER_PASS
        reap_due[d] = 1;
#endif
#ifdef BREAK_DEAD_AFTER_PASS
        life[d] = life[d] & 7
#endif
    :: else
    fi;
    atomic { busy-- }
}

/* domain_leave() */
inline domain_leave(d)
{
    if
    :: IS_AFFINE(d) ->
        n = inside[d];
        atomic { n--; inside[d] = n }
    :: else -> atomic { inside[d]--; n = inside[d] }
    fi;
    atomic {
        if
        :: n == 0 && !IS_ALIVE(d) -> n = 1
        :: else -> n = 0
        fi
    }
#ifdef BREAK_NO_LAST_PASS
    n = 0;
#endif
    if
    :: n == 1 ->
#ifndef BREAK_FRAMES_COUNTED_ONCE
        n = (inside[d] == 0 -> 1 : 0);
#endif
        if
        :: n == 1 -> atomic { n = reap_due[d]; reap_due[d] = 0 } /* exchange */
        :: else
        fi;
        if
        :: n == 1 -> n = 0; reap(d, 0)
        :: else
        fi
    :: else
    fi
}

/* When nobody runs any more, nothing is left over (thesis 3.1). */
inline quiet()
{
    assert(inside[A] == 0 && inside[O] == 0 && inside[P] == 0 && busy == 0);
    r = 0;
    do
    :: r < RECORDS ->
        assert(BORROWS(word[r]) == 0 && lent[r] == 0);
        if
        :: OWNER(word[r]) == KERNEL ->
            assert(listed[r] || GENERATION(word[r]) == GENERATIONS)
        :: else -> assert(!listed[r] && NAMES_THE_LIVING(OWNER(word[r])))
        fi;
        r++
    :: else -> r = 0; break
    od
}

inline finish()
{
    running--;
    if
    :: running == 0 -> quiet()
    :: else
    fi
}
