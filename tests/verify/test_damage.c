/* SPDX-License-Identifier: MIT */
/*
 * test_damage.c - attacks are attacks: each piece of code that the corpus
 * (attacks_*.h) wants refused is run on this processor with no verifier before
 * it, and does its damage. Where it cannot, damage_*.h says why, and that is
 * checked too. The very bytes that ran are then refused by verify_text().
 *
 * What was seen is printed at the end, by kind and by reason. stage.h says how
 * it is seen; that stage.c does not see damage everywhere, accepted code shows.
 * Source: docs/VERIFIER.md, "The rules", "How it is tested".
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accepted.h"
#include "accepted_gs.h"
#include "attacks_control.h"
#include "attacks_gs.h"
#include "attacks_instructions.h"
#include "attacks_operands.h"
#include "damage_control.h"
#include "damage_gs.h"
#include "damage_instructions.h"
#include "damage_operands.h"
#include "suite_run.h"
#include "tepal/abi.h"

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))
#define IMPORTS_END (TP_FTAB_START + 4 * 8) /* three imports */
#define RET 0xc3

static const struct corpus {
    const struct snippet *attacks;
    const struct damage_row *rows;
    uint32_t attack_count, row_count, flavour;
} corpora[] = {
    {instructions_attacks, instructions_damage, COUNT(instructions_attacks),
     COUNT(instructions_damage), TP_FLAVOUR_BASE},
    {operands_attacks, operands_damage, COUNT(operands_attacks),
     COUNT(operands_damage), TP_FLAVOUR_BASE},
    {control_attacks, control_damage, COUNT(control_attacks),
     COUNT(control_damage), TP_FLAVOUR_BASE},
    {gs_attacks, gs_damage, COUNT(gs_attacks), COUNT(gs_damage),
     TP_FLAVOUR_GS},
};

static const char *const reason_names[REASON_COUNT] = {
    [REASON_SHOWN] = "damage seen",
    [REASON_PRIVILEGED] = "reached the processor, which wants ring 0",
    [REASON_UNDEFINED] = "reached the processor, which has no such thing",
    [REASON_TOLERATED] = "runs, but no manual says as what",
    [REASON_MAKERS] = "makers differ in what it is",
    [REASON_TIMING] = "acts on a cache line of others",
    [REASON_STRICT] = "harmless: refused because few forms are known",
};

static const struct follow_code {
    uint8_t bytes, code[12];
} follow_codes[] = {
    [FOLLOW_STORE_BASE] = {7, {0x41, 0xc7, 0x06, 0xad, 0x0b, 0xad, 0x0b}},
    [FOLLOW_STORE_RBP] = {8, {0x41, 0xc7, 0x04, 0x2e, 0xad, 0x0b, 0xad, 0x0b}},
    [FOLLOW_STORE_R11] = {8, {0x43, 0xc7, 0x04, 0x1e, 0xad, 0x0b, 0xad, 0x0b}},
    [FOLLOW_STORE_LOW_RBP] = {12, {0x41, 0xc7, 0x84, 0x2e, 0, 0, 0, 0x80, 0xad,
                                   0x0b, 0xad, 0x0b}},
    [FOLLOW_STORE_LOW_R11] = {12, {0x43, 0xc7, 0x84, 0x1e, 0, 0, 0, 0x80, 0xad,
                                   0x0b, 0xad, 0x0b}},
    [FOLLOW_IMPORT] = {7, {0x41, 0xff, 0x96, 8, 0, 1, 0}},
};

static const struct damage_row *find_row(const struct corpus *corpus,
                                         const struct snippet *attack,
                                         uint32_t *found)
{
    const struct damage_row *row = NULL;

    *found = 0;
    for (uint32_t i = 0; i < corpus->row_count; i++) {
        const struct damage_row *other = &corpus->rows[i];

        if (strncmp(attack->name, other->attack, strlen(other->attack)) == 0) {
            row = other;
            ++*found;
        }
    }
    return row;
}

/* Rule: nothing is inferred; who adds an attack says what it does. */
START_TEST(each_attack_has_a_row_of_its_own)
{
    for (uint32_t i = 0; i < COUNT(corpora); i++) {
        uint32_t found;

        ck_assert_uint_eq(corpora[i].attack_count, corpora[i].row_count);
        for (uint32_t j = 0; j < corpora[i].attack_count; j++) {
            find_row(&corpora[i], &corpora[i].attacks[j], &found);
            ck_assert_msg(found == 1, "%s: %u rows",
                          corpora[i].attacks[j].name, found);
        }
        for (uint32_t j = 0; j < corpora[i].row_count; j++)
            ck_assert_msg(corpora[i].rows[j].reason == REASON_SHOWN
                              ? corpora[i].rows[j].damage != 0
                              : corpora[i].rows[j].why != NULL,
                          "%s: neither damage nor a reason",
                          corpora[i].rows[j].attack);
    }
}
END_TEST

static struct verify_result verify(const struct stage_run *run)
{
    uint32_t entries[2] = {TP_TEXT_START + run->entries[0],
                           TP_TEXT_START + run->entries[1]};
    void *scratch = malloc(verify_scratch_bytes(run->bytes));
    struct verify_input input = {
        .text = run->text,
        .bytes = run->bytes,
        .address = TP_TEXT_START,
        .imports_end = IMPORTS_END,
        .ftab_bytes = TP_FTAB_MIN,
        .entries = entries,
        .entry_count = 2,
        .flavour = run->flavour,
    };
    struct verify_result result;

    if (scratch == NULL)
        abort();
    result = verify_text(&input, scratch);
    free(scratch);
    return result;
}

static void append(struct stage_run *run, const void *code, uint32_t bytes)
{
    memcpy(run->text + run->bytes, code, bytes);
    run->bytes += bytes;
}

/* Whether a piece without an end gets one, so that it comes back. */
static bool wants_ret(enum verify_rule rule)
{
    return rule == VERIFY_OPCODE || rule == VERIFY_PREFIX;
}

static void prepare(struct stage_run *run, uint32_t flavour,
                    const struct snippet *attack, const struct damage_row *row)
{
    const uint8_t ret = RET;

    stage_defaults(run, flavour);
    append(run, attack->text, attack->bytes);
    run->entries[1] = attack->entry;
    if (row->follow != FOLLOW_NOTHING) {
        run->bytes -= run->text[run->bytes - 1] == RET;
        append(run, follow_codes[row->follow].code,
               follow_codes[row->follow].bytes);
    }
    if (row->follow != FOLLOW_NOTHING || wants_ret(attack->rule))
        append(run, &ret, 1);
    for (uint32_t i = 0; i < COUNT(row->set) && row->set[i].gpr; i++)
        run->gpr[row->set[i].gpr - 1] = row->set[i].value;
    run->xmm = row->xmm ? row->xmm : run->xmm;
    run->memory = row->memory ? row->memory : run->memory;
    run->behind = row->behind ? row->behind : run->behind;
    run->again = row->again;
    run->start = row->start;
    run->is_zf_clear = row->is_zf_clear;
    run->has_far_frame = row->has_far_frame;
}

static bool is_as_expected(const struct damage_row *row, uint32_t damage)
{
    if (row->reason == REASON_SHOWN || row->reason == REASON_MAKERS)
        return damage & (row->damage | row->or_else);
    return (damage & ~(row->damage | row->or_else)) == 0;
}

static const char *words_of(uint32_t damage)
{
    static char words[512];
    size_t at = 0;

    for (unsigned i = 0; i < DAMAGE_KINDS; i++)
        if (damage >> i & 1)
            at += (size_t)snprintf(words + at, sizeof(words) - at, "%s%s",
                                   at ? ", " : "", damage_names[i]);
    return words;
}

static struct tally {
    uint32_t attacks, lacking, kinds[DAMAGE_KINDS], reasons[REASON_COUNT];
} tallies[TP_FLAVOUR_GS + 1];

/* Shown or not, and not for want of the instruction. */
static void count(struct tally *tally, const struct damage_row *row,
                  uint32_t damage)
{
    tally->attacks++;
    if (row->reason == REASON_SHOWN && !(damage & row->damage)) {
        tally->lacking++;
        return;
    }
    tally->reasons[row->reason]++;
    for (unsigned i = 0; i < DAMAGE_KINDS && row->reason == REASON_SHOWN; i++)
        tally->kinds[i] += damage >> i & 1;
}

/* Run it, and have it refused. Returns whether both went as they should. */
static bool try_attack(uint32_t flavour, const struct snippet *attack,
                       const struct damage_row *row)
{
    struct stage_run run;
    struct verify_result result;
    uint32_t damage;
    bool fine;

    prepare(&run, flavour, attack, row);
    damage = stage_damage(&run);
    result = verify(&run);
    count(&tallies[flavour], row, damage);
    fine = is_as_expected(row, damage) && result.rule == attack->rule &&
           result.address == TP_TEXT_START + attack->at;
    if (!fine)
        fprintf(stderr, "%s: seen: %s; %s at %#x\n", attack->name,
                words_of(damage), verify_rule_name(result.rule),
                result.address);
    else if (getenv("TP_TEST_VERBOSE"))
        printf("%s: %s%s%s\n", attack->name, words_of(damage),
               row->why ? ": " : "", row->why ? row->why : "");
    return fine;
}

static void print_tally(const char *flavour, const struct tally *tally)
{
    printf("%s: %u attacks\n%5u %s\n", flavour, tally->attacks,
           tally->reasons[REASON_SHOWN], reason_names[REASON_SHOWN]);
    for (unsigned i = 0; i + 1 < DAMAGE_KINDS; i++)
        printf("      %5u %s\n", tally->kinds[i], damage_names[i]);
    for (unsigned i = 1; i < REASON_COUNT; i++)
        printf("%5u %s\n", tally->reasons[i], reason_names[i]);
    printf("%5u need what this processor or kernel lacks\n", tally->lacking);
    fflush(stdout);
}

/* docs/VERIFIER.md, "How it is tested": with the verifier off each does its
 * damage, with it on each is refused. */
START_TEST(each_attack_does_its_damage_and_is_refused)
{
    uint32_t failures = 0, found;

    for (uint32_t i = 0; i < COUNT(corpora); i++)
        for (uint32_t j = 0; j < corpora[i].attack_count; j++) {
            const struct snippet *attack = &corpora[i].attacks[j];
            const struct damage_row *row =
                find_row(&corpora[i], attack, &found);

            failures +=
                !row || !try_attack(corpora[i].flavour, attack, row);
        }

    print_tally("base", &tallies[TP_FLAVOUR_BASE]);
    print_tally("gs", &tallies[TP_FLAVOUR_GS]);
    ck_assert_uint_eq(failures, 0);
}
END_TEST

static uint64_t chance(void)
{
    static uint64_t state = 0x5eed;

    state = state * 6364136223846793005u + 1442695040888963407u;
    return state >> 33 ^ state << 17;
}

/* Anything, but in base %rbp and %r11 small (docs/ABI.md, "Registers"). */
static void any_registers(struct stage_run *run)
{
    const uint64_t values[] = {STAGE_KERNEL, STAGE_LOW, OVER, OFF_TABLE, 0, 8,
                               -1ull,        chance(),  STAGE_VICTIM};

    for (unsigned i = 0; i < 16; i++)
        run->gpr[i] = values[chance() % COUNT(values)];
    if (run->flavour == TP_FLAVOUR_BASE) {
        run->gpr[RBP] = (uint32_t)run->gpr[RBP];
        run->gpr[R11] = (uint32_t)run->gpr[R11];
    }
    run->memory = values[chance() % COUNT(values)];
    run->is_zf_clear = chance() & 1;
}

static void assert_harmless(uint32_t flavour, const struct snippet *code)
{
    struct stage_run run;

    for (int i = 0; i < 12; i++) {
        uint32_t damage;

        stage_defaults(&run, flavour);
        append(&run, code->text, code->bytes);
        run.entries[1] = code->entry;
        run.start = i & 1;
        if (i > 1)
            any_registers(&run);
        damage = stage_damage(&run);
        ck_assert_msg(damage == DAMAGE_NONE, "%s, try %d: %s", code->name, i,
                      words_of(damage));
        ck_assert_uint_ne(run.steps, 0);
    }
    ck_assert_int_eq(verify(&run).rule, VERIFY_OK);
}

/* Rule: who sees damage everywhere sees none. What is accepted does none, with
 * whatever registers. */
START_TEST(accepted_code_does_no_damage)
{
    assert_harmless(TP_FLAVOUR_BASE, &accepted_code[_i]);
}
END_TEST

/* Rule: the same in the other flavour, whose registers are all free. */
START_TEST(accepted_code_of_gs_does_no_damage)
{
    assert_harmless(TP_FLAVOUR_GS, &gs_accepted_code[_i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("verify/damage");
    TCase *tests = tcase_create("corpus");

    if (!stage_open()) {
        perror("no room for a slot and its neighbours");
        return 1;
    }
    tcase_add_test(tests, each_attack_has_a_row_of_its_own);
    tcase_add_test(tests, each_attack_does_its_damage_and_is_refused);
    tcase_add_loop_test(tests, accepted_code_does_no_damage, 0,
                        (int)COUNT(accepted_code));
    tcase_add_loop_test(tests, accepted_code_of_gs_does_no_damage, 0,
                        (int)COUNT(gs_accepted_code));
    tcase_set_timeout(tests, 120);
    suite_add_tcase(suite, tests);
    return suite_run(suite, CK_FORK_GETENV);
}
