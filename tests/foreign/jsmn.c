/* SPDX-License-Identifier: MIT */
/* jsmn: whole texts, broken ones, random ones, in pieces. */
#define JSMN_PARENT_LINKS
#include <jsmn.h>

#include "foreign.h"

static void parse(const char *text, size_t length, unsigned room)
{
    jsmntok_t tokens[64];
    jsmn_parser parser;
    int count;

    memset(tokens, 0, sizeof tokens);
    jsmn_init(&parser);
    count = jsmn_parse(&parser, text, length, room ? tokens : NULL, room);
    printf("%d tokens, next %u, at %u\n", count, parser.toknext, parser.pos);
    if (room && count > 0)
        print_sum("tokens", tokens, (size_t)count * sizeof *tokens);
}

static void in_pieces(const char *text)
{
    jsmntok_t tokens[64];
    jsmn_parser parser;

    jsmn_init(&parser);
    for (size_t length = 0; length <= strlen(text); length += 5)
        printf("%d\n", jsmn_parse(&parser, text, length, tokens, 64));
}

int tp_main(void)
{
    static const char *const texts[] = {
        "{\"name\":\"tepal\",\"list\":[1,2.5e3,true,null,{\"a\":\"\\u00e9\"}]}",
        "[[[[]]],{}]",
        "{\"open\":[1,2",
        "]",
        "\"\\x\"",
        "[1,]",
        "",
        "{\"k\" 1}",
        "\"tab\\t\\\"quote\\\\\"",
        "[true,false,null,-0.5,\"\"]",
    };
    static const char letters[] = "{}[]:,\"\\u0 1tfn-.e";
    char text[80];

    for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++) {
        parse(texts[i], strlen(texts[i]), 64);
        parse(texts[i], strlen(texts[i]), 3);
        parse(texts[i], strlen(texts[i]), 0);
    }
    in_pieces(texts[0]);
    for (int i = 0; i < 2000; i++) {
        size_t length = random_bits() % sizeof text;

        for (size_t j = 0; j < length; j++)
            text[j] = letters[random_bits() % (sizeof letters - 1)];
        parse(text, length, 64);
    }
    return 0;
}
