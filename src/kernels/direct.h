/*
 * direct.h - the inner loops of direct: sums of products held in registers
 *
 * rows() and lanes() compute, for output rows m and positions p,
 *
 *     c[m][p] (+)= sum over t, i of w[t][i][m] * x[i][p + tap[t]]
 *
 * with multiply and add fused where the machine can, in rising (t, i): an element
 * has the same bits wherever in a block, a tile or a window it is computed.
 */
#ifndef TCV_KERNELS_DIRECT_H
#define TCV_KERNELS_DIRECT_H

#include <stdbool.h>
#include <stdint.h>

#include <tconv/tconv.h>

#include "kernels/ask.h"

/* Rows that one call of rows() computes, at most. */
#define TCV_DIRECT_ROWS_MOST 14

#define TCV_DIRECT_AHEADS 3

struct tcv_direct {
    const void *x;
    int64_t x_channel;    /* elements between channels i of x, > 0 */
    int64_t x_pixel;      /* lanes(): between the two pixels of a pair; rows(): 1 */
    const int64_t *tap;   /* [taps], elements */
    int64_t taps, channels;
    const void *w;
    void *c;
    int64_t c_step;       /* rows(): between rows m; lanes(): between positions p */
    bool add;             /* to what is in c; else c is not read */

    /* rows(): vectors along the positions. */
    const int64_t *c_row; /* [rows], elements, where the rows of c begin; NULL: c_step apart */
    int64_t rows;         /* 1 ... TCV_DIRECT_ROWS_MOST; w is [taps][channels][rows] */
    int64_t positions;    /* a multiple of the vector's width */
    void *x_copy;         /* of x, [channels][positions]: of one tap, rows over half the most */
    struct tcv_ask ahead[TCV_DIRECT_AHEADS]; /* what will be used after the call */

    /* lanes(): vectors along the rows m. */
    const int64_t *pair;  /* [pairs]: position p of the first of two pixels */
    int64_t pairs;
    int64_t vectors;      /* of rows m; w is [vectors][w_vector elements] */
    int64_t w_vector;
    const int64_t *w_tap; /* [taps]: where in them the tap's [channels][width] begin */
    const void *w_after;  /* the next call's w, or this one's: fetched, so it need not exist */
    const int64_t *c_at;  /* [2 * pairs], elements, where positions p are; NULL: c_step apart */
    const void *bias, *scale, *shift; /* of rows m: (sum + bias) * scale + shift; or all NULL */
};

struct tcv_direct_kernels {
    void (*rows)(const struct tcv_direct *args);
    void (*lanes)(const struct tcv_direct *args);
    int64_t width; /* elements per vector */
    int64_t rows_most;
    int64_t registers;
};

/* Vectors of positions that rows() takes at once for R rows. */
#define TCV_DIRECT_VECTORS(registers, R) \
    (((registers) - 1) / ((R) + 1) > 8 ? 8 : ((registers) - 1) / ((R) + 1))

struct tcv_direct_kernels tcv_direct_select(uint32_t features, tconv_dtype dtype);

#define TCV_DIRECT_DECLARE(type_isa)                           \
    void tcv_direct_rows_##type_isa(const struct tcv_direct *);  \
    void tcv_direct_lanes_##type_isa(const struct tcv_direct *)

TCV_DIRECT_DECLARE(f32_c);
TCV_DIRECT_DECLARE(f64_c);
TCV_DIRECT_DECLARE(f32_avx2);
TCV_DIRECT_DECLARE(f64_avx2);
TCV_DIRECT_DECLARE(f32_avx512);
TCV_DIRECT_DECLARE(f64_avx512);
TCV_DIRECT_DECLARE(f32_neon);
TCV_DIRECT_DECLARE(f64_neon);

#endif
