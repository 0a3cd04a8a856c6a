/* SPDX-License-Identifier: MIT */
/*
 * text.c - strings and formatted printing for the kernel, without a libc.
 */
#include "tepal_trusted/base.h"

size_t text_length(const char *text)
{
    size_t length = 0;

    while (text[length])
        length++;
    return length;
}

bool text_equal(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

void text_copy(char *to, size_t room, const char *from)
{
    size_t i;

    for (i = 0; i + 1 < room && from[i]; i++)
        to[i] = from[i];
    if (room)
        to[i] = 0;
}

struct output {
    char *to;
    size_t room, length;
};

static void put(struct output *out, char c)
{
    if (out->length + 1 < out->room)
        out->to[out->length++] = c;
}

static void put_text(struct output *out, const char *text)
{
    while (*text)
        put(out, *text++);
}

static void put_number(struct output *out, uint64_t value, unsigned base,
                       unsigned width, char pad)
{
    char digits[24];
    unsigned count = 0;

    do {
        digits[count++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    for (; width > count; width--)
        put(out, pad);
    while (count)
        put(out, digits[--count]);
}

/* A conversion after its %: flags, width and length. */
struct conversion {
    unsigned width;
    char pad;
    bool is_long;
};

static const char *read_conversion(const char *f, struct conversion *c)
{
    c->pad = ' ';
    c->width = 0;
    c->is_long = false;
    if (*f == '0')
        c->pad = *f++;
    while (*f >= '0' && *f <= '9' && c->width < 64)
        c->width = c->width * 10 + (unsigned)(*f++ - '0');
    while (*f == 'l' || *f == 'z') {
        c->is_long = true;
        f++;
    }
    return f;
}

static void put_signed(struct output *out, int64_t value,
                       const struct conversion *c)
{
    if (value < 0)
        put(out, '-');
    put_number(out, value < 0 ? -(uint64_t)value : (uint64_t)value, 10,
               c->width, c->pad);
}

size_t text_format_list(char *to, size_t room, const char *format,
                        va_list list)
{
    struct output out = {to, room, 0};
    struct conversion c;
    const char *f;

    for (f = format; *f; f++) {
        if (*f != '%') {
            put(&out, *f);
            continue;
        }
        f = read_conversion(f + 1, &c);
        if (*f == 's')
            put_text(&out, va_arg(list, const char *));
        else if (*f == 'c')
            put(&out, (char)va_arg(list, int));
        else if (*f == 'd')
            put_signed(&out,
                       c.is_long ? va_arg(list, long) : va_arg(list, int), &c);
        else if (*f == 'u' || *f == 'x')
            put_number(&out,
                       c.is_long ? va_arg(list, unsigned long)
                                 : va_arg(list, unsigned),
                       *f == 'x' ? 16 : 10, c.width, c.pad);
        else if (*f == 'p')
            put_number(&out, (uintptr_t)va_arg(list, void *), 16, 0, ' ');
        else if (*f)
            put(&out, *f);
        else
            break;
    }
    if (room)
        to[out.length] = 0;
    return out.length;
}

size_t text_format(char *to, size_t room, const char *format, ...)
{
    va_list list;
    size_t length;

    va_start(list, format);
    length = text_format_list(to, room, format, list);
    va_end(list);
    return length;
}
