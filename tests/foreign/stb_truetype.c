/* SPDX-License-Identifier: MIT */
/*
 * stb_truetype: glyphs of a font, which the test writes into font.h. Distance
 * fields need pow, cos and acos, which a domain's libc lacks: those are ours.
 */
#include <math.h>
#include <stdlib.h>

/* Good enough for both builds to be the same. */
static double raise(double base, double exponent)
{
    double root = base > 1 ? base : 1;

    (void)exponent; /* always a third */
    for (int i = 0; base != 0 && i < 200; i++)
        root = (2 * root + base / (root * root)) / 3;
    return base == 0 ? 0 : root;
}

static double cosine(double x)
{
    double sum = 1, term = 1;

    for (int i = 1; i < 20; i++)
        sum += term *= -x * x / (2 * i * (2 * i - 1));
    return sum;
}

static double arc_cosine(double x)
{
    double low = 0, high = M_PI;

    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;

        *(cosine(middle) > x ? &low : &high) = middle;
    }
    return low;
}

#define STBTT_sqrt(x) sqrt(x)
#define STBTT_pow(base, exponent) raise(base, exponent)
#define STBTT_cos(x) cosine(x)
#define STBTT_acos(x) arc_cosine(x)
#define STB_TRUETYPE_IMPLEMENTATION
#include <stb_truetype.h>

#include "font.h"
#include "foreign.h"

static void glyphs(const stbtt_fontinfo *font)
{
    for (int code = 33; code < 400; code += 7) {
        float scale = stbtt_ScaleForPixelHeight(font, (float)(10 + code % 40));
        int width = 0, height = 0, x = 0, y = 0, advance = 0, bearing = 0;
        unsigned char *pixels =
            stbtt_GetCodepointBitmapSubpixel(font, scale, scale, 0.25f, 0.5f,
                                             code, &width, &height, &x, &y);
        stbtt_vertex *shape = NULL;
        int count = stbtt_GetCodepointShape(font, code, &shape);

        stbtt_GetCodepointHMetrics(font, code, &advance, &bearing);
        printf("%d: %d x %d at %d %d, advance %d, bearing %d, kern %d, %d\n",
               code, width, height, x, y, advance, bearing,
               stbtt_GetCodepointKernAdvance(font, 'A', code), count);
        if (pixels)
            print_sum("bitmap", pixels, (size_t)(width * height));
        stbtt_FreeBitmap(pixels, NULL);
        stbtt_FreeShape(font, shape);
    }
}

static void fields(const stbtt_fontinfo *font)
{
    for (int code = 'A'; code < 'K'; code++) {
        float scale = stbtt_ScaleForMappingEmToPixels(font, 24);
        int width = 0, height = 0, x = 0, y = 0;
        unsigned char *pixels =
            stbtt_GetCodepointSDF(font, scale, code, 4, 128, 32.0f, &width,
                                  &height, &x, &y);

        if (pixels)
            print_sum("field", pixels, (size_t)(width * height));
        stbtt_FreeSDF(pixels, NULL);
    }
}

static void atlas(void)
{
    static unsigned char pixels[256 * 256];
    static stbtt_bakedchar baked[96];
    static stbtt_packedchar packed[96];
    stbtt_aligned_quad quad;
    stbtt_pack_context context;
    float x = 0, y = 0;

    printf("baked %d\n", stbtt_BakeFontBitmap(font_file, 0, 20, pixels, 256,
                                              256, 32, 96, baked));
    print_sum("pixels", pixels, sizeof pixels);
    stbtt_GetBakedQuad(baked, 256, 256, 'T' - 32, &x, &y, &quad, 1);
    print_sum("quad", &quad, sizeof quad);
    memset(pixels, 0, sizeof pixels);
    stbtt_PackBegin(&context, pixels, 256, 256, 0, 1, NULL);
    stbtt_PackSetOversampling(&context, 2, 3);
    printf("packed %d\n",
           stbtt_PackFontRange(&context, font_file, 0, 12, 32, 96, packed));
    stbtt_PackEnd(&context);
    print_sum("pixels", pixels, sizeof pixels);
    stbtt_GetPackedQuad(packed, 256, 256, 'g' - 32, &x, &y, &quad, 0);
    print_sum("quad", &quad, sizeof quad);
}

int tp_main(void)
{
    stbtt_fontinfo font;
    int a = 0, b = 0, c = 0, d = 0;

    if (!stbtt_InitFont(&font, font_file,
                        stbtt_GetFontOffsetForIndex(font_file, 0)))
        return 1;
    stbtt_GetFontVMetrics(&font, &a, &b, &c);
    printf("%d fonts, %d %d %d\n", stbtt_GetNumberOfFonts(font_file), a, b, c);
    stbtt_GetFontBoundingBox(&font, &a, &b, &c, &d);
    printf("box %d %d %d %d\n", a, b, c, d);
    glyphs(&font);
    fields(&font);
    atlas();
    return 0;
}
