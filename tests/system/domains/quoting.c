/* SPDX-License-Identifier: MIT */
/* quoting.c - dies of what would end a string, a line and an object. */
#include "tepal/kernel.h"

int tp_main(void);

int tp_main(void)
{
    static const char words[] = "\"}]}\\u00\\\n\x01\xff\x80'<%s>";

    tp_panic(words, sizeof(words) - 1);
    return 0;
}
