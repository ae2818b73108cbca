/*
 * bands.h - a picture enlarged in bands of rows
 */
#ifndef TCV_CLI_BANDS_H
#define TCV_CLI_BANDS_H

#include <stdint.h>

#include "cli/png.h"

struct tcv_bands;

enum tcv_method {
    TCV_METHOD_DEFAULT = 0, /* for the caller to choose */
    TCV_METHOD_NEAREST = 1,
    TCV_METHOD_BILINEAR = 2,
    TCV_METHOD_NETWORK = 3 /* scale 2 only */
};

/*
 * Prepares to enlarge a picture, which must live as long, by scale >= 1.  No
 * side of the result may exceed INT32_MAX.
 */
int tcv_bands_create(struct tcv_bands **bands_out, const struct tcv_png *picture,
                     enum tcv_method method, int64_t scale, int32_t threads);

/*
 * Computes a band: what the picture's rows first, first + 1, ... become.
 * *rows_out is how many of the picture's rows were taken, at least 1.
 */
int tcv_bands_compute(struct tcv_bands *bands, int64_t first, int64_t *rows_out);

/* Row y of the band, 0 <= y < *rows_out * scale, as a file stores it. */
void tcv_bands_row(const struct tcv_bands *bands, int64_t y, unsigned char *row);

/* Accepts NULL. */
void tcv_bands_free(struct tcv_bands *bands);

#endif
