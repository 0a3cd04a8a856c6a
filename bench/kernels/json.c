/* SPDX-License-Identifier: MIT */
/* json.c - cut a JSON text (RFC 8259) into tokens, with their nesting. */
#include "kernels.h"
#include <stdbool.h>
#include <stdio.h>

#define TOKENS 1024u

enum kind { OBJECT, ARRAY, STRING, NUMBER, WORD };

struct token {
    enum kind kind;
    uint32_t start, end;
    int32_t parent;
};

struct parser {
    const char *text;
    uint32_t at, bytes;
    struct token *tokens;
    uint32_t count;
    int32_t parent;
};

static char text[4096];
static uint32_t text_bytes;
static struct token tokens[TOKENS];

void kernel_json_prepare(void)
{
    uint64_t state = KERNEL_SEED;
    int at = snprintf(text, sizeof(text), "{\"items\": [\n");

    while (at < 3600) {
        uint64_t number = kernel_random(&state);

        at += snprintf(text + at, sizeof(text) - (size_t)at,
                       "  {\"id\": %u, \"name\": \"a \\\"%x\\\" thing\", "
                       "\"price\": -%u.%02ue+2, \"tags\": [%s, null, \"t%u\"],"
                       " \"in\": {\"x\": %d}},\n",
                       (unsigned)(number & 0xffff), (unsigned)(number >> 40),
                       (unsigned)(number >> 20 & 0xff),
                       (unsigned)(number >> 30) % 100,
                       number & 1 ? "true" : "false",
                       (unsigned)(number >> 50), (int)(number >> 33) & 0xff);
    }
    at += snprintf(text + at, sizeof(text) - (size_t)at, "  []], \"end\": 0}");
    text_bytes = (uint32_t)at;
}

static bool add(struct parser *p, enum kind kind, uint32_t start, uint32_t end)
{
    if (p->count == TOKENS)
        return false;
    p->tokens[p->count++] = (struct token){kind, start, end, p->parent};
    return true;
}

static bool open_container(struct parser *p, enum kind kind)
{
    if (!add(p, kind, p->at++, 0))
        return false;
    p->parent = (int32_t)p->count - 1;
    return true;
}

static bool close_container(struct parser *p, enum kind kind)
{
    struct token *token = &p->tokens[p->parent];

    if (p->parent < 0 || token->kind != kind)
        return false;
    token->end = ++p->at;
    p->parent = token->parent;
    return true;
}

static bool read_string(struct parser *p)
{
    uint32_t start = ++p->at;

    for (; p->at < p->bytes && p->text[p->at] != '"'; p->at++)
        if (p->text[p->at] == '\\')
            p->at++;
    return add(p, STRING, start, p->at++);
}

static bool is_end(char c)
{
    return c == ',' || c == ']' || c == '}' || c == ':' || c <= ' ';
}

static bool read_plain(struct parser *p)
{
    uint32_t start = p->at;
    char first = p->text[start];

    while (p->at < p->bytes && !is_end(p->text[p->at]))
        p->at++;
    return add(p,
               first == '-' || (first >= '0' && first <= '9') ? NUMBER : WORD,
               start, p->at);
}

static bool read_token(struct parser *p)
{
    switch (p->text[p->at]) {
    case ' ':
    case '\n':
    case '\t':
    case '\r':
    case ':':
    case ',':
        p->at++;
        return true;
    case '{':
        return open_container(p, OBJECT);
    case '[':
        return open_container(p, ARRAY);
    case '}':
        return close_container(p, OBJECT);
    case ']':
        return close_container(p, ARRAY);
    case '"':
        return read_string(p);
    default:
        return read_plain(p);
    }
}

uint32_t kernel_json(uint32_t rounds)
{
    struct parser p = {0};
    uint32_t sum = 0;

    while (rounds--) {
        p = (struct parser){text, 0, text_bytes, tokens, 0, -1};
        while (p.at < p.bytes && read_token(&p))
            ;
    }
    for (uint32_t i = 0; i < p.count; i++)
        sum = kernel_fold(sum, tokens[i].kind + tokens[i].start * 8ull +
                                   ((uint64_t)tokens[i].end << 20) +
                                   ((uint64_t)tokens[i].parent << 40));
    return kernel_fold(sum, p.count * 2 + (p.parent == -1));
}
