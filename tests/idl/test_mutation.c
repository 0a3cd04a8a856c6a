/* SPDX-License-Identifier: MIT */
/*
 * test_mutation.c - hostile files: whatever is in one, the compiler ends with
 * errors or with output.
 *
 * Mutants of good files: bytes changed, stretches removed, doubled, swapped
 * between files, words of the language put in. To be built with sanitizers.
 */
#include "bad_inputs.h"
#include "compile.h"
#include "emit.h"
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MUTANTS 100000u
#define ROOM 4096u

static const char *const seeds[] = {
    "struct packet { u16 length; u8 data[2048]; }\n"
    "type queue = rref_deque<packet, 32>;\n"
    "error bad { one, two, }\n"
    "interface net { poll(move queue a, move queue b, bool tx, u64 n)\n"
    "  returns (u64 count, move queue a, move queue b) fails bad retry; }\n",
    "struct apple { u64 weight; u8 colour[24]; }\n"
    "struct pear { rref<apple> seed; apple in[3]; i32 x; }\n"
    "type crate = rref_array<apple, 4>;\n"
    "enum state { green, ripe, }\n"
    "interface test { look(borrow crate c, state s, i8 i);\n"
    "  make(u32 n) returns (move rref<pear> p, bool ok, state s);\n"
    "  raw(borrow rref<u8[1514]> r, move rref_deque<u8[3][2], 7> q); }\n",
    "/* block */ type block = u8[4096]; // end\n"
    "interface bdev { read(u32 i, move rref<block> data)\n"
    "  returns (move rref<block> data) retry; }\n",
};

static const char *const words[] = {
    "struct ",
    "type ",
    "enum ",
    "error ",
    "interface ",
    "rref<",
    "rref_deque<",
    "rref_array<",
    "move ",
    "borrow ",
    "returns (",
    "fails ",
    "retry",
    "{",
    "}",
    "(",
    ")",
    "<",
    ">",
    "[",
    "]",
    ";",
    ",",
    "*",
    "(*f)(",
    "/*",
    "*/",
    "//",
    "u8 ",
    "u64 ",
    "0",
    "1024",
    "2097152",
    "18446744073709551615",
    "0x",
    "packet",
    "apple",
    "pear",
    "queue",
    "test",
    "\n",
    "\0",
    "\xff",
    "[2][3][4]",
    "[2097152][2097152]",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static uint64_t state = 0x9e3779b97f4a7c15u;

static uint32_t random_below(uint32_t bound)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32) % bound;
}

struct mutant {
    char bytes[ROOM];
    uint32_t length;
};

/* Replace @removed bytes at @at by @length bytes of @bytes. */
static void splice(struct mutant *m, uint32_t at, uint32_t removed,
                   const char *bytes, uint32_t length)
{
    if (at > m->length || removed > m->length - at ||
        m->length - removed + length > ROOM)
        return;
    memmove(m->bytes + at + length, m->bytes + at + removed,
            m->length - at - removed);
    memcpy(m->bytes + at, bytes, length);
    m->length = m->length - removed + length;
}

static void mutate(struct mutant *m)
{
    const char *seed = seeds[random_below(COUNT(seeds))];
    const char *word = words[random_below(COUNT(words))];
    uint32_t at = random_below(m->length + 1);
    uint32_t from = random_below((uint32_t)strlen(seed));
    char byte = (char)random_below(256);

    switch (random_below(6)) {
    case 0:
        splice(m, at, 1, &byte, 1);
        break;
    case 1:
        splice(m, at, random_below(40), "", 0);
        break;
    case 2:
        splice(m, at, 0, word, *word ? (uint32_t)strlen(word) : 1);
        break;
    case 3:
        splice(m, at, random_below(8), word, (uint32_t)strlen(word));
        break;
    case 4:
        splice(m, at, 0, seed + from,
               random_below((uint32_t)strlen(seed) - from));
        break;
    default:
        m->length = at;
        break;
    }
}

/* Everything a run without errors would write. */
static void emit_everything(struct compiled *compiled)
{
    struct text text = {0};

    emit_header(&text, compiled->unit, &compiled->arena);
    emit_import(&text, compiled->unit, &compiled->arena);
    emit_proxy(&text, compiled->unit, &compiled->arena);
    emit_types(&text, compiled->unit);
    emit_table(&text, &compiled->unit, 1);
    emit_description(&text, compiled->unit);
    text_free(&text);
}

static bool run(const char *bytes, uint32_t length)
{
    struct compiled *compiled = compile_bytes(bytes, length);
    bool accepted = compiled->errors == 0;

    ck_assert((compiled->messages[0] == 0) == accepted);
    ck_assert_uint_le(compiled->errors, DIAG_ERRORS_MAX + 64);
    if (accepted)
        emit_everything(compiled);
    compile_free(compiled);
    return accepted;
}

START_TEST(mutants_end_in_errors_or_output)
{
    static struct mutant mutant;
    uint32_t i, accepted = 0;

    for (i = 0; i < MUTANTS; i++) {
        const char *seed = i % 4 == 3
                               ? bad_inputs[i / 4 % COUNT(bad_inputs)].text
                               : seeds[i % 4];
        uint32_t changes = 1 + random_below(6);

        mutant.length = (uint32_t)strlen(seed);
        memcpy(mutant.bytes, seed, mutant.length);
        while (changes--)
            mutate(&mutant);
        accepted += run(mutant.bytes, mutant.length);
    }

    /* Both ways out were taken often, or this test has shown nothing. */
    ck_assert_uint_gt(accepted, MUTANTS / 50);
    ck_assert_uint_lt(accepted, MUTANTS / 2);
}
END_TEST

START_TEST(noise_ends_in_errors)
{
    static struct mutant mutant;
    uint32_t i, j;

    for (i = 0; i < 2000; i++) {
        mutant.length = random_below(ROOM);
        for (j = 0; j < mutant.length; j++)
            mutant.bytes[j] = (char)random_below(i % 2 ? 256 : 127);
        run(mutant.bytes, mutant.length);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("idl mutation");
    TCase *tests = tcase_create("mutation");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, mutants_end_in_errors_or_output);
    tcase_add_test(tests, noise_ends_in_errors);
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
