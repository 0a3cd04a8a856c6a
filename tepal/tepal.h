/* SPDX-License-Identifier: MIT */
/* tepal.h - what the parts of the program share: commands and exit codes. */
#pragma once
#include <stdint.h>

/* Exit codes, documented in tepal(1). */
enum exit_code {
    EXIT_FINE = 0,
    EXIT_RUN_FAILED = 1, /* a domain crashed, a capture was damaged */
    EXIT_USAGE = 2,
    EXIT_REFUSED = 3, /* a file is not what it should be */
};

int command_run(int argc, char **argv);
int command_inject(int argc, char **argv);
int command_systems(int argc, char **argv);
int command_top(int argc, char **argv);
int command_ctl(int argc, char **argv);
int command_inspect(int argc, char **argv);
int command_decode(int argc, char **argv);
int command_bench(int argc, char **argv);

/* "tepal: TEXT" on standard error; returns @code. */
int fail(enum exit_code code, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
