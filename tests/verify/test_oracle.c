/* SPDX-License-Identifier: MIT */
/*
 * test_oracle.c - core/verify and a second implementation of its rules agree:
 * on what is accepted, on which bytes of it are reached, and on a rule that a
 * refused text breaks, at an instruction that does.
 *
 * TP_TEST_STRINGS sets the number of single instructions (all there are, if it
 * is larger), TP_TEST_MUTANTS that of pieces and mutants, TP_TEST_SEED where
 * the random ones begin. The first disagreement ends it, and is printed.
 * Text lies in a block of exactly its size: a sanitizer sees a read beyond it.
 */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accepted.h"
#include "attacks_control.h"
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
    printf("imports to %#x, table of %#x, entries", input->imports_end,
           input->ftab_bytes);
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
static bool both_judge(const struct verify_input *input, uint32_t flavour,
                       const char *what)
{
    void *scratch = malloc(verify_scratch_bytes(input->bytes));
    struct verify_result result = verify_text(input, scratch);
    struct oracle_verdict verdict = oracle_judge(input, flavour);
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
    };
    bool accepted = both_judge(&input, piece->flavour, what);

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

static void judge_snippet(const struct snippet *snippet)
{
    struct piece piece;

    piece_from_snippet(&piece, snippet);
    ck_assert(both_judge_piece(&piece, snippet->name) ==
              (snippet->rule == VERIFY_OK));
}

/* docs/VERIFIER.md, "How it is tested": what the corpus has to say is said by
 * the rules themselves, not by one implementation of them. */
START_TEST(both_judge_the_corpus_alike)
{
    for (int i = 0; i < COUNT(instructions_attacks); i++)
        judge_snippet(&instructions_attacks[i]);
    for (int i = 0; i < COUNT(operands_attacks); i++)
        judge_snippet(&operands_attacks[i]);
    for (int i = 0; i < COUNT(control_attacks); i++)
        judge_snippet(&control_attacks[i]);
    for (int i = 0; i < COUNT(accepted_code); i++)
        judge_snippet(&accepted_code[i]);
}
END_TEST

/* docs/VERIFIER.md, "The rules": what a compiler makes is accepted, by both. */
START_TEST(both_accept_every_domain_of_the_build)
{
    ck_assert_int_ge(text_count, 5);

    for (int i = 0; i < text_count; i++)
        ck_assert_msg(both_judge(&texts[i].input, texts[i].flavour,
                                 texts[i].name),
                      "%s", texts[i].name);
}
END_TEST

/* --- single instructions ------------------------------------------------- */

/* docs/VERIFIER.md, "The rules": each opcode with each ModRM byte, each REX and
 * sets of prefixes. A stride that has no divisor in common with their number
 * takes all of them in the end, and some of each kind before. */
START_TEST(both_judge_single_instructions_alike)
{
    uint64_t count = number_of("TP_TEST_STRINGS", 1000000);
    uint64_t number = number_of("TP_TEST_SEED", 1) % INSTRUCTIONS;
    struct piece piece;

    if (count > INSTRUCTIONS)
        count = INSTRUCTIONS;
    for (uint64_t i = 0; i < count; i++) {
        piece_from_number(&piece, number, ORACLE_BASE);
        both_judge_piece(&piece, "a single instruction");
        number = (number + 15485863) % INSTRUCTIONS;
    }

    report("single instructions", 50);
}
END_TEST

/* --- pieces -------------------------------------------------------------- */

static uint64_t piece_count(void)
{
    return number_of("TP_TEST_MUTANTS", 200000);
}

static void some_piece(struct piece *piece, uint64_t i)
{
    if (i % 3 == 0)
        piece_carve(piece, &texts[random_below((uint32_t)text_count)]);
    else if (i % 30 == 1)
        piece_from_snippet(piece,
                           &accepted_code[random_below(COUNT(accepted_code))]);
    else
        piece_weave(piece, ORACLE_BASE);
}

static void refresh_pool(uint64_t i)
{
    if (i % 100000 == 0)
        pool_fill(ORACLE_BASE, texts, text_count);
}

/* Rule: code within the rules, of as many forms as chance has, is accepted by
 * both: an over-strict verifier shows here. */
START_TEST(both_judge_pieces_alike)
{
    uint64_t count = piece_count() / 4;
    struct piece piece;

    for (uint64_t i = 0; i < count; i++) {
        refresh_pool(i);
        some_piece(&piece, i);
        both_judge_piece(&piece, "a piece");
    }

    report("pieces", 2);
}
END_TEST

/* Rule: near the border between accepted and refused the two agree where it
 * runs; and every rule is met there, but FRAME, which needs more room. */
START_TEST(both_judge_mutants_alike)
{
    uint64_t count = piece_count();
    struct piece piece;

    for (uint64_t i = 0; i < count; i++) {
        refresh_pool(i);
        some_piece(&piece, i);
        for (uint32_t n = 1 + random_below(3); n > 0; n--)
            piece_mutate(&piece);
        both_judge_piece(&piece, "a mutant");
    }

    report("mutants", 10);
    if (count < 10000)
        return; /* too few to meet them all */
    for (int rule = VERIFY_OK; rule < RULES; rule++)
        if (rule != VERIFY_FRAME)
            ck_assert_msg(verdicts[rule] > 0, "%s: never",
                          verify_rule_name((enum verify_rule)rule));
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
        both_judge(&input, text->flavour, text->name);
    }
    free(copy);
}

/* Rule: the same with whole domains, in which a branch has far to go. */
START_TEST(both_judge_mutants_of_domains_alike)
{
    uint64_t count = piece_count() / 1000;

    pool_fill(ORACLE_BASE, texts, text_count);
    for (int i = 0; i < text_count; i++)
        judge_mutants_of(&texts[i], 1 + count / (uint64_t)text_count);

    report("mutants of domains", 10);
}
END_TEST

/* --- frames -------------------------------------------------------------- */

/* @pushes pushes, then as many pops and ret, or a loop around them all. */
static enum verify_rule judge_frame(uint32_t pushes)
{
    uint32_t entry = TP_TEXT_START, bytes = 2 * pushes + 3;
    uint8_t *text = malloc(bytes);
    struct verify_input input = {.text = text,
                                 .bytes = bytes,
                                 .address = TP_TEXT_START,
                                 .imports_end = TP_FTAB_START + 8,
                                 .ftab_bytes = TP_FTAB_MIN,
                                 .entries = &entry,
                                 .entry_count = 1};

    memset(text, 0x53, pushes);
    memset(text + pushes, 0x5b, pushes);
    memcpy(text + 2 * pushes, "\x74\xfe\xc3", 3); /* 1: je 1b; ret */
    both_judge(&input, ORACLE_BASE, "a frame");
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
        ck_assert_int_eq(judge_frame(pushes),
                         pushes > most ? VERIFY_FRAME : VERIFY_OK);
    }
}
END_TEST

/* --- main ---------------------------------------------------------------- */

static void set_up(void)
{
    const char *build = getenv("TEPAL_BUILD");
    char folder[4096];

    snprintf(folder, sizeof(folder), "%s/domains", build ? build : ".");
    if (texts == NULL) {
        text_count = dom_texts_read(folder, &texts);
        for (int i = 0; i < text_count; i++)
            dom_text_find_starts(&texts[i]);
    }
    random_seed(number_of("TP_TEST_SEED", 1));
    forget_counts();
}

int main(void)
{
    Suite *suite = suite_create("verify/oracle");
    TCase *tests = tcase_create("agreement");

    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_test(tests, both_judge_the_corpus_alike);
    tcase_add_test(tests, both_accept_every_domain_of_the_build);
    tcase_add_test(tests, both_judge_single_instructions_alike);
    tcase_add_test(tests, both_judge_pieces_alike);
    tcase_add_test(tests, both_judge_mutants_alike);
    tcase_add_test(tests, both_judge_mutants_of_domains_alike);
    tcase_add_test(tests, both_judge_frames_alike);
    tcase_set_timeout(tests, 600);
    suite_add_tcase(suite, tests);
    return suite_run(suite, CK_FORK_GETENV);
}
