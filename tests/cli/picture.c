/*
 * picture.c - PNG files of every kind, written and read by libpng alone
 *
 * libpng's own error handling stays in place: an error aborts the test.
 */
#include "cli/picture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "cli/folder.h"
#include "support/check.h"

enum { PROFILE_BYTES = 320, GAMMA = 45455, DENSITY = 2835 };

static const char profile_name[] = "test profile";

struct picture picture_make(int width, int height, int channels, int bits)
{
    struct picture picture = {width, height, channels, bits, NULL};

    picture.sample = calloc((size_t)width * (size_t)height * (size_t)channels, sizeof(uint16_t));
    assert_non_null(picture.sample);
    return picture;
}

void picture_free(struct picture *picture)
{
    free(picture->sample);
    picture->sample = NULL;
}

uint16_t *picture_at(const struct picture *picture, int y, int x)
{
    return picture->sample +
           ((size_t)y * (size_t)picture->width + (size_t)x) * (size_t)picture->channels;
}

void picture_randomise(struct picture *picture, uint32_t seed)
{
    const size_t count =
        (size_t)picture->width * (size_t)picture->height * (size_t)picture->channels;
    uint32_t state = seed * 2654435761u + 1u;

    for (size_t i = 0; i < count; i++) {
        state = state * 1664525u + 1013904223u;
        picture->sample[i] = (uint16_t)(picture->bits == 16 ? state >> 16 : state >> 24);
    }
}

/* An ICC profile that libpng takes: a display's RGB, with a tag of some text. */
static void make_profile(unsigned char *profile)
{
    static const unsigned char d50[] = {0, 0, 0xf6, 0xd6, 0, 1, 0, 0, 0, 0, 0xd3, 0x2d};
    static const unsigned char tag[] = {0, 0, 0, 1,   'c', 'p', 'r', 't',
                                        0, 0, 0, 144, 0,   0,   0,   PROFILE_BYTES - 144};

    memset(profile, 0, PROFILE_BYTES);
    profile[2] = PROFILE_BYTES >> 8;
    profile[3] = PROFILE_BYTES & 0xff;
    profile[8] = 2; /* version */
    memcpy(profile + 12, "mntrRGB XYZ ", 12);
    memcpy(profile + 36, "acsp", 4);
    memcpy(profile + 68, d50, sizeof d50);
    memcpy(profile + 128, tag, sizeof tag);
    memcpy(profile + 144, "text", 4);
    for (int i = 152; i < PROFILE_BYTES; i++)
        profile[i] = (unsigned char)(i * i); /* does not compress away */
}

static void put_extras(png_structp png, png_infop info, const struct picture_extras *extras)
{
    unsigned char profile[PROFILE_BYTES];

    if (extras->has_gamma)
        png_set_gAMA_fixed(png, info, GAMMA);
    if (extras->has_srgb)
        png_set_sRGB(png, info, PNG_sRGB_INTENT_PERCEPTUAL);
    if (extras->has_density)
        png_set_pHYs(png, info, DENSITY, DENSITY + 1, PNG_RESOLUTION_METER);
    if (extras->has_profile) {
        make_profile(profile);
        png_set_iCCP(png, info, profile_name, PNG_COMPRESSION_TYPE_BASE, profile, PROFILE_BYTES);
    }
}

/* Colours in the order of their first pixel, and for each pixel its index. */
static void put_palette(png_structp png, png_infop info, const struct picture *picture,
                        unsigned char *index)
{
    png_color colours[256];
    unsigned char alpha[256];
    int count = 0;

    for (int i = 0; i < picture->width * picture->height; i++) {
        const uint16_t *const s = picture->sample + i * picture->channels;
        const unsigned char opacity = (unsigned char)(picture->channels == 4 ? s[3] : 255);
        int c = 0;

        while (c < count && (colours[c].red != s[0] || colours[c].green != s[1] ||
                             colours[c].blue != s[2] || alpha[c] != opacity))
            c++;
        assert_true(c < 256);
        if (c == count) {
            colours[count] = (png_color){(png_byte)s[0], (png_byte)s[1], (png_byte)s[2]};
            alpha[count++] = opacity;
        }
        index[i] = (unsigned char)c;
    }
    png_set_PLTE(png, info, colours, count);
    if (picture->channels == 4)
        png_set_tRNS(png, info, alpha, count, NULL);
}

static void put_transparent(png_structp png, png_infop info, const struct picture *picture)
{
    const uint16_t *const s = picture->sample;
    const png_color_16 colour = {0, s[0], picture->channels == 3 ? s[1] : 0,
                                 picture->channels == 3 ? s[2] : 0, s[0]};

    png_set_tRNS(png, info, NULL, 0, &colour);
}

/* Rows as the file wants them, one sample a byte or two. */
static unsigned char *make_rows(const struct picture *picture, int channels,
                                const unsigned char *index, const struct picture_extras *extras)
{
    const size_t count = (size_t)picture->width * (size_t)picture->height * (size_t)channels;
    unsigned char *const bytes = malloc(2 * count);

    assert_non_null(bytes);
    for (size_t i = 0; i < count; i++) {
        const uint16_t sample = index != NULL ? index[i] : picture->sample[i];

        if (picture->bits == 16) {
            bytes[2 * i] = (unsigned char)(sample >> 8);
            bytes[2 * i + 1] = (unsigned char)(sample & 0xff);
        } else if (extras->grey_bits != 0) {
            bytes[i] = (unsigned char)(sample >> (8 - extras->grey_bits));
        } else {
            bytes[i] = (unsigned char)sample;
        }
    }
    return bytes;
}

static void write_rows(png_structp png, const struct picture *picture, int channels,
                       unsigned char *bytes)
{
    const size_t row = (size_t)picture->width * (size_t)channels * (picture->bits == 16 ? 2 : 1);
    png_bytepp rows = malloc((size_t)picture->height * sizeof *rows);

    assert_non_null(rows);
    for (int y = 0; y < picture->height; y++)
        rows[y] = bytes + (size_t)y * row;
    png_write_image(png, rows);
    free(rows);
}

void picture_write(const char *name, const struct picture *picture,
                   const struct picture_extras *extras)
{
    static const int types[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB,
                                PNG_COLOR_TYPE_RGB_ALPHA};
    const int channels = extras->palette ? 1 : picture->channels;
    FILE *const file = fopen(folder_path(name), "wb");
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    unsigned char *const index =
        extras->palette ? malloc((size_t)picture->width * (size_t)picture->height) : NULL;
    unsigned char *bytes;

    assert_non_null(file);
    png_init_io(png, file);
    png_set_IHDR(png, info, (png_uint_32)picture->width, (png_uint_32)picture->height,
                 extras->grey_bits != 0 ? extras->grey_bits : picture->bits,
                 extras->palette ? PNG_COLOR_TYPE_PALETTE : types[picture->channels - 1],
                 extras->interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_BASE, PNG_FILTER_TYPE_BASE);
    put_extras(png, info, extras);
    if (extras->palette)
        put_palette(png, info, picture, index);
    if (extras->transparent)
        put_transparent(png, info, picture);
    png_write_info(png, info);
    png_set_packing(png); /* bytes that hold a short sample each */
    bytes = make_rows(picture, channels, index, extras);
    write_rows(png, picture, channels, bytes);
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    free(bytes);
    free(index);
    assert_int_equal(fclose(file), 0);
}

static void get_extras(png_structp png, png_infop info, int scale, struct picture_extras *extras)
{
    unsigned char want[PROFILE_BYTES];
    png_fixed_point gamma;
    png_uint_32 x, y, bytes;
    png_charp name;
    png_bytep profile;
    int unit, intent, method;

    memset(extras, 0, sizeof *extras);
    if (png_get_valid(png, info, PNG_INFO_gAMA) != 0) {
        (void)png_get_gAMA_fixed(png, info, &gamma);
        assert_int_equal(gamma, GAMMA);
        extras->has_gamma = true;
    }
    extras->has_srgb = png_get_sRGB(png, info, &intent) != 0;
    if (png_get_pHYs(png, info, &x, &y, &unit) != 0) {
        assert_int_equal(x, DENSITY * scale);
        assert_int_equal(y, (DENSITY + 1) * scale);
        assert_int_equal(unit, PNG_RESOLUTION_METER);
        extras->has_density = true;
    }
    if (png_get_iCCP(png, info, &name, &method, &profile, &bytes) != 0) {
        make_profile(want);
        assert_string_equal(name, profile_name);
        assert_int_equal(bytes, PROFILE_BYTES);
        assert_memory_equal(profile, want, PROFILE_BYTES);
        extras->has_profile = true;
    }
}

struct picture picture_read(const char *name, int scale, struct picture_extras *extras)
{
    FILE *const file = fopen(folder_path(name), "rb");
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    struct picture picture;
    unsigned char *row;

    if (file == NULL)
        fail_msg("%s is not there", name);
    png_init_io(png, file);
    png_read_info(png, info);
    assert_true((png_get_color_type(png, info) & PNG_COLOR_MASK_PALETTE) == 0);
    assert_true(png_get_bit_depth(png, info) >= 8);
    picture =
        picture_make((int)png_get_image_width(png, info), (int)png_get_image_height(png, info),
                     png_get_channels(png, info), png_get_bit_depth(png, info));
    get_extras(png, info, scale, extras);
    row = malloc(png_get_rowbytes(png, info));
    assert_non_null(row);
    for (int y = 0; y < picture.height; y++) {
        uint16_t *const to = picture_at(&picture, y, 0);

        png_read_row(png, row, NULL);
        for (int i = 0; i < picture.width * picture.channels; i++)
            to[i] = (uint16_t)(picture.bits == 16 ? row[2 * i] << 8 | row[2 * i + 1] : row[i]);
    }
    png_read_end(png, NULL);
    png_destroy_read_struct(&png, &info, NULL);
    free(row);
    (void)fclose(file);
    return picture;
}

void picture_write_head(const char *name, uint32_t width, uint32_t height)
{
    FILE *const file = fopen(folder_path(name), "wb");
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);

    assert_non_null(file);
    png_init_io(png, file);
    png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_IHDR(png, info, width, height, 16, PNG_COLOR_TYPE_RGB_ALPHA, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_BASE, PNG_FILTER_TYPE_BASE);
    png_write_info(png, info);
    png_write_chunk(png, (png_const_bytep) "IDAT", (png_const_bytep) "x\x01", 2);
    png_destroy_write_struct(&png, &info);
    assert_int_equal(fclose(file), 0);
}

void assert_same_picture(const struct picture *got, const struct picture *want)
{
    const size_t count = (size_t)want->width * (size_t)want->height * (size_t)want->channels;

    assert_int_equal(got->width, want->width);
    assert_int_equal(got->height, want->height);
    assert_int_equal(got->channels, want->channels);
    assert_int_equal(got->bits, want->bits);
    for (size_t i = 0; i < count; i++) {
        if (got->sample[i] != want->sample[i])
            fail_msg("sample [%zu][%zu][%zu] is %d, want %d",
                     i / (size_t)want->channels / (size_t)want->width,
                     i / (size_t)want->channels % (size_t)want->width, i % (size_t)want->channels,
                     got->sample[i], want->sample[i]);
    }
}
