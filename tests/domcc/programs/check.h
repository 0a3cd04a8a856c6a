/* SPDX-License-Identifier: MIT */
/*
 * check.h - checks inside a domain; tp_main() returns how many failed.
 *
 * hidden() keeps the compiler from knowing a value, so that what is tested
 * happens at run time.
 */
#pragma once
#include <stdio.h>

static int check_failures;

#define CHECK(...)                                                             \
    do {                                                                       \
        if (!(__VA_ARGS__)) {                                                  \
            check_failures++;                                                  \
            printf("%s:%d: %s\n", __FILE__, __LINE__, #__VA_ARGS__);           \
        }                                                                      \
    } while (0)

#define hidden(value)                                                          \
    ({                                                                         \
        __typeof__(value) hidden_ = (value);                                   \
        __asm__ volatile("" : "+r"(hidden_));                                  \
        hidden_;                                                               \
    })
