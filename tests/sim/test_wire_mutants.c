/* SPDX-License-Identifier: MIT */
/*
 * test_wire_mutants.c - hostile captures: small good ones of every format, with
 * bytes changed, lengths made absurd, parts cut, doubled or put elsewhere, and
 * perhaps compressed before or after that, played with random options.
 * TP_TEST_MUTANTS sets the number of mutants. To be built with sanitizers, which
 * see overruns and leaks; an alarm sees a reader that does not end.
 */
#define _GNU_SOURCE /* memfd_create */
#include "suite_run.h"
#include "wire_rig.h"
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#define MUTANTS_DEFAULT 20000u
#define SECONDS_MAX 20u /* for one mutant, on a slow machine */
#define STEPS_MAX 20000u
#define LIMIT_MAX 2000u
#define FORMATS ((uint32_t)CAPTURE_PCAPNG_NANO + 1)
#define LINK_RAW 101

static uint64_t number; /* of the mutant under test */
static uint64_t state;  /* of the random generator */
static struct {
    uint64_t opened, refused, records, played, damaged, loops;
} seen;

/* In long loops: Check's own assertions write to a file each time. */
#define CLAIM(claim)                                                           \
    do {                                                                       \
        if (!(claim))                                                          \
            ck_abort_msg("mutant %llu: not so: %s",                            \
                         (unsigned long long)number, #claim);                  \
    } while (0)

#include "wire_claims.h" /* by CLAIM() */

/* Steele and others, "Fast Splittable Pseudorandom Number Generators". */
static uint64_t random_number(void)
{
    uint64_t z = state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static uint32_t below(uint64_t end)
{
    return (uint32_t)(random_number() % end);
}

static bool one_in(uint32_t count)
{
    return below(count) == 0;
}

/* --- good captures -------------------------------------------------------- */

static void add_interfaces(void)
{
    static const uint16_t links[] = {ETHERNET, ETHERNET, LINK_RAW, 113, 0};
    static const uint8_t digits[] = {6, 9, 3, 0x80 | 10, 20};
    uint32_t count = below(4), i;

    for (i = 0; i < count; i++)
        capture_interface(&file, links[below(5)], one_in(2) ? 65535 : 64,
                          digits[below(5)]);
    file.interface = below(count + 1);
}

static void add_record(uint32_t i)
{
    uint32_t length = one_in(3) ? below(1600) : below(120);
    uint32_t captured = one_in(4) && length > 0 ? below(length) : length;
    const uint8_t *data = frame + below(sizeof(frame) - 1600);

    if (file.format >= CAPTURE_PCAPNG && one_in(6))
        capture_add_simple(&file, data, captured, length);
    else
        capture_add(&file, 1000 + i - (one_in(5) ? 3 : 0), below(1000000),
                    data, captured, length);
}

static void make_capture(void)
{
    enum capture_format format = (enum capture_format)below(FORMATS);
    uint32_t count = below(12), i;

    capture_begin(&file, format, one_in(2), one_in(8) ? LINK_RAW : ETHERNET);
    if (format >= CAPTURE_PCAPNG)
        add_interfaces();
    for (i = 0; i < count; i++) {
        if (format >= CAPTURE_PCAPNG && one_in(12)) {
            capture_section(&file);
            file.interface = 0;
            capture_interface(&file, ETHERNET, 65535, 6);
        }
        add_record(i);
    }
}

/* --- what is done to them ------------------------------------------------- */

static void change_bytes(void)
{
    uint32_t count = 1 + below(6);

    while (count-- > 0)
        file.bytes[below(file.used)] = (uint8_t)random_number();
}

/* In the place of four bytes, as lengths and types have it. */
static void change_word(void)
{
    static const uint32_t words[] = {
        0,      1,          2,          3,          4,          6,
        12,     20,         28,         0x7fffffff, 0x80000000, 0xffffffff,
        262144, 262145,     0x00ffffff, 0x01000000, 0x0a0d0d0a, 0x1a2b3c4d,
        1514,   0xa1b2c3d4, 0xa1b23c4d, 0xd4c3b2a1, 0x4d3cb2a1, 65535,
    };
    uint32_t word = words[below(sizeof(words) / sizeof(words[0]))];

    if (file.used < 4)
        return;
    if (one_in(2))
        word = __builtin_bswap32(word);
    memcpy(file.bytes + below(file.used / 4) * 4, &word, sizeof(word));
}

static void cut(void)
{
    file.used = 1 + below(file.used);
}

static void cut_out(void)
{
    uint32_t at = below(file.used), count = below(file.used - at);

    memmove(file.bytes + at, file.bytes + at + count,
            file.used - at - count);
    file.used -= count;
}

/* A part of the file put in elsewhere: blocks and records in wrong places. */
static void insert_part(void)
{
    uint8_t part[512];
    uint32_t from = below(file.used), to = below(file.used);
    uint32_t count = below(sizeof(part));

    if (one_in(2)) { /* as blocks begin */
        from &= ~3u;
        to &= ~3u;
        count &= ~3u;
    }
    if (count > file.used - from)
        count = (uint32_t)file.used - from;
    memcpy(part, file.bytes + from, count);
    capture_reserve(&file, count);
    memmove(file.bytes + to + count, file.bytes + to, file.used - to);
    memcpy(file.bytes + to, part, count);
    file.used += count;
}

static void mutate(void)
{
    static void (*const ways[])(void) = {
        change_bytes, change_word, change_word, cut, cut_out, insert_part,
    };
    uint32_t count = below(4);

    while (count-- > 0 && file.used > 0)
        ways[below(sizeof(ways) / sizeof(ways[0]))]();
}

/* --- playing -------------------------------------------------------------- */

static enum replay_policy any_policy(void)
{
    return (enum replay_policy)below(REPLAY_STOP + 1);
}

static void choose_options(void)
{
    static const double rates[] = {1e-6, 0.3, 1, 1000, 1e6};

    replay_defaults(&options);
    options.pace = (enum replay_pace)below(REPLAY_MBPS + 1);
    options.rate = rates[below(5)];
    options.gap_max_ns = one_in(2) ? 0 : random_number() >> 20;
    options.loops = below(4);
    options.loop_delay_ns = one_in(2) ? 0 : below(1000000);
    options.limit = options.loops == 0 || one_in(3) ? 1 + below(LIMIT_MAX) : 0;
    options.duration_ns = one_in(3) ? random_number() >> 20 : 0;
    options.preload = one_in(4);
    options.truncated = any_policy();
    options.oversize = any_policy();
    options.backwards = any_policy();
    options.link_type = any_policy();
}

static void check_counts(void)
{
    const struct wire_pcap_counts *c = &pcap.counts;

    claim_counts(c);
    CLAIM(options.limit == 0 || c->packets_in <= options.limit);
    CLAIM(options.loops == 0 || c->loops_done <= options.loops);
    CLAIM(options.pace == REPLAY_TOP || pcap.lateness.count == c->packets_in);
    if (options.limit == 0 && options.duration_ns == 0 && !pcap.error[0])
        CLAIM(c->packets_in == c->playable * options.loops);
}

/* Goes to when each frame is due, and sometimes beyond. */
static void play_all(size_t store_bytes)
{
    uint32_t steps = 0, bytes;
    const uint8_t *data;
    uint64_t when;

    while (pcap.wire.ops->next(&pcap.wire, &when)) {
        CLAIM(when >= fake_clock);
        CLAIM(++steps <= STEPS_MAX);
        fake_clock = when;
        if (one_in(8) && when < UINT64_MAX / 2)
            fake_clock += below(1000000);
        data = pcap.wire.ops->receive(&pcap.wire, &bytes);
        if (!data) /* beyond the duration */
            break;
        claim_frame(data, bytes);
        CLAIM(pcap.store_bytes <= store_bytes);
    }
    CLAIM(pcap.wire.ops->ended(&pcap.wire));
    CLAIM(!pcap.wire.ops->receive(&pcap.wire, &bytes));
    seen.opened++;
    seen.records += pcap.counts.records;
    seen.played += pcap.counts.packets_in;
    seen.damaged += pcap.counts.errors;
    seen.loops += pcap.counts.loops_done;
}

/* The mutant as a file without a name. */
static int memory_file(void)
{
    int descriptor = memfd_create("mutant", MFD_CLOEXEC);

    CLAIM(descriptor >= 0);
    CLAIM(write(descriptor, file.bytes, file.used) == (ssize_t)file.used);
    CLAIM(lseek(descriptor, 0, SEEK_SET) == 0);
    return descriptor;
}

static void try_mutant(void)
{
    size_t store_bytes = one_in(3) ? below(20000) : 1u << 20;
    bool late = one_in(4); /* compressed after the changes */

    make_capture();
    if (one_in(8))
        capture_compress(&file);
    mutate();
    if (late)
        capture_compress(&file);
    choose_options();
    fake_clock = 1000;
    if (wire_pcap_open_descriptor(&pcap, memory_file(), "mutant", store_bytes,
                                  NULL, &options)) {
        CLAIM(pcap.error[0] != '\0' && !strchr(pcap.error, '\n'));
        CLAIM(!pcap.store && !pcap.reader.capture && pcap.input < 0);
        seen.refused++;
    } else {
        play_all(store_bytes);
        check_counts();
        (void)wire_pcap_close(&pcap);
    }
    capture_end(&file);
}

static void on_alarm(int signal_number)
{
    static const char text[] = "a mutant does not end\n";

    (void)signal_number;
    (void)!write(STDERR_FILENO, text, sizeof(text) - 1);
    abort();
}

static uint64_t mutants_wanted(void)
{
    const char *text = getenv("TP_TEST_MUTANTS");

    return text ? strtoull(text, NULL, 10) : MUTANTS_DEFAULT;
}

/* docs/SECURITY.md, "Hostile input": whatever is in a capture, playing it ends,
 * in bounded memory, and what was counted adds up. */
START_TEST(every_mutant_ends_in_bounds)
{
    struct rusage usage;
    uint64_t mutants = mutants_wanted();

    signal(SIGALRM, on_alarm);
    for (number = 0; number < mutants; number++) {
        state = number * 0xda942042e4dd58b5u + 1;
        alarm(SECONDS_MAX);
        try_mutant();
    }
    alarm(0);
    getrusage(RUSAGE_SELF, &usage);
    printf("%llu mutants: %llu refused, %llu opened, of these %llu damaged; "
           "%llu records, %llu frames played in %llu loops; %ld MiB\n",
           (unsigned long long)mutants, (unsigned long long)seen.refused,
           (unsigned long long)seen.opened, (unsigned long long)seen.damaged,
           (unsigned long long)seen.records, (unsigned long long)seen.played,
           (unsigned long long)seen.loops, usage.ru_maxrss >> 10);
    /* Most of them must get somewhere, or nothing was shown. */
    if (mutants >= 1000) {
        ck_assert_uint_gt(seen.opened, mutants / 3);
        ck_assert_uint_gt(seen.damaged, mutants / 20);
        ck_assert_uint_gt(seen.played, mutants);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wire_mutants");
    TCase *c = tcase_create("mutants");

    tcase_add_checked_fixture(c, rig_setup, rig_teardown);
    tcase_set_timeout(c, 0);
    tcase_add_test(c, every_mutant_ends_in_bounds);
    suite_add_tcase(suite, c);
    return suite_run(suite, CK_FORK_GETENV);
}
