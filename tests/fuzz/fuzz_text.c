/* SPDX-License-Identifier: MIT */
/*
 * fuzz_text.c - machine code before the verifier, without the file around it:
 * seeds are the texts of domains, and most of what it is about is reached in a
 * few bytes. The last six bytes choose the function table, the flavour and up to
 * three entries.
 */
#include "fuzz.h"
#include "tepal/abi.h"
#include "verified.h"
#include <string.h>

#define TEXT_START 0x100000u
#define TAIL 6

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t entries[4] = {TEXT_START};
    struct verify_input input = {.address = TEXT_START,
                                 .entries = entries,
                                 .entry_count = 1};
    const uint8_t *tail = data + size - TAIL;
    uint8_t *text;
    uint32_t i;

    if (size < TAIL)
        return 0;
    input.bytes = (uint32_t)size - TAIL;
    input.imports_end = TP_FTAB_START + 8 + 8u * tail[0];
    input.ftab_bytes = (uint32_t)TP_FTAB_MIN << tail[1] % 4;
    input.flavour = tail[2] & 4 ? TP_FLAVOUR_GS : TP_FLAVOUR_BASE;
    for (i = 0; i < tail[2] % 4; i++)
        entries[input.entry_count++] = TEXT_START + tail[3 + i];
    text = malloc(input.bytes ? input.bytes : 1);
    CLAIM(text);
    memcpy(text, data, input.bytes);
    input.text = text;
    verify_and_look(&input, text);
    free(text);
    return 0;
}
