/* SPDX-License-Identifier: MIT */
/*
 * damage_gs.h - the damage of attacks_gs.h. Registers hold addresses of the
 * victim; their low halves are offsets of the domain's own memory.
 */
#pragma once
#include "damage.h"

#define AS_WITHOUT "as if the prefix were not there; no manual promises that"
#define IN_THE_SLOT "by its prefixes it stays in the slot"

/* clang-format off */
static const struct damage_row gs_damage[] = {
    /* VERIFY_TRUNCATED */
    SHOW("prefixes alone", DAMAGE_CONTROL, .behind = 0x90),
    SHOW("cut in the displacement", DAMAGE_CONTROL, .behind = 0x20,
         SET1(RAX, 0)),
    SHOW("cut before the SIB byte", DAMAGE_CONTROL, .behind = 0x20),

    /* VERIFY_OPCODE */
    SHOW("string store in gs", DAMAGE_WRITE), /* by %es: no prefix helps */
    STRICT("string load", IN_THE_SLOT),
    TOLERATED("MMX converted from memory",
              "the manual says that it puts the x87 unit into MMX mode",
              .or_else = DAMAGE_STATE),
    STRICT("xlat", IN_THE_SLOT),
    STRICT("mov of an absolute address", IN_THE_SLOT),
    SHOW("ldmxcsr", DAMAGE_STATE, .memory = 0x7f80),
    SHOW("fldcw", DAMAGE_STATE, .memory = 0x0f7f),
    PRIVILEGED("lgdt"),
    SHOW("far jump", DAMAGE_CONTROL, .memory = 0x3320000000),
    SHOW("far call", DAMAGE_CONTROL, .memory = 0x3320000000),
    SHOW("mov to gs", DAMAGE_STATE, SET1(RAX, 0x2b)),
    SHOW("a load of gs", DAMAGE_STATE, .memory = 0x2b20000000),
    PRIVILEGED("swapgs"),
    SHOW("pop %gs", DAMAGE_STATE, SET1(RAX, 0x2b)),
    SHOW("gs base written", DAMAGE_STATE, OR_UNDEFINED),
    STRICT("a bit test beyond its operand", "at most 256 MiB: a guard"),
    STRICT("a bit read beyond its operand", "at most 256 MiB: a guard"),
    STRICT("maskmovdqu", IN_THE_SLOT),
    SHOW("an x87 store", DAMAGE_STATE),

    /* VERIFY_PREFIX */
    SHOW("gs and no 32-bit address", DAMAGE_READ, SET1(RAX, OVER)),
    SHOW("a 32-bit address and no gs", DAMAGE_READ),
    SHOW("fs for gs", DAMAGE_READ),
    SHOW("fs behind gs", DAMAGE_READ), /* the last one counts */
    TOLERATED("gs twice", AS_WITHOUT),
    TOLERATED("the address size twice", AS_WITHOUT),
    TOLERATED("ds behind gs", "the last one counts, or none of the old ones"),
    TOLERATED("gs behind REX", "REX is void: not the width that it says"),
    TOLERATED("the address size behind REX", "REX is void"),
    STRICT("lea in gs", "accesses nothing"),
    STRICT("lea of a 32-bit address", "accesses nothing"),
    TOLERATED("gs without a memory operand", AS_WITHOUT),
    TOLERATED("gs on a nop", AS_WITHOUT),
    TOLERATED("gs on a push", AS_WITHOUT),
    TOLERATED("gs on a direct call", AS_WITHOUT),
    TOLERATED("gs on a branch", AS_WITHOUT),
    UNDEFINED("lock where it is not meant", "lock makes others of some"),
    TOLERATED("cs and gs", "the last one counts, or none of the old ones"),
    SHOW("a register of 32 bits by its prefix", DAMAGE_CONTROL),

    /* VERIFY_MEMORY */
    SHOW("a plain pointer", DAMAGE_READ),
    SHOW("a store through a pointer", DAMAGE_WRITE),
    SHOW("as in base: mov 8(%r14),", DAMAGE_READ),
    SHOW("as in base: mov 8(%r14,%rbp)", DAMAGE_READ, SET1(RBP, 0)),
    SHOW("as in base: mov (%r14,%r11)", DAMAGE_READ, SET1(R11, 0)),
    STRICT("rip-relative load", "ends in the slot or its guards"),
    SHOW("absolute store", DAMAGE_ACCESS),
    SHOW("push from a pointer", DAMAGE_READ),
    SHOW("SSE store through a pointer", DAMAGE_WRITE),
    SHOW("locked add through a pointer", DAMAGE_WRITE),
    TIMING("prefetch of a pointer", "a line of others enters the cache"),
    STRICT("a code address by lea", "an address alone accesses nothing"),

    /* VERIFY_STACK_OPERAND */
    SHOW("load by esp", DAMAGE_READ, .memory = STAGE_NUMBERED),
    SHOW("store by esp", DAMAGE_READ, SET1(RAX, 0)),
    SHOW("store of rsp", DAMAGE_READ),
    SHOW("rsp loaded", DAMAGE_STACK),
    SHOW("rsp moved by memory", DAMAGE_STACK),
    SHOW("pop of rsp by way of r14", DAMAGE_STACK),

    /* VERIFY_TARGET */
    SHOW("a branch before the text", DAMAGE_CONTROL),
    SHOW("a call behind the text", DAMAGE_CONTROL),
    SHOW("a jump behind the text", DAMAGE_CONTROL),

    /* VERIFY_OVERLAP */
    SHOW("a jump over both prefixes", DAMAGE_READ),
    SHOW("a jump over the address size", DAMAGE_READ, SET1(RAX, OVER)),
    SHOW("a jump between mask and branch", DAMAGE_CONTROL,
         SET2(R11, 8, RBX, OFF_TABLE)),
    SHOW("a jump to the branch that is seen first", DAMAGE_CONTROL,
         SET1(R11, OFF_TABLE)),

    /* VERIFY_DEPTH */
    SHOW("a branch over a push", DAMAGE_CONTROL),
    SHOW("a loop that pushes", DAMAGE_CONTROL, .is_zf_clear = true),
    SHOW("a loop that pops", DAMAGE_STACK),

    /* VERIFY_UNDERFLOW */
    SHOW("a pop into r11, which gs does not keep", DAMAGE_STACK),
    SHOW("a pop too many", DAMAGE_STACK),
    SHOW("a pop in a called function", DAMAGE_STACK),

    /* VERIFY_RETURN */
    SHOW("a return with something pushed", DAMAGE_CONTROL),
    SHOW("an import jump with something pushed", DAMAGE_CONTROL),
    SHOW("a table jump with something pushed", DAMAGE_CONTROL, SET1(R11, 8)),

    /* VERIFY_INDIRECT */
    SHOW("a pointer: call", DAMAGE_CONTROL),
    SHOW("a register: jmp", DAMAGE_CONTROL),
    SHOW("the table unmasked", DAMAGE_CONTROL, SET1(R11, OFF_TABLE)),
    SHOW("the table as in base", DAMAGE_CONTROL,
         SET2(R14, STAGE_KERNEL, R11, 8)),
    SHOW("an import as in base", DAMAGE_CONTROL, SET1(R14, STAGE_KERNEL)),
    SHOW("an import by r14 in gs", DAMAGE_CONTROL, SET1(R14, OFF_TABLE)),
    SHOW("the table by another register", DAMAGE_CONTROL, SET1(RAX, OFF_TABLE)),
    SHOW("the table by r3 where r11 is meant", DAMAGE_CONTROL,
         SET1(RBX, OFF_TABLE)),
    SHOW("the table with an index: ", DAMAGE_CONTROL,
         SET2(RAX, OFF_TABLE, R11, 8)),
    STRICT("the table by a scaled index", "behind the table nothing is mapped"),
    STRICT("the table at another place", "behind the table nothing is mapped"),
    SHOW("another mask", DAMAGE_CONTROL, SET1(R11, STAGE_DATA - 0x10000)),
    STRICT("a mask of 64 bits", "masks the same"),
    SHOW("a mask of 16 bits", DAMAGE_CONTROL, SET1(R11, OFF_TABLE)),
    SHOW("a mask of another register", DAMAGE_CONTROL, SET1(R11, OFF_TABLE)),
    SHOW("a mask in memory", DAMAGE_CONTROL),
    STRICT("something between mask and branch", "a nop: the mask holds"),
    STRICT("a table entry that is no import", "a function, or a trap"),
    STRICT("an import below the table", "nothing is mapped there"),
    STRICT("the first entry, which traps", "it traps"),
    SHOW("between two imports", DAMAGE_CONTROL),
    SHOW("an import by eip", DAMAGE_CONTROL),
    SHOW("an import with an index", DAMAGE_CONTROL, SET1(RAX, OFF_TABLE)),
    SHOW("an import with index r12", DAMAGE_CONTROL, SET1(R12, OFF_TABLE)),
    SHOW("the table with index r12", DAMAGE_CONTROL,
         SET2(R12, OFF_TABLE, R11, 8)),

    /* VERIFY_FALLTHROUGH */
    SHOW("runs off the end", DAMAGE_CONTROL),
    SHOW("an import call at the end", DAMAGE_CONTROL),
    SHOW("a masked call at the end", DAMAGE_CONTROL, SET1(R11, 8)),
};
