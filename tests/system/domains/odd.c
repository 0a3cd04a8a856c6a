/* SPDX-License-Identifier: MIT */
/* odd.c - a domain whose last words hold whatever is not fit for a report. */
#include "tepal/kernel.h"

#define WORDS "\"quoted\" \\ {\n  file      forged\r\033[31m\xff\xc3\x28\x7f"

int tp_main(void);

int tp_main(void)
{
    tp_panic(WORDS, sizeof(WORDS) - 1);
}
