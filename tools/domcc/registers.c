/* SPDX-License-Identifier: MIT */
/* registers.c - the general registers and their names by size. */
#include "registers.h"
#include <stddef.h>
#include <string.h>

struct name_row {
    const char *by_size[4]; /* 64, 32, 16, 8 bits */
};

static const struct name_row names[] = {
    {{"rax", "eax", "ax", "al"}},      {{"rcx", "ecx", "cx", "cl"}},
    {{"rdx", "edx", "dx", "dl"}},      {{"rbx", "ebx", "bx", "bl"}},
    {{"rsp", "esp", "sp", "spl"}},     {{"rbp", "ebp", "bp", "bpl"}},
    {{"rsi", "esi", "si", "sil"}},     {{"rdi", "edi", "di", "dil"}},
    {{"r8", "r8d", "r8w", "r8b"}},     {{"r9", "r9d", "r9w", "r9b"}},
    {{"r10", "r10d", "r10w", "r10b"}}, {{"r11", "r11d", "r11w", "r11b"}},
    {{"r12", "r12d", "r12w", "r12b"}}, {{"r13", "r13d", "r13w", "r13b"}},
    {{"r14", "r14d", "r14w", "r14b"}}, {{"r15", "r15d", "r15w", "r15b"}},
};

static struct reg high_register(const char *name)
{
    static const char letters[] = "acdb"; /* in the order of their numbers */
    const char *at;

    if (strlen(name) == 2 && name[1] == 'h') {
        at = strchr(letters, name[0]);
        if (at)
            return (struct reg){(int)(at - letters), 8, true};
    }
    return (struct reg){REG_NONE, 0, false};
}

struct reg register_named(const char *name)
{
    if (strcmp(name, "rip") == 0)
        return (struct reg){REG_RIP, 64, false};
    if (strcmp(name, "eip") == 0)
        return (struct reg){REG_RIP, 32, false};
    for (int number = 0; number <= REG_R15; number++)
        for (int size = 0; size < 4; size++)
            if (strcmp(names[number].by_size[size], name) == 0)
                return (struct reg){number, 64 >> size, false};
    return high_register(name);
}

const char *register_name(int number, int bits)
{
    int size = bits == 64 ? 0 : bits == 32 ? 1 : bits == 16 ? 2 : 3;

    return number >= 0 && number <= REG_R15 ? names[number].by_size[size]
                                            : "rip";
}
