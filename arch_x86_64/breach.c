/* SPDX-License-Identifier: MIT */
/*
 * breach.c - see breach.h. For tests/boot/boot.test: a mapping that is too lenient
 * is seen by nothing else.
 * Source: Intel 64 SDM, volume 3, section 4.6 (access rights).
 */
#include "breach.h"
#include "arch/pages.h"
#include "tepal_trusted/base.h"

static const uint64_t constant = 1;

static void write_to(uintptr_t address)
{
    *(volatile uint64_t *)address = 0;
}

static void write_text(void)
{
    write_to((uintptr_t)breach_try);
}

static void write_constants(void)
{
    write_to((uintptr_t)&constant);
}

/* A return, in memory as the kernel has it everywhere. */
static void run_data(void)
{
    static uint8_t code[1] = {0xc3};

    ((void (*)(void))(uintptr_t)code)();
}

static void run_pages(void)
{
    uint8_t *code = pages_alloc(1);

    code[0] = 0xc3;
    ((void (*)(void))(uintptr_t)code)();
}

static void read_null(void)
{
    uintptr_t nothing = 0;

    __asm__ volatile("" : "+r"(nothing));
    (void)*(const volatile uint8_t *)nothing;
}

static void write_guard(void)
{
    write_to((uintptr_t)pages_alloc(1) - sizeof(uint64_t));
}

static const struct {
    const char *command_line;
    void (*try)(void);
} kinds[] = {
    {"breach=text", write_text}, {"breach=constants", write_constants},
    {"breach=data", run_data},   {"breach=pages", run_pages},
    {"breach=null", read_null},  {"breach=guard", write_guard},
};

void breach_try(const char *command_line)
{
    size_t i;

    for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (text_equal(kinds[i].command_line, command_line)) {
            kinds[i].try();
            kernel_panic("nothing stopped it");
        }
}
