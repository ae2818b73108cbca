/*
 * picture.h - pictures as planes of floats
 */
#ifndef TRAIN_PICTURE_H
#define TRAIN_PICTURE_H

#include <stdint.h>

/* value[channels][height][width], 0 black to 1 full. */
struct picture {
    int64_t channels, height, width;
    float *value;
};

/* A black one. */
struct picture picture_new(int64_t channels, int64_t height, int64_t width);
void picture_free(struct picture *picture);

/* Reads a JPEG or PNG, which its first bytes tell, as RGB. */
struct picture picture_read(const char *path);

/* Writes a PNG of 1 or 3 channels with 8 bits. */
void picture_write(const struct picture *picture, const char *path);

/* Copies planes value[channels][height][width] to rows from top, columns from left. */
void picture_place(struct picture *picture, int64_t top, int64_t left, const float *value,
                   int64_t height, int64_t width);

/* Y of RGB as JPEG defines it (ITU-R BT.601): one channel of the same size. */
struct picture picture_luminance(const struct picture *picture);

#endif
