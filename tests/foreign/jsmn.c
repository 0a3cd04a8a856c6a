/* SPDX-License-Identifier: MIT */
/* jsmn.c - a JSON parser of Debian's libjsmn-dev: good and bad texts. */
#include <jsmn.h>
#include <stdio.h>
#include <string.h>

static const char *const texts[] = {
    "{\"a\": [1, 2.5e3, -7], \"b\": {\"c\": null, \"d\": \"x\\u00e9\\n\"}}",
    "[[[[[]]]], true, false, \"\"]",
    "{\"unfinished\": [1, 2",
    "{\"a\" 1}",
    "\"\\q\"",
    "[1 2, {}}",
    "",
};

int tp_main(void)
{
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        jsmn_parser parser;
        jsmntok_t tokens[32];
        int count;

        jsmn_init(&parser);
        count = jsmn_parse(&parser, texts[i], strlen(texts[i]), tokens, 32);
        printf("%zu: %d", i, count);
        for (int t = 0; t < count; t++)
            printf(" %d:%d-%d/%d", (int)tokens[t].type, tokens[t].start,
                   tokens[t].end, tokens[t].size);
        jsmn_init(&parser);
        printf(" | %d", jsmn_parse(&parser, texts[i], strlen(texts[i]), NULL, 0));
        jsmn_init(&parser);
        printf(" | %d\n", jsmn_parse(&parser, texts[i], strlen(texts[i]),
                                     tokens, 2));
    }
    return 0;
}
