/* SPDX-License-Identifier: MIT */
/*
 * native.c - the same stb_image without a domain, for comparison: decodes FILE
 * and writes what "tepal decode -o" should (tepal/ppm.c). Ends with 3 where
 * the file is refused.
 */
#define STB_IMAGE_IMPLEMENTATION
#include "stb.h"
#include <stdio.h>
#include <stdlib.h>

static unsigned char file[1 << 26];

int main(int argc, char **argv)
{
    FILE *in = argc == 3 ? fopen(argv[1], "rb") : NULL, *out;
    int width, height, channels;
    unsigned char *pixels;
    size_t bytes, size;

    if (!in)
        return 2;
    bytes = fread(file, 1, sizeof(file), in);
    fclose(in);
    pixels = stbi_load_from_memory(file, (int)bytes, &width, &height,
                                   &channels, 3);
    if (!pixels)
        return 3;
    out = fopen(argv[2], "wb");
    if (!out)
        return 2;
    size = (size_t)width * (size_t)height * 3;
    fprintf(out, "P6\n%d %d\n255\n", width, height);
    if (fwrite(pixels, 1, size, out) != size || fclose(out) != 0)
        return 2;
    free(pixels);
    return 0;
}
