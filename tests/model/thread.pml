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

mtype = { abandoned, refused, crashed, ended };

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

proctype thread(byte self; byte home; byte depth)
{
    byte x, at[DEPTH + 1], loans[DEPTH + 1], loan[(DEPTH + 1) * PARAMS];
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
        :: x > 0 && x < depth ->
            x++;
            if
            :: CALLEE = A
            :: CALLEE = O
            :: CALLEE = P
            fi;
            goto begin
        :: x > 0 -> goto came_back
        :: x > 0 -> way = crashed; goto settle
        fi
    }
    rref_new(CALLEE);
    goto domain_code;

drop:
    rref_drop(CALLEE);
    goto domain_code;

begin: /* proxy_begin(), proxy_begin_slow(), thread_enter() */
    atomic {
        want = ALIVE | id[CALLEE]; /* as the capability says */
        if
        :: IS_AFFINE(CALLEE) && self != 0 -> goto pop /* RPC_BUSY */
        :: x > 1 && id[CALLEE] == KERNEL -> goto pop /* RPC_NO_CAP */
        :: else
        fi
    }
    if
    :: IS_AFFINE(CALLEE) ->
        n = inside[CALLEE];
        atomic { inside[CALLEE] = n + 1; n = 0 }
#ifdef BREAK_LATE_FRAME
    :: !IS_AFFINE(CALLEE) && life[CALLEE] == want
    :: !IS_AFFINE(CALLEE) && life[CALLEE] != want -> goto pop
#else
    :: !IS_AFFINE(CALLEE) -> inside[CALLEE]++
#endif
    fi;
    atomic {
#ifdef BREAK_LATE_FRAME
        if
        :: !IS_AFFINE(CALLEE) -> inside[CALLEE]++; want = life[CALLEE]
        :: else
        fi;
#endif
        if
        :: life[CALLEE] != want -> way = abandoned; goto leave
        :: else -> want = 0
        fi
    }
    atomic {
        is_in = 1;
        if
        :: x == 1 -> goto enter
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
        :: IS_ALIVE(CALLEE) && x > 1 -> goto results
#else
        :: IS_ALIVE(CALLEE) && x > 1 -> remember(); goto parameter
#endif
        :: IS_ALIVE(CALLEE) && x == 1 -> way = ended; goto settle
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

leave: /* leave(); and proxy_end(), whose callee is alive: it just counts */
#ifdef BREAK_LEAVE_BEFORE_RESULTS
    if
    :: has_left -> has_left = 0
    :: else -> domain_leave(CALLEE)
    fi;
#else
    domain_leave(CALLEE);
#endif
    atomic {
        want = 0;
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
        :: way == crashed -> goto settle /* the gate's exit: dying */
        :: else -> goto domain_code
        fi
    }

stopped:
    skip
}
