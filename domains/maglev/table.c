/* SPDX-License-Identifier: MIT */
/* table.c - population of the look-up table. Source: as in table.h. */
#include "table.h"
#include <string.h>

static uint32_t next_place(uint32_t place, uint32_t skip)
{
    place += skip;
    return place < TABLE_SIZE ? place : place - TABLE_SIZE;
}

/* A free entry, from *@place on; the next search begins behind it. */
static void take(uint8_t *table, const struct table_row *row, uint32_t *place)
{
    while (table[*place] != TABLE_NONE)
        *place = next_place(*place, row->skip);
    table[*place] = row->value;
    *place = next_place(*place, row->skip);
}

void table_fill(uint8_t *table, const struct table_row *rows, uint32_t count)
{
    uint32_t places[TABLE_NONE], filled, i;

    memset(table, TABLE_NONE, TABLE_SIZE);
    for (i = 0; i < count; i++)
        places[i] = rows[i].offset;
    for (filled = 0, i = 0; count > 0 && filled < TABLE_SIZE; filled++) {
        take(table, &rows[i], &places[i]);
        i = i + 1 < count ? i + 1 : 0;
    }
}
