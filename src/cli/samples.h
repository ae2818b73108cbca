/*
 * samples.h - rows of a picture as bytes in a file and as floats to compute with
 *
 * A float is the sample's value, 0 to 255 or 65535.  With alpha (2 or 4
 * channels) the colours are multiplied by alpha / most, so that a pixel counts
 * in an average as much as it is seen: what a transparent pixel hides does not
 * bleed into its neighbours.
 */
#ifndef TCV_CLI_SAMPLES_H
#define TCV_CLI_SAMPLES_H

#include <stddef.h>

/* bytes[pixels][channels], of 1 or 2 bytes, to values[pixels][channels]. */
void tcv_samples_to_floats(const unsigned char *bytes, size_t pixels, int channels, int bits,
                           float *values);

/* Back: rounds to the nearest sample, and what is out of range to its end. */
void tcv_samples_from_floats(const float *values, size_t pixels, int channels, int bits,
                             unsigned char *bytes);

#endif
