/* SPDX-License-Identifier: MIT */
/* stb_sprintf: every conversion, doubles above all. */
#define STB_SPRINTF_IMPLEMENTATION
#include <stb_sprintf.h>

#include "foreign.h"

static char *take(const char *text, void *user, int length)
{
    int *total = user;

    *total += length;
    return (char *)(uintptr_t)text;
}

static int through_callback(char *buffer, const char *format, ...)
{
    int total = 0, result;
    va_list list;

    va_start(list, format);
    result = stbsp_vsprintfcb(take, &total, buffer, format, list);
    va_end(list);
    return result * 1000 + total;
}

static int by_list(char *buffer, int bytes, const char *format, ...)
{
    va_list list;
    int result;

    va_start(list, format);
    result = bytes ? stbsp_vsnprintf(buffer, bytes, format, list)
                   : stbsp_vsprintf(buffer, format, list);
    va_end(list);
    return result;
}

static void doubles(void)
{
    static const char *const formats[] = {"%f",     "%.3f", "%e",     "%.12e",
                                          "%g",     "%G",   "%a",     "%+A",
                                          "%12.1f", "%-9g", "%010.2f"};
    static const double values[] = {0,     -0.0,      1.0 / 3,
                                    1e100, -2.5e-200, 123456789.125,
                                    1e22,  0.1,       5e-324};
    char buffer[700];

    for (unsigned f = 0; f < 11; f++)
        for (unsigned v = 0; v < sizeof values / sizeof *values; v++) {
            int length = stbsp_snprintf(buffer, 300, formats[f], values[v]);

            printf("%d %s\n", length, buffer);
        }
    for (int i = 0; i < 500; i++) {
        uint64_t bits = (uint64_t)random_bits() << 32 | random_bits();
        double value;

        memcpy(&value, &bits, sizeof value);
        stbsp_sprintf(buffer, "%.17g %f %d", value, (double)(float)value, i);
        printf("%s\n", buffer);
    }
}

static void others(void)
{
    char buffer[700];
    int written = 0;

    stbsp_sprintf(buffer, "%d|%5i|%-5u|%05x|%#X|%o|%b|%c|%s|%.2s|%10s|%n%%",
                  -42, 7, 8u, 255, 255, 8, 5, 'x', "text", "text", "right",
                  &written);
    printf("%s %d\n", buffer, written);
    stbsp_sprintf(buffer, "%lld|%llu|%zd|%'d|%$d|%$.2d|%hd|%p",
                  -1234567890123ll, ~0ull, (size_t)77, 1234567, 123456, 12345,
                  5, (void *)0x1234);
    printf("%s\n", buffer);
    stbsp_set_separators('.', ',');
    stbsp_sprintf(buffer, "%'d %'.2f", 7654321, 1234567.891);
    printf("%s\n", buffer);
    printf("%d %s\n", stbsp_snprintf(buffer, 5, "%s", "cut off"), buffer);
    printf("%d\n", stbsp_snprintf(NULL, 0, "%s%d", "counted only", 12));
    printf("%d\n",
           through_callback(buffer, "%d and %f and %600s", 1, 2.5, "x"));
    printf("%d %s\n", by_list(buffer, 20, "%s-%d", "list", 9), buffer);
    printf("%d %s\n", by_list(buffer, 0, "%s-%d", "list", 10), buffer);
}

int tp_main(void)
{
    doubles();
    others();
    return 0;
}
