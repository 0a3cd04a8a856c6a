/* SPDX-License-Identifier: MIT */
/* gate.h - in place of arch/gate.h: tests call proxies without a gate. */
#pragma once

#define GATE_ENTRY(proxy) _Static_assert(sizeof(&proxy) == 8, "a function")
