/* SPDX-License-Identifier: MIT */
/*
 * fuzz_rules.c - a firewall's rules and a frame before them, as in the domain:
 * the rules are read, their trees built, and the frame's first rule found. A
 * byte 0 ends the rules; the frame follows.
 */
#include "classifier.h"
#include "frame.h"
#include "fuzz.h"
#include "rules.h"
#include <string.h>

static struct rules rules;

/* The first box that holds @key, one after the other. */
static uint32_t first_by_hand(const struct key *key)
{
    const struct boxes *boxes = key->is_ipv6 ? &rules.ipv6 : &rules.ipv4;
    uint32_t box, f, first = rules.count;

    for (box = 0; box < boxes->count; box++) {
        const struct interval *at = box_at(boxes, box);

        for (f = 0; f < boxes->fields; f++)
            if (key->field[f] < at[f].low || key->field[f] > at[f].high)
                break;
        if (f == boxes->fields && boxes->rule[box] < first)
            first = boxes->rule[box];
    }
    return first;
}

static void look_up(const uint8_t *frame, uint32_t length)
{
    static struct classifier classifier;
    uint32_t have = length < FRAME_FIRST ? length : FRAME_FIRST;
    enum frame_kind kind;
    struct key key;

    kind = frame_read(frame, have, length, &key);
    if (kind == FRAME_MORE) {
        CLAIM(have < length && have < FRAME_HEADERS);
        have = length < FRAME_HEADERS ? length : FRAME_HEADERS;
        kind = frame_read(frame, have, length, &key);
        CLAIM(kind != FRAME_MORE);
    }
    memset(&classifier, 0, sizeof(classifier));
    CLAIM(classifier_build(&classifier, &rules));
    if (kind == FRAME_KEY)
        CLAIM(classifier_find(&classifier, &key) == first_by_hand(&key));
    classifier_free(&classifier);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size ? memchr(data, 0, size) : NULL;
    size_t length = end ? (size_t)(end - data) : size;
    char *text = malloc(length ? length : 1);
    struct rules_error error = {NULL, 0, 0, ""};
    uint8_t *frame;

    CLAIM(text);
    memcpy(text, data, length);
    if (rules_read(&rules, text, length, &error)) {
        length = end ? size - length - 1 : 0;
        frame = malloc(length ? length : 1);
        CLAIM(frame);
        if (length)
            memcpy(frame, end + 1, length);
        look_up(frame, (uint32_t)length);
        free(frame);
        rules_free(&rules);
    } else {
        CLAIM(error.reason && error.line);
        claim_is_text(error.word, sizeof(error.word));
    }
    free(text);
    return 0;
}
