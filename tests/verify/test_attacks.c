/* SPDX-License-Identifier: MIT */
/*
 * test_attacks.c - machine code that must be refused, and some that must not.
 *
 * The corpus lies in attacks_*.h and accepted.h. Each attack names the rule
 * that must refuse it and the instruction at fault, so that a refusal for
 * another reason does not pass for a defence. Text lies in a block of exactly
 * its size: a sanitizer sees a read beyond it.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "accepted.h"
#include "accepted_gs.h"
#include "attacks_control.h"
#include "attacks_gs.h"
#include "attacks_instructions.h"
#include "attacks_operands.h"
#include "suite_run.h"
#include "tepal/abi.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))
#define IMPORTS_END (TP_FTAB_START + 4 * 8) /* three imports */

/* Verify @bytes of @text with two entries; @reached, if given, is filled. */
static struct verify_result verify(const uint8_t *text, uint32_t bytes,
                                   uint32_t second_entry, uint32_t flavour,
                                   bool *reached)
{
    uint32_t entries[2] = {TP_TEXT_START, TP_TEXT_START + second_entry};
    uint8_t *copy = malloc(bytes);
    void *scratch = malloc(verify_scratch_bytes(bytes));
    struct verify_input input = {
        .text = copy,
        .bytes = bytes,
        .address = TP_TEXT_START,
        .imports_end = IMPORTS_END,
        .ftab_bytes = TP_FTAB_MIN,
        .entries = entries,
        .entry_count = 2,
        .flavour = flavour,
    };
    struct verify_result result;

    if (copy == NULL || scratch == NULL)
        abort();
    memcpy(copy, text, bytes);
    result = verify_text(&input, scratch);
    for (uint32_t i = 0; reached && i < bytes; i++)
        reached[i] = verify_reached(scratch, i);
    free(scratch);
    free(copy);
    return result;
}

static void check_verdict(const struct snippet *snippet, uint32_t flavour)
{
    struct verify_result result =
        verify(snippet->text, snippet->bytes, snippet->entry, flavour, NULL);

    ck_assert_msg(result.rule == snippet->rule, "%s: %s, not %s", snippet->name,
                  verify_rule_name(result.rule),
                  verify_rule_name(snippet->rule));
    if (result.rule != VERIFY_OK)
        ck_assert_msg(result.address == TP_TEXT_START + snippet->at,
                      "%s: at %#x", snippet->name, result.address);
}

/* Rule: what is not on the list is not executed, prefixes included (design,
 * section 2, "Whitelist decoding"). */
START_TEST(instruction_off_the_whitelist_is_refused)
{
    check_verdict(&instructions_attacks[_i], TP_FLAVOUR_BASE);
}
END_TEST

/*
 * Rule: %r14 is never written, %rsp never named, %rbp and %r11 only set small,
 * and memory reached through them alone (design, section 2, "Memory operands").
 */
START_TEST(operand_outside_the_rules_is_refused)
{
    check_verdict(&operands_attacks[_i], TP_FLAVOUR_BASE);
}
END_TEST

/* Rule: branches go to checked starts of equal depth, or through the masked
 * table; nothing overlaps (design, section 2, "Control"). */
START_TEST(control_outside_the_rules_is_refused)
{
    check_verdict(&control_attacks[_i], TP_FLAVOUR_BASE);
}
END_TEST

/* Rule: what the design allows is accepted (design, section 2). A verifier that
 * refuses everything would pass the tests above. */
START_TEST(code_within_the_rules_is_accepted)
{
    check_verdict(&accepted_code[_i], TP_FLAVOUR_BASE);
}
END_TEST

/*
 * docs/VERIFIER.md, "The rules", of gs: its operands in all their forms.
 */
START_TEST(operand_and_branch_outside_the_rules_of_gs_is_refused)
{
    check_verdict(&gs_attacks[_i], TP_FLAVOUR_GS);
}
END_TEST

/* docs/VERIFIER.md, "The rules", of gs: a verifier that refuses all is none. */
START_TEST(code_within_the_rules_of_gs_is_accepted)
{
    check_verdict(&gs_accepted_code[_i], TP_FLAVOUR_GS);
}
END_TEST

static bool is_about_kept_registers(enum verify_rule rule)
{
    return rule == VERIFY_BASE_WRITE || rule == VERIFY_ADDRESS_WRITE;
}

/*
 * docs/VERIFIER.md, "The rules": gs has all those of base but the two on
 * registers that are kept; so an attack on base is one on gs. Where it comes
 * by an operand of base, that operand may be refused first.
 */
static void check_in_gs(const struct snippet *attack)
{
    struct verify_result result = verify(attack->text, attack->bytes,
                                         attack->entry, TP_FLAVOUR_GS, NULL);

    if (is_about_kept_registers(attack->rule))
        return;
    ck_assert_msg(result.rule == attack->rule ||
                      result.rule == VERIFY_MEMORY ||
                      result.rule == VERIFY_INDIRECT,
                  "%s: %s", attack->name, verify_rule_name(result.rule));
}

/* docs/VERIFIER.md, "The rules": see check_in_gs(). */
START_TEST(attacks_of_base_are_refused_in_gs)
{
    for (int i = 0; i < COUNT(instructions_attacks); i++)
        check_in_gs(&instructions_attacks[i]);
    for (int i = 0; i < COUNT(operands_attacks); i++)
        check_in_gs(&operands_attacks[i]);
    for (int i = 0; i < COUNT(control_attacks); i++)
        check_in_gs(&control_attacks[i]);
}
END_TEST

/* Rule: what base accepts is accepted in gs, but for its operands. */
START_TEST(code_of_base_is_accepted_in_gs_but_for_its_operands)
{
    const struct snippet *code = &accepted_code[_i];
    struct verify_result result =
        verify(code->text, code->bytes, code->entry, TP_FLAVOUR_GS, NULL);

    ck_assert_msg(result.rule == VERIFY_OK || result.rule == VERIFY_MEMORY ||
                      result.rule == VERIFY_INDIRECT,
                  "%s: %s", code->name, verify_rule_name(result.rule));
}
END_TEST

/* Rule: what is no instruction to the decoder is none in either flavour. */
START_TEST(attack_of_gs_on_the_decoder_is_refused_in_base)
{
    if (gs_attacks[_i].rule <= VERIFY_PREFIX)
        check_verdict(&gs_attacks[_i], TP_FLAVOUR_BASE);
}
END_TEST

static bool names_gs(const struct snippet *code)
{
    for (uint32_t i = 0; i + 1 < code->bytes; i++)
        if ((code->text[i] == 0x65 && code->text[i + 1] == 0x67) ||
            (code->text[i] == 0x67 && code->text[i + 1] == 0x66))
            return true;
    return false;
}

/* docs/VERIFIER.md, "The rules": in base nothing is known of %gs. */
START_TEST(code_of_gs_is_refused_in_base)
{
    const struct snippet *code = &gs_accepted_code[_i];
    struct verify_result result =
        verify(code->text, code->bytes, code->entry, TP_FLAVOUR_BASE, NULL);

    if (names_gs(code))
        ck_assert_msg(result.rule == VERIFY_MEMORY ||
                          result.rule == VERIFY_INDIRECT,
                      "%s: %s", code->name, verify_rule_name(result.rule));
    else
        ck_assert_msg(is_about_kept_registers(result.rule), "%s: %s",
                      code->name, verify_rule_name(result.rule));
}
END_TEST

static void count_rules(int *count, const struct snippet *attacks,
                        int attack_count)
{
    for (int i = 0; i < attack_count; i++)
        count[attacks[i].rule]++;
}

/* Rule: a rule that is never broken is not tested; each one of design, section
 * 2, has attacks in the corpus, in each flavour that has the rule. */
START_TEST(each_rule_has_at_least_three_attacks)
{
    int base[VERIFY_ENTRY + 1] = {0}, gs[VERIFY_ENTRY + 1] = {0};

    count_rules(base, instructions_attacks, COUNT(instructions_attacks));
    count_rules(base, operands_attacks, COUNT(operands_attacks));
    count_rules(base, control_attacks, COUNT(control_attacks));
    count_rules(gs, gs_attacks, COUNT(gs_attacks));
    for (int i = VERIFY_TRUNCATED; i <= VERIFY_ENTRY; i++) {
        enum verify_rule rule = (enum verify_rule)i;

        if (rule == VERIFY_FRAME) /* has a test of its own below */
            continue;
        ck_assert_msg(base[i] >= 3, "%s", verify_rule_name(rule));
        /* Entries are not code, and have no flavour. */
        if (!is_about_kept_registers(rule) && rule != VERIFY_ENTRY)
            ck_assert_msg(gs[i] >= 3, "%s in gs", verify_rule_name(rule));
    }
}
END_TEST

/* @pushes pushes, as many pops, ret. */
static struct verify_result verify_frame(uint32_t pushes, uint32_t flavour)
{
    uint32_t bytes = 2 * pushes + 1;
    uint8_t *text = malloc(bytes);
    struct verify_result result;

    ck_assert_ptr_nonnull(text);
    memset(text, 0x50, pushes);          /* push %rax */
    memset(text + pushes, 0x58, pushes); /* pop %rax */
    text[bytes - 1] = 0xc3;
    result = verify(text, bytes, 0, flavour, NULL);
    free(text);
    return result;
}

/* Rule: one depth for each instruction, at most 16 KiB in a function (design,
 * section 2, "Stacks"). */
START_TEST(frame_of_16_KiB_is_accepted_and_a_larger_one_refused)
{
    const uint32_t words = TP_FRAME_MAX / 8, flavour = (uint32_t)_i;
    struct verify_result result;

    ck_assert_int_eq(verify_frame(words, flavour).rule, VERIFY_OK);

    result = verify_frame(words + 1, flavour);
    ck_assert_int_eq(result.rule, VERIFY_FRAME);
    ck_assert_uint_eq(result.address, TP_TEXT_START + words);
    ck_assert_int_eq(verify_frame(3 * words, flavour).rule, VERIFY_FRAME);
    ck_assert_int_eq(verify_frame(40 * words, flavour).rule, VERIFY_FRAME);
}
END_TEST

/* Rule: bytes never reached are filled with int3, by these marks (design,
 * section 2, "Whitelist decoding"). */
START_TEST(only_the_bytes_of_verified_instructions_are_reached)
{
    static const uint8_t text[] = {0xeb, 0x02,       /* jmp 1f */
                                   0x0f, 0x05,       /* syscall */
                                   0x31, 0xc0, 0xc3, /* 1: xor; ret */
                                   0xf4};            /* hlt */
    static const bool expected[] = {true, true, false, false,
                                    true, true, true,  false};
    bool reached[sizeof(text)];
    struct verify_result result;

    result = verify(text, sizeof(text), 0, TP_FLAVOUR_BASE, reached);
    ck_assert_int_eq(result.rule, VERIFY_OK);

    for (size_t i = 0; i < sizeof(text); i++)
        ck_assert_int_eq(reached[i], expected[i]);
}
END_TEST

/* docs/decisions/0004-the-table-mask-is-the-files.md: the mask is that of the
 * table's size, which the file chooses; no larger, no smaller. */
START_TEST(mask_of_another_table_size_is_refused)
{
    /* and $0x1ff8,%r11d; jmp *0x10000(%r14,%r11) */
    static const uint8_t text[] = {0x41, 0x81, 0xe3, 0xf8, 0x1f, 0, 0, 0x43,
                                   0xff, 0xa4, 0x1e, 0,    0,    1, 0};
    uint32_t entry = TP_TEXT_START;
    struct verify_input input = {
        .text = text,
        .bytes = sizeof(text),
        .address = TP_TEXT_START,
        .imports_end = TP_FTAB_START + 8,
        .ftab_bytes = 0x2000,
        .entries = &entry,
        .entry_count = 1,
    };
    uint64_t scratch[32];

    ck_assert_uint_le(verify_scratch_bytes(sizeof(text)), sizeof(scratch));
    ck_assert_int_eq(verify_text(&input, scratch).rule, VERIFY_OK);

    input.ftab_bytes = 0x4000;
    ck_assert_int_eq(verify_text(&input, scratch).rule, VERIFY_INDIRECT);
    input.ftab_bytes = 0x1000;
    ck_assert_int_eq(verify_text(&input, scratch).rule, VERIFY_INDIRECT);
}
END_TEST

/* docs/ABI.md, "Function table": a constant entry is an import's. Without
 * imports no constant entry is one. */
START_TEST(import_call_of_a_domain_without_imports_is_refused)
{
    static const uint8_t text[] = {0x41, 0xff, 0xa6, 8, 0, 1, 0};
    uint32_t entry = TP_TEXT_START;
    struct verify_input input = {
        .text = text,
        .bytes = sizeof(text),
        .address = TP_TEXT_START,
        .imports_end = TP_FTAB_START + 8,
        .ftab_bytes = TP_FTAB_MIN,
        .entries = &entry,
        .entry_count = 1,
    };
    uint64_t scratch[32];

    ck_assert_int_eq(verify_text(&input, scratch).rule, VERIFY_INDIRECT);

    input.imports_end += 8;
    ck_assert_int_eq(verify_text(&input, scratch).rule, VERIFY_OK);
}
END_TEST

/* Rule: every entry lies in the text (design, section 2, "Depth-first from the
 * exported entries"); in an empty one none does. */
START_TEST(empty_text_is_refused_by_its_first_entry)
{
    uint32_t entry = TP_TEXT_START;
    struct verify_input input = {
        .text = (const uint8_t *)"",
        .address = TP_TEXT_START,
        .entries = &entry,
        .entry_count = 1,
    };
    uint64_t scratch[2];

    ck_assert_uint_le(verify_scratch_bytes(0), sizeof(scratch));
    ck_assert_int_eq(verify_text(&input, scratch).rule, VERIFY_ENTRY);
}
END_TEST

/*
 * Rule: the list of places to go on from is bounded by the text. Branches of
 * two bytes each, all taken late, are the most that it can hold; the block is
 * exact, for a sanitizer to see.
 */
START_TEST(text_of_nothing_but_branches_stays_within_its_scratch)
{
    enum { BRANCHES = 60 };
    uint8_t text[3 * BRANCHES];
    struct verify_result result;

    memset(text, 0xc3, sizeof(text));
    for (int i = 0; i < BRANCHES; i++) {
        text[2 * i] = 0x74; /* je: forward, each to a byte of its own */
        text[2 * i + 1] = (uint8_t)(2 * BRANCHES - 2 * (i + 1) + i);
    }

    result = verify(text, sizeof(text), 0, TP_FLAVOUR_BASE, NULL);
    ck_assert_int_eq(result.rule, VERIFY_OK);
}
END_TEST

/*
 * docs/SECURITY.md, "Hostile input": accepted code with some bytes changed, and
 * a second entry anywhere. The verdict may be either, but it is about a place
 * in the text, and nothing outside text and scratch is touched.
 */
START_TEST(mutated_code_is_judged_within_its_bounds)
{
    const bool is_gs = _i == TP_FLAVOUR_GS;
    const struct snippet *code = is_gs ? gs_accepted_code : accepted_code;
    const int count = is_gs ? COUNT(gs_accepted_code) : COUNT(accepted_code);
    uint64_t random = 0x5eed, verdicts[VERIFY_ENTRY + 1] = {0};

    for (int i = 0; i < 200000; i++) {
        struct snippet mutant = code[i % count];
        struct verify_result result;

        for (int n = 1 + i / 1000 % 3; n > 0; n--) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            mutant.text[(random >> 33) % mutant.bytes] =
                (uint8_t)(random >> 56);
        }
        result = verify(mutant.text, mutant.bytes,
                        (uint32_t)(random >> 20) % mutant.bytes, (uint32_t)_i,
                        NULL);
        verdicts[result.rule]++;
        if (result.rule != VERIFY_OK &&
            result.address - TP_TEXT_START >= mutant.bytes)
            ck_abort_msg("%s: at %#x", mutant.name, result.address);
    }

    /* Each verdict occurs, but for those that need more than a snippet. */
    for (int i = VERIFY_OK; i < VERIFY_ENTRY; i++) {
        enum verify_rule rule = (enum verify_rule)i;

        if (rule != VERIFY_FRAME && !(is_gs && is_about_kept_registers(rule)))
            ck_assert_msg(verdicts[i] != 0, "%s", verify_rule_name(rule));
    }
}
END_TEST

static Suite *corpus(void)
{
    Suite *suite = suite_create("verify/attacks");
    TCase *base = tcase_create("base"), *gs = tcase_create("gs");

    tcase_add_loop_test(base, instruction_off_the_whitelist_is_refused, 0,
                        COUNT(instructions_attacks));
    tcase_add_loop_test(base, operand_outside_the_rules_is_refused, 0,
                        COUNT(operands_attacks));
    tcase_add_loop_test(base, control_outside_the_rules_is_refused, 0,
                        COUNT(control_attacks));
    tcase_add_loop_test(base, code_within_the_rules_is_accepted, 0,
                        COUNT(accepted_code));
    tcase_add_loop_test(base, code_of_gs_is_refused_in_base, 0,
                        COUNT(gs_accepted_code));
    tcase_add_loop_test(base, attack_of_gs_on_the_decoder_is_refused_in_base, 0,
                        COUNT(gs_attacks));
    tcase_add_loop_test(gs,
                        operand_and_branch_outside_the_rules_of_gs_is_refused,
                        0, COUNT(gs_attacks));
    tcase_add_loop_test(gs, code_within_the_rules_of_gs_is_accepted, 0,
                        COUNT(gs_accepted_code));
    tcase_add_loop_test(gs,
                        code_of_base_is_accepted_in_gs_but_for_its_operands, 0,
                        COUNT(accepted_code));
    tcase_add_test(gs, attacks_of_base_are_refused_in_gs);
    suite_add_tcase(suite, base);
    suite_add_tcase(suite, gs);
    return suite;
}

/* What is tried in both; a flavour is the loop's index. */
static void add_for(Suite *suite, const char *name, int flavour)
{
    TCase *tests = tcase_create(name);

    tcase_add_loop_test(tests,
                        frame_of_16_KiB_is_accepted_and_a_larger_one_refused,
                        flavour, flavour + 1);
    tcase_add_loop_test(tests, mutated_code_is_judged_within_its_bounds,
                        flavour, flavour + 1);
    tcase_set_timeout(tests, 120);
    suite_add_tcase(suite, tests);
}

int main(void)
{
    Suite *suite = corpus();
    TCase *tests = tcase_create("text");

    add_for(suite, "base", TP_FLAVOUR_BASE);
    add_for(suite, "gs", TP_FLAVOUR_GS);
    tcase_add_test(tests, each_rule_has_at_least_three_attacks);
    tcase_add_test(tests, only_the_bytes_of_verified_instructions_are_reached);
    tcase_add_test(tests, mask_of_another_table_size_is_refused);
    tcase_add_test(tests, import_call_of_a_domain_without_imports_is_refused);
    tcase_add_test(tests, empty_text_is_refused_by_its_first_entry);
    tcase_add_test(tests,
                   text_of_nothing_but_branches_stays_within_its_scratch);
    suite_add_tcase(suite, tests);
    return suite_run(suite, CK_FORK_GETENV);
}
