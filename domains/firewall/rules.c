/* SPDX-License-Identifier: MIT */
/*
 * rules.c - from text to boxes.
 *
 * A line is split into words first; each has its column, so that whatever is
 * wrong can be pointed at. Memory grows with the rules, and never beyond
 * RULES_MAX of them.
 */
#include "rules.h"
#include "address.h"
#include <stdlib.h>
#include <string.h>

enum {
    WORDS_MAX = 8, /* one more than the longest statement has */
    WORD_ACTION = 0,
    WORD_PROTOCOL,
    WORD_SOURCE,
    WORD_SOURCE_PORTS,
    WORD_ARROW,
    WORD_TARGET,
    WORD_TARGET_PORTS,
    RULE_WORDS,
};

struct word {
    const char *text;
    size_t length;
};

struct reader {
    struct rules *rules;
    struct rules_error *error;
    const char *line_start;
    uint32_t line;
    struct word word[WORDS_MAX];
    uint32_t words;
    bool has_default, has_malformed, has_other;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static bool equals(const struct word *word, const char *text)
{
    return word->length == strlen(text) &&
           memcmp(word->text, text, word->length) == 0;
}

/* The mistake is in word @index, or behind the last one. */
static bool fail(struct reader *reader, uint32_t index, const char *reason)
{
    struct rules_error *error = reader->error;
    struct word word = {reader->line_start, 0};
    size_t i;

    if (index < reader->words)
        word = reader->word[index];
    else if (reader->words > 0)
        word.text = reader->word[reader->words - 1].text +
                    reader->word[reader->words - 1].length;
    error->reason = reason;
    error->line = reader->line;
    error->column = (uint32_t)(word.text - reader->line_start) + 1;
    for (i = 0; i < word.length && i < RULES_WORD_SHOWN; i++)
        error->word[i] =
            word.text[i] > ' ' && word.text[i] < 127 ? word.text[i] : '?';
    error->word[i] = 0;
    return false;
}

/* Fill in the line's words, as many as there is room for. */
static void split(struct reader *reader, const char *end)
{
    const char *at = reader->line_start;
    struct word *word;

    reader->words = 0;
    for (;;) {
        while (at < end && is_blank(*at))
            at++;
        if (at == end || *at == '#' || reader->words == WORDS_MAX)
            return;
        word = &reader->word[reader->words++];
        word->text = at;
        while (at < end && !is_blank(*at))
            at++;
        word->length = (size_t)(at - word->text);
    }
}

/* Double what has room for @room elements. */
static bool grow(void **memory, uint32_t room, size_t bytes)
{
    void *more = realloc(*memory, 2 * (size_t)room * bytes);

    if (more)
        *memory = more;
    return more != NULL;
}

static bool grow_boxes(struct boxes *boxes)
{
    void *interval = boxes->interval, *rule = boxes->rule;
    bool grown;

    if (boxes->count < boxes->room)
        return true;
    grown = grow(&interval, boxes->room,
                 boxes->fields * sizeof(*boxes->interval)) &&
            grow(&rule, boxes->room, sizeof(*boxes->rule));
    boxes->interval = interval;
    boxes->rule = rule;
    boxes->room *= grown ? 2 : 1;
    return grown;
}

/* One more than there are rules: the default. */
static bool grow_rules(struct rules *rules)
{
    void *line = rules->line, *is_accepted = rules->is_accepted;
    bool grown;

    if (rules->count + 1 < rules->room)
        return true;
    grown = grow(&line, rules->room, sizeof(*rules->line)) &&
            grow(&is_accepted, rules->room, sizeof(*rules->is_accepted));
    rules->line = line;
    rules->is_accepted = is_accepted;
    rules->room *= grown ? 2 : 1;
    return grown;
}

/* A rule as it is written. */
struct rule {
    bool has_source, has_target;
    struct prefix source, target;
    struct interval ports[2], protocol;
};

static void set_address(struct interval *interval, const struct prefix *prefix,
                        uint32_t words)
{
    uint32_t i, bits, mask;

    for (i = 0; i < words; i++) {
        bits = prefix->length > 32 * i ? prefix->length - 32 * i : 0;
        mask = bits >= 32 ? 0 : UINT32_MAX >> bits;
        interval[i].low = prefix->word[i];
        interval[i].high = prefix->word[i] | mask;
    }
}

static bool add_box(struct boxes *boxes, const struct rule *rule,
                    uint32_t number)
{
    static const struct prefix any;
    struct interval *interval;
    uint32_t words = boxes->fields == IPV6_FIELDS ? 4 : 1;

    if (!grow_boxes(boxes))
        return false;
    interval = &boxes->interval[(size_t)boxes->count * boxes->fields];
    set_address(interval, rule->has_source ? &rule->source : &any, words);
    set_address(interval + words, rule->has_target ? &rule->target : &any,
                words);
    interval[2 * words] = rule->ports[0];
    interval[2 * words + 1] = rule->ports[1];
    interval[2 * words + 2] = rule->protocol;
    boxes->rule[boxes->count++] = number;
    return true;
}

static bool add_rule(struct reader *reader, const struct rule *rule,
                     bool is_accepted)
{
    struct rules *rules = reader->rules;
    bool is_ipv6 = (rule->has_source && rule->source.is_ipv6) ||
                   (rule->has_target && rule->target.is_ipv6);
    bool is_both = !rule->has_source && !rule->has_target;

    if (!grow_rules(rules) ||
        ((is_both || !is_ipv6) && !add_box(&rules->ipv4, rule, rules->count)) ||
        ((is_both || is_ipv6) && !add_box(&rules->ipv6, rule, rules->count)))
        return fail(reader, 0, "no memory: raise private= or have fewer rules");
    rules->line[rules->count] = reader->line;
    rules->is_accepted[rules->count++] = is_accepted;
    return true;
}

static bool read_action(struct reader *reader, uint32_t index, bool *accepted)
{
    const struct word *word = &reader->word[index];

    *accepted = index < reader->words && equals(word, "accept");
    if (*accepted || (index < reader->words && equals(word, "drop")))
        return true;
    return fail(reader, index, "write accept or drop here");
}

static bool read_protocol(struct reader *reader, struct interval *protocol)
{
    static const struct {
        const char *name;
        uint32_t number;
    } names[] = {
        {"tcp", PROTOCOL_TCP},
        {"udp", PROTOCOL_UDP},
        {"icmp", PROTOCOL_ICMP},
        {"icmp6", PROTOCOL_ICMP6},
    };
    const struct word *word = &reader->word[WORD_PROTOCOL];
    uint32_t i, number;

    *protocol = (struct interval){0, PROTOCOL_MAX};
    if (equals(word, "any"))
        return true;
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (equals(word, names[i].name)) {
            *protocol = (struct interval){names[i].number, names[i].number};
            return true;
        }
    if (!number_read(&number, word->text, word->length, PROTOCOL_MAX))
        return fail(reader, WORD_PROTOCOL,
                    "write any, tcp, udp, icmp, icmp6 or a number to 255");
    *protocol = (struct interval){number, number};
    return true;
}

static bool read_address(struct reader *reader, uint32_t index, bool *is_there,
                         struct prefix *prefix)
{
    const struct word *word = &reader->word[index];
    const char *reason;

    *is_there = !equals(word, "any");
    if (!*is_there)
        return true;
    reason = prefix_read(prefix, word->text, word->length);
    return !reason || fail(reader, index, reason);
}

static bool read_ports(struct reader *reader, uint32_t index,
                       struct interval *ports)
{
    const struct word *word = &reader->word[index];
    const char *dash = memchr(word->text, '-', word->length);
    size_t first = dash ? (size_t)(dash - word->text) : word->length;

    *ports = (struct interval){0, PORT_NONE};
    if (equals(word, "any"))
        return true;
    if (!number_read(&ports->low, word->text, first, PORT_MAX))
        return fail(reader, index, "write any, a port to 65535, or N-M");
    ports->high = ports->low;
    if (dash && !number_read(&ports->high, dash + 1, word->length - first - 1,
                             PORT_MAX))
        return fail(reader, index, "behind - stands a port to 65535");
    if (ports->high < ports->low)
        return fail(reader, index, "the lower port comes first");
    return true;
}

/* What is right word by word may still never match. */
static bool check_rule(struct reader *reader, const struct rule *rule)
{
    bool names_ports =
        rule->ports[0].high != PORT_NONE || rule->ports[1].high != PORT_NONE;

    if (names_ports && rule->protocol.low == rule->protocol.high &&
        !protocol_has_ports(rule->protocol.low))
        return fail(reader, WORD_PROTOCOL,
                    "only tcp and udp have ports: write any for ports");
    if (rule->has_source && rule->has_target &&
        rule->source.is_ipv6 != rule->target.is_ipv6)
        return fail(reader, WORD_TARGET,
                    "one address is IPv4, one is IPv6: write two rules");
    return true;
}

static bool read_rule(struct reader *reader)
{
    struct rule rule;
    bool is_accepted;

    if (!read_action(reader, WORD_ACTION, &is_accepted))
        return false;
    if (reader->words != RULE_WORDS)
        return fail(reader, reader->words < RULE_WORDS ? WORDS_MAX : RULE_WORDS,
                    "a rule is: accept|drop PROTOCOL SOURCE PORTS -> "
                    "DESTINATION PORTS");
    if (reader->has_default)
        return fail(reader, 0, "a rule behind default: move it up");
    if (reader->rules->count == RULES_MAX)
        return fail(reader, 0, "at most 65536 rules: merge some");
    if (!equals(&reader->word[WORD_ARROW], "->"))
        return fail(reader, WORD_ARROW, "write -> here");
    return read_protocol(reader, &rule.protocol) &&
           read_address(reader, WORD_SOURCE, &rule.has_source, &rule.source) &&
           read_ports(reader, WORD_SOURCE_PORTS, &rule.ports[0]) &&
           read_address(reader, WORD_TARGET, &rule.has_target, &rule.target) &&
           read_ports(reader, WORD_TARGET_PORTS, &rule.ports[1]) &&
           check_rule(reader, &rule) && add_rule(reader, &rule, is_accepted);
}

/* "NAME accept|drop", once. */
static bool read_policy(struct reader *reader, bool *was_read, bool *accepted)
{
    if (*was_read)
        return fail(reader, 0, "said twice: leave one of them out");
    *was_read = true;
    if (!read_action(reader, 1, accepted))
        return false;
    return reader->words == 2 || fail(reader, 2, "nothing may follow here");
}

static bool read_line(struct reader *reader, bool *default_accepted)
{
    struct rules *rules = reader->rules;

    if (reader->words == 0)
        return true;
    if (equals(&reader->word[0], "default"))
        return read_policy(reader, &reader->has_default, default_accepted);
    if (equals(&reader->word[0], "malformed"))
        return read_policy(reader, &reader->has_malformed,
                           &rules->malformed_accepted);
    if (equals(&reader->word[0], "other"))
        return read_policy(reader, &reader->has_other, &rules->other_accepted);
    if (!equals(&reader->word[0], "accept") &&
        !equals(&reader->word[0], "drop"))
        return fail(reader, 0,
                    "a line begins with accept, drop, default, malformed or "
                    "other");
    return read_rule(reader);
}

static bool read_lines(struct reader *reader, const char *text, size_t length)
{
    const char *end = text + length, *line_end;
    bool default_accepted = false;

    while (text < end) {
        line_end = memchr(text, '\n', (size_t)(end - text));
        if (!line_end)
            line_end = end;
        reader->line_start = text;
        reader->line++;
        split(reader, line_end);
        if (!read_line(reader, &default_accepted))
            return false;
        text = line_end + (line_end < end);
    }
    reader->rules->is_accepted[reader->rules->count] = default_accepted;
    return true;
}

static bool prepare_boxes(struct boxes *boxes, uint32_t fields)
{
    boxes->fields = fields;
    boxes->room = 64;
    boxes->interval = malloc(boxes->room * fields * sizeof(*boxes->interval));
    boxes->rule = malloc(boxes->room * sizeof(*boxes->rule));
    return boxes->interval && boxes->rule;
}

static bool prepare(struct rules *rules)
{
    *rules = (struct rules){.room = 64, .other_accepted = true};
    rules->line = malloc(rules->room * sizeof(*rules->line));
    rules->is_accepted = malloc(rules->room * sizeof(*rules->is_accepted));
    return rules->line && rules->is_accepted &&
           prepare_boxes(&rules->ipv4, IPV4_FIELDS) &&
           prepare_boxes(&rules->ipv6, IPV6_FIELDS);
}

bool rules_read(struct rules *rules, const char *text, size_t length,
                struct rules_error *error)
{
    struct reader reader = {.rules = rules, .error = error, .line_start = text};

    *error = (struct rules_error){0};
    if (!prepare(rules))
        fail(&reader, 0, "no memory: raise private=");
    else if (length > RULES_TEXT_MAX)
        fail(&reader, 0, "more than 16 MiB: shorten the file");
    else if (read_lines(&reader, text, length))
        return true;
    rules_free(rules);
    return false;
}

void rules_free(struct rules *rules)
{
    free(rules->line);
    free(rules->is_accepted);
    free(rules->ipv4.interval);
    free(rules->ipv4.rule);
    free(rules->ipv6.interval);
    free(rules->ipv6.rule);
    *rules = (struct rules){0};
}
