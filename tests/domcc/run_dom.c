/* SPDX-License-Identifier: MIT */
/*
 * run_dom.c - run one domain file by itself, for tests of the tool chain.
 *
 *     run_dom [--entered=LIST] FILE.dom
 *
 * The file is parsed and verified like any other, mapped into one slot with
 * its guards, and tp_main() is called. Services: panic, log (to standard
 * output), cycles, private_grow; the others answer 0. There are no gates,
 * capabilities or other domains; the loader's own tests are for those. The
 * names of the functions that were entered are written to file LIST.
 *
 * Exit status: tp_main's result; 100 the domain panicked, 101 it faulted,
 * 102 the file was refused, 103 the tester itself failed.
 */
#include "run_dom.h"
#include "entered.h"
#include "tepal/abi.h"
#include "tepal_trusted/image.h"
#include "tepal_trusted/verify.h"
#include <asm/prctl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>

enum { PANICKED = 100, FAULTED = 101, REFUSED = 102, BROKEN = 103 };
enum { STACK_BYTES = 1 << 20, FILE_MAX = 1 << 26 };

#define GIB 0x40000000UL

static struct image image;
static unsigned char *base;
static uint32_t heap_end;
static sigjmp_buf way_out;

static void fail(int status, const char *what)
{
    fflush(stdout);
    fprintf(stderr, "run_dom: %s\n", what);
    exit(status);
}

static unsigned char *read_whole(const char *path, size_t *bytes)
{
    FILE *file = fopen(path, "rb");
    unsigned char *text = malloc(FILE_MAX);

    if (!file || !text)
        fail(BROKEN, "cannot read the file");
    *bytes = fread(text, 1, FILE_MAX, file);
    fclose(file);
    return text;
}

static void verify(void)
{
    uint32_t *entries = calloc(image_ftab_count(&image), sizeof *entries);
    void *scratch = malloc(verify_scratch_bytes(image.text.file_bytes));
    struct verify_input input;
    struct verify_result result;
    uint32_t offset = 0;

    if (!entries || !scratch)
        fail(BROKEN, "out of memory");
    input = image_verify_input(&image, image.file + image.text.file_offset,
                               entries);
    result = verify_text(&input, scratch);
    if (result.rule != VERIFY_OK) {
        const char *name = image_symbol(&image, result.address, &offset);

        fprintf(stderr, "at %#x, %s+%#x: ", result.address, name ? name : "?",
                offset);
        fail(REFUSED, verify_rule_name(result.rule));
    }
    free(entries);
    free(scratch);
}

static void reserve_slot(void)
{
    size_t bytes = 16 * GIB;
    uintptr_t start =
        (uintptr_t)mmap(NULL, bytes, PROT_NONE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if ((void *)start == MAP_FAILED)
        fail(BROKEN, "no room for a slot");
    start = (start + 2 * GIB + 4 * GIB - 1) & ~(4 * GIB - 1);
    base = (unsigned char *)start;
}

static void allow(uint32_t address, size_t bytes, int protection)
{
    bytes = (bytes + TP_PAGE - 1) & ~(size_t)(TP_PAGE - 1);
    if (bytes && mprotect(base + address, bytes, protection) != 0)
        fail(BROKEN, "cannot map a segment");
}

static void load_segment(const struct image_segment *segment, int protection)
{
    allow(segment->address, segment->memory_bytes, PROT_READ | PROT_WRITE);
    memcpy(base + segment->address, image.file + segment->file_offset,
           segment->file_bytes);
    allow(segment->address, segment->memory_bytes, protection);
}

/* Absolute addresses, as the kernel would write them. */
static void fill_table(void)
{
    uint64_t *table = (void *)(base + TP_FTAB_START);
    uint32_t count = image_ftab_count(&image);

    allow(TP_FTAB_START, image.ftab_bytes, PROT_READ | PROT_WRITE);
    for (uint32_t i = 0; i < image.ftab_bytes / sizeof *table; i++)
        table[i] = (uintptr_t)run_dom_trap;
    for (uint32_t i = 1; i < count; i++)
        if (image_ftab_target(&image, i))
            table[i] = (uintptr_t)base + image_ftab_target(&image, i);
    for (uint32_t i = 0; i < image.import_count; i++) {
        struct dom_method method = image_method(&image, i);

        if (method.interface_id == TP_KERNEL_ID &&
            method.method < RUN_DOM_SERVICES)
            table[1 + i] = (uintptr_t)run_dom_gates[method.method];
    }
    allow(TP_FTAB_START, image.ftab_bytes, PROT_READ);
}

static uint64_t grow(uint64_t bytes)
{
    uint32_t start = heap_end;

    bytes = (bytes + TP_PAGE - 1) & ~(uint64_t)(TP_PAGE - 1);
    if (!bytes || bytes > TP_PRIVATE_END - start)
        return 0;
    allow(start, bytes, PROT_READ | PROT_WRITE);
    heap_end += (uint32_t)bytes;
    return start;
}

uint64_t run_dom_service(uint64_t a, uint64_t b, uint64_t c, uint64_t number)
{
    (void)c;
    switch (number) {
    case TP_SERVICE_PANIC:
        printf("panic: %.*s\n", (int)b, (char *)base + (uint32_t)a);
        siglongjmp(way_out, PANICKED);
    case TP_SERVICE_LOG:
        printf("%.*s\n", (int)b, (char *)base + (uint32_t)a);
        return 0;
    case TP_SERVICE_CYCLES:
        return __builtin_ia32_rdtsc();
    case TP_SERVICE_PRIVATE_GROW:
        return grow(a);
    default:
        return 0;
    }
}

static void on_fault(int signal, siginfo_t *info, void *context)
{
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;

    if (signal == SIGTRAP && entered_at((void *)registers[REG_RIP])) {
        registers[REG_RIP]--;
        return;
    }
    fprintf(stderr, "run_dom: signal %d, address %#lx, slot offset %#lx\n",
            signal, (unsigned long)info->si_addr,
            (unsigned long)info->si_addr - (unsigned long)base);
    siglongjmp(way_out, FAULTED);
}

static void catch_faults(void)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
    struct sigaction action = {.sa_sigaction = on_fault,
                               .sa_flags = SA_SIGINFO};

    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaction(signals[i], &action, NULL);
}

/*
 * Where the domain's code expects the slot's base: in %gs, or in %r14, which
 * this returns; then code of the gs flavour finds nothing of use there.
 */
static void *set_base(void)
{
    if (image.header.flavour == TP_FLAVOUR_BASE)
        return base;
    if (syscall(SYS_arch_prctl, ARCH_SET_GS, base) != 0)
        fail(BROKEN, "cannot set %gs");
    return (void *)0x5a5a5a5a5a5a5a5a;
}

static int call_main(void)
{
    const uint64_t *table = (void *)(base + TP_FTAB_START);
    uint32_t top = TP_STACKS_START + STACK_BYTES;
    int status = sigsetjmp(way_out, 1);

    if (status)
        return status;
    allow(TP_STACKS_START, STACK_BYTES, PROT_READ | PROT_WRITE);
    return (int)run_dom_enter(set_base(), top,
                              table[(image.header.main_entry - TP_FTAB_START) /
                                    sizeof *table]);
}

/* Only now, for the verifier has seen the text. */
static void watch_functions(const char *path)
{
    FILE *list = fopen(path, "w");

    allow(image.text.address, image.text.memory_bytes,
          PROT_READ | PROT_WRITE | PROT_EXEC);
    if (!list || !entered_watch(&image, base, list))
        fail(BROKEN, "cannot watch the functions");
}

int main(int argc, char **argv)
{
    static const char option[] = "--entered=";
    const char *list = NULL;
    struct image_error error;
    unsigned char *file;
    size_t bytes;
    int status;

    if (argc == 3 && strncmp(argv[1], option, sizeof option - 1) == 0)
        list = argv[1] + sizeof option - 1;
    else if (argc != 2)
        fail(BROKEN, "usage: run_dom [--entered=LIST] FILE.dom");
    file = read_whole(argv[argc - 1], &bytes);
    if (!image_parse(&image, file, bytes, &error))
        fail(REFUSED, error.text);
    if (!image.header.main_entry)
        fail(REFUSED, "no tp_main");
    verify();
    reserve_slot();
    load_segment(&image.text, PROT_READ | PROT_EXEC);
    load_segment(&image.rodata, PROT_READ);
    load_segment(&image.data, PROT_READ | PROT_WRITE);
    heap_end = image.data.memory_bytes
                   ? image.data.address + image.data.memory_bytes
                   : image.rodata.address + image.rodata.memory_bytes;
    heap_end = (heap_end + TP_PAGE - 1) & ~(uint32_t)(TP_PAGE - 1);
    fill_table();
    if (list)
        watch_functions(list);
    catch_faults();
    status = call_main();
    free(file);
    return status;
}
