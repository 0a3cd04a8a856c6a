/* SPDX-License-Identifier: MIT */
/*
 * stb_image.c - images written by stb_image_write and read by stb_image, both of
 * Debian's libstb-dev.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define STBI_NO_STDIO
#define STBI_NO_THREAD_LOCALS
#define STBI_NO_HDR
#define STBI_NO_LINEAR
#define STB_IMAGE_IMPLEMENTATION
#include <stb_image.h>
#define STBI_WRITE_NO_STDIO
#define STB_IMAGE_WRITE_IMPLEMENTATION
#include <stb_image_write.h>

enum { WIDTH = 67, HEIGHT = 45 };

static unsigned char file[200000];
static int bytes;

static void take(void *context, void *data, int size)
{
    (void)context;
    if (size <= (int)sizeof file - bytes) {
        memcpy(file + bytes, data, (size_t)size);
        bytes += size;
    }
}

static unsigned sum(const unsigned char *at, int count)
{
    unsigned value = 5381;

    while (count-- > 0)
        value = value * 33 ^ *at++;
    return value;
}

static void read_back(const char *name)
{
    int width = 0, height = 0, channels = 0;
    unsigned char *pixels =
        stbi_load_from_memory(file, bytes, &width, &height, &channels, 4);

    printf("%s: %d bytes %08x; %dx%d %d %08x\n", name, bytes, sum(file, bytes),
           width, height, channels,
           pixels ? sum(pixels, width * height * 4) : 0);
    free(pixels);
    bytes = 0;
}

int tp_main(void)
{
    static unsigned char pixels[WIDTH * HEIGHT * 4];

    for (int channels = 1; channels <= 4; channels++) {
        for (int i = 0; i < WIDTH * HEIGHT * channels; i++)
            pixels[i] = (unsigned char)(i * i >> 5 ^ i);
        stbi_write_png_to_func(take, NULL, WIDTH, HEIGHT, channels, pixels,
                               WIDTH * channels);
        read_back("png");
        stbi_write_bmp_to_func(take, NULL, WIDTH, HEIGHT, channels, pixels);
        read_back("bmp");
        stbi_write_tga_to_func(take, NULL, WIDTH, HEIGHT, channels, pixels);
        read_back("tga");
        stbi_write_jpg_to_func(take, NULL, WIDTH, HEIGHT, channels, pixels, 85);
        read_back("jpg");
    }
    return 0;
}
