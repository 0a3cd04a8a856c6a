/* SPDX-License-Identifier: MIT */
/* refs.h - decide what references to symbols of other files mean. */
#pragma once
#include <stdbool.h>
#include <stdio.h>

/*
 * Read the symbols of the relocatable object at @path, all inputs in one, and
 * write the linker script that defines each __ref_NAME (unit.c says why) in
 * the function table's section.
 * Errors: false after a message.
 */
bool refs_write(const char *path, FILE *script);
