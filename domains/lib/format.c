/* SPDX-License-Identifier: MIT */
/*
 * format.c - vsnprintf (ISO C11, 7.21.6); stdio.h says what is left out.
 *
 * Text goes to a sink that counts everything and keeps what fits. A number is
 * first written backwards into a small buffer; then sign or prefix, zeros,
 * digits and padding are put in their order.
 */
#include <ctype.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum {
    DIGITS_MAX = 24, /* 64 bits in octal, and some */
    FRACTION_MAX = 9,
};

struct sink {
    char *buffer;
    size_t room;   /* without the final 0 */
    size_t length; /* of the whole text */
};

struct conversion {
    bool left, plus, space, alternate, zero;
    int width, precision; /* precision -1: not given */
    int bytes;            /* size of the integer argument */
    char letter;
};

static void put(struct sink *sink, char c)
{
    if (sink->length < sink->room)
        sink->buffer[sink->length] = c;
    sink->length++;
}

static void put_many(struct sink *sink, char c, int count)
{
    for (; count > 0; count--)
        put(sink, c);
}

static void put_text(struct sink *sink, const char *text, size_t length)
{
    for (; length; length--)
        put(sink, *text++);
}

/* @prefix, zeros up to what was asked for, @text; padded to the width. */
static void put_padded(struct sink *sink, const struct conversion *conversion,
                       const char *prefix, int zeros, const char *text,
                       size_t length)
{
    int used = (int)(strlen(prefix) + length) + zeros;
    int padding = conversion->width - used;

    if (conversion->zero && !conversion->left && padding > 0) {
        zeros += padding;
        padding = 0;
    }
    if (!conversion->left)
        put_many(sink, ' ', padding);
    put_text(sink, prefix, strlen(prefix));
    put_many(sink, '0', zeros);
    put_text(sink, text, length);
    if (conversion->left)
        put_many(sink, ' ', padding);
}

/* Write @value before @end; returns where its digits start. */
static char *digits_before(char *end, uint64_t value, unsigned base, bool upper)
{
    const char *names = upper ? "0123456789ABCDEF" : "0123456789abcdef";

    for (; value; value /= base)
        *--end = names[value % base];
    return end;
}

static const char *sign_of(const struct conversion *conversion, bool negative)
{
    if (negative)
        return "-";
    return conversion->plus ? "+" : conversion->space ? " " : "";
}

static void put_integer(struct sink *sink, struct conversion *conversion,
                        uint64_t value, unsigned base, const char *prefix)
{
    char buffer[DIGITS_MAX], *end = buffer + sizeof buffer;
    char *start = digits_before(end, value, base, conversion->letter == 'X');
    int length = (int)(end - start);
    int wanted = conversion->precision < 0 ? 1 : conversion->precision;

    if (base == 8 && conversion->alternate && wanted <= length)
        wanted = length + 1; /* a zero in front */
    if (conversion->precision >= 0)
        conversion->zero = false;
    put_padded(sink, conversion, prefix, wanted > length ? wanted - length : 0,
               start, (size_t)length);
}

static int64_t signed_argument(int bytes, va_list *list)
{
    if (bytes == 8)
        return va_arg(*list, int64_t);
    if (bytes == 4)
        return va_arg(*list, int);
    return bytes == 2 ? (short)va_arg(*list, int)
                      : (signed char)va_arg(*list, int);
}

static uint64_t unsigned_argument(int bytes, va_list *list)
{
    if (bytes == 8)
        return va_arg(*list, uint64_t);
    if (bytes == 4)
        return va_arg(*list, unsigned);
    return bytes == 2 ? (unsigned short)va_arg(*list, unsigned)
                      : (unsigned char)va_arg(*list, unsigned);
}

static void put_signed(struct sink *sink, struct conversion *conversion,
                       va_list *list)
{
    int64_t value = signed_argument(conversion->bytes, list);
    uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;

    put_integer(sink, conversion, magnitude, 10,
                sign_of(conversion, value < 0));
}

static void put_hex(struct sink *sink, struct conversion *conversion,
                    va_list *list)
{
    uint64_t value = unsigned_argument(conversion->bytes, list);
    const char *prefix = "";

    if (conversion->alternate && value)
        prefix = conversion->letter == 'X' ? "0X" : "0x";
    put_integer(sink, conversion, value, 16, prefix);
}

static void put_string(struct sink *sink, struct conversion *conversion,
                       const char *text)
{
    size_t limit =
        conversion->precision < 0 ? SIZE_MAX : (size_t)conversion->precision;

    if (!text)
        text = "(null)";
    conversion->zero = false;
    put_padded(sink, conversion, "", 0, text, strnlen(text, limit));
}

/* A value's whole part, and its fraction in units of 1/scale. */
struct split {
    uint64_t whole, fraction;
};

/* Halves go to the even neighbour. Needs: 0 <= @value < 2^63. */
static struct split split_float(double value, uint64_t scale)
{
    struct split split = {.whole = (uint64_t)value};
    double scaled = (value - (double)split.whole) * (double)scale, rest;
    bool odd;

    split.fraction = (uint64_t)scaled;
    rest = scaled - (double)split.fraction;
    odd = (scale == 1 ? split.whole : split.fraction) & 1;
    if (rest > 0.5 || (rest == 0.5 && odd))
        split.fraction++;
    if (split.fraction >= scale) {
        split.whole++;
        split.fraction -= scale;
    }
    return split;
}

static void put_float(struct sink *sink, struct conversion *conversion,
                      double value)
{
    char buffer[DIGITS_MAX + FRACTION_MAX + 2];
    char *end = buffer + sizeof buffer, *at = end;
    int precision = conversion->precision < 0 ? 6 : conversion->precision;
    bool negative = __builtin_signbit(value);
    double magnitude = negative ? -value : value;
    uint64_t scale = 1;
    struct split split;

    if (!(magnitude < 9223372036854775808.0)) {
        put_string(sink, conversion, "?");
        return;
    }
    if (precision > FRACTION_MAX)
        precision = FRACTION_MAX;
    for (int i = 0; i < precision; i++)
        scale *= 10;
    split = split_float(magnitude, scale);
    for (int i = 0; i < precision; i++, split.fraction /= 10)
        *--at = (char)('0' + split.fraction % 10);
    if (precision || conversion->alternate)
        *--at = '.';
    if (!split.whole)
        *--at = '0';
    at = digits_before(at, split.whole, 10, false);
    put_padded(sink, conversion, sign_of(conversion, negative), 0, at,
               (size_t)(end - at));
}

static void put_conversion(struct sink *sink, struct conversion *conversion,
                           va_list *list)
{
    char c;

    switch (conversion->letter) {
    case 'd':
    case 'i':
        put_signed(sink, conversion, list);
        break;
    case 'u':
        put_integer(sink, conversion,
                    unsigned_argument(conversion->bytes, list), 10, "");
        break;
    case 'o':
        put_integer(sink, conversion,
                    unsigned_argument(conversion->bytes, list), 8, "");
        break;
    case 'x':
    case 'X':
        put_hex(sink, conversion, list);
        break;
    case 'p':
        put_integer(sink, conversion, (uintptr_t)va_arg(*list, void *), 16,
                    "0x");
        break;
    case 'c':
        c = (char)va_arg(*list, int);
        conversion->zero = false;
        put_padded(sink, conversion, "", 0, &c, 1);
        break;
    case 's':
        put_string(sink, conversion, va_arg(*list, const char *));
        break;
    case 'f':
        put_float(sink, conversion, va_arg(*list, double));
        break;
    default: /* not one that is known: show it */
        put(sink, '%');
        put(sink, conversion->letter);
        break;
    case '%':
        put(sink, '%');
        break;
    }
}

static const char *read_flags(const char *format, struct conversion *conversion)
{
    for (;; format++) {
        switch (*format) {
        case '-':
            conversion->left = true;
            break;
        case '+':
            conversion->plus = true;
            break;
        case ' ':
            conversion->space = true;
            break;
        case '#':
            conversion->alternate = true;
            break;
        case '0':
            conversion->zero = true;
            break;
        default:
            return format;
        }
    }
}

/* A number, or a '*' that stands for an argument. */
static const char *read_number(const char *format, int *number, va_list *list)
{
    *number = 0;
    if (*format == '*') {
        *number = va_arg(*list, int);
        return format + 1;
    }
    for (; isdigit(*format); format++)
        if (*number < INT_MAX / 16)
            *number = *number * 10 + (*format - '0');
    return format;
}

static const char *read_length(const char *format,
                               struct conversion *conversion)
{
    conversion->bytes = 4;
    for (;; format++) {
        if (*format == 'h')
            conversion->bytes /= 2;
        else if (*format && strchr("lzjt", *format))
            conversion->bytes = 8;
        else
            return format;
    }
}

/* Read the conversion behind a '%'. */
static const char *read_conversion(const char *format,
                                   struct conversion *conversion, va_list *list)
{
    *conversion = (struct conversion){.precision = -1};
    format = read_flags(format, conversion);
    format = read_number(format, &conversion->width, list);
    if (conversion->width < 0) {
        conversion->left = true;
        conversion->width = -conversion->width;
    }
    if (*format == '.')
        format = read_number(format + 1, &conversion->precision, list);
    format = read_length(format, conversion);
    conversion->letter = *format;
    return *format ? format + 1 : format;
}

int vsnprintf(char *restrict buffer, size_t bytes, const char *restrict format,
              va_list list)
{
    struct sink sink = {buffer, bytes ? bytes - 1 : 0, 0};
    struct conversion conversion;
    va_list copy;

    va_copy(copy, list);
    while (*format) {
        if (*format != '%') {
            put(&sink, *format++);
            continue;
        }
        format = read_conversion(format + 1, &conversion, &copy);
        if (conversion.letter)
            put_conversion(&sink, &conversion, &copy);
    }
    va_end(copy);
    if (bytes)
        buffer[sink.length < sink.room ? sink.length : sink.room] = 0;
    return (int)sink.length;
}

int snprintf(char *restrict buffer, size_t bytes, const char *restrict format,
             ...)
{
    va_list list;
    int length;

    va_start(list, format);
    length = vsnprintf(buffer, bytes, format, list);
    va_end(list);
    return length;
}

int vsprintf(char *restrict buffer, const char *restrict format, va_list list)
{
    return vsnprintf(buffer, SIZE_MAX, format, list);
}

int sprintf(char *restrict buffer, const char *restrict format, ...)
{
    va_list list;
    int length;

    va_start(list, format);
    length = vsprintf(buffer, format, list);
    va_end(list);
    return length;
}
