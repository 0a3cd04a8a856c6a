/* SPDX-License-Identifier: MIT */
/*
 * stb_image and stb_image_write: what one writes the other reads, in PNG,
 * BMP, TGA and JPEG; small files of the other formats; and damaged files, but
 * for GIF and PSD: these overrun the heap, of which the host's build dies.
 */
#include <stdlib.h>

#define STBI_NO_STDIO
#define STBI_NO_HDR
#define STBI_NO_LINEAR
#define STBI_NO_THREAD_LOCALS
/* Of a damaged file it may hand out memory that it never wrote. */
#define STBI_MALLOC(bytes) calloc(1, bytes)
#define STBI_REALLOC realloc
#define STBI_FREE free
#define STB_IMAGE_IMPLEMENTATION
#define STBI_WRITE_NO_STDIO
#define STB_IMAGE_WRITE_IMPLEMENTATION
#include <math.h>
#include <stb_image.h>
#include <stb_image_write.h>

#include "foreign.h"

enum { WIDTH = 61, HEIGHT = 47, FILE_MAX = 1 << 17 };

static unsigned char file[FILE_MAX];
static int file_bytes;

static void write_some(void *context, void *bytes, int count)
{
    (void)context;
    memcpy(file + file_bytes, bytes, (size_t)count);
    file_bytes += count;
}

static int read_at;

static int read_some(void *user, char *to, int count)
{
    (void)user;
    if (count > file_bytes - read_at)
        count = file_bytes - read_at;
    memcpy(to, file + read_at, (size_t)count);
    read_at += count;
    return count;
}

static void skip_some(void *user, int count)
{
    (void)user;
    read_at += count;
}

static int at_end(void *user)
{
    (void)user;
    return read_at >= file_bytes;
}

static void print_image(void *pixels, int width, int height, int channels,
                        int bytes)
{
    if (!pixels) {
        printf("refused: %s\n", stbi_failure_reason());
        return;
    }
    printf("%d x %d, %d channels\n", width, height, channels);
    print_sum("pixels", pixels, (size_t)width * (size_t)height * (size_t)bytes);
    stbi_image_free(pixels);
}

static void read_back(const char *name)
{
    const stbi_io_callbacks calls = {read_some, skip_some, at_end};
    int width = 0, height = 0, channels = 0;
    void *pixels;

    print_sum(name, file, (size_t)file_bytes);
    printf("info %d, 16 bits %d\n",
           stbi_info_from_memory(file, file_bytes, &width, &height, &channels),
           stbi_is_16_bit_from_memory(file, file_bytes));
    for (int wanted = 0; wanted <= 4; wanted++) {
        pixels = stbi_load_from_memory(file, file_bytes, &width, &height,
                                       &channels, wanted);
        print_image(pixels, width, height, channels,
                    wanted ? wanted : channels);
    }
    pixels = stbi_load_16_from_memory(file, file_bytes, &width, &height,
                                      &channels, 3);
    print_image(pixels, width, height, channels, 6);
    read_at = 0;
    pixels =
        stbi_load_from_callbacks(&calls, NULL, &width, &height, &channels, 4);
    print_image(pixels, width, height, channels, 4);
    read_at = 0;
    printf("info %d\n",
           stbi_info_from_callbacks(&calls, NULL, &width, &height, &channels));
}

static void damage(int times)
{
    static unsigned char whole[FILE_MAX];
    int bytes = file_bytes, width = 0, height = 0, channels = 0;
    void *pixels;

    memcpy(whole, file, (size_t)bytes);
    while (times-- > 0) {
        for (int i = 0; i < 3; i++)
            file[random_bits() % (unsigned)bytes] ^=
                (unsigned char)(1 << random_bits() % 8);
        file_bytes = (int)(random_bits() % (unsigned)bytes) + 1;
        pixels = stbi_load_from_memory(file, file_bytes, &width, &height,
                                       &channels, 4);
        print_image(pixels, width, height, channels, 4);
        memcpy(file, whole, (size_t)bytes);
    }
    file_bytes = bytes;
}

static void both_ways(void)
{
    static unsigned char pixels[WIDTH * HEIGHT * 4];

    for (int channels = 1; channels <= 4; channels++) {
        for (int i = 0; i < WIDTH * HEIGHT * channels; i++)
            pixels[i] = (unsigned char)(i * i / 97 + (random_bits() & 15));
        stbi_flip_vertically_on_write(channels & 1);
        stbi_set_flip_vertically_on_load(channels & 1);
        file_bytes = 0;
        stbi_write_png_to_func(write_some, NULL, WIDTH, HEIGHT, channels,
                               pixels, WIDTH * channels);
        read_back("png");
        damage(12);
        file_bytes = 0;
        stbi_write_bmp_to_func(write_some, NULL, WIDTH, HEIGHT, channels,
                               pixels);
        read_back("bmp");
        damage(12);
        stbi_write_tga_with_rle = channels > 2;
        file_bytes = 0;
        stbi_write_tga_to_func(write_some, NULL, WIDTH, HEIGHT, channels,
                               pixels);
        read_back("tga");
        damage(12);
        for (int quality = 40; quality <= 100; quality += 60) {
            file_bytes = 0;
            stbi_write_jpg_to_func(write_some, NULL, WIDTH, HEIGHT, channels,
                                   pixels, quality);
            read_back("jpg");
            damage(20);
        }
    }
}

/* A GIF of two frames, a PNM, a PSD's beginning, a PIC's. */
static void small_files(void)
{
    static const char gif[] =
        "GIF89a\4\0\4\0\221\0\0\0\0\0\377\0\0\0\377\0\0\0\377"
        "!\371\4\4\12\0\0\0,\0\0\0\0\4\0\4\0\0\2\4\204\217\11\5\0"
        "!\371\4\4\12\0\0\0,\0\0\0\0\4\0\4\0\0\2\4\214\217\31\5\0;";
    static const char pgm[] = "P5\n# text\n4 3 255\nabcdefghijkl";
    static const char psd[] = "8BPS\0\1\0\0\0\0\0\0\0\3\0\0\0\2\0\0\0\2\0\10\0"
                              "\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0abcdefghijkl";
    const struct {
        const char *text;
        int bytes;
    } list[] = {{gif, sizeof gif - 1},
                {pgm, sizeof pgm - 1},
                {psd, sizeof psd - 1}};

    for (int i = 0; i < 3; i++) {
        memcpy(file, list[i].text, (size_t)list[i].bytes);
        file_bytes = list[i].bytes;
        read_back("small");
    }
}

static void frames(void)
{
    int width = 0, height = 0, count = 0, channels = 0, *delays = NULL;
    void *pixels;

    memcpy(file,
           "GIF89a\4\0\4\0\221\0\0\0\0\0\377\0\0\0\377\0\0\0\377"
           "!\371\4\4\12\0\0\0,\0\0\0\0\4\0\4\0\0\2\4\204\217\11\5\0;",
           49);
    pixels = stbi_load_gif_from_memory(file, 49, &delays, &width, &height,
                                       &count, &channels, 4);
    printf("%d frames\n", count);
    print_image(pixels, width, height, channels, 4);
    stbi_image_free(delays);
}

static void deflate(void)
{
    static char text[4000], out[4000];
    unsigned char *packed;
    int length = 0, back;

    for (size_t i = 0; i < sizeof text; i++)
        text[i] = "tepal "[random_bits() % 6];
    packed = stbi_zlib_compress((unsigned char *)text, sizeof text, &length, 8);
    print_sum("zlib", packed, (size_t)length);
    back = stbi_zlib_decode_buffer(out, sizeof out, (char *)packed, length);
    printf("%d %d\n", back, memcmp(text, out, sizeof text) == 0);
    free(packed);
}

int tp_main(void)
{
    stbi_set_unpremultiply_on_load(1);
    both_ways();
    small_files();
    frames();
    deflate();
    return 0;
}
