/* SPDX-License-Identifier: MIT */
/* snprintf against the text that ISO C11, 7.21.6.1 asks for. */
#include "check.h"
#include <stdint.h>
#include <string.h>

#define FORMATS(expected, ...)                                                 \
    do {                                                                       \
        char buffer_[128];                                                     \
        int length_ = snprintf(buffer_, sizeof buffer_, __VA_ARGS__);          \
        if (strcmp(buffer_, expected) != 0)                                    \
            printf("got '%s'\n", buffer_);                                     \
        CHECK(strcmp(buffer_, expected) == 0);                                 \
        CHECK(length_ == (int)strlen(expected));                               \
    } while (0)

static void integers(void)
{
    FORMATS("0 -1 2147483647", "%d %i %d", 0, -1, 2147483647);
    FORMATS("-2147483648 4294967295", "%d %u", (int)0x80000000, ~0u);
    FORMATS("-9223372036854775808", "%ld", (long)((unsigned long)1 << 63));
    FORMATS("18446744073709551615", "%llu", ~0ull);
    FORMATS("ff FF 0xff 0XFF 0", "%x %X %#x %#X %#x", 255, 255, 255, 255, 0);
    FORMATS("17 017 0", "%o %#o %#o", 15, 15, 0);
    FORMATS("   42|42   |00042|+42| 42", "%5d|%-5d|%05d|%+d|% d", 42, 42, 42,
            42, 42);
    FORMATS("  007|-0042|  -07", "%5.3d|%05d|%5.2d", 7, -42, -7);
    FORMATS("||0", "%.0d|%.0x|%.1d", 0, 0, 0);
    FORMATS("0x002a|2a    ", "%#06x|%-6x", 42, 42);
    FORMATS("1 255 -1 65535 -1", "%hhd %hhu %hhd %hu %hd", 257, 255, 255, 65535,
            65535);
    FORMATS("7 8 9 10", "%zu %jd %td %lu", (size_t)7, (intmax_t)8, (ptrdiff_t)9,
            10ul);
    FORMATS("   42|42   |0003", "%*d|%*d|%.*d", 5, 42, -5, 42, 4, 3);
}

static void texts(void)
{
    FORMATS("abc|  abc|abc  |ab", "%s|%5s|%-5s|%.2s", "abc", "abc", "abc",
            "abc");
    FORMATS("x|  x|%|(null)", "%c|%3c|%%|%s", 'x', 'x', (char *)0);
    FORMATS("0x10000", "%p", (void *)0x10000);
    FORMATS("no conversions", "no conversions");
}

static void floats(void)
{
    FORMATS("1.500000 -2.25 3", "%f %.2f %.0f", 1.5, -2.25, 3.0);
    FORMATS("   3.14|003.14|3.1  |+3.1", "%7.2f|%06.2f|%-5.1f|%+.1f", 3.14159,
            3.14159, 3.14159, 3.14159);
    FORMATS("1.00 0.999999999 -0.0", "%.2f %.9f %.1f", 0.999, 0.999999999,
            -0.0);
    FORMATS("4611686018427387904.0", "%.1f", 4611686018427387904.0);
    FORMATS("?", "%f", 1e300);
}

static void cut_off(void)
{
    char buffer[8] = "zzzzzzz";

    CHECK(snprintf(buffer, 4, "%d", 123456) == 6);
    CHECK(strcmp(buffer, "123") == 0 && buffer[4] == 'z');
    CHECK(sprintf(buffer, "%d-%s", 42, "x") == 4);
    CHECK(strcmp(buffer, "42-x") == 0 && buffer[5] == 'z');
    CHECK(sprintf(buffer, "1") == 1);
    CHECK(snprintf(buffer, 0, "%d", 9) == 1 && buffer[0] == '1');
    CHECK(snprintf(buffer, 1, "abc") == 3 && !buffer[0]);
    CHECK(snprintf(buffer, 4, "abc") == 3 && strcmp(buffer, "abc") == 0);
}

int tp_main(void)
{
    integers();
    texts();
    floats();
    cut_off();
    return check_failures;
}
