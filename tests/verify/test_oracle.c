/* SPDX-License-Identifier: MIT */
/*
 * test_oracle.c - core/verify and a second implementation of its rules agree:
 * on what is accepted, on which bytes of it are reached, and on a rule that a
 * refused text breaks, at an instruction that does.
 *
 * TP_TEST_STRINGS sets the number of single instructions, TP_TEST_MUTANTS that
 * of mutants, a fourth of which are judged unchanged as well, half of each in
 * either flavour; TP_TEST_SEED where the random ones begin. The first
 * disagreement ends it, and is printed.
 * Text lies in a block of exactly its size: a sanitizer sees a read beyond it.
 */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accepted.h"
#include "accepted_gs.h"
#include "attacks_control.h"
#include "attacks_gs.h"
#include "attacks_instructions.h"
#include "attacks_operands.h"
#include "oracle.h"
#include "piece.h"
#include "suite_run.h"
#include "tepal/abi.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))
#define RULES (VERIFY_ENTRY + 1)

static struct dom_text *texts;
static int text_count;
static uint64_t verdicts[RULES]; /* of the verifier */
static uint64_t judged, only_rules;

static uint64_t number_of(const char *variable, uint64_t otherwise)
{
    const char *text = getenv(variable);

    return text ? strtoull(text, NULL, 10) : otherwise;
}

/* --- one text, judged twice ---------------------------------------------- */

static void print_text(const struct verify_input *input)
{
    printf("flavour %u, imports to %#x, table of %#x, entries", input->flavour,
           input->imports_end, input->ftab_bytes);
    for (uint32_t i = 0; i < input->entry_count && i < 8; i++)
        printf(" %#x", input->entries[i]);
    printf("\n");
    for (uint32_t i = 0; i < input->bytes && i < PIECE_ROOM; i++)
        printf("%02x%c", input->text[i], i % 24 == 23 ? '\n' : ' ');
    printf("\n");
}

static void print_disagreement(const struct verify_input *input,
                               struct verify_result result,
                               const struct oracle_verdict *verdict)
{
    print_text(input);
    printf("verifier: %s at %#x\noracle:   %s\n", verify_rule_name(result.rule),
           result.address, verdict->count ? "" : "accepted");
    for (uint32_t i = 0; i < verdict->count && i < 16; i++)
        printf("    %s at %#x\n", verify_rule_name(verdict->faults[i].rule),
               verdict->faults[i].address);
    fflush(stdout);
}

static bool reached_is_same(const struct verify_input *input,
                            const void *scratch,
                            const struct oracle_verdict *verdict)
{
    for (uint32_t i = 0; i < input->bytes; i++)
        if (verify_reached(scratch, i) != (verdict->reached[i] != 0))
            return false;
    return true;
}

/* Whether it was accepted, by both. */
static bool both_judge(const struct verify_input *input, const char *what)
{
    void *scratch = malloc(verify_scratch_bytes(input->bytes));
    struct verify_result result = verify_text(input, scratch);
    struct oracle_verdict verdict = oracle_judge(input);
    bool agreed = oracle_allows(&verdict, result);

    if (agreed && result.rule == VERIFY_OK)
        agreed = reached_is_same(input, scratch, &verdict);
    if (!agreed) {
        print_disagreement(input, result, &verdict);
        ck_abort_msg("they disagree about %s", what);
    }
    judged++;
    verdicts[result.rule]++;
    only_rules += oracle_only_rule(&verdict) != VERIFY_OK;
    free(scratch);
    oracle_free(&verdict);
    return result.rule == VERIFY_OK;
}

static bool both_judge_piece(const struct piece *piece, const char *what)
{
    uint8_t *copy = malloc(piece->bytes);
    struct verify_input input = {
        .text = memcpy(copy, piece->text, piece->bytes),
        .bytes = piece->bytes,
        .address = TP_TEXT_START,
        .imports_end = piece->imports_end,
        .ftab_bytes = piece->ftab_bytes,
        .entries = piece->entries,
        .entry_count = 2,
        .flavour = piece->flavour,
    };
    bool accepted = both_judge(&input, what);

    free(copy);
    return accepted;
}

static void forget_counts(void)
{
    memset(verdicts, 0, sizeof(verdicts));
    judged = 0;
    only_rules = 0;
}

/* Fails if less than one in @least is accepted: then little is tested. */
static void report(const char *what, uint64_t least)
{
    uint64_t accepted = verdicts[VERIFY_OK];

    printf("%s: %" PRIu64 " agreed on, %" PRIu64 " (%.1f %%) accepted, %" PRIu64
           " refused by one rule only\n",
           what, judged, accepted, 100.0 * (double)accepted / (double)judged,
           only_rules);
    fflush(stdout);
    ck_assert_uint_ge(accepted * least, judged);
}

/* --- the corpus ---------------------------------------------------------- */

static const struct corpus {
    const struct snippet *snippets;
    int count;
    uint32_t flavour;
} corpora[] = {
    {instructions_attacks, COUNT(instructions_attacks), TP_FLAVOUR_BASE},
    {operands_attacks, COUNT(operands_attacks), TP_FLAVOUR_BASE},
    {control_attacks, COUNT(control_attacks), TP_FLAVOUR_BASE},
    {accepted_code, COUNT(accepted_code), TP_FLAVOUR_BASE},
    {gs_attacks, COUNT(gs_attacks), TP_FLAVOUR_GS},
    {gs_accepted_code, COUNT(gs_accepted_code), TP_FLAVOUR_GS},
};

static void judge_corpus(const struct corpus *corpus, uint32_t flavour)
{
    for (int i = 0; i < corpus->count; i++) {
        const struct snippet *snippet = &corpus->snippets[i];
        struct piece piece;
        bool accepted;

        piece_from_snippet(&piece, snippet, flavour);
        accepted = both_judge_piece(&piece, snippet->name);
        if (flavour == corpus->flavour)
            ck_assert_msg(accepted == (snippet->rule == VERIFY_OK), "%s",
                          snippet->name);
    }
}

/* docs/VERIFIER.md, "How it is tested": what the corpus has to say is said by
 * the rules themselves, not by one implementation of them; in the flavour that
 * it is of, and in the other. */
START_TEST(both_judge_the_corpus_alike)
{
    for (int i = 0; i < COUNT(corpora); i++) {
        judge_corpus(&corpora[i], TP_FLAVOUR_BASE);
        judge_corpus(&corpora[i], TP_FLAVOUR_GS);
    }

    report("the corpus, in each flavour", 100);
}
END_TEST

static int texts_of(uint32_t flavour)
{
    int count = 0;

    for (int i = 0; i < text_count; i++)
        count += texts[i].input.flavour == flavour;
    return count;
}

/* docs/VERIFIER.md, "The rules": what a compiler makes is accepted, by both. */
START_TEST(both_accept_every_domain_of_the_build)
{
    ck_assert_int_ge(texts_of(TP_FLAVOUR_BASE), 5);
    ck_assert_int_ge(texts_of(TP_FLAVOUR_GS), 3);

    for (int i = 0; i < text_count; i++)
        ck_assert_msg(both_judge(&texts[i].input, texts[i].name), "%s",
                      texts[i].name);
}
END_TEST

/* --- single instructions ------------------------------------------------- */

/* docs/VERIFIER.md, "The rules": each opcode with each ModRM byte, each REX and
 * sets of prefixes. A stride that has no divisor in common with their number
 * takes all of them in the end, and some of each kind before. */
START_TEST(both_judge_single_instructions_alike)
{
    uint64_t count = number_of("TP_TEST_STRINGS", 1000000) / 2;
    uint64_t number = number_of("TP_TEST_SEED", 1) % INSTRUCTIONS;
    struct piece piece;

    if (count > INSTRUCTIONS)
        count = INSTRUCTIONS;
    for (uint64_t i = 0; i < count; i++) {
        piece_from_number(&piece, number, (uint32_t)_i);
        both_judge_piece(&piece, "a single instruction");
        number = (number + 15485863) % INSTRUCTIONS;
    }

    report("single instructions", 100);
}
END_TEST

/* --- pieces -------------------------------------------------------------- */

/* In each flavour. */
static uint64_t piece_count(void)
{
    return number_of("TP_TEST_MUTANTS", 200000) / 2;
}

static const struct dom_text *some_text(uint32_t flavour)
{
    const struct dom_text *text;

    do
        text = &texts[random_below((uint32_t)text_count)];
    while (text->input.flavour != flavour);
    return text;
}

static const struct snippet *some_accepted(uint32_t flavour)
{
    if (flavour == TP_FLAVOUR_GS)
        return &gs_accepted_code[random_below(COUNT(gs_accepted_code))];
    return &accepted_code[random_below(COUNT(accepted_code))];
}

/* The @i th piece; the pool is another every so often. */
static void some_piece(struct piece *piece, uint64_t i, uint32_t flavour)
{
    if (i % 100000 == 0)
        pool_fill(flavour, texts, text_count);
    if (i % 3 == 0)
        piece_carve(piece, some_text(flavour));
    else if (i % 30 == 1)
        piece_from_snippet(piece, some_accepted(flavour), flavour);
    else
        piece_weave(piece, flavour);
}

/* Rule: code within the rules, of as many forms as chance has, is accepted by
 * both: an over-strict verifier shows here. */
START_TEST(both_judge_pieces_alike)
{
    uint64_t count = piece_count() / 4;
    struct piece piece;

    for (uint64_t i = 0; i < count; i++) {
        some_piece(&piece, i, (uint32_t)_i);
        both_judge_piece(&piece, "a piece");
    }

    report("pieces", 2);
}
END_TEST

/* gs keeps no registers. */
static bool has_rule(uint32_t flavour, enum verify_rule rule)
{
    return flavour == TP_FLAVOUR_BASE ||
           (rule != VERIFY_BASE_WRITE && rule != VERIFY_ADDRESS_WRITE);
}

/* Rule: near the border between accepted and refused the two agree where it
 * runs; and every rule is met there, but FRAME, which needs more room. */
START_TEST(both_judge_mutants_alike)
{
    uint64_t count = piece_count();
    struct piece piece;

    for (uint64_t i = 0; i < count; i++) {
        some_piece(&piece, i, (uint32_t)_i);
        for (uint32_t n = 1 + random_below(3); n > 0; n--)
            piece_mutate(&piece);
        both_judge_piece(&piece, "a mutant");
    }

    report("mutants", 10);
    if (count < 10000)
        return; /* too few to meet them all */
    for (int i = VERIFY_OK; i < RULES; i++) {
        enum verify_rule rule = (enum verify_rule)i;

        if (rule != VERIFY_FRAME && has_rule((uint32_t)_i, rule))
            ck_assert_msg(verdicts[rule] > 0, "%s: never",
                          verify_rule_name(rule));
    }
}
END_TEST

static void judge_mutants_of(const struct dom_text *text, uint64_t count)
{
    struct verify_input input = text->input;
    uint8_t *copy = malloc(input.bytes);

    input.text = copy;
    while (count-- > 0) {
        memcpy(copy, text->input.text, input.bytes);
        for (uint32_t n = 1 + random_below(3); n > 0; n--)
            text_mutate(copy, input.bytes, text->starts, text->start_count);
        both_judge(&input, text->name);
    }
    free(copy);
}

/* Rule: the same with whole domains, in which a branch has far to go. */
START_TEST(both_judge_mutants_of_domains_alike)
{
    uint64_t count = piece_count() / 1000;
    uint32_t flavour = (uint32_t)_i;

    pool_fill(flavour, texts, text_count);
    for (int i = 0; i < text_count; i++)
        if (texts[i].input.flavour == flavour)
            judge_mutants_of(&texts[i],
                             1 + count / (uint64_t)texts_of(flavour));

    report("mutants of domains", 10);
}
END_TEST

/* --- frames -------------------------------------------------------------- */

/* @pushes pushes, then as many pops and ret, or a loop around them all. */
static enum verify_rule judge_frame(uint32_t pushes, uint32_t flavour)
{
    uint32_t entry = TP_TEXT_START, bytes = 2 * pushes + 3;
    uint8_t *text = malloc(bytes);
    struct verify_input input = {.text = text,
                                 .bytes = bytes,
                                 .address = TP_TEXT_START,
                                 .imports_end = TP_FTAB_START + 8,
                                 .ftab_bytes = TP_FTAB_MIN,
                                 .entries = &entry,
                                 .entry_count = 1,
                                 .flavour = flavour};

    memset(text, 0x53, pushes);
    memset(text + pushes, 0x5b, pushes);
    memcpy(text + 2 * pushes, "\x74\xfe\xc3", 3); /* 1: je 1b; ret */
    both_judge(&input, "a frame");
    free(text);
    for (int rule = VERIFY_OK; rule < RULES; rule++)
        if (verdicts[rule])
            return (enum verify_rule)rule;
    return VERIFY_OK;
}

/* docs/VERIFIER.md, "The rules": 16 KiB in a function, and not a word more. */
START_TEST(both_judge_frames_alike)
{
    const uint32_t most = TP_FRAME_MAX / 8;

    for (uint32_t pushes = most - 3; pushes < most + 4; pushes++) {
        forget_counts();
        ck_assert_int_eq(judge_frame(pushes, (uint32_t)_i),
                         pushes > most ? VERIFY_FRAME : VERIFY_OK);
    }
}
END_TEST

/* --- main ---------------------------------------------------------------- */

static void read_texts(void)
{
    static const char *const folders[] = {"domains", "tests/crossing/domains",
                                          "tests/attacks/domains"};
    const char *build = getenv("TEPAL_BUILD");
    char folder[4096];

    for (int i = 0; i < COUNT(folders); i++) {
        snprintf(folder, sizeof(folder), "%s/%s", build ? build : ".",
                 folders[i]);
        text_count = dom_texts_add(folder, &texts, text_count);
    }
    for (int i = 0; i < text_count; i++)
        dom_text_find_starts(&texts[i]);
}

static void set_up(void)
{
    if (texts == NULL)
        read_texts();
    random_seed(number_of("TP_TEST_SEED", 1));
    forget_counts();
}

/* A flavour is the loop's index. */
static void add_for(Suite *suite, const char *name, int flavour)
{
    TCase *tests = tcase_create(name);

    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_loop_test(tests, both_judge_single_instructions_alike, flavour,
                        flavour + 1);
    tcase_add_loop_test(tests, both_judge_pieces_alike, flavour, flavour + 1);
    tcase_add_loop_test(tests, both_judge_mutants_alike, flavour, flavour + 1);
    tcase_add_loop_test(tests, both_judge_mutants_of_domains_alike, flavour,
                        flavour + 1);
    tcase_add_loop_test(tests, both_judge_frames_alike, flavour, flavour + 1);
    tcase_set_timeout(tests, 600);
    suite_add_tcase(suite, tests);
}

int main(void)
{
    Suite *suite = suite_create("verify/oracle");
    TCase *tests = tcase_create("built and written");

    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_test(tests, both_judge_the_corpus_alike);
    tcase_add_test(tests, both_accept_every_domain_of_the_build);
    suite_add_tcase(suite, tests);
    add_for(suite, "base", TP_FLAVOUR_BASE);
    add_for(suite, "gs", TP_FLAVOUR_GS);
    return suite_run(suite, CK_FORK_GETENV);
}
