/*
 * samples.c - rows of a picture as bytes in a file and as floats to compute with
 */
#include "cli/samples.h"

#include <stdbool.h>

static float most_of(int bits)
{
    return bits == 16 ? 65535.0f : 255.0f;
}

static bool has_alpha(int channels)
{
    return channels == 2 || channels == 4;
}

void tcv_samples_to_floats(const unsigned char *bytes, size_t pixels, int channels, int bits,
                           float *values)
{
    const size_t count = pixels * (size_t)channels;
    const int colours = channels - 1;
    const float share = 1.0f / most_of(bits);

    if (bits == 8) {
        for (size_t i = 0; i < count; i++)
            values[i] = (float)bytes[i];
    } else {
        for (size_t i = 0; i < count; i++)
            values[i] = (float)(bytes[2 * i] << 8 | bytes[2 * i + 1]);
    }
    if (!has_alpha(channels))
        return;
    for (float *pixel = values; pixel < values + count; pixel += channels) {
        for (int c = 0; c < colours; c++)
            pixel[c] *= pixel[colours] * share;
    }
}

/* The nearest sample.  In double, where adding a half to a float is exact. */
static unsigned nearest(float value, float most)
{
    if (!(value > 0.0f))
        return 0;
    return value >= most ? (unsigned)most : (unsigned)((double)value + 0.5);
}

static void store(unsigned sample, int bits, unsigned char *bytes, size_t index)
{
    if (bits == 8) {
        bytes[index] = (unsigned char)sample;
    } else {
        bytes[2 * index] = (unsigned char)(sample >> 8);
        bytes[2 * index + 1] = (unsigned char)(sample & 0xff);
    }
}

void tcv_samples_from_floats(const float *values, size_t pixels, int channels, int bits,
                             unsigned char *bytes)
{
    const float most = most_of(bits);
    const size_t step = (size_t)channels;
    const size_t colours = has_alpha(channels) ? step - 1 : step;

    for (size_t p = 0; p < pixels; p++) {
        const float *const pixel = values + p * step;
        float scale = 1.0f;

        if (colours < step) {
            /* A pixel that nobody sees has no colour: black, by convention. */
            scale = pixel[colours] > 0.0f ? most / pixel[colours] : 0.0f;
            store(nearest(pixel[colours], most), bits, bytes, p * step + colours);
        }
        for (size_t c = 0; c < colours; c++)
            store(nearest(pixel[c] * scale, most), bits, bytes, p * step + c);
    }
}
