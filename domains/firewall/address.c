/* SPDX-License-Identifier: MIT */
/*
 * address.c - dotted IPv4, and every form of IPv6 that RFC 4291 has.
 *
 * Numbers with zeros in front are refused: some read them as octal. So are
 * bits behind a prefix's length: one of the two is a slip of the pen.
 */
#include "address.h"

enum { GROUPS = 8 }; /* of 16 bits, in an IPv6 address */

struct text {
    const char *at, *end;
};

bool number_read(uint32_t *number, const char *text, size_t length,
                 uint32_t limit)
{
    uint64_t value = 0;
    size_t i;

    if (length == 0 || length > 9 || (text[0] == '0' && length > 1))
        return false;
    for (i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        value = value * 10 + (uint64_t)(text[i] - '0');
    }
    *number = (uint32_t)value;
    return value <= limit;
}

/* The first of @wanted in [@from, @end); @end when there is none. */
static const char *find(const char *from, const char *end, char wanted)
{
    while (from < end && *from != wanted)
        from++;
    return from;
}

static bool read_ipv4(uint32_t *word, struct text text)
{
    uint32_t part, i;
    const char *dot;

    *word = 0;
    for (i = 0; i < 4; i++) {
        dot = i < 3 ? find(text.at, text.end, '.') : text.end;
        if ((i < 3 && dot == text.end) ||
            !number_read(&part, text.at, (size_t)(dot - text.at), 255))
            return false;
        *word = *word << 8 | part;
        text.at = dot + (i < 3);
    }
    return true;
}

/* Value of a hexadecimal digit; 16 when it is none. */
static uint32_t digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return (uint32_t)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (uint32_t)(c - 'a') + 10;
    if (c >= 'A' && c <= 'F')
        return (uint32_t)(c - 'A') + 10;
    return 16;
}

/* One to four digits. */
static bool read_group(uint32_t *group, struct text *text)
{
    uint32_t count = 0;

    for (*group = 0; text->at < text->end && digit_of(*text->at) < 16; count++)
        *group = *group << 4 | digit_of(*text->at++);
    return count >= 1 && count <= 4;
}

struct groups {
    uint16_t group[GROUPS];
    uint32_t count;
    uint32_t gap; /* where "::" stands; GROUPS: nowhere */
};

static bool push(struct groups *groups, uint32_t group)
{
    if (groups->count == GROUPS)
        return false;
    groups->group[groups->count++] = (uint16_t)group;
    return true;
}

/* What stands between two colons; an IPv4 address may be the last. */
static bool read_part(struct groups *groups, struct text *text)
{
    uint32_t word;

    if (find(text->at, text->end, ':') == text->end &&
        find(text->at, text->end, '.') != text->end) {
        if (!read_ipv4(&word, *text))
            return false;
        text->at = text->end;
        return push(groups, word >> 16) && push(groups, word & 0xffff);
    }
    return read_group(&word, text) && push(groups, word);
}

static bool take_gap(struct text *text)
{
    if (text->end - text->at < 2 || text->at[0] != ':' || text->at[1] != ':')
        return false;
    text->at += 2;
    return true;
}

static bool read_groups(struct groups *groups, struct text text)
{
    groups->count = 0;
    groups->gap = take_gap(&text) ? 0 : GROUPS;
    while (text.at < text.end) {
        if (!read_part(groups, &text))
            return false;
        if (text.at == text.end)
            break;
        if (take_gap(&text)) {
            if (groups->gap != GROUPS)
                return false;
            groups->gap = groups->count;
        } else if (*text.at++ != ':' || text.at == text.end) {
            return false;
        }
    }
    /* "::" stands for at least one group */
    return (groups->gap == GROUPS) == (groups->count == GROUPS);
}

static bool read_ipv6(uint32_t *word, struct text text)
{
    struct groups groups;
    uint32_t i, place, missing;

    if (!read_groups(&groups, text))
        return false;
    missing = GROUPS - groups.count;
    for (i = 0; i < 4; i++)
        word[i] = 0;
    for (i = 0; i < groups.count; i++) {
        place = i < groups.gap ? i : i + missing;
        word[place / 2] |= (uint32_t)groups.group[i]
                           << (place % 2 ? 0 : 16);
    }
    return true;
}

static bool has_bits_behind(const struct prefix *prefix)
{
    uint32_t bit, words = prefix->is_ipv6 ? 4 : 1;

    for (bit = prefix->length; bit < 32 * words; bit++)
        if (prefix->word[bit / 32] >> (31 - bit % 32) & 1)
            return true;
    return false;
}

static const char *read_length(struct prefix *prefix, struct text text)
{
    uint32_t limit = prefix->is_ipv6 ? 128 : 32;

    prefix->length = limit;
    if (text.at == text.end)
        return NULL;
    if (!number_read(&prefix->length, text.at + 1,
                     (size_t)(text.end - text.at) - 1, limit))
        return prefix->is_ipv6 ? "a length behind / is 0 to 128 in IPv6"
                               : "a length behind / is 0 to 32 in IPv4";
    if (has_bits_behind(prefix))
        return "bits are set behind the prefix: clear them, or lengthen it";
    return NULL;
}

const char *prefix_read(struct prefix *prefix, const char *text, size_t length)
{
    const char *end = text + length, *slash = find(text, end, '/');
    struct text address = {text, slash}, rest = {slash, end};

    prefix->is_ipv6 = find(text, slash, ':') != slash;
    prefix->word[1] = prefix->word[2] = prefix->word[3] = 0;
    if (prefix->is_ipv6 && !read_ipv6(prefix->word, address))
        return "no IPv6 address: write one as in 2001:db8::1";
    if (!prefix->is_ipv6 && !read_ipv4(prefix->word, address))
        return "no address: write any, 192.0.2.0/24 or 2001:db8::/32";
    return read_length(prefix, rest);
}
