/*
 * png.h - pictures in PNG files
 */
#ifndef TCV_CLI_PNG_H
#define TCV_CLI_PNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/outfile.h"

/* What the samples mean: the chunks gAMA, cHRM, sRGB, iCCP and pHYs. */
struct tcv_png_meaning {
    bool has_gamma, has_primaries, has_intent, has_density;
    int32_t gamma;        /* times 100000, as in the file */
    int32_t primaries[8]; /* white, red, green, blue: x and y, likewise */
    int intent;           /* of sRGB */
    uint32_t density[2];  /* pixels per unit, x and y */
    int density_unit;     /* 1: the metre, 0: none, only the ratio counts */
    char *profile_name;   /* NULL if there is no profile */
    unsigned char *profile;
    uint32_t profile_bytes;
};

struct tcv_png {
    uint32_t width, height;
    int channels; /* 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha */
    int bits;     /* 8 or 16 per sample */
    struct tcv_png_meaning meaning;
    size_t row_bytes;
    unsigned char *samples; /* rows of row_bytes; 16 bits are high byte first */
};

/*
 * Reads a picture of any kind: palettes, grey of under 8 bits and transparent
 * colours come out as the above.  Start with {0}; release it in any case.
 */
int tcv_png_read(struct tcv_png *picture, const char *path);

/* Frees what the picture owns, not the picture. */
void tcv_png_release(struct tcv_png *picture);

struct tcv_png_writer;

/* Begins a file for width x height pixels of the picture's kind and meaning. */
int tcv_png_write_begin(struct tcv_png_writer **writer_out, struct tcv_outfile *file,
                        const struct tcv_png *kind, uint32_t width, uint32_t height);

/* Writes the next row, as long as the width and the kind say. */
int tcv_png_write_row(struct tcv_png_writer *writer, const unsigned char *row);

/* After the last row. */
int tcv_png_write_finish(struct tcv_png_writer *writer);

/* Frees a writer, finished or not, or NULL; the file stays open. */
void tcv_png_write_free(struct tcv_png_writer *writer);

#endif
