/* SPDX-License-Identifier: MIT */
/*
 * stb_pieces.c - noise, packing of rectangles, a font of lines, texture blocks
 * and dynamic arrays of Debian's libstb-dev.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define STB_PERLIN_IMPLEMENTATION
#include <stb_perlin.h>
#define STB_RECT_PACK_IMPLEMENTATION
#include <stb_rect_pack.h>
#include <stb_easy_font.h>
#define STB_DXT_IMPLEMENTATION
#include <stb_dxt.h>
#define STB_DS_IMPLEMENTATION
#include <stb_ds.h>

static unsigned sum(const void *data, size_t bytes)
{
    const unsigned char *at = data;
    unsigned value = 5381;

    while (bytes--)
        value = value * 33 ^ *at++;
    return value;
}

static void noise(void)
{
    for (int i = 0; i < 40; i++) {
        float x = (float)i * 0.37f;

        printf("%08x %08x %08x\n",
               sum(&(float){stb_perlin_noise3(x, x / 2, 1 - x, 0, 0, 0)}, 4),
               sum(&(float){stb_perlin_fbm_noise3(x, x, x, 2, 0.5f, 5)}, 4),
               sum(&(float){stb_perlin_ridge_noise3(x, 2, x, 2, 0.5f, 1, 4)},
                   4));
    }
}

static void packing(void)
{
    static stbrp_node nodes[128];
    static stbrp_rect rects[100];
    stbrp_context context;

    for (int i = 0; i < 100; i++) {
        rects[i].id = i;
        rects[i].w = (stbrp_coord)(5 + i * 7 % 23);
        rects[i].h = (stbrp_coord)(4 + i * 11 % 17);
    }
    stbrp_init_target(&context, 160, 160, nodes, 128);
    printf("packed %d\n", stbrp_pack_rects(&context, rects, 100));
    for (int i = 0; i < 100; i += 9)
        printf("%d: %d %d %d\n", i, (int)rects[i].x, (int)rects[i].y,
               (int)rects[i].was_packed);
}

static void blocks(void)
{
    unsigned char pixels[64], out[16];

    for (int n = 0; n < 20; n++) {
        for (int i = 0; i < 64; i++)
            pixels[i] = (unsigned char)(i * (n + 3) * 5 >> 1);
        stb_compress_dxt_block(out, pixels, n & 1,
                               n & 2 ? STB_DXT_HIGHQUAL : 0);
        printf("dxt %08x", sum(out, n & 1 ? 16 : 8));
        stb_compress_bc4_block(out, pixels);
        stb_compress_bc5_block(out, pixels);
        printf(" %08x\n", sum(out, 16));
    }
}

static void arrays(void)
{
    struct {
        int key;
        double value;
    } *map = NULL;
    struct {
        char *key;
        int value;
    } *words = NULL;
    int *numbers = NULL;
    double total = 0;

    sh_new_strdup(words);
    for (int i = 0; i < 500; i++) {
        char word[16];

        arrput(numbers, i * i);
        hmput(map, i * 37 % 1009, i / 7.0);
        snprintf(word, sizeof word, "w%d", i % 100);
        shput(words, word, i);
    }
    for (int i = 0; i < 500; i += 3)
        total += hmget(map, i) + numbers[i];
    (void)hmdel(map, 37);
    printf("arrays %d %d %d %.6f %d\n", (int)arrlen(numbers), (int)hmlen(map),
           (int)shlen(words), total, shget(words, "w42"));
    arrfree(numbers);
    hmfree(map);
    shfree(words);
}

int tp_main(void)
{
    static char quads[20000];
    char words[] = "Quads of a font\nof lines: 0123456789";
    int count;

    noise();
    packing();
    blocks();
    arrays();
    count = stb_easy_font_print(3, 4, words, NULL, quads, sizeof quads);
    printf("quads %d %08x, %d by %d\n", count, sum(quads, (size_t)count * 64),
           stb_easy_font_width(words), stb_easy_font_height(words));
    return 0;
}
