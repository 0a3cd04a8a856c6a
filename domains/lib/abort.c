/* SPDX-License-Identifier: MIT */
/* abort.c - ends of a domain that it asks for itself. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tepal/kernel.h>

_Noreturn void abort(void)
{
    static const char message[] = "abort";

    tp_panic(message, sizeof message - 1);
}

_Noreturn void __assert_fail(const char *condition, const char *file,
                             unsigned line)
{
    char message[256];

    snprintf(message, sizeof message, "%s:%u: assertion failed: %s", file, line,
             condition);
    tp_panic(message, strlen(message));
}
