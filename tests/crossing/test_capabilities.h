/* SPDX-License-Identifier: MIT */
/* test_capabilities.h - the parts of one test program. */
#pragma once
#include <check.h>

/* Tables and derivation alone, against a model; see test_derivation.c. */
TCase *derivation_tests(void);
