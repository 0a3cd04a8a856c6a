/* SPDX-License-Identifier: MIT */
/* suite_run.h - what every main() of a test program ends with. */
#pragma once
#include <check.h>

/*
 * Run @suite, in child processes or not as @fork says (CK_FORK_GETENV: as
 * CK_FORK in the environment). Owns: @suite is freed.
 * Returns the exit status: 0 when all passed, else 1.
 */
static inline int suite_run(Suite *suite, enum fork_status fork)
{
    SRunner *runner = srunner_create(suite);
    int failed;

    srunner_set_fork_status(runner, fork);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
