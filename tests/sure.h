/* SPDX-License-Identifier: MIT */
/*
 * sure.h - an assertion for long loops: Check's own write to a file each time.
 */
#pragma once
#include <check.h>

#define sure(claim)                                                            \
    do {                                                                       \
        if (!(claim))                                                          \
            ck_abort_msg("%s", #claim);                                        \
    } while (0)
