/*
 * picture.c - pictures as planes of floats
 */
#include "picture.h"

#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <png.h>

#include "fail.h"

struct picture picture_new(int64_t channels, int64_t height, int64_t width)
{
    return (struct picture){channels, height, width,
                            get_memory(channels * height * width, sizeof(float))};
}

void picture_free(struct picture *picture)
{
    free(picture->value);
    picture->value = NULL;
}

/* ---- Reading ------------------------------------------------------------ */

static void store_row(struct picture *picture, int64_t y, const unsigned char *rgb)
{
    const int64_t plane = picture->height * picture->width;

    for (int64_t x = 0; x < picture->width; x++) {
        for (int64_t c = 0; c < 3; c++)
            picture->value[c * plane + y * picture->width + x] = (float)rgb[3 * x + c] / 255.0f;
    }
}

/* libjpeg's own handler ends the program too, but with a message that names no file. */
static void jpeg_fails(j_common_ptr jpeg)
{
    char message[JMSG_LENGTH_MAX];

    jpeg->err->format_message(jpeg, message);
    fail("%s: %s", (const char *)jpeg->client_data, message);
}

static struct picture read_jpeg(FILE *file, const char *path)
{
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct picture picture;
    unsigned char *row;

    jpeg.err = jpeg_std_error(&errors);
    errors.error_exit = jpeg_fails;
    jpeg_create_decompress(&jpeg);
    jpeg.client_data = (void *)(uintptr_t)path;
    jpeg_stdio_src(&jpeg, file);
    jpeg_read_header(&jpeg, TRUE);
    jpeg.out_color_space = JCS_RGB;
    jpeg_start_decompress(&jpeg);
    picture = picture_new(3, jpeg.output_height, jpeg.output_width);
    row = get_memory((int64_t)jpeg.output_width, 3);
    while (jpeg.output_scanline < jpeg.output_height) {
        const int64_t y = jpeg.output_scanline;

        jpeg_read_scanlines(&jpeg, &row, 1);
        store_row(&picture, y, row);
    }
    jpeg_finish_decompress(&jpeg);
    jpeg_destroy_decompress(&jpeg);
    free(row);
    return picture;
}

static struct picture read_png(const char *path)
{
    png_image image;
    struct picture picture;
    unsigned char *pixels;

    memset(&image, 0, sizeof image);
    image.version = PNG_IMAGE_VERSION;
    if (!png_image_begin_read_from_file(&image, path))
        fail("%s: %s", path, image.message);
    image.format = PNG_FORMAT_RGB;
    pixels = get_memory((int64_t)PNG_IMAGE_SIZE(image), 1);
    if (!png_image_finish_read(&image, NULL, pixels, 0, NULL))
        fail("%s: %s", path, image.message);
    picture = picture_new(3, image.height, image.width);
    for (int64_t y = 0; y < picture.height; y++)
        store_row(&picture, y, pixels + 3 * picture.width * y);
    free(pixels);
    return picture;
}

struct picture picture_read(const char *path)
{
    FILE *const file = fopen(path, "rb");
    unsigned char first[2] = {0, 0};
    struct picture picture;

    if (file == NULL || fread(first, 1, 2, file) != 2)
        fail("%s: %s", path, file == NULL ? strerror(errno) : "not a picture");
    rewind(file);
    picture = first[0] == 0xFF && first[1] == 0xD8 ? read_jpeg(file, path) : read_png(path);
    fclose(file);
    return picture;
}

/* ---- Writing ------------------------------------------------------------ */

static unsigned char to_byte(float value)
{
    const float level = 255.0f * value + 0.5f;

    return (unsigned char)(level < 0.0f ? 0.0f : level > 255.0f ? 255.0f : level);
}

void picture_write(const struct picture *picture, const char *path)
{
    const int64_t plane = picture->height * picture->width;
    png_image image;
    unsigned char *pixels;

    memset(&image, 0, sizeof image);
    image.version = PNG_IMAGE_VERSION;
    image.format = picture->channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
    image.width = (png_uint_32)picture->width;
    image.height = (png_uint_32)picture->height;
    pixels = get_memory(plane * picture->channels, 1);
    for (int64_t i = 0; i < plane; i++) {
        for (int64_t c = 0; c < picture->channels; c++)
            pixels[i * picture->channels + c] = to_byte(picture->value[c * plane + i]);
    }
    if (!png_image_write_to_file(&image, path, 0, pixels, 0, NULL))
        fail("%s: %s", path, image.message);
    free(pixels);
}

/* ---- Planes ------------------------------------------------------------- */

void picture_place(struct picture *picture, int64_t top, int64_t left, const float *value,
                   int64_t height, int64_t width)
{
    for (int64_t c = 0; c < picture->channels; c++) {
        for (int64_t y = 0; y < height; y++) {
            float *const to =
                picture->value + ((c * picture->height + top + y) * picture->width + left);

            memcpy(to, value + (c * height + y) * width, (size_t)width * sizeof *to);
        }
    }
}

struct picture picture_luminance(const struct picture *picture)
{
    const int64_t plane = picture->height * picture->width;
    struct picture y = picture_new(1, picture->height, picture->width);

    for (int64_t i = 0; i < plane; i++)
        y.value[i] = 0.299f * picture->value[i] + 0.587f * picture->value[plane + i] +
                     0.114f * picture->value[2 * plane + i];
    return y;
}
