/* SPDX-License-Identifier: MIT */
/* String functions and numbers from text (ISO C11, 7.24 and 7.22.1). */
#include "check.h"
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void copying(void)
{
    char buffer[32];

    CHECK(strcmp(strcpy(buffer, "tepal"), "tepal") == 0);
    CHECK(strcmp(strcat(buffer, "s"), "tepals") == 0);
    CHECK(strcmp(strncat(buffer, "xyz", 2), "tepalsxy") == 0);
    memset(buffer, 'q', sizeof buffer);
    strncpy(buffer, "abc", 6);
    CHECK(memcmp(buffer, "abc\0\0\0q", 7) == 0);
    strncpy(buffer, "abcdef", 3);
    CHECK(memcmp(buffer, "abc\0", 4) == 0);
}

static void searching(void)
{
    const char *text = "a domain has a name";

    CHECK(strlen(text) == 19 && strnlen(text, 5) == 5 && strlen("") == 0);
    CHECK(strchr(text, 'd') == text + 2 && !strchr(text, 'z'));
    CHECK(strchr(text, 0) == text + 19 && strrchr(text, 0) == text + 19);
    CHECK(strrchr(text, 'a') == text + 16 && !strrchr(text, 'z'));
    CHECK(strstr(text, "has") == text + 9 && !strstr(text, "hat"));
    CHECK(strstr(text, "") == text && strstr("aab", "ab"));
    CHECK(strspn("112x", "12") == 3 && strcspn("abc,d", ",;") == 3);
    CHECK(strpbrk(text, "nm") == text + 4 && !strpbrk(text, "xyz"));
}

static void comparing(void)
{
    CHECK(strcmp("a", "b") < 0 && strcmp("b", "a") > 0 && !strcmp("", ""));
    CHECK(strcmp("a", "ab") < 0 && strcmp("\xff", "a") > 0);
    CHECK(!strncmp("abcx", "abcy", 3) && strncmp("abcx", "abcy", 4) < 0);
    CHECK(!strncmp("ab", "ab", 100) && !strncmp("a", "b", 0));
}

static void pieces(void)
{
    char text[] = ",,one,two;three", *rest;
    char *copy = strndup("abcdef", 3), *whole = strndup("ab", 9);

    CHECK(strcmp(strtok_r(text, ",;", &rest), "one") == 0);
    CHECK(strcmp(strtok_r(NULL, ",", &rest), "two;three") == 0);
    CHECK(!strtok_r(NULL, ",", &rest) && !strtok_r(NULL, ",", &rest));
    CHECK(copy && strcmp(copy, "abc") == 0 && whole && !strcmp(whole, "ab"));
    CHECK(!strcasecmp("Tepal", "tEPAL") && strcasecmp("a", "B") < 0);
    CHECK(strcasecmp("[", "a") < 0 && strcasecmp("ab", "A") > 0);
    CHECK(!strncasecmp("ABx", "aby", 2) && strncasecmp("ABx", "aby", 3) < 0);
    CHECK(memmem("aab\0ab", 6, "b\0a", 3) && memmem("a", 1, "", 0));
    CHECK(!memmem("aab", 3, "b\0", 2) && !memmem("a", 1, "aa", 2));
    free(copy);
    free(whole);
}

static void numbers(void)
{
    char *end;
    const char *text = "  -42abc";

    CHECK(strtol(text, &end, 10) == -42 && end == text + 5);
    CHECK(strtol("0x1f", &end, 0) == 31 && !*end);
    CHECK(strtol("077", NULL, 0) == 63 && strtol("z", NULL, 36) == 35);
    CHECK(strtoul("ffffffffffffffff", NULL, 16) == ULONG_MAX);
    CHECK(strtoul("99999999999999999999999", NULL, 10) == ULONG_MAX);
    CHECK(strtol("99999999999999999999999", NULL, 10) == LONG_MAX);
    CHECK(strtol("-99999999999999999999999", NULL, 10) == LONG_MIN);
    CHECK(strtol("-9223372036854775808", NULL, 10) == LONG_MIN);
    text = "none";
    CHECK(strtol(text, &end, 10) == 0 && end == text);
    CHECK(strtol("0x", &end, 16) == 0 && *end == 'x');
    CHECK(atoi("+17") == 17 && atol("-5 ") == -5);
    CHECK(isdigit('7') && !isdigit('a') && isspace('\n') && ispunct('!'));
    CHECK(isblank('\t') && !isblank('\n') && iscntrl(0x7f) && !iscntrl(' '));
    CHECK(isgraph('!') && !isgraph(' ') && atoll("-77") == -77);
    CHECK(llabs(-5ll) == 5 && div(-7, 2).rem == -1 && ldiv(9, 2).quot == 4);
    CHECK(toupper('q') == 'Q' && tolower('Q') == 'q' && isxdigit('f'));
}

int tp_main(void)
{
    copying();
    searching();
    comparing();
    pieces();
    numbers();
    return check_failures;
}
