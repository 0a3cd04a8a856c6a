/* SPDX-License-Identifier: MIT */
/*
 * order.h - what a test program tells a test domain to do, and what it saw.
 *
 * The structure lies in the domain's private memory. The test finds it by
 * test_driver.step(STEP_WHERE), writes orders into it before a call and reads
 * the answers afterwards, as only the kernel could.
 */
#pragma once
#include <stdint.h>

/* test_driver.step(what, value). */
enum step {
    STEP_WHERE = 0,    /* returns the slot offset of struct order */
    STEP_CALL = 1,     /* make the call that stands in the order */
    STEP_DIE = 2,      /* in the way numbered value */
    STEP_NOTHING = 3,  /* return 0 */
    STEP_ADD = 4,      /* return value + 1 */
    STEP_SPY = 5,      /* make the call and note what registers hold then */
    STEP_FILL = 6,     /* leave secrets in every register, and return */
    STEP_SERVICE = 7,  /* call kernel service order.method */
    STEP_CALL_DIE = 8, /* make the call, then die as order.die says */
    STEP_SPIN = 9,     /* as order.spin says */
    STEP_CALLS = 10,   /* make the call again and again until order.spin is 0 */
    STEP_CHURN = 11,   /* make pears with seeds and drop them until then */
};

/* What methods of interface test do before they do as declared; or-ed. */
enum script {
    SCRIPT_CALL = 1,   /* make the call that stands in the order */
    SCRIPT_KEEP = 2,   /* note the handles that came, in kept[] */
    SCRIPT_ANSWER = 4, /* answer with forged[], at once */
    SCRIPT_DIE = 8,    /* in the way order.die says */
    SCRIPT_SERVICE = 16, /* call kernel service order.method */
    SCRIPT_SPIN = 32,    /* as order.spin says */
    SCRIPT_BETWEEN = 64, /* pass_belt: all this between its pop and its push,
                          * with the handle of what it popped in room */
};

/* Ways to die. */
enum way {
    WAY_NULL_WRITE,
    WAY_NULL_READ,
    WAY_WILD_READ,
    WAY_WILD_WRITE,
    WAY_TEXT_WRITE,
    WAY_TABLE_WRITE,
    WAY_RODATA_WRITE,
    WAY_NULL_REFERENCE,
    WAY_UNUSED_ENTRY,
    WAY_LAST_ENTRY,
    WAY_UD2,
    WAY_INT3,
    WAY_DIVIDE,
    WAY_DATA_STACK,
    WAY_TRUSTED_STACK,
    WAY_PANIC,
    WAY_LOG_POINTER,
    WAY_PANIC_POINTER,
    WAY_ARGUMENTS_POINTER,
    WAY_ARGUMENTS_TEXT,
    WAY_SERVICE_TOO_DEEP,
    WAY_COUNT
};

/* Values of order.spin. */
#define SPIN_IN_TEXT 1
#define SPIN_IN_SERVICES 2
#define SPIN_IN_ORDERED 3 /* the service that stands in the order */

/* The first colour of a curse (reborn.c): loop, and do not die. */
#define CURSE_SPIN 1

#define ORDER_ROOM 0x3000
#define ORDER_SECRET 0x5ec2e75ec2e75ec2u

struct order {
    uint64_t script;
    uint64_t die;
    uint64_t error; /* what SCRIPT_ANSWER returns */
    uint64_t forged[12];
    uint64_t kept[16];
    uint64_t kept_count;
    uint64_t seen[6]; /* arguments of the last scripted method, widened */
    uint64_t calls;   /* methods entered */
    uint64_t deepest; /* lowest frame that a method had */

    uint64_t method, cap, argument[6]; /* the call to make */
    uint64_t answer;                   /* what %rax was after it */
    uint64_t first_failure; /* the first answer that was not RPC_OK */
    uint64_t made;          /* calls that came back */
    uint64_t call_frame;    /* where the caller's frame was */
    uint64_t overwritten;   /* calls after which that frame was another's */

    uint64_t spin;  /* loop until it is 0; SPIN_IN_SERVICES: call one */
    uint64_t turns; /* of that loop */

    uint32_t keys[8]; /* of interface keeper: capabilities it was given */

    /* rax rbx rcx rdx rsi rdi r8 r9 r10 r11 r12 r13 r15, then xmm0 to 15 */
    uint64_t entry_general[13], entry_xmm[32];
    uint64_t back_general[13], back_xmm[32];

    /* For arguments. The last page is private memory's last. */
    uint8_t room[ORDER_ROOM] __attribute__((aligned(4096)));
};
