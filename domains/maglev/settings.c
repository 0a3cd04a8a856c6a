/* SPDX-License-Identifier: MIT */
/*
 * settings.c - statements, a line or a word each, into struct settings. The
 * text is anything; nothing is read twice.
 */
#include "settings.h"
#include <ctype.h>
#include <string.h>

#define WORDS_MAX 4 /* one more than any statement has */

struct word {
    const char *text;
    size_t length;
};

struct statement {
    struct word word[WORDS_MAX];
    uint32_t count;
};

static bool is(struct word word, const char *text)
{
    return word.length == strlen(text) &&
           memcmp(word.text, text, word.length) == 0;
}

/* 0..15; 16 for what is no digit. */
static uint32_t hex_digit(char c)
{
    if (isdigit((unsigned char)c))
        return (uint32_t)(c - '0');
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a') + 10 : 16;
}

/* Six pairs of digits with colons between. */
static bool read_mac(struct word word, uint64_t *mac)
{
    uint32_t i, digit;

    *mac = 0;
    if (word.length != 17)
        return false;
    for (i = 0; i < 17; i++) {
        if (i % 3 == 2) {
            if (word.text[i] != ':')
                return false;
            continue;
        }
        digit = hex_digit(word.text[i]);
        if (digit > 15)
            return false;
        *mac = *mac << 4 | digit;
    }
    return settings_is_station(*mac);
}

static bool read_number(struct word word, uint64_t *number)
{
    size_t i;

    *number = 0;
    for (i = 0; i < word.length; i++) {
        if (!isdigit((unsigned char)word.text[i]) ||
            __builtin_mul_overflow(*number, 10u, number) ||
            __builtin_add_overflow(*number, (uint64_t)(word.text[i] - '0'),
                                   number))
            return false;
    }
    return word.length > 0;
}

static bool is_name(struct word word)
{
    size_t i;

    for (i = 0; i < word.length; i++) {
        char c = word.text[i];

        if (!isalnum((unsigned char)c) && c != '.' && c != '_' && c != '-')
            return false;
    }
    return word.length > 0 && word.length <= SETTINGS_NAME_MAX;
}

/* Needs: two words or three; the one in the middle is the name. */
static const char *read_backend(struct settings *settings,
                                const struct statement *statement)
{
    const bool named = statement->count == 3;
    const struct word name = statement->word[1];
    uint64_t mac;
    uint32_t i;

    if (named && !is_name(name))
        return "a name has 1 to 31 letters, digits, . _ or -";
    if (!read_mac(statement->word[statement->count - 1], &mac))
        return "a backend's address is that of one station, as in "
               "02:00:00:00:00:01";
    for (i = 0; i < settings->backends; i++) {
        if (settings->mac[i] == mac)
            return "another backend has this address";
        if (named && is(name, settings->name[i]))
            return "another backend has this name";
    }
    if (i == TABLE_NONE)
        return "there are 255 backends already";
    settings->mac[i] = mac;
    if (named)
        memcpy(settings->name[i], name.text, name.length);
    settings->backends++;
    return NULL;
}

static const char *read_cache(struct settings *settings, struct word word)
{
    uint64_t entries;

    if (!read_number(word, &entries) || entries == 0 ||
        entries > SETTINGS_CACHE_MAX)
        return "a cache has 1 to 16777216 entries";
    settings->cache_entries = entries;
    return NULL;
}

static const char *read_statement(struct settings *settings,
                                  const struct statement *statement)
{
    const struct word *word = statement->word;

    if (is(word[0], "backend"))
        return statement->count == 2 || statement->count == 3
                   ? read_backend(settings, statement)
                   : "say backend, a name, and an address";
    if (statement->count != 2)
        return "say backend, source, cache or seed, and its value";
    if (is(word[0], "source"))
        return read_mac(word[1], &settings->source)
                   ? NULL
                   : "a source is the address of one station, as in "
                     "02:00:00:00:00:01";
    if (is(word[0], "cache"))
        return read_cache(settings, word[1]);
    if (!is(word[0], "seed"))
        return "there are backend, source, cache and seed";
    settings->has_seed = read_number(word[1], &settings->seed);
    return settings->has_seed ? NULL : "a seed is a number below 2^64";
}

void settings_init(struct settings *settings)
{
    memset(settings, 0, sizeof(*settings));
    settings->cache_entries = SETTINGS_CACHE_DEFAULT;
}

static bool is_blank(char c, bool in_arguments)
{
    return c == ' ' || c == '\t' || c == '\r' || (in_arguments && c == '=');
}

/* The words of @line up to a comment; those beyond the last are not kept. */
static void split(struct word line, bool in_arguments,
                  struct statement *statement)
{
    size_t at = 0, start;

    statement->count = 0;
    while (at < line.length && statement->count < WORDS_MAX) {
        if (is_blank(line.text[at], in_arguments)) {
            at++;
            continue;
        }
        if (line.text[at] == '#')
            return;
        for (start = at; at < line.length; at++)
            if (is_blank(line.text[at], in_arguments))
                break;
        statement->word[statement->count++] =
            (struct word){line.text + start, at - start};
    }
}

struct settings_error settings_read(struct settings *settings, const char *text,
                                    size_t length, bool in_arguments)
{
    const char end = in_arguments ? ' ' : '\n';
    struct settings_error error = {1, NULL};
    struct statement statement;
    size_t at = 0, start;

    while (at < length && !error.reason) {
        for (start = at; at < length && text[at] != end; at++)
            continue;
        split((struct word){text + start, at - start}, in_arguments,
              &statement);
        if (statement.count > 0)
            error.reason = read_statement(settings, &statement);
        if (at < length) {
            at++;
            error.line += !error.reason && !in_arguments;
        }
    }
    return error;
}
