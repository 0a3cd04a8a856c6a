/* SPDX-License-Identifier: MIT */
/* memory_rules.h - what one instruction may access and write. */
#pragma once
#include "decode.h"

/*
 * Whether a domain of @flavour may execute @insn, as far as its operands go.
 * Where it stands and where it leads is for control_rules.c, and so are the
 * operands of indirect branches.
 * Errors: VERIFY_STACK_OPERAND, VERIFY_BASE_WRITE, VERIFY_ADDRESS_WRITE,
 *         VERIFY_MEMORY.
 */
enum verify_rule memory_rules_check(const struct insn *insn, uint32_t flavour);
