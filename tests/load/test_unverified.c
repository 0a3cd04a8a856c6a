/* SPDX-License-Identifier: MIT */
/*
 * test_unverified.c - what the verifier is for. A domain file that breaks one
 * of its rules is loaded by the loader as it is, once without the verifier and
 * once with it: without, the domain writes its neighbour's memory, runs code of
 * the kernel, or ends it; with, the same file is refused by rule, address and
 * function.
 *
 * The verifier is switched off by the linker, in this program alone: calls of
 * verify_text() come to __wrap_verify_text(). The kernel has no such switch.
 * What happens without it happens in a child.
 *
 * Not here: too large a frame (FRAME), which by itself only reaches the guard
 * below the stack, as endless recursion does.
 * Source: docs/VERIFIER.md, "The rules", "How it is tested".
 */
#include "rig.h"
#include "tepal_trusted/image.h"
#include "tepal_trusted/verify.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define MARK 0x0bad0bad0badu
#define JMP 0xe9

/* How a child ends. */
enum { HARMLESS = 7, DAMAGED = 42, KERNEL_CALLED = 43, KERNEL_ENDED = 44 };

/* What an attack does to others; %rsi is an address for it, %rdi the mark. */
enum harm {
    WRITES_NEIGHBOUR, /* %rsi: a counter of another domain */
    WRITES_BY_INDEX,  /* the same, from the attacker's base */
    WRITES_KERNEL,    /* %rsi: a word of the kernel's */
    CALLS_KERNEL,     /* %rsi: a function of the kernel's */
    ENDS_KERNEL,      /* a system call */
    KILLS_KERNEL,     /* a fault that no domain's code has caused */
};

static const struct attack {
    const char *name;
    enum verify_rule rule;
    enum harm harm;
    bool in_gs, is_last; /* in either flavour; where the text ends */
    uint8_t at;          /* index of the instruction at fault */
    uint8_t bytes, code[16];
} attacks[] = {
    {"a call that the text's end cuts", VERIFY_TRUNCATED, KILLS_KERNEL, true,
     true, 0, 2, {0xe8, 0x00}},
    {"mov %edi,%eax; mov %rsi,%rdi; stosq", VERIFY_OPCODE, WRITES_NEIGHBOUR,
     true, false, 5, 8, {0x89, 0xf8, 0x48, 0x89, 0xf7, 0x48, 0xab, 0xc3}},
    {"exit_group(44) by syscall", VERIFY_OPCODE, ENDS_KERNEL, true, false, 10,
     13, {0xb8, 0xe7, 0, 0, 0, 0xbf, KERNEL_ENDED, 0, 0, 0, 0x0f, 0x05, 0xc3}},
    {"two REX: mov %rsi,%r14", VERIFY_PREFIX, WRITES_NEIGHBOUR, true, false, 2,
     12, {0x41, 0x56, 0x48, 0x49, 0x89, 0xf6, 0x49, 0x89, 0x3e, 0x41, 0x5e,
          0xc3}},
    {"mov %rdi,(%rsi)", VERIFY_MEMORY, WRITES_NEIGHBOUR, true, false, 0, 4,
     {0x48, 0x89, 0x3e, 0xc3}},
    {"lock add %rdi,(%rsi)", VERIFY_MEMORY, WRITES_KERNEL, true, false, 0, 5,
     {0xf0, 0x48, 0x01, 0x3e, 0xc3}},
    {"mov %rsi,(%rsp); ret", VERIFY_STACK_OPERAND, CALLS_KERNEL, true, false, 0,
     5, {0x48, 0x89, 0x34, 0x24, 0xc3}},
    {"mov %rsi,%r14; mov %rdi,(%r14)", VERIFY_BASE_WRITE, WRITES_NEIGHBOUR,
     false, false, 2, 11, {0x41, 0x56, 0x49, 0x89, 0xf6, 0x49, 0x89, 0x3e, 0x41,
                           0x5e, 0xc3}},
    {"mov %rsi,%r11; mov %rdi,(%r14,%r11)", VERIFY_ADDRESS_WRITE,
     WRITES_BY_INDEX, false, false, 0, 8, {0x49, 0x89, 0xf3, 0x4b, 0x89, 0x3c,
                                           0x1e, 0xc3}},
    {"a jump out of the text", VERIFY_TARGET, KILLS_KERNEL, true, false, 0, 5,
     {JMP, 0, 0, 0, 0x10}},
    {"mov %rdi,(%rsi); ret in a constant", VERIFY_OVERLAP, WRITES_NEIGHBOUR,
     true, false, 4, 15, {0x31, 0xc0, 0x74, 0x02, 0x48, 0xb8, 0x48, 0x89, 0x3e,
                          0xc3, 0x90, 0x90, 0x90, 0x90, 0xc3}},
    {"a branch around push %rsi; ret", VERIFY_DEPTH, CALLS_KERNEL, true, false,
     5, 7, {0x48, 0x85, 0xf6, 0x74, 0x01, 0x56, 0xc3}},
    {"pop %rax; push %rsi; ret", VERIFY_UNDERFLOW, CALLS_KERNEL, true, false, 0,
     3, {0x58, 0x56, 0xc3}},
    {"push %rsi; ret", VERIFY_RETURN, CALLS_KERNEL, true, false, 1, 2,
     {0x56, 0xc3}},
    {"jmp *%rsi", VERIFY_INDIRECT, CALLS_KERNEL, true, false, 0, 2,
     {0xff, 0xe6}},
    {"no end", VERIFY_FALLTHROUGH, KILLS_KERNEL, true, true, 0, 1, {0x90}},
};
#define ATTACKS ((int)(sizeof(attacks) / sizeof(attacks[0])))

static bool verifier_is_off;

struct verify_result __real_verify_text(const struct verify_input *input,
                                        void *scratch);
struct verify_result __wrap_verify_text(const struct verify_input *input,
                                        void *scratch);
bool __real_verify_reached(const void *scratch, uint32_t index);
bool __wrap_verify_reached(const void *scratch, uint32_t index);

struct verify_result __wrap_verify_text(const struct verify_input *input,
                                        void *scratch)
{
    return verifier_is_off ? (struct verify_result){VERIFY_OK, 0}
                           : __real_verify_text(input, scratch);
}

bool __wrap_verify_reached(const void *scratch, uint32_t index)
{
    return verifier_is_off || __real_verify_reached(scratch, index);
}

static uint64_t kernel_word;

/* The kernel's: no domain has a gate to it. */
static void kernel_function(void)
{
    _exit(KERNEL_CALLED);
}

/* A domain file with an attack in the place of test_driver.step(). */
struct armed {
    struct rig_file file;
    struct image image;
    uint32_t step, at; /* slot offsets: the method; the instruction at fault */
};

static uint32_t find_step(const struct image *image)
{
    for (uint32_t i = 0; i < image->export_count; i++)
        if (strcmp(image_export_name(image, i), "test_driver") == 0)
            return image_ftab_target(
                image,
                (image_export_method(image, i, 0) - TP_FTAB_START) / 8);
    ck_abort_msg("no test_driver");
}

static uint8_t *text_at(const struct armed *armed, uint32_t address)
{
    return armed->file.bytes + armed->image.text.file_offset +
           (address - armed->image.text.address);
}

/* At the method, or at the text's end with a jump to it from there. */
static void arm(struct armed *armed, const char *path,
                const struct attack *attack)
{
    struct image_error why;
    uint32_t place, distance;

    armed->file = rig_file(path);
    ck_assert(image_parse(&armed->image, armed->file.bytes, armed->file.size,
                          &why));
    armed->step = place = find_step(&armed->image);
    if (attack->is_last) {
        place = armed->image.text.address + armed->image.text.file_bytes -
                attack->bytes;
        distance = place - (armed->step + 5);
        *text_at(armed, armed->step) = JMP;
        memcpy(text_at(armed, armed->step + 1), &distance, sizeof(distance));
    }
    memcpy(text_at(armed, place), attack->code, attack->bytes);
    armed->at = place + attack->at;
}

static struct domain *load(const struct armed *armed, struct load_error *error)
{
    error->text[0] = 0;
    return domain_load("attacker", armed->file.bytes, armed->file.size, error);
}

static uint64_t address_for(enum harm harm, const struct domain *attacker,
                            const struct actor *neighbour)
{
    switch (harm) {
    case WRITES_NEIGHBOUR:
        return (uintptr_t)&neighbour->order->turns;
    case WRITES_BY_INDEX:
        return (uintptr_t)&neighbour->order->turns - attacker->base;
    case WRITES_KERNEL:
        return (uintptr_t)&kernel_word;
    case CALLS_KERNEL:
        return (uintptr_t)kernel_function;
    case ENDS_KERNEL:
    case KILLS_KERNEL:
        break;
    }
    return 0;
}

/* In a child: load it without the verifier, call it. How the child ends. */
static int suffer(const struct armed *armed, enum harm harm)
{
    struct actor neighbour = actor_new("neighbour");
    struct load_error error;
    struct domain *attacker;
    uint32_t value;

    verifier_is_off = true;
    attacker = load(armed, &error);
    if (!attacker) {
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    domain_open_up(attacker);
    crossing_run(attacker, attacker->base + armed->step, MARK,
                 address_for(harm, attacker, &neighbour), &value);
    return neighbour.order->turns == (uint32_t)MARK ||
                   neighbour.order->turns == MARK || kernel_word == MARK
               ? DAMAGED
               : HARMLESS;
}

static int in_child(const struct armed *armed, enum harm harm)
{
    const struct rlimit no_core = {0, 0};
    pid_t child = fork();
    int status;

    if (child == 0) {
        setrlimit(RLIMIT_CORE, &no_core);
        host_log_to(-1);
        if (harm == KILLS_KERNEL && !freopen("/dev/null", "w", stderr))
            _exit(1);
        alarm(20);
        _exit(suffer(armed, harm));
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return status;
}

static bool has_harmed(int status, enum harm harm)
{
    if (harm == KILLS_KERNEL)
        return WIFSIGNALED(status) && WTERMSIG(status) != SIGALRM;
    return WIFEXITED(status) &&
           WEXITSTATUS(status) == (harm == CALLS_KERNEL  ? KERNEL_CALLED
                                   : harm == ENDS_KERNEL ? KERNEL_ENDED
                                                         : DAMAGED);
}

static void assert_refused(const struct armed *armed,
                           const struct attack *attack)
{
    uint32_t offset = 0;
    const char *symbol = image_symbol(&armed->image, armed->at, &offset);
    struct load_error error;
    char wanted[256];

    ck_assert_ptr_null(load(armed, &error));
    ck_assert_ptr_nonnull(symbol);
    snprintf(wanted, sizeof(wanted),
             "refused by the verifier: %s, at 0x%x (%s+0x%x)",
             verify_rule_name(attack->rule), armed->at, symbol, offset);
    ck_assert_msg(strcmp(error.text, wanted) == 0, "%s: '%s', not '%s'",
                  attack->name, error.text, wanted);
}

static void try_attack(const char *path, const struct attack *attack)
{
    struct armed armed;
    int status;

    arm(&armed, path, attack);

    status = in_child(&armed, attack->harm);
    ck_assert_msg(has_harmed(status, attack->harm), "%s: status %#x",
                  attack->name, (unsigned)status);

    assert_refused(&armed, attack);
    free(armed.file.bytes);
}

/* docs/VERIFIER.md, "How it is tested": each rule is the only thing between a
 * file and its neighbours. */
START_TEST(attack_harms_others_without_the_verifier_and_is_refused_with_it)
{
    try_attack("tests/crossing/domains/fruit.dom", &attacks[_i]);
}
END_TEST

/* docs/VERIFIER.md, "How it is tested": in the other flavour, too. */
START_TEST(attack_in_gs_harms_others_too)
{
    if (attacks[_i].in_gs)
        try_attack("tests/crossing/domains/fruit-gs.dom", &attacks[_i]);
}
END_TEST

/* Rule: this test sees harm only where there is some: without the verifier, a
 * file that breaks no rule does none. */
START_TEST(harmless_code_harms_nobody_without_the_verifier)
{
    static const struct attack none = {
        .name = "xor %eax,%eax; ret", .bytes = 3, .code = {0x31, 0xc0, 0xc3}};
    struct armed armed;
    int status;

    arm(&armed, "tests/crossing/domains/fruit.dom", &none);

    status = in_child(&armed, WRITES_NEIGHBOUR);

    ck_assert_int_eq(WEXITSTATUS(status), HARMLESS);
    free(armed.file.bytes);
}
END_TEST

/* docs/ABI.md, "File": an entry outside the text is refused before the verifier
 * (ENTRY) sees it. */
START_TEST(entry_outside_the_text_is_refused_without_the_verifier)
{
    static const struct attack none = {.bytes = 1, .code = {0xc3}};
    struct load_error error;
    struct armed armed;
    uint32_t last;

    arm(&armed, "tests/crossing/domains/fruit.dom", &none);
    last = image_ftab_count(&armed.image) - 1;
    armed.file.bytes[armed.image.ftab.file_offset + 8 * last + 2] = 0x7f;

    verifier_is_off = true;
    ck_assert_ptr_null(load(&armed, &error));
    verifier_is_off = false;

    ck_assert_msg(strstr(error.text, "entry outside the text") != NULL, "%s",
                  error.text);
    free(armed.file.bytes);
}
END_TEST

int main(int argc, char **argv)
{
    Suite *suite = suite_create("load/unverified");
    TCase *tests = tcase_create("attacks");

    tcase_add_checked_fixture(tests, NULL, actors_end);
    tcase_add_loop_test(
        tests, attack_harms_others_without_the_verifier_and_is_refused_with_it,
        0, ATTACKS);
    tcase_add_loop_test(tests, attack_in_gs_harms_others_too, 0, ATTACKS);
    tcase_add_test(tests, harmless_code_harms_nobody_without_the_verifier);
    tcase_add_test(tests,
                   entry_outside_the_text_is_refused_without_the_verifier);
    tcase_set_timeout(tests, 120);
    suite_add_tcase(suite, tests);
    return rig_main(suite, argc, argv, 0);
}
