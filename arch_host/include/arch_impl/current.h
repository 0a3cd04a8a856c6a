/* SPDX-License-Identifier: MIT */
/* current.h - the current thread, for gates: thread-local (cpu.h). */
#pragma once

#define ARCH_CURRENT_TO_R10                                                    \
    "movq host_thread@gottpoff(%rip), %r10\n"                                  \
    "movq %fs:(%r10), %r10\n"
