/* SPDX-License-Identifier: MIT */
/*
 * test_load.c - files that are not what they should be: real domain files with
 * one instruction changed are refused with rule, address and symbol; truncated
 * and random files are refused; mutated ones never crash the loader, and
 * whether they load or not nothing is left behind.
 * Source: design, sections 2 and 6; docs/ABI.md, "File".
 */
#include "arch/pages.h"
#include "bad_handles.h"
#include "decode.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
    "domains/forward.dom",      "domains/macswap.dom",
    "domains/ixgbe.dom",        "domains/bench_caller.dom",
    "domains/bench_callee.dom", "tests/crossing/domains/fruit.dom",
    "tests/crossing/domains/fruit-gs.dom",
};
#define FILES (sizeof(names) / sizeof(names[0]))

static struct rig_file files[FILES];

static void setup(void)
{
    uint32_t i;

    for (i = 0; i < FILES; i++)
        files[i] = rig_file(names[i]);
    chance_seed(4711);
}

static void teardown(void)
{
    uint32_t i;

    for (i = 0; i < FILES; i++)
        free(files[i].bytes);
}

/* Loaded and gone again: whether it was accepted, and why not. */
static bool accepts(const uint8_t *bytes, size_t size, struct load_error *error)
{
    struct domain *domain;

    error->text[0] = 0;
    domain = domain_load("mutant", bytes, size, error);
    if (!domain) {
        ck_assert_msg(error->text[0] != 0, "refused without a word");
        return false;
    }
    domain_release(domain);
    return true;
}

static struct image parse(const struct rig_file *file)
{
    struct image_error why;
    struct image image;

    ck_assert(image_parse(&image, file->bytes, file->size, &why));
    return image;
}

/* Rule: what domcc makes is accepted; a loader that refuses everything would
 * pass the tests below. */
START_TEST(real_files_load)
{
    struct load_error error;
    uint32_t i;

    for (i = 0; i < FILES; i++)
        ck_assert_msg(accepts(files[i].bytes, files[i].size, &error), "%s: %s",
                      names[i], error.text);
}
END_TEST

/* What no domain may do, as bytes, and the rule that must say so. */
static const struct evil {
    const char *name, *rule;
    uint8_t length, bytes[8];
} evils[] = {
    {"mov %rax,(%rdi)", "memory operand", 3, {0x48, 0x89, 0x07}},
    {"movb $0,(%r14,%rax)", "memory operand", 5, {0x41, 0xc6, 0x04, 0x06, 0}},
    {"syscall", "whitelist", 2, {0x0f, 0x05}},
    {"mov %rax,%r14", "writes %r14", 3, {0x49, 0x89, 0xc6}},
    {"xchg %rax,%r14", "writes %r14", 2, {0x49, 0x96}},
    {"sub $8,%rsp", "names %rsp", 4, {0x48, 0x83, 0xec, 0x08}},
    {"jmp *%rax", "indirect branch", 2, {0xff, 0xe0}},
    {"jmp beyond", "out of the text", 5, {0xe9, 0, 0, 0, 0x10}},
    {"call below", "out of the text", 5, {0xe8, 0, 0, 0xe0, 0xff}},
    {"jmp into itself", "overlaps", 2, {0xeb, 0xff}},
    {"mov %rax,%rbp", "writes %rbp", 3, {0x48, 0x89, 0xc5}},
    {"int $0x80", "whitelist", 2, {0xcd, 0x80}},
    {"wrgsbase %rax", "not", 5, {0xf3, 0x48, 0x0f, 0xae, 0xd8}},
    {"mov %gs:(%rax),%eax", "prefix", 3, {0x65, 0x8b, 0x00}},
    {"std", "whitelist", 1, {0xfd}},
};
#define EVILS (sizeof(evils) / sizeof(evils[0]))

/* @file with @evil at text offset @at, where an instruction of @room bytes
 * stood. */
static void try_evil(const struct rig_file *file, const struct image *image,
                     uint32_t at, uint32_t room, const struct evil *evil)
{
    uint8_t *text = file->bytes + image->text.file_offset, kept[15];
    uint32_t address = image->text.address + at, distance = 0;
    const char *symbol = image_symbol(image, address, &distance);
    char place[32], named[128];
    struct load_error error;
    bool accepted;

    /* The gs flavour keeps no registers. */
    if (image->header.flavour == TP_FLAVOUR_GS &&
        strncmp(evil->rule, "writes", 6) == 0)
        return;
    memcpy(kept, text + at, room);
    memset(text + at, 0x90, room);
    memcpy(text + at, evil->bytes, evil->length);
    accepted = accepts(file->bytes, file->size, &error);
    memcpy(text + at, kept, room);

    snprintf(place, sizeof(place), "at 0x%x ", address);
    snprintf(named, sizeof(named), "(%s+0x%x)", symbol, distance);
    ck_assert_msg(!accepted, "%s %sloads", evil->name, place);
    ck_assert_ptr_nonnull(symbol);
    ck_assert_msg(strstr(error.text, evil->rule) && strstr(error.text, place) &&
                      strstr(error.text, named),
                  "%s %s%s: '%s'", evil->name, place, named, error.text);
}

/* The text's instructions, one after another, that are ever executed. */
struct walk {
    const struct image *image;
    const uint8_t *text;
    uint32_t at, length;
};

static bool walk_next(struct walk *walk, const void *scratch)
{
    struct insn insn;

    for (walk->at += walk->length; walk->at < walk->image->text.file_bytes;
         walk->at++) {
        if (!verify_reached(scratch, walk->at))
            continue;
        ck_assert_uint_eq(decode_insn(walk->text + walk->at,
                                      walk->image->text.file_bytes - walk->at,
                                      &insn),
                          VERIFY_OK);
        walk->length = insn.length;
        return true;
    }
    return false;
}

static void *verified(const struct rig_file *file, const struct image *image)
{
    uint32_t *entries = malloc(image->ftab_bytes);
    struct verify_input input = image_verify_input(
        image, file->bytes + image->text.file_offset, entries);
    void *scratch = malloc(verify_scratch_bytes(input.bytes));

    ck_assert_uint_eq(verify_text(&input, scratch).rule, VERIFY_OK);
    free(entries);
    return scratch;
}

/*
 * docs/SECURITY.md, "Hostile input": a domain file is refused with rule,
 * address and symbol. Each evil at every place of every file would take long:
 * in turns.
 */
START_TEST(one_changed_instruction_is_refused_by_rule_place_and_symbol)
{
    uint32_t file = (uint32_t)_i, turn = 0, tried = 0;
    struct image image = parse(&files[file]);
    void *scratch = verified(&files[file], &image);
    struct walk walk = {&image, files[file].bytes + image.text.file_offset, 0,
                        0};

    while (walk_next(&walk, scratch)) {
        const struct evil *evil = &evils[turn++ % EVILS];

        if (evil->length > walk.length)
            continue;
        try_evil(&files[file], &image, walk.at, walk.length, evil);
        tried++;
    }
    free(scratch);
    ck_assert_uint_ge(tried, EVILS);
}
END_TEST

/* In memory of exactly its size, so that a sanitizer sees the byte beyond. */
static bool accepts_prefix(const struct rig_file *file, size_t size,
                           struct load_error *error)
{
    uint8_t *copy = malloc(size ? size : 1);
    bool accepted;

    memcpy(copy, file->bytes, size);
    accepted = accepts(copy, size, error);
    free(copy);
    return accepted;
}

/* docs/ABI.md, "File": section headers come last, and must be there. */
START_TEST(truncated_files_are_refused)
{
    const struct rig_file *file = &files[_i];
    size_t size, end = file->size;
    struct load_error error;

    for (size = 0; size < end; size += size < 600 || end - size < 40 ? 1 : 37)
        ck_assert_msg(!accepts_prefix(file, size, &error),
                      "%s with %zu bytes loads", names[_i], size);
}
END_TEST

/* docs/SECURITY.md, "The attacker": the file may be built to break the loader.
 * Rubbish is refused in words, also behind a good ELF header. */
START_TEST(random_files_are_refused)
{
    struct load_error error;
    uint64_t bytes[512];
    uint32_t round, i;

    for (round = 0; round < 20000; round++) {
        for (i = 0; i < 512; i++)
            bytes[i] = chance();
        if (round & 1) /* an ELF header, and rubbish after it */
            memcpy(bytes, files[0].bytes, 64 + (round & 2) * 100);
        ck_assert(
            !accepts((uint8_t *)bytes, sizeof(bytes) - round % 64, &error));
    }
}
END_TEST

/* Where the structures are: most mutations should hit one. */
static size_t place_to_mutate(const struct rig_file *file,
                              const struct image *image)
{
    switch (chance_below(8)) {
    case 0:
        return chance_below(64);
    case 1:
        return 64 + chance_below(56 * 6);
    case 2:
        return image->rodata.file_offset +
               chance_below(image->rodata.file_bytes);
    case 3:
        return image->ftab.file_offset + chance_below(image->ftab.file_bytes);
    case 4:
    case 5:
        return image->text.file_offset + chance_below(image->text.file_bytes);
    case 6: /* section headers */
        return file->size - 1 - chance_below(64 * 16);
    default:
        return chance_below((uint32_t)file->size);
    }
}

static void mutate(uint8_t *bytes, const struct rig_file *file,
                   const struct image *image)
{
    static const uint64_t values[] = {0,          1,          0x7fffffff,
                                      0xffffffff, 0x80000000, ~0ull,
                                      0x10000,    0x40000000, 0xfffff000};
    size_t at = place_to_mutate(file, image);
    uint64_t value = values[chance_below(9)];

    if (at + 8 > file->size)
        return;
    switch (chance_below(5)) {
    case 0:
        bytes[at] ^= (uint8_t)(1u << chance_below(8));
        break;
    case 1:
        bytes[at] = (uint8_t)chance();
        break;
    case 2:
        memcpy(bytes + (at & ~(size_t)3), &value, 4);
        break;
    case 3:
        memcpy(bytes + (at & ~(size_t)7), &value, 8);
        break;
    default:
        bytes[at] = (uint8_t)(bytes[at] + 1 - 2 * chance_below(2));
        break;
    }
}

static uint32_t mutants(void)
{
    const char *wanted = getenv("TP_TEST_MUTANTS");

    return wanted ? (uint32_t)strtoul(wanted, NULL, 10) : 100000;
}

static uint32_t mappings(void)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    uint32_t count = 0;
    int c;

    ck_assert_ptr_nonnull(maps);
    while ((c = fgetc(maps)) != EOF)
        count += c == '\n';
    fclose(maps);
    return count;
}

/* As many domains as there are slots, all at once. */
static uint32_t slots_free(void)
{
    struct domain *domains[128];
    uint32_t count = 0, i;

    while (count < 128 && (domains[count] = domain_create("probe")))
        count++;
    for (i = 0; i < count; i++)
        domain_release(domains[i]);
    return count;
}

static uint32_t load_mutants(uint32_t count)
{
    uint32_t n, i, accepted = 0;

    for (n = 0; n < count; n++) {
        const struct rig_file *file = &files[n % FILES];
        struct image image = parse(file);
        uint8_t *copy = malloc(file->size);
        struct load_error error;

        memcpy(copy, file->bytes, file->size);
        for (i = chance_below(8); i < 8; i++)
            mutate(copy, file, &image);
        accepted += accepts(copy, file->size, &error);
        free(copy);
    }
    return accepted;
}

/*
 * docs/SECURITY.md, "Reporting": an input that crashes, hangs or leaks is a
 * bug. Mutants that load and mutants that do not give back slots and mappings.
 */
START_TEST(mutated_files_leave_nothing_behind)
{
    uint32_t free_slots = slots_free(), before, accepted;

    load_mutants(100);
    before = mappings();
    accepted = load_mutants(mutants());

    ck_assert_uint_gt(accepted, 0);
    ck_assert_uint_lt(accepted, mutants());
    ck_assert_uint_eq(slots_free(), free_slots);
    ck_assert_uint_le(mappings(), before + 8);
}
END_TEST

/* docs/ARCHITECTURE.md, "Address space": slot 0 is the kernel's number, all
 * others are there to be used. A refused file gives the last one back. */
START_TEST(all_slots_can_be_used_and_one_more_is_refused)
{
    struct domain *domains[128];
    struct load_error error;
    uint32_t count = 0;

    while (count < 128 && (domains[count] = domain_load("full", files[3].bytes,
                                                        files[3].size, &error)))
        count++;
    ck_assert_uint_eq(count, slot_count() - 1);
    ck_assert_ptr_nonnull(strstr(error.text, "slots are taken"));
    domain_release(domains[--count]);
    files[4].bytes[4] ^= 1;
    ck_assert(!accepts(files[4].bytes, files[4].size, &error));
    domains[count++] =
        domain_load("again", files[3].bytes, files[3].size, &error);
    ck_assert_ptr_nonnull(domains[count - 1]);
    while (count)
        domain_release(domains[--count]);
}
END_TEST

int main(int argc, char **argv)
{
    Suite *suite = suite_create("load");
    TCase *tests = tcase_create("load");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, real_files_load);
    tcase_add_loop_test(
        tests, one_changed_instruction_is_refused_by_rule_place_and_symbol, 0,
        FILES);
    tcase_add_loop_test(tests, truncated_files_are_refused, 0, FILES);
    tcase_add_test(tests, random_files_are_refused);
    tcase_add_test(tests, mutated_files_leave_nothing_behind);
    tcase_add_test(tests, all_slots_can_be_used_and_one_more_is_refused);
    suite_add_tcase(suite, tests);
    return rig_main(suite, argc, argv, 0);
}
