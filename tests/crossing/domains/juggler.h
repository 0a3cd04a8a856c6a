/* SPDX-License-Identifier: MIT */
/* juggler.h - what the juggler's test_driver.step(what, value) does. */
#pragma once
#include <stdint.h>

enum juggle {
    JUGGLE_STEPS = 1, /* value random operations */
    JUGGLE_DROP = 2,  /* everything there is */
    JUGGLE_COUNT = 3, /* returns how often operation value was done in full */
};

/* Both return 0, or the source line of the first claim that did not hold. */

enum operation {
    OPERATION_PUT,
    OPERATION_FULL, /* what did not fit came back */
    OPERATION_TAKE,
    OPERATION_SWAP,
    OPERATION_APPEND,
    OPERATION_TRUNCATE,
    OPERATION_PASS_BELT,
    OPERATION_LOOK_BELT,
    OPERATION_MAKE_BELT,
    OPERATION_SET,
    OPERATION_GET,
    OPERATION_PASS_CRATE,
    OPERATION_LOOK_CRATE,
    OPERATION_TAKE_CRATE,
    OPERATION_MAKE_CRATE,
    OPERATIONS
};
