/* SPDX-License-Identifier: MIT */
/* dom_text.h - the text of a .dom file that was built here, to be verified. */
#pragma once
#include "tepal_trusted/verify.h"

struct dom_text {
    char *name;
    uint8_t *file;
    struct verify_input input; /* points into file, and to entries */
    uint32_t *entries;
    uint32_t *starts; /* of instructions, by dom_text_find_starts() */
    uint32_t start_count;
};

/*
 * Add every .dom file in @folder to the @count of *@texts.
 * Returns how many there are then. Owns: the caller's, until the program ends.
 * Errors: aborts with a message. Files that were not built here are none of
 *         its business: it believes what they say.
 */
int dom_texts_add(const char *folder, struct dom_text **texts, int count);
