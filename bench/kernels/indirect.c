/* SPDX-License-Identifier: MIT */
/* indirect.c - small methods, called through the tables of objects. */
#include "kernels.h"

#define SHAPES 64u

struct shape;
struct shape_methods {
    uint32_t (*area)(const struct shape *);
    void (*grow)(struct shape *, uint32_t by);
};
struct shape {
    const struct shape_methods *methods;
    uint32_t width, height;
};

static struct shape shapes[SHAPES];

static uint32_t box_area(const struct shape *shape)
{
    return shape->width * shape->height;
}

static void box_grow(struct shape *shape, uint32_t by)
{
    shape->width += by;
    shape->height -= by;
}

static uint32_t disc_area(const struct shape *shape)
{
    return shape->width * shape->width * 22 / 7;
}

static void disc_grow(struct shape *shape, uint32_t by)
{
    shape->width ^= by;
}

static uint32_t line_area(const struct shape *shape)
{
    return shape->height;
}

static void line_grow(struct shape *shape, uint32_t by)
{
    shape->height += shape->width + by;
}

static const struct shape_methods kinds[] = {
    {box_area, box_grow}, {disc_area, disc_grow}, {line_area, line_grow}};

void kernel_indirect_prepare(void)
{
    uint64_t state = KERNEL_SEED;

    for (unsigned i = 0; i < SHAPES; i++) {
        uint64_t number = kernel_random(&state);

        shapes[i] = (struct shape){&kinds[i % 3], (uint32_t)number & 0xff,
                                   (uint32_t)(number >> 8) & 0xff};
    }
}

uint32_t kernel_indirect(uint32_t rounds)
{
    uint32_t sum = 0;

    while (rounds--)
        for (unsigned i = 0; i < SHAPES; i++) {
            struct shape *shape = &shapes[i];

            shape->methods->grow(shape, i);
            sum = kernel_fold(sum, shape->methods->area(shape));
        }
    return sum;
}
