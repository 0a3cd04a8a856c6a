/* SPDX-License-Identifier: MIT */
/*
 * steps.pml - steps that a thread takes more than once, or that would hide the
 * way of a crossing in thread.pml. Part of ownership.pml; they use the locals
 * of thread.pml.
 * Source: core/rref/rref.c, core/include/tepal_trusted/domain.h.
 */

inline any_handle()
{
    r = 0;
#if RECORDS > 1
    if
    :: r = 0
    :: r = 1
    fi;
#endif
    if
    :: g = 1
    :: GENERATIONS > 1 -> g = 2
    :: GENERATIONS > 2 -> g = 3
    fi
}

inline any_callee()
{
#ifdef CALLED_ONLY
    CALLEE = CALLED_ONLY
#else
    if
    :: CALLEE = A
    :: CALLEE = O
    :: CALLEE = P
    fi
#endif
}

inline any_type()
{
    ty = 1;
#if TYPES > 1
    if
    :: ty = 1
    :: ty = 2
    fi
#endif
}

/* domain_count(): a plain store, that others see when it suits the machine. */
inline raise_plainly(d)
{
    n = inside[d];
#ifdef VICTIM
    atomic { is_hidden = 1; n = 0 }
#else
    atomic { inside[d] = n + 1; n = 0 }
#endif
}

/* What was stored becomes visible, if no barrier has shown it already. */
inline surface(d)
{
    if
    :: IS_AFFINE(d) && is_hidden -> inside[d]++; is_hidden = 0
    :: else
    fi
}

inline resign(d)
{
    if
    :: way != abandoned -> admitted[d]--
    :: else
    fi
}

inline forget()
{
    r = 0;
    g = 0;
    w = 0;
    ty = 0
}

/* rref_new(), heap_alloc() */
inline rref_new(d)
{
    atomic { any_type(); type[r] = ty }
    atomic {
        assert(OWNER(word[r]) == KERNEL && !listed[r] && id[d] != KERNEL);
        put(r, word[r] | id[d]);
        forget()
    }
}

/* rref_drop(), drop_one(): an orphan first, then free. */
inline rref_drop(d)
{
    if
    :: IS_PLAIN(d) ->
        atomic { w = (SEEN_BY_DROP(word[r]) == W(g, 0, id[d]) -> 1 : 0) }
    :: else -> w = 1
    fi;
    atomic {
        if
        :: w == 1 && (IS_PLAIN(d) || SEEN_BY_DROP(word[r]) == W(g, 0, id[d])) ->
            assert(word[r] == W(g, 0, id[d]) && lent[r] == 0);
            w = W(g, 0, id[d]);
            put(r, w | ORPHAN);
            w = W(g, 0, 0)
        :: else -> w = 0
        fi
    }
    if
    :: w != 0 -> heap_free(w)
    :: else
    fi;
    atomic { forget() }
}

/* Before a call's parameters, or its results: what a refusal must restore. */
inline remember()
{
#ifdef CONFIG_ALONE
    before[0] = word[0] & ~24;
    before[1] = word[1] & ~24
#else
    skip
#endif
}

/* With one thread nobody else can have changed an owner meanwhile. */
inline check_refusal()
{
#ifdef CONFIG_ALONE
    assert(before[0] == (word[0] & ~24) && before[1] == (word[1] & ~24));
    before[0] = 0;
    before[1] = 0
#else
    skip
#endif
}

/* settle_moves(), or moves_end = moves: what was moved stays. */
inline settle_flips()
{
    flips = 0;
    flip_r[0] = 0;
    flip_w[0] = 0;
    flip_r[PARAMS - 1] = 0;
    flip_w[PARAMS - 1] = 0;
#ifdef CONFIG_ALONE
    before[0] = 0;
    before[1] = 0
#endif
}
