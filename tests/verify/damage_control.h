/* SPDX-License-Identifier: MIT */
/* damage_control.h - the damage of attacks_control.h. */
#pragma once
#include "damage.h"

/* clang-format off */
static const struct damage_row control_damage[] = {
    /* VERIFY_TARGET */
    SHOW("a jump before the text", DAMAGE_CONTROL),
    SHOW("a jump to the end of the text", DAMAGE_CONTROL),
    SHOW("a call far below", DAMAGE_CONTROL),
    SHOW("a call far above", DAMAGE_CONTROL),
    SHOW("a conditional jump out", DAMAGE_CONTROL),

    /* VERIFY_OVERLAP */
    SHOW("a jump into an immediate", DAMAGE_OVERLAP),
    SHOW("a jump into itself", DAMAGE_OVERLAP),
    SHOW("an entry inside an instruction", DAMAGE_OVERLAP,
         .again = AGAIN_ENTRY),
    SHOW("an instruction over the start of another", DAMAGE_OVERLAP,
         .again = AGAIN_ZF_CLEAR),
    SHOW("a jump between mask and branch", DAMAGE_CONTROL,
         SET2(R11, 8, RBX, OFF_TABLE)),
    SHOW("a jump to the branch that is seen first", DAMAGE_CONTROL,
         SET1(R11, OFF_TABLE)),
    SHOW("a call behind the mask", DAMAGE_CONTROL, .start = 1,
         SET1(R11, OFF_TABLE)),
    SHOW("a jump over a lock prefix", DAMAGE_OVERLAP, .again = AGAIN_ZF_CLEAR),

    /* VERIFY_DEPTH */
    SHOW("a branch around a push", DAMAGE_CONTROL, .is_zf_clear = true),
    SHOW("a loop that pushes", DAMAGE_CONTROL, .is_zf_clear = true),
    SHOW("a loop that pops", DAMAGE_STACK),
    SHOW("a jump into another function", DAMAGE_CONTROL),
    SHOW("falling into a function", DAMAGE_CONTROL),
    SHOW("an entry in the middle of a frame", DAMAGE_STACK, .start = 1),

    /* VERIFY_UNDERFLOW */
    SHOW("a pop of the return address", DAMAGE_STACK),
    SHOW("a pop too many", DAMAGE_STACK),
    SHOW("where am I", DAMAGE_STACK),
    SHOW("a callee that pops its caller's word", DAMAGE_CONTROL),

    /* VERIFY_RETURN */
    SHOW("a return to a pushed address", DAMAGE_CONTROL),
    SHOW("an import jump with something pushed", DAMAGE_CONTROL),
    SHOW("a table jump with something pushed", DAMAGE_CONTROL, SET1(R11, 8)),
    SHOW("a return on one path only", DAMAGE_CONTROL),

    /* VERIFY_INDIRECT: memory of the slot holds an address of the kernel. */
    SHOW("the table by a base that is not %r14", DAMAGE_CONTROL, SET1(R11, 8)),
    SHOW("the table by an index that was not masked", DAMAGE_CONTROL,
         SET1(RBP, OFF_TABLE)),
    SHOW("an import by a base that is not %r14", DAMAGE_CONTROL),
    SHOW("call through a register", DAMAGE_CONTROL),
    SHOW("jump through a register", DAMAGE_CONTROL),
    SHOW("call through rsp", DAMAGE_CONTROL),
    SHOW("jump through memory of the slot", DAMAGE_CONTROL),
    SHOW("call through the stack", DAMAGE_STACK),
    SHOW("call through a pointer", DAMAGE_CONTROL),
    SHOW("call rip-relative", DAMAGE_CONTROL),
    STRICT("the trap entry", "it traps"),
    STRICT("an entry behind the imports", "a function, or a trap"),
    SHOW("half an entry", DAMAGE_CONTROL),
    STRICT("before the table", "nothing is mapped there"),
    STRICT("an entry below the slot", "the guard"),
    SHOW("table without a mask", DAMAGE_CONTROL, SET1(R11, OFF_TABLE)),
    SHOW("data stack as a table", DAMAGE_CONTROL, SET1(RBP, OFF_TABLE)),
    SHOW("import indexed", DAMAGE_CONTROL, SET1(R11, OFF_TABLE)),
    SHOW("too wide a mask", DAMAGE_CONTROL, SET1(R11, STAGE_DATA - 0x10000)),
    SHOW("a mask that leaves low bits", DAMAGE_CONTROL, SET1(R11, 12)),
    SHOW("a negative mask", DAMAGE_CONTROL, SET1(R11, OFF_TABLE)),
    SHOW("a mask of another register", DAMAGE_CONTROL, SET1(R11, OFF_TABLE)),
    SHOW("a 16-bit mask", DAMAGE_CONTROL, SET1(R11, OFF_TABLE)),
    STRICT("a 64-bit mask", "masks the same"),
    SHOW("a mask in memory", DAMAGE_CONTROL),
    STRICT("something after the mask", "a nop: the mask holds"),
    STRICT("another start of the table", "behind the table nothing is mapped"),
    STRICT("a scaled index", "behind the table nothing is mapped"),
    SHOW("the mask used twice", DAMAGE_CONTROL, SET2(R11, 8, RBX, OFF_TABLE)),

    /* VERIFY_FALLTHROUGH */
    SHOW("no end", DAMAGE_CONTROL),
    SHOW("a call that returns", DAMAGE_CONTROL),
    SHOW("a conditional jump at the end", DAMAGE_CONTROL, .is_zf_clear = true),
    SHOW("a masked call at the end", DAMAGE_CONTROL, SET1(R11, 8)),

    /* VERIFY_ENTRY: the loader would have put it into the table. */
    SHOW("an entry behind the text", DAMAGE_CONTROL, .start = 1),
    SHOW("an entry far away", DAMAGE_CONTROL, .start = 1),
    SHOW("an entry below the text", DAMAGE_CONTROL, .start = 1),
};
