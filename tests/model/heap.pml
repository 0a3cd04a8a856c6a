/* SPDX-License-Identifier: MIT */
/*
 * heap.pml - allocation, freeing, a pass over the registry, and what is checked
 * at the end. Part of ownership.pml. Whoever uses these inlines has the locals
 * r (the record), w (its word as it was read) and owner (the id that a pass
 * looks for).
 * Source: core/heap/heap.c, core/heap/reap.c.
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

/* heap_reap(): a pass, for the incarnation that @owner was set to. */
inline reap(is_early)
{
    atomic { r = 0 }
    do
    :: r < RECORDS -> reap_record(is_early); atomic { w = 0; r++ }
    :: else -> atomic { r = 0; break }
    od
}

/* When nobody runs any more, nothing is left over (thesis 3.1). */
inline quiet()
{
    assert(inside[A] == 0 && inside[O] == 0 && inside[P] == 0 && busy == 0);
    assert(!unreaped[A] && !unreaped[O] && !unreaped[P] && !reviving);
    r = 0;
    do
    :: r < RECORDS ->
        assert(BORROWS(word[r]) == 0 && lent[r] == 0);
        if
        :: OWNER(word[r]) == KERNEL ->
            assert(listed[r] || GENERATION(word[r]) == GENERATIONS)
#ifdef ESTATE
        :: OWNER(word[r]) == KEPT -> assert(is_aside && !IS_ALIVE(VICTIM))
        :: OWNER(word[r]) != KERNEL && OWNER(word[r]) != KEPT ->
            assert(!listed[r] && NAMES_THE_LIVING(OWNER(word[r])))
#else
        :: else -> assert(!listed[r] && NAMES_THE_LIVING(OWNER(word[r])))
#endif
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
