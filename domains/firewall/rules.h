/* SPDX-License-Identifier: MIT */
/*
 * rules.h - the file of rules, read. docs/FIREWALL.md has the format.
 */
#pragma once
#include "key.h"
#include <stddef.h>

enum {
    RULES_MAX = 65536,
    RULES_TEXT_MAX = 16 << 20, /* bytes of the file */
    RULES_WORD_SHOWN = 40,
};

/* Boxes of one IP version, in the order of rules. */
struct boxes {
    uint32_t fields;
    uint32_t count, room;
    struct interval *interval; /* @fields of them for each box */
    uint32_t *rule;            /* whose box it is */
};

/* Rule @count is the default. */
struct rules {
    uint32_t count, room;
    uint32_t *line;       /* of each rule */
    uint8_t *is_accepted; /* by each rule, the default included */
    bool malformed_accepted, other_accepted;
    struct boxes ipv4, ipv6;
};

/* The first mistake. */
struct rules_error {
    const char *reason; /* NULL: none */
    uint32_t line, column;
    char word[RULES_WORD_SHOWN + 1]; /* what stands there */
};

/*
 * Owns:   on success @rules holds memory, for rules_free().
 * Errors: false, @error filled, nothing held: a mistake, or no memory.
 */
bool rules_read(struct rules *rules, const char *text, size_t length,
                struct rules_error *error);
void rules_free(struct rules *rules);

static inline const struct interval *box_at(const struct boxes *boxes,
                                            uint32_t box)
{
    return &boxes->interval[(size_t)box * boxes->fields];
}
