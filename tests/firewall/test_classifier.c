/* SPDX-License-Identifier: MIT */
/*
 * test_classifier.c - the classifier and its cache beside a linear scan, and
 * how much work they do. It prints what it measures. TP_TEST_PACKETS sets the
 * number of packets for each set; otherwise 10^6, fewer for large sets.
 * Source: docs/FIREWALL.md.
 */
#include "sets.h"
#include "suite_run.h"
#include "sure.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct set_case {
    enum set_kind kind;
    int rules;
    uint64_t packets;
    uint32_t worst;    /* steps a lookup, at most */
    uint32_t leaf;     /* rules looked at one by one, at most */
};

/* The figures are what the sets need today and a little more. */
static const struct set_case cases[] = {
    {SET_MIXED, 1, 1000000, 4, 16},
    {SET_MIXED, 10, 1000000, 24, 16},
    {SET_MIXED, 1000, 1000000, 100, 16},
    {SET_MIXED, 5000, 100000, 200, 16},
    {SET_MIXED, 20000, 30000, 400, 16},
    {SET_WILDCARDS, 5000, 1000000, 4, 16},
    {SET_NESTED, 5000, 100000, 200, 16},
    {SET_NESTED_RANGES, 5000, 100000, 300, 256},
    {SET_RANGES, 5000, 100000, 500, 128},
    {SET_CROSSED, 5000, 100000, 100, 16},
    {SET_CROSSED, 65536, 3000, 100, 16},
};

static struct rules read_rules(const char *text)
{
    struct rules_error error;
    struct rules rules;
    bool done = rules_read(&rules, text, strlen(text), &error);

    if (!done)
        ck_abort_msg("line %u column %u: %s: %s", error.line, error.column,
                     error.word, error.reason);
    return rules;
}

static struct filter *new_filter(const struct rules *rules)
{
    struct filter *filter = calloc(1, sizeof(*filter));

    sure(filter && filter_init(filter, rules, set_random));
    return filter;
}

static void free_filter(struct filter *filter)
{
    filter_free(filter);
    free(filter);
}

/*
 * docs/FIREWALL.md, "Classification": the rule that decides is the first that
 * a linear scan finds, with and without the cache, in no more steps than were
 * promised.
 */
START_TEST(first_rule_is_that_of_a_linear_scan)
{
    const struct set_case *set = &cases[_i];
    char *text = set_new(set->kind, set->rules, (uint64_t)_i + 1);
    struct linear *linear = linear_new(text);
    struct rules rules = read_rules(text);
    struct filter *filter = new_filter(&rules);
    struct classifier *classifier = &filter->classifier;
    uint64_t state = 99, most = 0, before, packets = set_packets(set->packets);
    uint64_t all = 0, i;

    for (i = 0; i < packets; i++) {
        struct linear_packet packet = set_packet(linear, &state);
        struct key key = set_key(&packet);
        int wanted = linear_first(linear, &packet);

        before = classifier->steps;
        sure(classifier_find(classifier, &key) == (uint32_t)wanted);
        before = classifier->steps - before;
        most = before > most ? before : most;
        all += before;
        sure(filter_find(filter, &key) == (uint32_t)wanted);
        sure(filter_find(filter, &key) == (uint32_t)wanted);
    }
    printf("# %s, %d rules: %llu packets; steps %.1f on average, %llu at most, "
           "%u promised; %llu KiB, leaves of %u\n",
           set_names[set->kind], set->rules, (unsigned long long)packets,
           (double)all / (double)packets, (unsigned long long)most,
           classifier->worst, (unsigned long long)classifier->bytes >> 10,
           classifier->leaf_max);

    ck_assert_uint_le(most, classifier->worst);
    ck_assert_uint_le(classifier->worst, set->worst);
    ck_assert_uint_le(classifier->leaf_max, set->leaf);
    ck_assert_uint_ge(filter->cache.hits, packets);
    free_filter(filter);
    rules_free(&rules);
    linear_free(linear);
    free(text);
}
END_TEST

/* docs/FIREWALL.md, "Classification": memory is bounded, whatever the rules. */
START_TEST(trees_stay_within_their_memory)
{
    char *text = set_new((enum set_kind)_i, 65536, 5);
    struct rules rules = read_rules(text);
    struct classifier classifier;

    ck_assert(classifier_build(&classifier, &rules));
    printf("# %s, 65536 rules: %u steps promised, %llu KiB, leaves of %u\n",
           set_names[_i], classifier.worst,
           (unsigned long long)classifier.bytes >> 10, classifier.leaf_max);

    ck_assert_uint_le(classifier.bytes, 16u << 20);
    ck_assert_uint_lt(classifier.worst, 65536 / 4);
    classifier_free(&classifier);
    rules_free(&rules);
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("firewall classifier");
    TCase *c = tcase_create("classifier");

    tcase_set_timeout(c, 120);
    tcase_add_loop_test(c, first_rule_is_that_of_a_linear_scan, 0,
                        sizeof(cases) / sizeof(cases[0]));
    tcase_add_loop_test(c, trees_stay_within_their_memory, 0, SET_KINDS);
    suite_add_tcase(suite, c);
    return suite_run(suite, CK_FORK_GETENV);
}
