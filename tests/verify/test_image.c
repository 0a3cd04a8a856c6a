/* SPDX-License-Identifier: MIT */
/*
 * test_image.c - domain files: the valid one, and each rule broken alone.
 *
 * Files lie in blocks of exactly their size, so that a sanitizer sees a read
 * beyond them. TP_TEST_MUTANTS sets the number of mutated files.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "breakages.h"
#include "suite_run.h"
#include "tepal_trusted/verify.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))
#define MUTANTS_DEFAULT 100000

static uint8_t *file;

static void set_up(void)
{
    file = malloc(BUILT_BYTES);
    ck_assert_ptr_nonnull(file);
    build_image(file);
}

static void tear_down(void)
{
    free(file);
}

/* docs/ABI.md, "File": segments and header are found where they are. */
START_TEST(valid_file_is_described_as_it_is)
{
    struct image image;
    struct image_error error;

    ck_assert_msg(image_parse(&image, file, BUILT_BYTES, &error), "%s",
                  error.text);

    ck_assert_uint_eq(image.ftab.address, TP_FTAB_START);
    ck_assert_uint_eq(image.text.address, TP_TEXT_START);
    ck_assert_uint_eq(image.text.file_offset, BUILT_TEXT);
    ck_assert_uint_eq(image.text.memory_bytes, BUILT_TEXT_BYTES);
    ck_assert_uint_eq(image.rodata.file_bytes, BUILT_RODATA_BYTES);
    ck_assert_uint_eq(image.data.address, BUILT_DATA_ADDRESS);
    ck_assert_uint_eq(image.data.file_bytes, BUILT_DATA_FILE_BYTES);
    ck_assert_uint_eq(image.data.memory_bytes, BUILT_DATA_MEMORY_BYTES);
    ck_assert_uint_eq(image.ftab_bytes, TP_FTAB_MIN);
    ck_assert_uint_eq(image.header.data_stack_bytes, 0x4000);
    ck_assert_uint_eq(image.import_count, 2);
    ck_assert_uint_eq(image.cap_count, 1);
    ck_assert_uint_eq(image.type_count, 1);
    ck_assert_uint_eq(image.export_count, 1);
}
END_TEST

/* docs/ABI.md, "File", "Function table": methods, caps, types and exports are
 * whole records, and an entry holds its target. */
START_TEST(records_of_a_valid_file_are_read_as_written)
{
    struct image image;
    struct image_error error;

    ck_assert(image_parse(&image, file, BUILT_BYTES, &error));

    ck_assert_uint_eq(image_method(&image, 0).method, TP_SERVICE_LOG);
    ck_assert_uint_eq(image_method(&image, 1).interface_id, 0x1122334455667788);
    ck_assert_uint_eq(image_cap(&image, 0).variable, BUILT_DATA_ADDRESS + 4);
    ck_assert_str_eq(image_cap_name(&image, 0), "nic");
    ck_assert_uint_eq(image_type(&image, 0).bytes, 1514);
    ck_assert_uint_eq(image_export(&image, 0).interface_id, 0x99aabb);
    ck_assert_str_eq(image_export_name(&image, 0), "filter");
    ck_assert_uint_eq(image_export_method(&image, 0, 0), BUILT_METHOD_ENTRY);
    ck_assert_uint_eq(image_export_method(&image, 0, 1), BUILT_MAIN_ENTRY);
    ck_assert_uint_eq(image_ftab_count(&image), 5);
    ck_assert_uint_eq(image_ftab_target(&image, 1), 0);
    ck_assert_uint_eq(image_ftab_target(&image, 4),
                      TP_TEXT_START + BUILT_METHOD);
}
END_TEST

/* docs/ABI.md, "File": each rule broken alone, and refused for that one. A
 * refusal for another reason would not count as a defence. */
START_TEST(file_that_breaks_one_rule_is_refused_for_it)
{
    const struct breakage *breakage = &breakages[_i];
    struct image image;
    struct image_error error;

    build_put(file, breakage->offset, breakage->value, breakage->bytes);

    ck_assert_msg(!image_parse(&image, file, BUILT_BYTES, &error),
                  "accepted: %s, %#zx = %#llx", breakage->error,
                  breakage->offset, (unsigned long long)breakage->value);
    ck_assert_msg(strncmp(error.text, breakage->error,
                          strlen(breakage->error)) == 0,
                  "\"%s\", not \"%s\"", error.text, breakage->error);
    ck_assert_uint_lt(error.offset, BUILT_BYTES);
}
END_TEST

/* What differs from the built file and is still within the rules. */
static const struct breakage harmless[] = {
    {"no data stack size", HEADER(STACK_BYTES), 0, 4},
    {"the largest data stack", HEADER(STACK_BYTES), 0x3f0000, 4},
    {"no thread of its own", HEADER(MAIN), 0, 4},
    {"data up to the data stacks", PHDR(DATA, MEMSZ), 0x3fefd000, 8},
    {"all of the data zero", PHDR(DATA, FILESZ), 0, 8},
    {"a table larger than used", PHDR(FTAB, MEMSZ), 0x1000, 8},
    {"no capabilities", HEADER(CAPS_END), 0x1020a0, 4},
    {"no types, wherever", HEADER(TYPES), 0x1020d0, 4},
    {"no exports", HEADER(EXPORTS_END), 0x1020e0, 4},
    {"the last kernel service", RODATA(BUILT_METHODS) + 8, TP_SERVICE_COUNT - 1,
     8},
    {"the last variable", CAP(2), DATA_END - 4, 8},
    {"an entry address", 24, UINT64_MAX, 8},
};

/* docs/ABI.md, "File": what differs from the built file and is still within the
 * rules, at the last value that is. */
START_TEST(file_within_the_rules_is_accepted)
{
    struct image image;
    struct image_error error;

    build_put(file, harmless[_i].offset, harmless[_i].value,
              harmless[_i].bytes);

    ck_assert_msg(image_parse(&image, file, BUILT_BYTES, &error), "%s: %s",
                  harmless[_i].error, error.text);
}
END_TEST

/* docs/ABI.md, "File": the data segment may be absent, or empty; but a
 * capability needs a variable there. */
START_TEST(file_without_data_is_accepted_without_capabilities)
{
    struct image image;
    struct image_error error;

    build_put(file, PHDR(DATA, VADDR), 0, 8);
    build_put(file, PHDR(DATA, FILESZ), 0, 8);
    build_put(file, PHDR(DATA, MEMSZ), 0, 8);
    ck_assert(!image_parse(&image, file, BUILT_BYTES, &error));

    build_put(file, HEADER(CAPS_END), 0x1020a0, 4);
    ck_assert_msg(image_parse(&image, file, BUILT_BYTES, &error), "%s",
                  error.text);
    ck_assert_uint_eq(image.data.memory_bytes, 0);
}
END_TEST

/* Rule: a name has 63 characters at most and ends in the read-only data, so
 * that who reads it needs no check. */
START_TEST(name_is_at_most_63_characters_and_ends_in_the_read_only_data)
{
    struct image image;
    struct image_error error;
    /* Room for a long name: read-only data grows by 0x80 bytes. */
    const uint32_t bytes = BUILT_RODATA_BYTES + 0x80;
    const size_t name = RODATA(BUILT_RODATA_BYTES);

    build_put(file, PHDR(RO, FILESZ), bytes, 8);
    build_put(file, PHDR(RO, MEMSZ), bytes, 8);
    build_put(file, CAP(1), RODATA_END, 8);
    memset(file + name, 'x', 63);
    ck_assert_msg(image_parse(&image, file, BUILT_BYTES, &error), "%s",
                  error.text);

    file[name + 63] = 'x';
    ck_assert(!image_parse(&image, file, BUILT_BYTES, &error));
    file[name + 63] = 0;

    build_put(file, PHDR(RO, FILESZ), BUILT_RODATA_BYTES + 63, 8);
    ck_assert(!image_parse(&image, file, BUILT_BYTES, &error));
}
END_TEST

/*
 * docs/ABI.md, "Slot": the function table has 4 KiB to 64 KiB, a power of two.
 */
START_TEST(table_size_is_the_smallest_power_of_two_that_holds_it)
{
    static const struct {
        uint32_t entries, bytes; /* bytes 0: refused */
    } sizes[] = {{512, 0x1000},  {513, 0x2000},   {1024, 0x2000},
                 {1025, 0x4000}, {4097, 0x10000}, {8192, 0x10000},
                 {8193, 0}};
    const size_t bytes = BUILT_BYTES + 0x20000;
    uint8_t *large = calloc(1, bytes);

    ck_assert_ptr_nonnull(large);
    for (int i = 0; i < COUNT(sizes); i++) {
        uint32_t used = 8 * sizes[i].entries;
        struct image image;
        struct image_error error;

        /* The table behind everything else, and the rest before it. */
        memcpy(large, file, BUILT_BYTES);
        memmove(large + 0x20000, file, BUILT_BYTES);
        memset(large + BUILT_FTAB, 0, 0x1f000);
        memcpy(large + BUILT_FTAB, file + BUILT_FTAB, 40);
        for (uint32_t e = 5; e < sizes[i].entries; e++)
            build_put(large, BUILT_FTAB + 8 * e, TP_TEXT_START, 8);
        for (int segment = TEXT; segment <= NOTE; segment++) {
            uint64_t offset = 0;

            memcpy(&offset, file + PHDR(segment, OFFSET), 8);
            build_put(large, PHDR(segment, OFFSET), offset + 0x20000, 8);
        }
        build_put(large, PHDR(FTAB, FILESZ), used, 8);
        build_put(large, PHDR(FTAB, MEMSZ), used, 8);
        build_put(large, HEADER(FTAB_END) + 0x20000, TP_FTAB_START + used, 4);

        if (sizes[i].bytes == 0) {
            ck_assert(!image_parse(&image, large, bytes, &error));
            continue;
        }
        ck_assert_msg(image_parse(&image, large, bytes, &error), "%s",
                      error.text);
        ck_assert_uint_eq(image.ftab_bytes, sizes[i].bytes);
        ck_assert_uint_eq(image_ftab_count(&image), sizes[i].entries);
    }
    free(large);
}
END_TEST

/* Design, section 6: symbols stay in the file for backtraces, as domain+0x123
 * function. */
START_TEST(symbol_is_the_nearest_function_at_or_below)
{
    struct image image;
    struct image_error error;
    uint32_t offset = 0;

    ck_assert(image_parse(&image, file, BUILT_BYTES, &error));

    ck_assert_uint_eq(image.symbol_count, 4);
    ck_assert_str_eq(image_symbol(&image, TP_TEXT_START + 7, &offset),
                     "tp_main");
    ck_assert_uint_eq(offset, 7);
    ck_assert_str_eq(image_symbol(&image, TP_TEXT_START + BUILT_METHOD,
                                  &offset),
                     "method");
    ck_assert_uint_eq(offset, 0);
    ck_assert_str_eq(image_symbol(&image, TP_TEXT_START + BUILT_METHOD + 9,
                                  &offset),
                     "method");
    ck_assert_uint_eq(offset, 9);
    ck_assert_ptr_null(image_symbol(&image, TP_TEXT_START - 1, &offset));
    ck_assert_ptr_null(
        image_symbol(&image, TP_TEXT_START + BUILT_TEXT_BYTES, &offset));
}
END_TEST

/* docs/SECURITY.md, "What is not promised": names are made printable. A symbol
 * that could forge a line of the log is no symbol. */
START_TEST(symbol_that_is_not_printable_is_passed_over)
{
    struct image image;
    struct image_error error;
    uint32_t offset = 0;

    file[BUILT_STRINGS + 10] = '\n';
    ck_assert(image_parse(&image, file, BUILT_BYTES, &error));

    ck_assert_str_eq(image_symbol(&image, TP_TEXT_START + BUILT_METHOD,
                                  &offset),
                     "tp_main");
    ck_assert_uint_eq(offset, BUILT_METHOD);
}
END_TEST

static const struct breakage broken_symbols[] = {
    {"no section headers", 60, 0, 2},
    {"headers of another size", 58, 40, 2},
    {"no symbol table", BUILT_SHDRS + 64 + 4, 11, 4},
    {"symbols outside", BUILT_SHDRS + 64 + 24, BUILT_BYTES, 8},
    {"too many symbols", BUILT_SHDRS + 64 + 32, UINT64_MAX, 8},
    {"symbols of another size", BUILT_SHDRS + 64 + 56, 16, 8},
    {"strings by a wild link", BUILT_SHDRS + 64 + 40, 3, 4},
    {"strings that are none", BUILT_SHDRS + 128 + 4, 1, 4},
    {"strings outside", BUILT_SHDRS + 128 + 24, UINT64_MAX, 8},
    {"no strings", BUILT_SHDRS + 128 + 32, 0, 8},
    {"strings without an end", BUILT_SHDRS + 128 + 32, 12, 8},
};

/* docs/ABI.md, "File": symbols are used for reports only. */
START_TEST(broken_symbols_mean_no_symbols_and_no_refusal)
{
    struct image image;
    struct image_error error;
    uint32_t offset;

    build_put(file, broken_symbols[_i].offset, broken_symbols[_i].value,
              broken_symbols[_i].bytes);

    ck_assert_msg(image_parse(&image, file, BUILT_BYTES, &error), "%s: %s",
                  broken_symbols[_i].error, error.text);
    ck_assert_msg(image.symbol_count == 0, "%s", broken_symbols[_i].error);
    ck_assert_ptr_null(image_symbol(&image, TP_TEXT_START, &offset));
}
END_TEST

/* Read all that an accepted image offers, and verify its text. */
static enum verify_rule use_image(const struct image *image)
{
    uint32_t count = image_ftab_count(image);
    uint32_t functions = count - 1 - image->import_count, offset;
    uint32_t *entries = malloc(functions * sizeof(*entries) + 1);
    void *scratch = malloc(verify_scratch_bytes(image->text.file_bytes));
    struct verify_input input;
    uint64_t sum = 0;
    struct verify_result result;

    if (entries == NULL || scratch == NULL)
        abort();
    input = image_verify_input(image, image->file + image->text.file_offset,
                               entries);
    for (uint32_t i = 0; i < image->import_count; i++)
        sum += image_method(image, i).method;
    for (uint32_t i = 0; i < image->type_count; i++)
        sum += image_type(image, i).bytes;
    for (uint32_t i = 0; i < image->cap_count; i++)
        sum += strlen(image_cap_name(image, i)) + image_cap(image, i).name;
    for (uint32_t i = 0; i < image->export_count; i++) {
        struct dom_export export = image_export(image, i);

        sum += strlen(image_export_name(image, i));
        for (uint32_t m = 0; m < export.method_count; m++)
            sum += image_export_method(image, i, m);
    }
    image_symbol(image, image->text.address + (uint32_t)(sum % 32), &offset);
    result = verify_text(&input, scratch);
    free(scratch);
    free(entries);
    return result.rule;
}

/* Rule: the file that all others here are made from passes the verifier too, so
 * what mutants break was whole. */
START_TEST(built_text_is_verified)
{
    struct image image;
    struct image_error error;

    ck_assert(image_parse(&image, file, BUILT_BYTES, &error));

    ck_assert_int_eq(use_image(&image), VERIFY_OK);
}
END_TEST

/* docs/ABI.md, "File": what is cut off is missed, be it symbols only. */
START_TEST(file_truncated_anywhere_is_refused)
{
    for (size_t bytes = 0; bytes < BUILT_BYTES; bytes++) {
        uint8_t *part = malloc(bytes + 1);
        struct image image;
        struct image_error error;
        bool is_accepted;

        if (part == NULL)
            abort();
        memcpy(part + 1, file, bytes); /* its end is the block's end */
        is_accepted = image_parse(&image, part + 1, bytes, &error);
        if (is_accepted && bytes < BUILT_SHDRS + 3 * 64)
            ck_abort_msg("%zu bytes are accepted", bytes);
        free(part);
    }
}
END_TEST

static uint64_t random_state = 0x1337;

static uint64_t random_bits(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

/* The parts of the file that mean something, by start and size. */
static const uint16_t parts[][2] = {
    {0, 64},
    {BUILT_PHDRS, 6 * 56},
    {BUILT_FTAB, 40},
    {BUILT_TEXT, BUILT_TEXT_BYTES},
    {BUILT_RODATA, BUILT_RODATA_BYTES},
    {BUILT_SYMBOLS, 96},
    {BUILT_STRINGS, 24},
    {BUILT_SHDRS, 192},
    {BUILT_TEXT, BUILT_TEXT_BYTES},
};

/* One to four changes: a bit, a byte, or a field with an interesting value. */
static void mutate(void)
{
    static const uint64_t values[] = {0,          1,          8,
                                      0x7fffffff, 0xffffffff, UINT64_MAX,
                                      0x10000,    0x100000,   0x40000000,
                                      0x102000,   0x103000,   1ull << 63};

    for (uint64_t n = random_bits() % 4; n < 4; n++) {
        const uint16_t *part = parts[random_bits() % (unsigned)COUNT(parts)];
        size_t at = part[0] + random_bits() % part[1];
        uint64_t kind = random_bits();
        size_t field = kind & 64 ? 8 : 4;

        if (kind % 3 == 0)
            file[at] ^= (uint8_t)(1u << (kind >> 8) % 8);
        else if (kind % 3 == 1)
            file[at] = (uint8_t)(kind >> 8);
        else
            build_put(file, at & ~(field - 1),
                      values[(kind >> 8) % (unsigned)COUNT(values)] +
                          (kind >> 32) % 3 - 1,
                      field);
    }
}

/* docs/SECURITY.md, "Hostile input": a hostile file never does worse than be
 * refused; who gets an image indexes it without checks. */
START_TEST(mutated_file_is_refused_or_can_be_used)
{
    const char *text = getenv("TP_TEST_MUTANTS");
    uint64_t mutants = text ? strtoull(text, NULL, 10) : MUTANTS_DEFAULT;
    uint64_t accepted = 0, verified = 0;

    for (uint64_t i = 0; i < mutants; i++) {
        struct image image;
        struct image_error error;

        build_image(file);
        mutate();
        if (image_parse(&image, file, BUILT_BYTES, &error)) {
            accepted++;
            verified += use_image(&image) == VERIFY_OK;
        } else if (error.text[0] == 0) {
            ck_abort_msg("refused without a reason");
        }
    }

    /* Both outcomes must occur, or the mutants test nothing. */
    ck_assert_uint_gt(accepted, mutants / 20);
    ck_assert_uint_lt(accepted, mutants * 19 / 20);
    ck_assert_uint_gt(verified, mutants / 100);
    ck_assert_uint_lt(verified, accepted);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_test(tests, valid_file_is_described_as_it_is);
    tcase_add_test(tests, records_of_a_valid_file_are_read_as_written);
    tcase_add_loop_test(tests, file_that_breaks_one_rule_is_refused_for_it, 0,
                        COUNT(breakages));
    tcase_add_loop_test(tests, file_within_the_rules_is_accepted, 0,
                        COUNT(harmless));
    tcase_add_test(tests, file_without_data_is_accepted_without_capabilities);
    tcase_add_test(
        tests, name_is_at_most_63_characters_and_ends_in_the_read_only_data);
    tcase_add_test(tests,
                   table_size_is_the_smallest_power_of_two_that_holds_it);
    tcase_add_test(tests, symbol_is_the_nearest_function_at_or_below);
    tcase_add_test(tests, symbol_that_is_not_printable_is_passed_over);
    tcase_add_loop_test(tests, broken_symbols_mean_no_symbols_and_no_refusal, 0,
                        COUNT(broken_symbols));
    tcase_add_test(tests, built_text_is_verified);
    tcase_add_test(tests,
                   file_truncated_anywhere_is_refused);
    tcase_add_test(tests, mutated_file_is_refused_or_can_be_used);
}

int main(void)
{
    Suite *suite = suite_create("verify/image");
    TCase *tests = tcase_create("files");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, 300);
    add_tests(tests);
    suite_add_tcase(suite, tests);
    return suite_run(suite, CK_FORK_GETENV);
}
