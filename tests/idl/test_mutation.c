/* SPDX-License-Identifier: MIT */
/*
 * test_mutation.c - hostile files: whatever is in one, the compiler ends, with
 * errors or with output. TP_TEST_MUTANTS sets the number of mutants. To be
 * built with sanitizers, which see overruns and, at the program's end, leaks;
 * an alarm sees a compiler that does not end.
 */
#include "check.h"
#include "compile.h"
#include "emit.h"
#include "mutants.h"
#include "suite_run.h"
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MUTANTS_DEFAULT 150000u
#define NOISE 2000u
#define SECONDS_MAX 20u /* for one mutant, on a slow machine */

static uint64_t number; /* of the mutant under test */

/* In long loops: Check's own assertions write to a file each time. */
#define CLAIM(claim)                                                           \
    do {                                                                       \
        if (!(claim))                                                          \
            ck_abort_msg("mutant %llu: not so: %s",                            \
                         (unsigned long long)number, #claim);                  \
    } while (0)

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
    CLAIM(text.length > 0 && memchr(text.bytes, 0, text.length) == NULL);
    text_free(&text);
}

/* A payload at its end: no pointer, no function, nothing unknown. */
static void check_type_is_whole(const struct type *type)
{
    switch (type->kind) {
    case TYPE_SCALAR:
        break;
    case TYPE_ENUM:
        CLAIM(type->decl->kind == DECL_ENUM);
        break;
    case TYPE_PAYLOAD:
        CLAIM(decl_is_payload(type->decl) && type->decl->id != 0);
        break;
    case TYPE_CAP:
        CLAIM(type->decl->kind == DECL_INTERFACE && type->decl->id != 0);
        break;
    case TYPE_FIXED:
        CLAIM(type->count >= 1 && type->count <= PAYLOAD_BYTES_MAX);
        check_type_is_whole(type->element);
        break;
    case TYPE_RREF_ARRAY:
    case TYPE_RREF_DEQUE:
        CLAIM(type->count >= 1 && type->count <= CAPACITY_MAX);
        CLAIM(decl_is_container(type->decl));
        __attribute__((fallthrough));
    case TYPE_RREF:
        CLAIM(type->element->kind == TYPE_PAYLOAD);
        check_type_is_whole(type->element);
        break;
    case TYPE_BAD:
    case TYPE_NAME:
    case TYPE_POINTER:
    case TYPE_FUNCTION:
        ck_abort_msg("mutant %llu: a type of kind %d is left",
                     (unsigned long long)number, type->kind);
    }
}

static void check_payload_is_whole(const struct decl *decl)
{
    const struct field *field;
    uint64_t end = 0;

    CLAIM(decl->id != 0 && decl->objects >= 1);
    CLAIM(decl->bytes >= 1 && decl->bytes <= PAYLOAD_BYTES_MAX);
    CLAIM(decl->align >= 1 && decl->align <= 8);
    CLAIM(decl->bytes % decl->align == 0);
    CLAIM(decl->handles <= PAYLOAD_HANDLES_MAX);
    for (field = decl->fields; field; field = field->next) {
        check_type_is_whole(field->type);
        CLAIM(!type_is_container(field->type));
        CLAIM(field->offset >= end);
        end = field->offset + check_measure(field->type).bytes;
    }
    CLAIM(end <= decl->bytes);
}

static void check_method_is_whole(const struct method *method)
{
    uint32_t i;

    CLAIM(method->parameter_count <= TP_PARAMETERS_MAX);
    for (i = 0; i < method->parameter_count; i++) {
        const struct parameter *p = method->parameters[i];

        check_type_is_whole(p->type);
        CLAIM(p->number == i && (p->is_in || p->is_out));
        CLAIM(type_is_reference(p->type) == (p->transfer != BY_VALUE));
        CLAIM(!p->is_out || p->transfer != BY_BORROW);
        CLAIM(p->frame <= method->frame_bytes);
    }
    CLAIM(method->frame_bytes % 16 == 0);
    CLAIM(method->move_count + method->loan_count <= METHOD_HANDLES_MAX);
    CLAIM((method->error_name != NULL) == (method->error != NULL));
}

/* Nothing was passed over in silence. */
static void check_unit_is_whole(const struct unit *unit)
{
    const struct method *method;
    const struct decl *decl;

    for (decl = unit->decls; decl; decl = decl->next) {
        CLAIM(!decl->bad);
        if (decl_is_payload(decl))
            check_payload_is_whole(decl);
        if (decl->kind == DECL_TYPE)
            check_type_is_whole(decl->type);
        if (decl->kind == DECL_ENUM || decl->kind == DECL_ERROR)
            CLAIM(decl->members != NULL);
        if (decl->kind != DECL_INTERFACE)
            continue;
        CLAIM(decl->id != 0 && decl->methods != NULL);
        for (method = decl->methods; method; method = method->next)
            check_method_is_whole(method);
    }
}

/* Begins with a place, and holds nothing that a terminal could choke on. */
static void check_messages_are_text(const char *messages)
{
    CLAIM(strncmp(messages, "t.idl:", 6) == 0);
    for (; *messages; messages++)
        CLAIM((*messages >= ' ' && *messages <= '~') || *messages == '\n');
}

static bool run(const struct mutant *mutant)
{
    struct compiled *compiled;
    bool accepted;

    alarm(SECONDS_MAX);
    compiled = compile_bytes(mutant->bytes, mutant->length);
    accepted = compiled->errors == 0;
    CLAIM(compiled->errors <= DIAG_ERRORS_MAX + 64);
    if (accepted) {
        CLAIM(compiled->messages[0] == 0);
        check_unit_is_whole(compiled->unit);
        emit_everything(compiled);
    } else {
        check_messages_are_text(compiled->messages);
    }
    compile_free(compiled);
    alarm(0);
    return accepted;
}

/* Rule: input is hostile; the answer is an error, never a crash, leak, hang or
 * overrun. Thesis 3.2.5: what is accepted holds no pointer anywhere. */
START_TEST(mutants_end_in_errors_or_output)
{
    const char *wanted = getenv("TP_TEST_MUTANTS");
    uint64_t mutants = wanted ? strtoull(wanted, NULL, 10) : MUTANTS_DEFAULT;
    static struct mutant mutant;
    uint64_t accepted = 0;

    for (number = 0; number < mutants; number++) {
        mutant_make(&mutant, number);
        accepted += run(&mutant);
    }

    printf("%llu mutants, %llu of them accepted\n", (unsigned long long)mutants,
           (unsigned long long)accepted);
    /* Both ways out were taken often, or this test has shown nothing. */
    ck_assert_uint_gt(accepted, mutants / 20);
    ck_assert_uint_lt(accepted, mutants / 2);
}
END_TEST

/* Rule: input is hostile, and need not even look like a file. */
START_TEST(noise_ends_in_errors)
{
    static struct mutant mutant;

    for (number = 0; number < NOISE; number++) {
        mutant_make_noise(&mutant, number);
        if (mutant.length > 100)
            CLAIM(!run(&mutant));
        else
            run(&mutant);
    }
}
END_TEST

/* Check's own handler would kill all of "make check". */
static void too_slow(int signal_number)
{
    char message[80];
    int length = snprintf(message, sizeof(message), "mutant %llu: no end\n",
                          (unsigned long long)number);

    (void)signal_number;
    if (write(STDERR_FILENO, message, (size_t)length) < 0)
        _exit(98);
    _exit(99);
}

static void set_up(void)
{
    const char *top = getenv("top_srcdir");
    char path[4096];

    signal(SIGALRM, too_slow);
    snprintf(path, sizeof(path), "%s/tests/idl", top ? top : "..");
    seeds_load(path);
}

int main(void)
{
    Suite *suite = suite_create("idl mutation");
    TCase *tests = tcase_create("mutation");

    tcase_add_unchecked_fixture(tests, set_up, seeds_free);
    tcase_add_test(tests, mutants_end_in_errors_or_output);
    tcase_add_test(tests, noise_ends_in_errors);
    suite_add_tcase(suite, tests);
    return suite_run(suite, CK_NOFORK);
}
