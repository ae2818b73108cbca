/*
 * picture.h - PNG files of every kind, written and read by libpng alone
 */
#ifndef TESTS_CLI_PICTURE_H
#define TESTS_CLI_PICTURE_H

#include <stdbool.h>
#include <stdint.h>

/* Samples [height][width][channels]; channels 1 grey, 2 + alpha, 3 RGB, 4 + alpha. */
struct picture {
    int width, height, channels, bits;
    uint16_t *sample;
};

/* A picture of zeros; picture_free() it. */
struct picture picture_make(int width, int height, int channels, int bits);
void picture_free(struct picture *picture);

uint16_t *picture_at(const struct picture *picture, int y, int x);

/* Every sample at random over the whole range; the same for the same seed. */
void picture_randomise(struct picture *picture, uint32_t seed);

/* What a file has besides its samples; zeros for nothing. */
struct picture_extras {
    bool interlaced;
    bool palette;     /* the RGB or RGBA picture as indices, at most 256 colours */
    int grey_bits;    /* 1, 2 or 4: the 8-bit grey picture with samples so short */
    bool transparent; /* the first pixel's value stands for no colour at all */
    bool has_gamma, has_srgb, has_profile, has_density;
};

void picture_write(const char *name, const struct picture *picture,
                   const struct picture_extras *extras);

/*
 * Reads a file that is stored plainly, as grey or RGB.  Notes which extras it
 * has; those must be what picture_write() gave it, with scale times the density.
 */
struct picture picture_read(const char *name, int scale, struct picture_extras *extras);

/* A file that says it has so many pixels, and then has none. */
void picture_write_head(const char *name, uint32_t width, uint32_t height);

void assert_same_picture(const struct picture *got, const struct picture *want);

#endif
