/* SPDX-License-Identifier: MIT */
/*
 * test_kernel_fault.c - a fault inside the kernel itself is never taken for a
 * domain's: it ends the process by its signal, after one text that says so
 * and names functions, wherever in the kernel it was. Each happens in a child.
 * Source: design, section 5.
 */
#include "rig.h"
#include "tepal_trusted/timing.h"
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static struct actor b;
static volatile uint64_t nothing;
static char said[0x10000];

/* A sanitizer would see it first. */
#define FAULTY                                                                 \
    __attribute__((noinline, no_sanitize("address", "undefined", "thread")))

/* Names that the backtrace must have, so not static. */
void kernel_reads_nothing(void);
void kernel_divides_by_nothing(void);
void kernel_breaks(void);
void kernel_recurses(uint64_t depth);
void kernel_jumps_to_nowhere(void);
void kernel_jumps_into_data(void);

FAULTY void kernel_reads_nothing(void)
{
    nothing = *(const volatile uint64_t *)(uintptr_t)nothing;
}

FAULTY void kernel_divides_by_nothing(void)
{
    nothing = 1000 / nothing;
}

FAULTY void kernel_breaks(void)
{
    __asm__ volatile("int3");
}

FAULTY void kernel_recurses(uint64_t depth)
{
    volatile uint64_t place[64];

    place[depth % 64] = depth;
    if (nothing == 0)
        kernel_recurses(depth + 1);
    nothing = place[depth % 64];
}

/* volatile, so that something stands behind the call to return to. */
FAULTY void kernel_jumps_to_nowhere(void)
{
    ((void (*)(void))(uintptr_t)(nothing + 0x40))();
    nothing = 1;
}

FAULTY void kernel_jumps_into_data(void)
{
    ((void (*)(void))(uintptr_t)(said + nothing))();
    nothing = 1;
}

static void recurse(void)
{
    kernel_recurses(0);
}

static const struct {
    void (*fault)(void);
    const char *name;
    int signal;
} faults[] = {
    {kernel_reads_nothing, "kernel_reads_nothing", SIGSEGV},
    {kernel_divides_by_nothing, "kernel_divides_by_nothing", SIGFPE},
    {kernel_breaks, "kernel_breaks", SIGTRAP},
    {recurse, "kernel_recurses", SIGSEGV},
    {kernel_jumps_to_nowhere, "kernel_jumps_to_nowhere", SIGSEGV},
    {kernel_jumps_into_data, "kernel_jumps_into_data", SIGSEGV},
};
#define FAULTS ((int)(sizeof(faults) / sizeof(faults[0])))

static int which;

static void on_thread(void)
{
    thread_current()->domain = b.domain;
    faults[which].fault();
}

static void broken_service(const struct domain *caller,
                           enum tp_service service)
{
    (void)caller, (void)service;
    faults[which].fault();
}

static const struct timing broken = {.service = broken_service};

static void in_service(void)
{
    const uint64_t none[6] = {0};

    timing = &broken;
    actor_order(&b, (enum method)TP_SERVICE_CYCLES, 0, none);
    actor_step(&b, STEP_SERVICE, 0, NULL);
}

static void broken_write(struct device *device, uint32_t offset,
                         uint32_t value)
{
    (void)device, (void)offset, (void)value;
    faults[which].fault();
}

static void no_stop(struct device *device)
{
    (void)device;
}

static void in_model(void)
{
    static const struct device_ops ops = {.write = broken_write,
                                          .stop = no_stop};
    static struct device device = {.ops = &ops, .name = "broken0",
                                   .register_bytes = 16};
    const uint64_t none[6] = {0};

    device_give(&device, b.domain);
    actor_order(&b, (enum method)TP_SERVICE_REGISTER_WRITE, 0, none);
    actor_step(&b, STEP_SERVICE, 0, NULL);
}

/* Run @context in a child; what it said, and how it ended. */
static int run_child(void (*context)(void))
{
    const struct rlimit no_core = {0, 0};
    size_t length = 0;
    ssize_t got;
    int ends[2], status;
    pid_t child;

    ck_assert_int_eq(pipe(ends), 0);
    child = fork();
    if (child == 0) {
        setrlimit(RLIMIT_CORE, &no_core);
        dup2(ends[1], STDERR_FILENO);
        alarm(20);
        context();
        _exit(0);
    }
    close(ends[1]);
    while ((got = read(ends[0], said + length, sizeof(said) - 1 - length)) > 0)
        length += (size_t)got;
    said[length] = 0;
    close(ends[0]);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return status;
}

static uint32_t count_in_said(const char *text)
{
    const char *at = said;
    uint32_t count = 0;

    while ((at = strstr(at, text)) != NULL) {
        at++;
        count++;
    }
    return count;
}

static void check_end(int status)
{
    ck_assert_msg(WIFSIGNALED(status) &&
                      WTERMSIG(status) == faults[which].signal,
                  "%s: status 0x%x, said:\n%s", faults[which].name, status,
                  said);
    ck_assert_msg(count_in_said("fault inside the kernel itself") == 1 &&
                      count_in_said(" died: ") == 0,
                  "%s", said);
    ck_assert_msg(strstr(said, faults[which].name) != NULL, "%s: %s",
                  faults[which].name, said);
    ck_assert_msg(strstr(said, "  while it worked for domain b\n") != NULL,
                  "%s", said);
}

static void setup(void)
{
    host_log_to(-1);
    nothing = 0;
    b = actor_new("b");
}

static void teardown(void)
{
    actors_end();
}

/* Design, section 5: a fault inside the kernel stops the program, here on a
 * kernel thread that says it runs a domain. */
START_TEST(a_fault_on_a_domains_thread_ends_the_program)
{
    which = _i;
    check_end(run_child(on_thread));
}
END_TEST

/* Design, section 5: the same in a service, called by a domain. */
START_TEST(a_fault_in_a_service_ends_the_program)
{
    which = _i;
    check_end(run_child(in_service));
}
END_TEST

/* Design, section 5: the same in the model of a device, behind a driver's
 * register write. */
START_TEST(a_fault_in_a_model_ends_the_program)
{
    which = _i;
    check_end(run_child(in_model));
}
END_TEST

int main(int argc, char **argv)
{
    Suite *suite = suite_create("kernel_fault");
    TCase *tests = tcase_create("kernel_fault");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, a_fault_on_a_domains_thread_ends_the_program,
                        0, FAULTS);
    tcase_add_loop_test(tests, a_fault_in_a_service_ends_the_program, 0,
                        FAULTS);
    tcase_add_loop_test(tests, a_fault_in_a_model_ends_the_program, 0, FAULTS);
    suite_add_tcase(suite, tests);
    return rig_main(suite, argc, argv, 0);
}
