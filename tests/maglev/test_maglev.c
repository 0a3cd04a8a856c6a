/* SPDX-License-Identifier: MIT */
/*
 * test_maglev.c - the load balancer's algorithm, compiled into this program:
 * against a slow model of it, and against the figures that were promised. It
 * prints what it measures. TP_TEST_OPERATIONS sets how many frames the model
 * is compared on; 10^6 if it is not set.
 * Source: docs/MAGLEV.md; Eisenbud et al., NSDI 2016, sections 3.3 and 3.4.
 */
#include "balancing.h"
#include "suite_run.h"
#include "sure.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAMES 1000000
#define FLOWS 200000  /* of which places are compared */
#define ROOMY 1000000 /* entries: no set of the cache fills up */

static uint8_t before[FLOWS];

static uint64_t operations(void)
{
    const char *text = getenv("TP_TEST_OPERATIONS");

    return text ? strtoull(text, NULL, 10) : FRAMES;
}

/* Rule: the hash is SipHash: value 1 of the paper's appendix A, for 2-4. */
START_TEST(hash_is_siphash)
{
    const struct sip_key key = {BALANCING_K0, BALANCING_K1};
    struct sip_state state = sip_begin(key);
    uint8_t bytes[16];
    int i;

    for (i = 0; i < 16; i++)
        bytes[i] = (uint8_t)i;

    sip_word(&state, 0x0706050403020100, 2);
    sip_word(&state, 0x0f0e0d0c0b0a0908, 2);
    ck_assert_uint_eq(sip_end(&state, 4), 0xa129ca6149be45e5);
    ck_assert_uint_eq(slow_siphash(2, 4, bytes, bytes, 15), 0xa129ca6149be45e5);
}
END_TEST

static void assert_same_table(const struct balancing *balancing)
{
    uint32_t i;

    for (i = 0; i < TABLE_SIZE; i++) {
        int wanted = balancing->slow->entry[i];

        sure(balancing->forwarder.table[i] ==
             (wanted < 0 ? TABLE_NONE : wanted));
    }
}

/*
 * docs/MAGLEV.md, "The table": it is that of the paper's pseudocode 1, from
 * no backend to as many as there can be.
 */
START_TEST(table_is_that_of_the_pseudocode)
{
    static const uint32_t counts[] = {0, 1, 2, 7, 8, 100, 255};
    struct balancing *balancing;
    uint32_t i, j;

    for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        balancing = balancing_new(0, 4);
        for (j = 0; j + 1 < counts[i]; j++) /* the last one builds it */
            balancing->slow->mac[j] = balancing->forwarder.backend[j].mac =
                balancing_mac(j + 1);
        if (counts[i] > 0)
            balancing_add(balancing, counts[i]);

        assert_same_table(balancing);
        balancing_free(balancing);
    }
}
END_TEST

/*
 * docs/MAGLEV.md, "The table": the same backends make the same table, in
 * whatever order they came and whoever was there meanwhile.
 */
START_TEST(table_does_not_remember)
{
    struct balancing *one = balancing_new(8, 4);
    struct balancing *other = balancing_new(0, 4);
    uint32_t i;

    balancing_add(other, 77);
    for (i = 8; i > 0; i--)
        balancing_add(other, i);
    balancing_remove(other, 0);

    for (i = 0; i < TABLE_SIZE; i++)
        sure(one->forwarder.backend[one->forwarder.table[i]].mac ==
             other->forwarder.backend[other->forwarder.table[i]].mac);
    balancing_free(one);
    balancing_free(other);
}
END_TEST

/* Greatest distance from an even share, in percent. */
static double unevenness(const uint64_t *shares, uint32_t count, uint64_t all)
{
    double even = (double)all / count, worst = 0, off;
    uint32_t i;

    for (i = 0; i < count; i++) {
        off = ((double)shares[i] - even) / even * 100;
        off = off < 0 ? -off : off;
        worst = off > worst ? off : worst;
    }
    return worst;
}

/*
 * docs/MAGLEV.md, "Figures": of 8, 10 and 100 backends each has a share of
 * entries, and of a million flows, within 10 % of even.
 */
START_TEST(spread_is_within_10_percent)
{
    static const uint32_t counts[] = {8, 10, 100};
    uint64_t entries[TABLE_NONE], flows[TABLE_NONE];
    uint32_t i, j;

    for (i = 0; i < 3; i++) {
        struct balancing *balancing = balancing_new(counts[i], 4);

        memset(entries, 0, sizeof(entries));
        memset(flows, 0, sizeof(flows));
        for (j = 0; j < TABLE_SIZE; j++)
            entries[balancing->forwarder.table[j]]++;
        for (j = 0; j < 1000000; j++)
            flows[balancing_where(balancing, j)]++;

        printf("%u backends: entries within %.3f %%, flows within %.2f %%\n",
               counts[i], unevenness(entries, counts[i], TABLE_SIZE),
               unevenness(flows, counts[i], 1000000));
        ck_assert(unevenness(entries, counts[i], TABLE_SIZE) <= 10);
        ck_assert(unevenness(flows, counts[i], 1000000) <= 10);
        balancing_free(balancing);
    }
}
END_TEST

static void note_places(struct balancing *balancing, uint32_t flows)
{
    uint32_t i;

    for (i = 0; i < flows; i++)
        before[i] = (uint8_t)balancing_where(balancing, i);
}

/* How many of the flows that were not @removed's are elsewhere now. */
static double percent_moved(struct balancing *balancing, uint32_t flows,
                            uint32_t removed)
{
    uint32_t others = 0, moved = 0, i, now;

    for (i = 0; i < flows; i++) {
        now = balancing_where(balancing, i);
        sure(now != removed && now != TABLE_NONE);
        if (before[i] == removed)
            continue;
        others++;
        moved += now != before[i];
    }
    ck_assert_uint_gt(others, 0);
    return 100.0 * moved / others;
}

/*
 * docs/MAGLEV.md, "Figures": one of eight backends goes; of the others' flows
 * at most 5 % go elsewhere, though the cache has forgotten nearly all.
 */
START_TEST(removal_moves_few_other_flows)
{
    double moved, worst = 0;
    uint32_t i;

    for (i = 0; i < 8; i++) {
        struct balancing *balancing = balancing_new(8, 4);

        note_places(balancing, FLOWS);
        balancing_remove(balancing, i);
        moved = percent_moved(balancing, FLOWS, i);
        worst = moved > worst ? moved : worst;
        balancing_free(balancing);
    }

    printf("one of 8 removed: at most %.2f %% of other flows moved\n", worst);
    ck_assert(worst <= 5);
    ck_assert(worst > 0); /* without a cache some do */
}
END_TEST

/*
 * docs/MAGLEV.md, "The cache": flows that it holds stay, whoever is added or
 * removed, but for those of who was removed.
 */
START_TEST(known_flows_stick)
{
    const uint32_t flows = 20000;
    struct balancing *balancing = balancing_new(8, ROOMY);
    const struct cache *cache = &balancing->forwarder.cache;

    note_places(balancing, flows);
    ck_assert_uint_eq(cache->flows, flows);
    ck_assert_uint_eq(cache->evictions, 0);

    balancing_add(balancing, 100);
    balancing_add(balancing, 101);
    ck_assert(percent_moved(balancing, flows, TABLE_NONE) <= 0);
    balancing_remove(balancing, 3);
    ck_assert(percent_moved(balancing, flows, 3) <= 0);
    ck_assert_uint_eq(cache->evictions, 0);
    balancing_free(balancing);
}
END_TEST

/*
 * docs/MAGLEV.md, "The cache": an index that gets another backend brings it no
 * flows of the one that had it.
 */
START_TEST(removed_backends_flows_are_forgotten)
{
    const uint32_t flows = 20000;
    struct balancing *balancing = balancing_new(8, ROOMY);
    const struct cache *cache = &balancing->forwarder.cache;
    uint64_t held;

    note_places(balancing, flows);
    held = cache->held[5];
    balancing_remove(balancing, 5);
    ck_assert_uint_gt(held, flows / 10);
    ck_assert_uint_eq(cache->flows, flows - held);
    balancing_add(balancing, 200);
    ck_assert_uint_eq(balancing->forwarder.backend[5].mac, balancing_mac(200));

    for (uint32_t i = 0; i < flows; i++) {
        uint32_t now = balancing_where(balancing, i);

        sure(before[i] == 5 || now == before[i]);
    }
    ck_assert_uint_lt(cache->held[5], held / 3); /* an eighth, by chance */
    ck_assert_uint_eq(cache->flows, flows);
    balancing_free(balancing);
}
END_TEST

/* docs/MAGLEV.md, "Frames": while there is no backend, all pass as they are. */
START_TEST(without_backends_frames_pass)
{
    struct balancing *balancing = balancing_new(0, 64);
    struct dice dice = {7};
    struct frame frame;
    uint32_t i;

    for (i = 0; i < 640; i++) {
        frame_any(&frame, 100, &dice);
        balancing_put(balancing, &frame);
    }

    ck_assert_uint_eq(balancing->forwarder.passed, 640);
    ck_assert_uint_eq(balancing->forwarder.cache.misses, 0);
    balancing_free(balancing);
}
END_TEST

/* docs/MAGLEV.md, "Counters": each backend's frames and bytes. */
START_TEST(backends_are_counted)
{
    struct balancing *balancing = balancing_new(3, 1024);
    uint64_t frames = 0, bytes = 0, flows = 0, sent_bytes = 0;
    struct dice dice = {8};
    struct frame frame;
    uint32_t i;

    for (i = 0; i < 3200; i++) {
        frame_of_flow(&frame, dice_below(&dice, 200), &dice);
        sent_bytes += frame.length;
        balancing_put(balancing, &frame);
    }

    for (i = 0; i < 3; i++) {
        const struct backend *backend =
            forwarder_backend(&balancing->forwarder, i);

        frames += backend->frames;
        bytes += backend->bytes;
        flows += balancing->forwarder.cache.held[i];
    }
    ck_assert_uint_eq(frames, 3200);
    ck_assert_uint_eq(bytes, sent_bytes);
    ck_assert_uint_eq(flows, 200);
    ck_assert_uint_eq(balancing->forwarder.passed, 0);
    balancing_free(balancing);
}
END_TEST

/* docs/MAGLEV.md, "While it works": what add() and remove() refuse. */
START_TEST(bad_backends_are_refused)
{
    struct balancing *balancing = balancing_new(2, 4);
    struct forwarder *forwarder = &balancing->forwarder;
    uint32_t index = 1234, i;

    ck_assert_uint_eq(forwarder_add(forwarder, balancing_mac(2), &index),
                      BALANCER_ERROR_DUPLICATE);
    ck_assert_uint_eq(forwarder_add(forwarder, 0, &index),
                      BALANCER_ERROR_BAD_ADDRESS);
    ck_assert_uint_eq(forwarder_add(forwarder, 0x010000000001, &index),
                      BALANCER_ERROR_BAD_ADDRESS);
    ck_assert_uint_eq(forwarder_add(forwarder, 0x1020000000001, &index),
                      BALANCER_ERROR_BAD_ADDRESS);
    ck_assert_uint_eq(forwarder_remove(forwarder, 2), BALANCER_ERROR_NO_SUCH);
    ck_assert_uint_eq(forwarder_remove(forwarder, 255), BALANCER_ERROR_NO_SUCH);
    ck_assert_uint_eq(forwarder_remove(forwarder, UINT32_MAX),
                      BALANCER_ERROR_NO_SUCH);
    ck_assert_uint_eq(index, 1234);

    for (i = 2; i < 255; i++)
        forwarder->backend[i].mac = balancing_mac(i + 1);
    ck_assert_uint_eq(forwarder_add(forwarder, balancing_mac(500), &index),
                      BALANCER_ERROR_FULL);
    balancing_free(balancing);
}
END_TEST

/* Somebody comes or goes, now and then nobody is left. */
static void change_backends(struct balancing *balancing, struct dice *dice)
{
    const uint32_t index = dice_below(dice, 12);
    const uint64_t mac = balancing->forwarder.backend[index].mac;

    if (mac != 0 && dice_below(dice, 2))
        balancing_remove(balancing, index);
    else if (mac == 0)
        balancing_add(balancing, 1 + dice_below(dice, 1u << 30));
}

static void compare(uint32_t flows, uint64_t entries, uint64_t seed)
{
    struct balancing *balancing = balancing_new(8, entries);
    const struct forwarder *forwarder = &balancing->forwarder;
    struct dice dice = {seed};
    uint64_t frames = operations() / 2, i;
    struct frame frame;

    for (i = 0; i < frames; i++) {
        frame_any(&frame, flows, &dice);
        balancing_put(balancing, &frame);
        if (i % 4096 == 4095)
            change_backends(balancing, &dice);
    }
    balancing_flush(balancing);

    printf("%lu frames of %u flows, %lu entries: %lu passed, of them %lu "
           "malformed; %lu hits, %lu misses, %lu evictions; all as the model\n",
           (unsigned long)frames, flows,
           (unsigned long)(forwarder->cache.set_mask + 1) * CACHE_WAYS,
           (unsigned long)forwarder->passed,
           (unsigned long)forwarder->malformed,
           (unsigned long)forwarder->cache.hits,
           (unsigned long)forwarder->cache.misses,
           (unsigned long)forwarder->cache.evictions);
    ck_assert_uint_eq(forwarder->frames, frames);
    ck_assert_uint_gt(forwarder->malformed, frames / 50);
    ck_assert_uint_gt(forwarder->passed, forwarder->malformed);
    ck_assert_uint_gt(forwarder->cache.hits, frames / 4);
    balancing_free(balancing);
}

/*
 * docs/MAGLEV.md, "Frames", "The cache", "Counters": every byte of every
 * frame, and each counter, are those of the slow model. Once with more flows
 * than the cache has entries, once with fewer, so that they stick.
 */
START_TEST(frames_go_where_the_slow_model_sends_them)
{
    compare(600, 256, 1);
    compare(100, 1024, 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("maglev");
    TCase *tests = tcase_create("maglev");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, hash_is_siphash);
    tcase_add_test(tests, table_is_that_of_the_pseudocode);
    tcase_add_test(tests, table_does_not_remember);
    tcase_add_test(tests, spread_is_within_10_percent);
    tcase_add_test(tests, removal_moves_few_other_flows);
    tcase_add_test(tests, known_flows_stick);
    tcase_add_test(tests, removed_backends_flows_are_forgotten);
    tcase_add_test(tests, without_backends_frames_pass);
    tcase_add_test(tests, backends_are_counted);
    tcase_add_test(tests, bad_backends_are_refused);
    tcase_add_test(tests, frames_go_where_the_slow_model_sends_them);
    suite_add_tcase(suite, tests);
    return suite_run(suite, CK_NOFORK);
}
