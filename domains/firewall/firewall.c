/* SPDX-License-Identifier: MIT */
/*
 * firewall.c - a packet filter: ordered rules over addresses, protocol and
 * ports, of IPv4 and IPv6; the first that matches decides.
 *
 * It is a link of a chain of net interfaces. Rules come from the manifest's
 * data=FILE and stay as they are. docs/FIREWALL.md has the format.
 *
 * The order of its files: address.c and rules.c (the file), tree.c and
 * classifier.c (what is made of it), frame.c (what a frame is), cache.h (what
 * was decided before), filter.c (all together), and here the domain.
 */
#include "filter.h"
#include "stage.h"
#include "tepal/kernel.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEAF_USUAL = 16 }; /* more is worth a word in the log */

static struct rules rules;
static struct filter filter;
static uint64_t rule_count;

static void work(struct queue *frames, struct queue *buffers)
{
    filter_work(&filter, frames, buffers);
}

static uint64_t draw(void)
{
    return tp_random();
}

static void say_mistake(const struct rules_error *error)
{
    printf("rules line %u column %u: '%s': %s", error->line, error->column,
           error->word, error->reason);
}

static bool read_text(const char *text, size_t length)
{
    struct rules_error error;

    if (rules_read(&rules, text, length, &error))
        return true;
    say_mistake(&error);
    return false;
}

static bool read_rules(void)
{
    size_t length = tp_data(0, NULL, 0);
    char *text = length <= RULES_TEXT_MAX ? malloc(length + 1) : NULL;
    bool done;

    if (length == 0)
        printf("no rules: name a file that is not empty by data=");
    else if (!text)
        printf("no room for %zu bytes of rules: at most 16 MiB, within "
               "private=",
               length);
    if (length == 0 || !text) {
        free(text);
        return false;
    }
    tp_data(0, text, length);
    done = read_text(text, length);
    free(text);
    return done;
}

static bool start(void)
{
    const struct classifier *classifier = &filter.classifier;

    if (!read_rules())
        return false;
    if (!filter_init(&filter, &rules, draw)) {
        printf("no memory for %u rules: raise private=", rules.count);
        return false;
    }
    rule_count = rules.count;
    printf("%u rules in %llu KiB, at most %u steps a packet", rules.count,
           (unsigned long long)(classifier->bytes + 1023) / 1024,
           classifier->worst);
    if (classifier->leaf_max > LEAF_USUAL)
        printf("the rules overlap too much to be told apart in bounded memory: "
               "up to %u are looked at one by one",
               classifier->leaf_max);
    return true;
}

static void show_counters(void)
{
    char name[24];
    uint32_t i;

    TP_COUNTER("frames", &filter.frames);
    TP_COUNTER("accepted", &filter.accepted);
    TP_COUNTER("dropped", &filter.dropped);
    TP_COUNTER("malformed", &filter.malformed);
    TP_COUNTER("other", &filter.other);
    TP_COUNTER("rules", &rule_count);
    TP_COUNTER("cache_hits", &filter.cache.hits);
    TP_COUNTER("lookups", &filter.classifier.lookups);
    TP_COUNTER("steps", &filter.classifier.steps);
    for (i = 0; i < rules.count && i < FILTER_COUNTED; i++) {
        snprintf(name, sizeof(name), "rule.%u", rules.line[i]);
        tp_counter(name, strlen(name), &filter.hits[i]);
    }
    TP_COUNTER("rule.later", &filter.later_hits);
    TP_COUNTER("rule.default", &filter.default_hits);
}

int tp_main(void)
{
    if (!start())
        return 1;
    show_counters();
    return stage_run(work);
}
