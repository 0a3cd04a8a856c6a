/* SPDX-License-Identifier: MIT */
/*
 * png_filter.c - take back the filters of PNG's rows: sub, up, average, Paeth.
 * Source: PNG specification, 9.2.
 */
#include "kernels.h"
#include <stdlib.h>
#include <string.h>

#define ROWS 16u
#define ROW_BYTES 384u
#define PIXEL 3u

static uint8_t filtered[ROWS][1 + ROW_BYTES];
static uint8_t rows[ROWS + 1][PIXEL + ROW_BYTES]; /* nothing above and left */

void kernel_png_filter_prepare(void)
{
    uint64_t state = KERNEL_SEED;

    for (unsigned y = 0; y < ROWS; y++) {
        for (unsigned x = 0; x < ROW_BYTES; x++)
            filtered[y][1 + x] = (uint8_t)(kernel_random(&state) % 23 - 11);
        filtered[y][0] = (uint8_t)(y % 5);
    }
}

static uint8_t paeth(int left, int above, int corner)
{
    int estimate = left + above - corner;
    int to_left = abs(estimate - left), to_above = abs(estimate - above),
        to_corner = abs(estimate - corner);

    if (to_left <= to_above && to_left <= to_corner)
        return (uint8_t)left;
    return (uint8_t)(to_above <= to_corner ? above : corner);
}

static void restore(uint8_t *row, const uint8_t *above, const uint8_t *from,
                    uint8_t filter)
{
    switch (filter) {
    case 0:
        memcpy(row, from, ROW_BYTES);
        break;
    case 1:
        for (unsigned x = 0; x < ROW_BYTES; x++)
            row[x] = (uint8_t)(from[x] + (row - PIXEL)[x]);
        break;
    case 2:
        for (unsigned x = 0; x < ROW_BYTES; x++)
            row[x] = (uint8_t)(from[x] + above[x]);
        break;
    case 3:
        for (unsigned x = 0; x < ROW_BYTES; x++)
            row[x] = (uint8_t)(from[x] + ((row - PIXEL)[x] + above[x]) / 2);
        break;
    default:
        for (unsigned x = 0; x < ROW_BYTES; x++)
            row[x] = (uint8_t)(from[x] + paeth((row - PIXEL)[x], above[x],
                                               (above - PIXEL)[x]));
    }
}

uint32_t kernel_png_filter(uint32_t rounds)
{
    uint32_t sum = 0;

    while (rounds--)
        for (unsigned y = 0; y < ROWS; y++)
            restore(rows[y + 1] + PIXEL, rows[y] + PIXEL, filtered[y] + 1,
                    filtered[y][0]);
    for (unsigned y = 1; y <= ROWS; y++)
        for (unsigned x = PIXEL; x < PIXEL + ROW_BYTES; x++)
            sum = kernel_fold(sum, rows[y][x]);
    return sum;
}
