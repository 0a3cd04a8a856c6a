/* SPDX-License-Identifier: MIT */
/*
 * estate.pml - what a domain leaves to its next life: one object that VICTIM
 * has named, with the owner KEPT between two lives. Part of ownership.pml, in
 * the configurations with ESTATE. Nobody else has an estate, and no thread
 * names an object while another is inside, so the lock is not modelled.
 * Whoever uses these inlines has the locals of heap.pml.
 * Source: core/domain/estate.c.
 */

/* estate_keep(): what is named may be gone again before the domain dies. */
inline estate_keep(d)
{
    atomic {
        w = word[r];
        if
        :: w == W(g, 0, id[d])
        :: else -> w = 0
        fi
    }
    atomic {
        if
        :: w != 0 && IS_ALIVE(d) -> kept = g; is_aside = 0
        :: else
        fi;
        forget()
    }
}

/* estate_set_aside(), before a pass for @owner. */
inline estate_set_aside(d)
{
#ifdef ESTATE
    atomic {
        if
        :: d == VICTIM && kept != 0 && !is_aside ->
            if
#ifdef BREAK_KEPT_UNCOMPARED
            :: GENERATION(word[0]) == kept ->
#else
            :: word[0] == W(kept, 0, owner) ->
#endif
                assert(word[0] == W(kept, 0, owner));
                put(0, W(kept, 0, KEPT));
                is_aside = 1
            :: else -> kept = 0
            fi
        :: else
        fi
    }
#else
    skip
#endif
}

/* estate_take_over(): nobody but the heir can have changed it. */
inline estate_take_over(d)
{
#ifdef ESTATE
    atomic {
        if
        :: is_aside ->
            assert(word[0] == W(kept, 0, KEPT) && lent[0] == 0);
            put(0, W(kept, 0, id[d]));
            is_aside = 0
        :: else
        fi
    }
#else
    skip
#endif
}
