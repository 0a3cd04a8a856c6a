/* SPDX-License-Identifier: MIT */
/* matrix.c - the product of two matrices of 48 by 48 floats. */
#include "kernels.h"

#define SIDE 48u

static float left[SIDE][SIDE], right[SIDE][SIDE], product[SIDE][SIDE];

/* Small whole numbers: their products and sums are exact. */
void kernel_matrix_prepare(void)
{
    uint64_t state = KERNEL_SEED;

    for (unsigned i = 0; i < SIDE; i++)
        for (unsigned j = 0; j < SIDE; j++) {
            left[i][j] = (float)(kernel_random(&state) % 17);
            right[i][j] = (float)(kernel_random(&state) % 13);
        }
}

static void multiply(float (*to)[SIDE], float (*a)[SIDE], float (*b)[SIDE])
{
    for (unsigned i = 0; i < SIDE; i++)
        for (unsigned j = 0; j < SIDE; j++) {
            float sum = 0;

            for (unsigned k = 0; k < SIDE; k++)
                sum += a[i][k] * b[k][j];
            to[i][j] = sum;
        }
}

uint32_t kernel_matrix(uint32_t rounds)
{
    uint32_t sum = 0;

    while (rounds--)
        multiply(product, left, right);
    for (unsigned i = 0; i < SIDE; i++)
        for (unsigned j = 0; j < SIDE; j++)
            sum = kernel_fold(sum, (uint32_t)product[i][j]);
    return sum;
}
