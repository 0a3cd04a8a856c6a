/* SPDX-License-Identifier: MIT */
/* Many numbers in many formats; the host's printf must print the same. */
#include <stdint.h>
#include <stdio.h>

static const char *const int_formats[] = {
    "%d|",    "%5d|",     "%-8d|", "%08d|",  "%+d|",   "% d|",   "%.4d|",
    "%9.3d|", "%+-9.2d|", "%x|",   "%#x|",   "%#10X|", "%-#9o|", "%u|",
    "%.0u|",  "%hd|",     "%hhu|", "%#.5x|", "%+08d|", "% 6d|",
};

static const int ints[] = {0,   1,    -1,     7,         -42,
                           255, 4096, -99999, INT32_MAX, INT32_MIN};

static const char *const long_formats[] = {"%ld|",     "%22lu|",  "%#lx|",
                                           "%-20lld|", "%025ld|", "%zx|"};

static const char *const float_formats[] = {"%f|",     "%.2f|",  "%10.3f|",
                                            "%-9.1f|", "%+.4f|", "%08.2f|"};

int tp_main(void);

#pragma GCC diagnostic ignored "-Wformat-nonliteral"
int tp_main(void)
{
    char line[200];

    for (unsigned f = 0; f < sizeof int_formats / sizeof *int_formats; f++)
        for (unsigned i = 0; i < sizeof ints / sizeof *ints; i++) {
            snprintf(line, sizeof line, int_formats[f], ints[i]);
            printf("%s\n", line);
        }
    for (unsigned f = 0; f < 6; f++)
        for (int i = 0; i < 64; i += 7) {
            snprintf(line, sizeof line, long_formats[f],
                     (long)(0x123456789abcdef0ul >> i));
            printf("%s\n", line);
        }
    for (unsigned f = 0; f < 6; f++)
        for (int i = -50; i < 50; i += 7) {
            snprintf(line, sizeof line, float_formats[f], i * 1.0625);
            printf("%s\n", line);
        }
    return 0;
}
