/* SPDX-License-Identifier: MIT */
/* current.h - the current thread, for gates: the first word behind %fs. */
#pragma once

#define ARCH_CURRENT_TO_R10 "movq %fs:0, %r10\n"
