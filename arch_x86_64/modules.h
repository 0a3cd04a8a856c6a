/* SPDX-License-Identifier: MIT */
/*
 * modules.h - the files that the loader brought: each a module with its name as
 * the command line (GRUB), or members of a cpio archive that is a module (QEMU
 * has only one).
 */
#pragma once
#include "boot_info.h"

struct module_file {
    const uint8_t *bytes;
    size_t size;
};

/* @info must stay. */
void modules_init(const struct boot_info *info);

/*
 * Find the file called @name. Whatever folder a name stands in is ignored.
 * Errors: false: there is none, or its archive is damaged before it.
 */
bool modules_find(const char *name, struct module_file *file);
