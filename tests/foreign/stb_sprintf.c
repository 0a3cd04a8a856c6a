/* SPDX-License-Identifier: MIT */
/* stb_sprintf.c - formatted printing, of doubles too: Debian's libstb-dev. */
#define STB_SPRINTF_IMPLEMENTATION
#include <stb_sprintf.h>
#include <stdio.h>

int tp_main(void)
{
    static const double values[] = {0.0,    -0.0,   1.0,     0.1,   1e-300,
                                    1e30,   3.5e-7, 123456789.125, -2.5,
                                    1 / 3.0, 9.995, 4e15};
    char text[1024];

    for (unsigned i = 0; i < sizeof values / sizeof *values; i++) {
        stbsp_sprintf(text, "%f %.3f %10.2f|%-12.4e|%g %G %a", values[i],
                      values[i], values[i], values[i], values[i], values[i],
                      values[i]);
        puts(text);
    }
    stbsp_snprintf(text, 60, "%d %+5d %05d %x %#X %o %llu %lld %b %'d", -7, 8, 9,
                   255, 255, 8, 18446744073709551615ull, -5ll, 10, 1234567);
    puts(text);
    stbsp_sprintf(text, "%s %.3s %10s|%-10s|%c %%", "word", "shortened",
                  "right", "left", 'c');
    puts(text);
    stbsp_set_separators('.', ',');
    stbsp_sprintf(text, "%'.2f", 1234567.89);
    puts(text);
    return 0;
}
