/* SPDX-License-Identifier: MIT */
/*
 * restart.pml - a dead domain's next life, in its slot: by whoever calls it
 * (domain_revive()), or after all threads have been joined (domain_release()
 * and domain_create()). Part of ownership.pml.
 *
 * There is one capability to each domain, and all threads use it, as they do
 * that of an open holder. One domain, VICTIM, is revived, LIVES - 1 times.
 * Source: core/domain/restart.c, capability.c and domain.c there.
 */

/* capability_renew(), under the lock that capability_retire() takes. */
inline capability_renew(d)
{
    atomic { !is_locked; is_locked = 1 }
    n = life[d];
    atomic {
        if
#ifdef BREAK_RENEWED_WHILE_DYING
        :: n & ALIVE && !reviving -> capability[d] = life[d]
#else
        :: n & ALIVE && !reviving -> capability[d] = n
#endif
        :: else
        fi;
        n = 0;
        is_locked = 0
    }
}

/* capability_retire() */
inline capability_retire(d)
{
    atomic { !is_locked; capability[d] = 0 }
}

inline check_no_record_names(the_id)
{
    do
    :: r < RECORDS -> assert(OWNER(word[r]) != the_id); r++
    :: else -> r = 0; break
    od
}

/*
 * domain_renew_id(): never the id that the slot had last, of which somebody may
 * still be about to look whether its pass is due. Only who restarts the domain
 * looks at gone.
 */
inline renew_id(d)
{
    atomic {
        check_no_record_names(id[d]);
        assert(admitted[d] == 0 && !unreaped[d] && reap_due[d] == 0);
        lives++;
#if defined(BREAK_SAME_ID)
        gone[d] = 0
#elif defined(BREAK_GONE_KEPT)
        skip
#else
        gone[d] = 0;
        id[d] = ORPHAN - lives /* nobody else's */
#endif
    }
}

/* domain_open_up() */
inline domain_open_up(d)
{
    atomic {
        assert(admitted[d] == 0 && !unreaped[d] && !IS_ALIVE(d));
        life[d] = ALIVE | id[d]
    }
}

/*
 * domain_release(), then domain_create() in its slot, and domain_open_up(). The
 * program joins every other thread before it releases a domain
 * (tepal/running.c), so nobody runs meanwhile but the watchdog.
 */
inline renew(d)
{
    atomic {
#ifdef BREAK_RELEASE_WHILE_INSIDE
        !IS_ALIVE(d)
#else
        !IS_ALIVE(d) && busy == 0;
        is_halted = 1;
        assert(inside[d] == 0)
#endif
    }
    look_at_life(d);
    domain_settle(d);
#if !defined(BREAK_RELEASE_UNREAPED) && !defined(BREAK_RELEASE_WHILE_INSIDE)
    gone[d] == life[d];
#endif
    life[d] = 0;
    renew_id(d);
    domain_open_up(d);
    atomic { is_halted = 0 }
}
