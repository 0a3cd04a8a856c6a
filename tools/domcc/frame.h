/* SPDX-License-Identifier: MIT */
/*
 * frame.h - where the locals of a function go.
 *
 * The compiler believes in one stack; a domain has two. What push leaves on
 * the trusted stack cannot be addressed, everything else lives on the data
 * stack. The mapping is linear: the data stack holds an image of the whole
 * frame, return address and saved registers included, as holes. So any
 * address the compiler forms, also one past an object or biased by an index,
 * means the same in the image:
 *
 *     compiler's %rsp + d   is   %rbp + down - 8 - pushed + d
 *
 * pushed: bytes the compiler has below the return address; down: bytes that
 * %rbp stands below its value at the function's entry. Incoming arguments,
 * at 8(%rsp) on entry, are so at 0(%rbp), as docs/ABI.md wants.
 *
 * A function that calls nothing leaves %rbp alone and uses the memory below
 * it; so does one that never addresses its frame.
 */
#pragma once
#include "assembly.h"
#include "symbols.h"

/* A piece of the stack, as one push or one subtraction made it. */
struct segment {
    const struct segment *older; /* pushed before; NULL = return address */
    struct statement *push;      /* NULL: made by a subtraction */
    int bytes;
    int depth;      /* bytes pushed in all, this one included */
    int data_bytes; /* of those, not on the trusted stack */
};

struct function {
    const char *name;
    struct assembly *assembly;     /* borrowed */
    const struct symbols *symbols; /* borrowed */
    size_t first, end;             /* its statements */
    bool frame_pointer;            /* it may keep one in %rbp, as clang does */
    bool moves_data_stack;         /* has locals that a call must not harm */
    bool runs_off;                 /* the compiler knows its end not reached */
};

/*
 * Follow all paths through @function: fills in the frame fields of its
 * statements.
 * Errors: false after a message.
 */
bool frame_analyse(struct function *function);

/* How far below its value at entry %rbp stands when @stack is pushed. */
int frame_down(const struct function *function, const struct segment *stack);

/* %rbp plus this is what the compiler means by %rsp before @statement. */
int frame_image(const struct function *function,
                const struct statement *statement);

/* The statement a direct branch at @at leads to; @function->end: none here. */
size_t frame_target(const struct function *function, size_t at,
                    const char *label);
