/* SPDX-License-Identifier: MIT */
/*
 * thread.pml - a thread: the code of the domain that it is in, and the proxies
 * of its calls. Part of ownership.pml.
 *
 * x is the newest crossing on the thread's stack, under way or being made or
 * ended; at[x] is its callee, at[x - 1] its caller, at[0] the kernel. loans[x]
 * and loan[] are its frame of loans, flips and flip_...[] what it moved since
 * the call, or before it. @is_in: these are arguments, not results.
 * Source: core/include/tepal_trusted/proxy_inline.h, core/rref,
 * core/crossing/crossing.c.
 */

#define CALLER at[x - 1]
#define CALLEE at[x]
#define GIVER (is_in -> CALLER : CALLEE)
#define TAKER (is_in -> CALLEE : CALLER)

#include "rules.pml"

/* Without a look at life: the watchdog has to. */
#define JUST_COUNTS \
    (IS_AFFINE(CALLEE) && CALLER != KERNEL && \
     (way == ended || way == abandoned))
/* Not by who is inside it, nor is it needed twice. */
#define IS_AT(i) ((i) <= x && at[i] == VICTIM)
#define MAY_REVIVE \
    (!(IS_AT(1) || IS_AT(2) || IS_AT(STACK)) && x <= DEPTH && \
     (self == 0 || !IS_AFFINE(VICTIM)) && capability[VICTIM] != life[VICTIM])
#define GONE(d) (!IS_ALIVE(d) && gone[d] == life[d])

mtype = { abandoned, refused, crashed, ended };

#include "steps.pml"

proctype thread(byte self; byte home; byte depth)
{
    byte x, at[STACK + 1], loans[STACK + 1], loan[(STACK + 1) * PARAMS];
    byte flips, flip_r[PARAMS], flip_w[PARAMS];
    byte r, g, ty, w, n, owner, want;
    bit is_in;
    mtype way;
#ifdef BREAK_LEAVE_BEFORE_RESULTS
    bit has_left;
#endif
#ifdef CONFIG_ALONE
    byte before[RECORDS];
#endif

outside:
    atomic {
        !is_halted;
        if
        :: finish(); goto stopped
        :: busy++; x = 1; at[1] = home; goto begin /* crossing_run() */
        fi
    }

domain_code:
    atomic {
        if
        :: x == 0 -> busy--; goto outside
        :: x > 0 && listed[0] -> listed[0] = 0 /* cache_pop() */
#if RECORDS > 1
        :: x > 0 && listed[1] -> listed[1] = 0; r = 1
#endif
        :: x > 0 -> any_handle(); goto drop
#ifdef ESTATE
        :: x > 0 && CALLEE == VICTIM && kept == 0 -> any_handle(); goto keep
#endif
        :: x > 0 && x < depth ->
            x++;
            any_callee();
            goto begin
        :: x > 0 -> goto came_back
        :: x > 0 -> way = crashed; goto settle
#if LIVES > 1
        :: x > 0 && MAY_REVIVE -> goto revive
#endif
        fi
    }
    rref_new(CALLEE);
    goto domain_code;

drop:
    rref_drop(CALLEE);
    goto domain_code;

#ifdef ESTATE
keep:
    estate_keep(CALLEE);
    goto domain_code;
#endif

begin: /* proxy_begin(), proxy_begin_slow(), thread_enter() */
    atomic {
        want = ALIVE | id[CALLEE]; /* as crossing_run() has it */
        if
        :: IS_AFFINE(CALLEE) && self != 0 -> want = 0; goto pop /* RPC_BUSY */
        :: CALLER != KERNEL && id[CALLEE] == KERNEL -> goto pop /* NO_CAP */
        :: else
        fi
    }
    if
#ifdef BREAK_LATE_FRAME
    :: life[CALLEE] == want
    :: life[CALLEE] != want -> goto pop
#else
#ifdef BREAK_AFFINE_LIFE_FIRST
    :: IS_AFFINE(CALLEE)
#else
    :: IS_AFFINE(CALLEE) -> raise_plainly(CALLEE)
#endif
    :: !IS_AFFINE(CALLEE) -> inside[CALLEE]++
#endif
    fi;
#if LIVES > 1 /* life first: who sees a new one sees what was retired for it */
    n = life[CALLEE];
#endif
    atomic {
#ifdef BREAK_LATE_FRAME
        inside[CALLEE]++;
        want = life[CALLEE];
#endif
#if LIVES > 1
        if
        :: CALLER != KERNEL -> want = capability[CALLEE]
        :: else
        fi;
#else
        n = life[CALLEE];
#endif
#ifdef BREAK_AFFINE_LIFE_FIRST
        if
        :: IS_AFFINE(CALLEE) && n == want -> goto late
        :: IS_AFFINE(CALLEE) && n != want -> n = 0; goto pop
        :: else
        fi;
#endif
        surface(CALLEE);
        if
        :: n != want -> n = 0; way = abandoned; goto leave
        :: else -> assert(n & ALIVE); admitted[CALLEE]++; n = 0; want = 0
        fi
    }
#ifdef BREAK_AFFINE_LIFE_FIRST
    goto began;
late:
    atomic { inside[CALLEE]++; admitted[CALLEE]++; n = 0; want = 0 }
began:
#endif
    atomic {
        is_in = 1;
        if
        :: CALLER == KERNEL -> goto enter
        :: else -> remember()
        fi
    }

parameter:
    atomic {
        if
        :: flips + loans[x] < PARAMS || !is_in && flips < PARAMS ->
            any_handle();
            any_type();
            if
            :: goto move
            :: is_in -> goto lend
            fi
        :: is_in -> goto enter
        :: !is_in -> way = ended; goto settle
        :: way = refused; goto move_back
        fi
    }

move: /* proxy_flip(), flipping_one(), registry_change() */
    atomic {
        if
        :: FITS_FIRST
        :: else -> way = refused; goto move_back
        fi
    }
    atomic {
        if
        :: FITS_THEN
        :: else -> way = refused; goto move_back
        fi
    }
    atomic {
        if
        :: IS_PLAIN(GIVER) || WORD_FITS ->
            assert(word[r] == W(g, 0, id[GIVER]) && lent[r] == 0);
            assert(type[r] == ty);
            w = W(g, 0, id[TAKER]);
            put(r, w);
            flip_r[flips] = r;
            flip_w[flips] = w;
            flips++;
            forget();
            goto parameter
        :: else -> way = refused; goto move_back
        fi
    }

lend: /* proxy_lend_rref() */
    atomic {
        w = word[r];
        if
        :: GENERATION(SEEN(w)) == g && HAS_ROOM(w) && MAY_LEND(w)
        :: else -> way = refused; goto move_back
        fi
    }
    atomic {
        if
        :: TYPE_FITS
        :: else -> way = refused; goto move_back
        fi
    }
    atomic {
        if
        :: LENDS_PLAINLY(w) || word[r] == w ->
            assert(word[r] == w && GENERATION(w) == g && type[r] == ty);
            assert(OWNS(w) || HOLDS_ON_LOAN);
            lent[r]++;
            put(r, w + ONE_BORROW);
            if
            :: IS_NOTED(w) -> loan[x * PARAMS + loans[x]] = r; loans[x]++
            :: else
            fi;
            forget();
            goto parameter
        :: else -> w = 0; goto lend
        fi
    }

enter: /* proxy_call(): what was moved is the callee's for good */
    atomic { forget(); settle_flips(); is_in = 0; goto domain_code }

came_back: /* proxy_call(), gate_enter() came back */
    atomic {
        if
        :: !IS_ALIVE(CALLEE) -> way = crashed; goto settle
#ifdef BREAK_LEAVE_BEFORE_RESULTS
        :: IS_ALIVE(CALLEE) && CALLER != KERNEL -> goto results
#else
        :: IS_ALIVE(CALLEE) && CALLER != KERNEL -> remember(); goto parameter
#endif
        :: IS_ALIVE(CALLEE) && CALLER == KERNEL -> way = ended; goto settle
        fi
    }
#ifdef BREAK_LEAVE_BEFORE_RESULTS
results:
    domain_leave(CALLEE);
    atomic { has_left = 1; remember(); goto parameter }
#endif

move_back: /* proxy_refuse(), move_back() */
    atomic { forget() }
    do
    :: atomic {
            if
            :: flips == 0 -> check_refusal(); break
            :: else -> flips--; r = flip_r[flips]; w = flip_w[flips]
            fi
        }
        if
        :: IS_PLAIN(TAKER) ->
            atomic { n = (IS_STILL(w) -> 1 : 0) }
        :: else -> n = 1
        fi;
        atomic {
            if
            :: FLIPS_BACK && n == 1 && (IS_PLAIN(TAKER) || IS_STILL(w)) ->
                assert(word[r] == w);
                n = W(GENERATION(w), 0, id[GIVER]);
                put(r, n)
            :: else
            fi;
            assert(word[r] != w || id[GIVER] == id[TAKER]);
            flip_r[flips] = 0;
            flip_w[flips] = 0;
            n = 0;
            forget()
        }
    od;

settle: /* proxy_give_back(), give_back() */
    do
    :: atomic {
            if
            :: loans[x] == 0 || !GIVES_BACK -> settle_flips(); break
            :: else -> r = loan[x * PARAMS + loans[x] - 1]; w = word[r]
            fi;
            assert(BORROWS(w) > 0)
        }
        atomic {
            if
            :: OWNS(w) && IS_PLAIN(CALLER) || word[r] == w ->
                assert(word[r] == w);
                lent[r]--;
                put(r, w - ONE_BORROW);
                loans[x]--;
                loan[x * PARAMS + loans[x]] = 0;
                w = (OWNER(w) == ORPHAN && IS_LAST_RETURN ->
                     W(GENERATION(w), 0, 0) : 0)
            :: else -> w = 0
            fi
        }
        if
        :: w != 0 -> heap_free(w)
        :: else
        fi;
        atomic { forget() }
    od;
    if
    :: way == crashed -> domain_kill(CALLEE) /* proxy_crashed() */
    :: else
    fi;

leave: /* leave(), or the fast ways of proxy_end() and proxy_begin_dead() */
    if
#ifdef BREAK_LEAVE_BEFORE_RESULTS
    :: has_left -> has_left = 0
    :: !has_left && !JUST_COUNTS -> domain_leave(CALLEE)
    :: !has_left && JUST_COUNTS -> lower_plainly(CALLEE)
#else
    :: !JUST_COUNTS -> domain_leave(CALLEE)
    :: JUST_COUNTS -> lower_plainly(CALLEE)
#endif
    fi;
    atomic {
        want = 0;
        n = 0;
        if
        :: CALLER != KERNEL && !IS_ALIVE(CALLER) -> way = crashed
        :: else -> way = 0
        fi
    }

pop:
    atomic {
        is_in = 0;
        want = 0;
        loans[x] = 0;
        CALLEE = 0;
        x--;
        if
#if LIVES > 1
        :: x > 0 && CALLEE == KERNEL -> x--; goto started
#endif
        :: way == crashed -> goto settle /* the gate's exit: dying */
        :: else -> goto domain_code
        fi
    }

#if LIVES > 1
revive: /* domain_revive() */
    atomic {
        if
        :: reviving -> goto reconnect /* wait_for_other(), or not */
        :: else -> reviving = 1
        fi
    }
    if
    :: IS_ALIVE(VICTIM) -> goto revived
    :: else
    fi;

bring_back: /* wait_until_gone(): who waits for too long gives up */
    look_at_life(VICTIM);
    domain_settle(VICTIM);
    atomic {
        if
        :: GONE(VICTIM) && lives < LIVES
        :: goto revived
        :: goto bring_back
        fi
    }
    capability_retire(VICTIM);
    renew_id(VICTIM);
    estate_take_over(VICTIM);
    domain_open_up(VICTIM);
    atomic {
        if
        :: x = x + 2; CALLEE = VICTIM; goto begin /* start(): its tp_main */
        :: goto revived
        fi
    }

started:
    if
    :: domain_end(VICTIM); goto bring_back /* its tp_main failed */
    :: IS_ALIVE(VICTIM)
    fi;

revived:
    atomic { reviving = 0 }

reconnect:
    capability_renew(VICTIM);
    goto domain_code;
#endif

stopped:
    skip
}
