/*
 * bf16x3.h - products of floats as sums of products of bfloat16, in tiles of the processor
 *
 * A float has 24 bits and a bfloat16 has 8, with the same exponents, so a float is the sum of
 * three of them, x = x1 + x2 + x3.  Of the nine products of x and w six are summed: the other
 * three together are at most 2.03 * 2^-24 |x w|, as much as two roundings (docs/numerics.md).
 * A unit that multiplies bfloat16 sixteen times as fast as others multiply floats then
 * still wins.
 *
 * Input channels are taken 32 at a time, a step; where there are fewer, the rest is zeros.
 * Channels k and k + 16 of a step stand side by side, [16][2].
 */
#ifndef TCV_KERNELS_BF16X3_H
#define TCV_KERNELS_BF16X3_H

#include <stdbool.h>
#include <stdint.h>

#include "kernels/ask.h"

#define TCV_BF16X3_STEP 32  /* channels */
#define TCV_BF16X3_PARTS 3  /* of a number */
#define TCV_BF16X3_ROWS 16  /* of a tile: output rows, or positions */

/* Bytes of the parts of one number. */
#define TCV_BF16X3_BYTES 6

/*
 * The largest numbers overflow when they are rounded to parts, and their products sooner: from
 * 2^110 on they are left out.  Of those below 2^-102 the last part is denormal, which the unit
 * takes for zero.
 */
#define TCV_BF16X3_LEAST 0x1p-102f
#define TCV_BF16X3_MOST 0x1p110f

/* `count` lines of two times sixteen floats, to lines of [16][2] of each part. */
struct tcv_bf16x3_split {
    const float *from;
    int64_t from_step; /* from one line to the next, elements; and ... */
    int64_t second;    /* ... from a line's first sixteen to the others */
    int64_t lanes[2];  /* of each sixteen that exist; the others are not read and count as 0 */
    int64_t count;
    float least;       /* of magnitudes that are split, beside 0; those below and from _MOST on
                          count as 0 */
    uint16_t *to;
    int64_t to_step;   /* from one line to the next, elements */
    int64_t part;      /* from one part to the next, elements */
};

/*
 *     c[p][m] (+)= sum over t, i of w[t][i][m] * x[i][p + tap[t]]
 *
 * for tiles of 16 positions, which are neighbours in x, and of 16 rows m; by steps in rising (t,
 * step), the parts of each in the same order: an element has the same bits wherever in a block, a
 * tile or a window it is computed.
 */
struct tcv_bf16x3 {
    bool planar;        /* c[row][position]; else c[position][row] */
    const uint16_t *x;  /* [steps][3][x_positions][16][2]; planar: [steps][3][x_positions / 16]
                           [16][16 positions][2] */
    int64_t x_positions;
    const int64_t *at;  /* [tiles]: the first of 16 positions in x */
    int64_t tiles;
    const int64_t *tap; /* [taps], positions; planar: these and at[] are multiples of 16 */
    int64_t taps, steps;
    const uint16_t *w;  /* [pairs of vectors][taps][steps][2][3][16][16 rows][2], planar [16 rows]
                           [16][2], without the second vector where there is none */
    int64_t vectors;    /* of 16 rows m */
    float *c;
    int64_t c_step;     /* elements between positions; planar: between rows */
    bool add;           /* to what is in c; else c is not read */
    struct tcv_ask ask; /* what will be read after the call */
};

struct tcv_bf16x3_kernels {
    /* False if a number was not split. */
    bool (*split)(const struct tcv_bf16x3_split *args);
    void (*sums)(const struct tcv_bf16x3 *args);
};

/* Both NULL without the instructions. */
struct tcv_bf16x3_kernels tcv_bf16x3_select(uint32_t features);

bool tcv_bf16x3_split_amx(const struct tcv_bf16x3_split *args);
void tcv_bf16x3_sums_amx(const struct tcv_bf16x3 *args);

#endif
