/* SPDX-License-Identifier: MIT */
/*
 * test_histogram.c - the histogram beside all its values, sorted.
 * Source: sim/histogram.h.
 */
#include "histogram.h"
#include "suite_run.h"
#include "test_wire.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

#define VALUES 20000

static struct histogram histogram;
static uint64_t value[VALUES];

static void setup(void)
{
    histogram_clear(&histogram);
    test_random_seed(7);
}

static int compare(const void *a, const void *b)
{
    uint64_t x, y;

    memcpy(&x, a, sizeof(x));
    memcpy(&y, b, sizeof(y));
    return x < y ? -1 : x > y;
}

/* Rule: an empty histogram has no values, and every quantile is 0. */
START_TEST(empty_histogram_is_all_zero)
{
    ck_assert_uint_eq(histogram.count, 0);
    ck_assert_uint_eq(histogram_quantile(&histogram, 0), 0);
    ck_assert_uint_eq(histogram_quantile(&histogram, 500000), 0);
    ck_assert_uint_eq(histogram_quantile(&histogram, 1000000), 0);
}
END_TEST

/* Rule: values below 64 are kept exactly (histogram.h), such as the fill of a
 * batch of 32. */
START_TEST(small_values_are_exact)
{
    uint64_t v;

    for (v = 0; v < 64; v++)
        histogram_record(&histogram, v);

    for (v = 0; v < 64; v++) {
        ck_assert_uint_eq(histogram.bucket[v], 1);
        ck_assert_uint_eq(
            histogram_quantile(&histogram, (uint32_t)((v + 1) * 15625)), v);
    }
    ck_assert_uint_eq(histogram.sum, 63 * 64 / 2);
}
END_TEST

/* Rule: a quantile is the value of that rank or at most a 32nd more, whatever
 * the magnitude (histogram.h). */
START_TEST(quantiles_are_within_one_part_in_32)
{
    uint32_t millionths, i;

    for (i = 0; i < VALUES; i++) {
        value[i] = test_random() >> test_random() % 64;
        histogram_record(&histogram, value[i]);
    }
    qsort(value, VALUES, sizeof(value[0]), compare);

    for (millionths = 50; millionths <= 1000000; millionths += 50) {
        uint64_t exact = value[millionths / 50 - 1];
        uint64_t got = histogram_quantile(&histogram, millionths);

        ck_assert_msg(got >= exact && got - exact <= exact / 32,
                      "%u millionths: %lu, not %lu", millionths, got, exact);
    }
    ck_assert_uint_eq(histogram.least, value[0]);
    ck_assert_uint_eq(histogram.most, value[VALUES - 1]);
    ck_assert_uint_eq(histogram_quantile(&histogram, 0), value[0]);
}
END_TEST

/* Rule: the largest numbers there are have a bucket, and none beyond it. */
START_TEST(every_power_of_two_has_its_place)
{
    uint32_t bit;

    for (bit = 0; bit < 64; bit++) {
        uint64_t power = (uint64_t)1 << bit;

        histogram_clear(&histogram);
        histogram_record(&histogram, power);
        histogram_record(&histogram, power - 1);
        histogram_record(&histogram, UINT64_MAX);
        ck_assert_uint_eq(histogram.bucket[HISTOGRAM_BUCKETS - 1], 1);
        ck_assert_uint_eq(histogram_quantile(&histogram, 333333),
                          power - 1);
        ck_assert_uint_eq(histogram.most, UINT64_MAX);
    }
}
END_TEST

/* Rule: two histograms added are the histogram of all values. */
START_TEST(sums_are_as_recorded_together)
{
    static struct histogram both, other;
    uint32_t i;

    histogram_clear(&both);
    histogram_clear(&other);
    histogram_add(&histogram, &other);
    ck_assert_uint_eq(histogram.count, 0);
    for (i = 0; i < 1000; i++) {
        uint64_t v = test_random() >> 40;

        histogram_record(&both, v);
        histogram_record(i % 3 ? &histogram : &other, v);
    }
    histogram_add(&histogram, &other);
    ck_assert_mem_eq(&histogram, &both, sizeof(both));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("histogram");
    TCase *c = tcase_create("values");

    tcase_add_checked_fixture(c, setup, NULL);
    tcase_add_test(c, empty_histogram_is_all_zero);
    tcase_add_test(c, small_values_are_exact);
    tcase_add_test(c, quantiles_are_within_one_part_in_32);
    tcase_add_test(c, every_power_of_two_has_its_place);
    tcase_add_test(c, sums_are_as_recorded_together);
    suite_add_tcase(suite, c);
    return suite_run(suite, CK_FORK_GETENV);
}
