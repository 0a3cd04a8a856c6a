/* SPDX-License-Identifier: MIT */
/*
 * mischief.h - what a test program tells an intruder to do, and what came of
 * it. The structure lies in the intruder's private memory; the test finds it
 * by test_driver.step(ATTACK_WHERE).
 */
#pragma once
#include <stdint.h>

/* test_driver.step(attack, value). */
enum attack {
    ATTACK_WHERE,   /* returns the slot offset of struct mischief */
    ATTACK_NOTHING, /* returns 7 */
    ATTACK_DIE,

    /* Drop value pears, each the seed of the next; returns how many. */
    ATTACK_CHAIN,
    /* Until it is refused: allocate. Returns how many. */
    ATTACK_HOARD_APPLES,
    ATTACK_HOARD_PEARS,
    /* Until it is refused, or value times: give the neighbour an apple. */
    ATTACK_GIVE,
    /* Give a crate of four; returns how many are still in it, and ours. */
    ATTACK_GIVE_CRATE,
    /* Have an apple, or four, made by the neighbour; returns how many came. */
    ATTACK_ASK,
    ATTACK_ASK_CRATE,
    /* Returns what the two results are afterwards: bool << 16 | enum. */
    ATTACK_JUDGE,
    /* Call value times. */
    ATTACK_CALL,
    /* Grow the private heap by value pages and mark each; returns how many
     * have kept their mark. Two threads. */
    ATTACK_GROW,
    /* Until told to stop: write registers, ask for windows. */
    ATTACK_WRITE_REGISTERS,

    /* Pairs of threads; the first of each pair goes on until the second,
     * which does it value times, is done. */
    ATTACK_DROP_NEXT,
    ATTACK_ALLOC_AND_DROP,
    ATTACK_TAKE_NEXT,
    ATTACK_ALLOC_IN_TURN,
    ATTACK_DROP_POSTED, /* in the neighbour */
    ATTACK_BE_REFUSED,

    /* Use up value frames of 8000 bytes of trusted stack, and then, 16 bytes
     * at a time, 22 KiB, calling the neighbour each time. */
    ATTACK_CALL_DEEP,
    /* Call in circles, with value bytes of data stack in each frame. */
    ATTACK_CALL_IN_CIRCLES,
    /* Call with %rbp = value; the neighbour, as told, calls back. */
    ATTACK_CALL_WITH_FRAME,

    /* Move and lend to the neighbour, value times; returns how often. */
    ATTACK_TRADE,
    /* Until told to stop: rewrite what trade works with, in this domain. */
    ATTACK_SCRIBBLE,
};

/* What methods do before they do as declared. */
enum trick {
    TRICK_NOTHING,
    TRICK_CIRCLE,    /* narrow: call the neighbour's narrow */
    TRICK_CALL_BACK, /* narrow: call the neighbour by each kind of method */
    TRICK_HOARD,     /* take_crate: allocate until it is refused */
    TRICK_EXPOSE,    /* show ATTACK_SCRIBBLE where the parameters are */
};

/* What stands at the posted place when there is nothing more to drop. */
#define POSTED_END 1

struct mischief {
    uint64_t go, stop; /* between two threads of a domain */
    uint64_t guess;    /* the handle that will be next */
    uint64_t posted;   /* slot offset, in the shared window, of a handle */
    uint64_t rounds;   /* of a loop without end, so far */
    uint64_t trick;
    uint64_t forged[2];  /* what judge answers: bool, enum */
    uint64_t answers[8]; /* how often each enum rpc_result was the answer */
    uint64_t refusal;    /* the last answer that was not RPC_OK */
    uint64_t hoarded;    /* by TRICK_HOARD */
    uint64_t exposed, exposed_words; /* by TRICK_EXPOSE */
    uint64_t seed, delay; /* of trade and scribble */
    int64_t patience;     /* how long they wait, in all */
};
