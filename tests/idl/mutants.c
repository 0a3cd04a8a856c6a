/* SPDX-License-Identifier: MIT */
/*
 * mutants.c - see mutants.h. Changes are of two kinds: bytes changed, taken
 * away, put in; and whole tokens changed against those of any seed, so that
 * what comes out is often near the grammar, and sometimes right.
 */
#include "mutants.h"
#include <ctype.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct text {
    char *bytes;
    uint32_t length;
};

static struct text *seeds;
static uint32_t seed_count, good_seed_count; /* the good ones come first */

static const char *const words[] = {
    "struct ",
    "type ",
    "enum ",
    "error ",
    "interface ",
    "rref<",
    "rref_deque<",
    "rref_array<",
    "move ",
    "borrow ",
    "returns (",
    "fails ",
    "retry",
    "{",
    "}",
    "(",
    ")",
    "<",
    ">",
    "[",
    "]",
    ";",
    ",",
    "*",
    "(*f)(",
    "/*",
    "*/",
    "//",
    "u8 ",
    "u64 ",
    "0",
    "1024",
    "2097152",
    "18446744073709551615",
    "0x",
    "\n",
    "\0",
    "\xff",
    "[2][3][4]",
    "[2097152][2097152]",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static _Noreturn void give_up(const char *path, const char *why)
{
    fprintf(stderr, "%s: %s\n", path, why);
    exit(99);
}

/* Changes in the comment that opens every file would be no changes. */
static void drop_opening(struct text *text)
{
    const char *start = text->bytes, *end;

    while (strncmp(start, "/*", 2) == 0 && (end = strstr(start, "*/")) != NULL)
        start = end + 2 + strspn(end + 2, "\n");
    text->length -= (uint32_t)(start - text->bytes);
    memmove(text->bytes, start, text->length + 1);
}

static struct text seed_read(const char *path)
{
    struct text text = {calloc(1, MUTANT_BYTES_MAX + 1), 0};
    FILE *file = fopen(path, "rb");

    if (!text.bytes || !file)
        give_up(path, "not a file");
    text.length = (uint32_t)fread(text.bytes, 1, MUTANT_BYTES_MAX, file);
    if (ferror(file) || text.length > MUTANT_BYTES_MAX / 2)
        give_up(path, "cannot be read, or larger than mutants have room for");
    fclose(file);
    drop_opening(&text);
    return text;
}

static uint32_t load_folder(const char *tests_idl, const char *folder)
{
    char pattern[4096];
    glob_t found;
    size_t i, count;

    snprintf(pattern, sizeof(pattern), "%s/%s/*.idl", tests_idl, folder);
    if (glob(pattern, 0, NULL, &found))
        give_up(pattern, "no files; is top_srcdir set?");
    count = found.gl_pathc;
    seeds = realloc(seeds, (seed_count + count) * sizeof(*seeds));
    if (!seeds)
        give_up(pattern, "out of memory");
    for (i = 0; i < count; i++)
        seeds[seed_count++] = seed_read(found.gl_pathv[i]);
    globfree(&found);
    return (uint32_t)count;
}

void seeds_load(const char *tests_idl)
{
    good_seed_count = load_folder(tests_idl, "accept");
    load_folder(tests_idl, "reject");
}

void seeds_free(void)
{
    while (seed_count)
        free(seeds[--seed_count].bytes);
    free(seeds);
    seeds = NULL;
}

static uint64_t state;

static uint32_t random_below(uint32_t bound)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return bound ? (uint32_t)(state >> 32) % bound : 0;
}

/* Numbers that are neighbours have nothing in common then. */
static void random_start(uint64_t number)
{
    state = (number + 1) * 0x9e3779b97f4a7c15u;
    random_below(1);
}

/* Most mutants come from good files, or few would be accepted. */
static const struct text *random_seed(void)
{
    return &seeds[random_below(random_below(4) ? good_seed_count : seed_count)];
}

/* Replace @removed bytes at @at by @length bytes, where there is room. */
static void splice(struct mutant *m, uint32_t at, uint32_t removed,
                   const char *bytes, uint32_t length)
{
    if (at > m->length || removed > m->length - at ||
        m->length - removed + length > MUTANT_BYTES_MAX)
        return;
    memmove(m->bytes + at + length, m->bytes + at + removed,
            m->length - at - removed);
    memcpy(m->bytes + at, bytes, length);
    m->length = m->length - removed + length;
}

static void change_bytes(struct mutant *m)
{
    const char *word = words[random_below(COUNT(words))];
    uint32_t word_length = *word ? (uint32_t)strlen(word) : 1;
    uint32_t at = random_below(m->length + 1);
    const struct text *seed = random_seed();
    uint32_t from = random_below(seed->length);
    char byte = (char)random_below(256);

    switch (random_below(16)) {
    case 0:
        m->length = at;
        break;
    case 1:
    case 2:
        splice(m, at, 0, seed->bytes + from,
               random_below(seed->length - from));
        break;
    case 3:
    case 4:
    case 5:
        splice(m, at, 1, &byte, 1);
        break;
    case 6:
    case 7:
    case 8:
        splice(m, at, random_below(40), "", 0);
        break;
    case 9:
    case 10:
    case 11:
        splice(m, at, 0, word, word_length);
        break;
    default:
        splice(m, at, random_below(8), word, word_length);
        break;
    }
}

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t';
}

/* A stretch of whole tokens. */
struct run {
    const char *bytes;
    uint32_t at, length;
};

/* Up to @count tokens of the text, from any of its tokens on. */
static struct run random_run(const char *bytes, uint32_t length, uint32_t count)
{
    uint32_t at = random_below(length), end;

    while (at && is_name(bytes[at]) && is_name(bytes[at - 1]))
        at--;
    while (at < length && is_blank(bytes[at]))
        at++;
    for (end = at; count && end < length; count--) {
        while (end < length && is_blank(bytes[end]))
            end++;
        if (end < length && !is_name(bytes[end]))
            end++;
        else
            while (end < length && is_name(bytes[end]))
                end++;
    }
    return (struct run){bytes + at, at, end - at};
}

static struct run run_of_seed(uint32_t count)
{
    const struct text *seed = random_seed();

    return random_run(seed->bytes, seed->length, count);
}

static struct run run_of(const struct mutant *m, uint32_t count)
{
    return random_run(m->bytes, m->length, count);
}

/* Blanks around, so that two names do not become one. */
static void put_run(struct mutant *m, uint32_t at, uint32_t removed,
                    struct run run)
{
    char bytes[MUTANT_BYTES_MAX + 2];

    if (run.length > MUTANT_BYTES_MAX)
        return;
    bytes[0] = ' ';
    memcpy(bytes + 1, run.bytes, run.length);
    bytes[run.length + 1] = ' ';
    splice(m, at, removed, bytes, run.length + 2);
}

static void change_tokens(struct mutant *m)
{
    struct run one = run_of(m, 1), few = run_of(m, 1 + random_below(12));

    switch (random_below(6)) {
    case 0: /* another token of this file */
        put_run(m, one.at, one.length, run_of(m, 1));
        break;
    case 1: /* a token of another file */
        put_run(m, one.at, one.length, run_of_seed(1));
        break;
    case 2: /* a part of another file in the place of one here */
        put_run(m, few.at, few.length, run_of_seed(1 + random_below(24)));
        break;
    case 3: /* a part of another file, more */
        put_run(m, one.at, 0, run_of_seed(1 + random_below(48)));
        break;
    case 4: /* a part twice */
        put_run(m, one.at, 0, few);
        break;
    default: /* a token less */
        splice(m, one.at, one.length, "", 0);
        break;
    }
}

void mutant_make(struct mutant *m, uint64_t number)
{
    const struct text *seed;
    uint32_t changes;

    random_start(number);
    seed = random_seed();
    memcpy(m->bytes, seed->bytes, seed->length);
    m->length = seed->length;
    for (changes = 1 + random_below(1 + random_below(5)); changes; changes--) {
        if (random_below(2))
            change_bytes(m);
        else
            change_tokens(m);
    }
}

void mutant_make_noise(struct mutant *m, uint64_t number)
{
    uint32_t i;

    random_start(number);
    m->length = random_below(MUTANT_BYTES_MAX / 4);
    for (i = 0; i < m->length; i++)
        m->bytes[i] = (char)random_below(number % 2 ? 256 : 127);
}
