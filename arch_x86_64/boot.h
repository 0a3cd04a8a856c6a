/* SPDX-License-Identifier: MIT */
/* boot.h - by which protocol a loader started the kernel. Also for assembly. */
#pragma once

#define BOOT_PVH 1
#define BOOT_MULTIBOOT2 2
