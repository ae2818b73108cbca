/*
 * bf16x3_parts.h - numbers in parts of bfloat16: weights as sums() reads them, and what is wild
 *
 *     [blocks of input channels][pairs of vectors][taps][steps][vector][3][16][16 rows][2]
 *
 * Planar, [16 rows][16][2] instead; a last vector without another is alone.
 */
#ifndef TCV_ALGO_BF16X3_PARTS_H
#define TCV_ALGO_BF16X3_PARTS_H

#include "algo/algo.h"

/* Weights of some rows and of the input channels of one block. */
struct tcv_bf16x3_weights {
    const uint16_t *at;
    int64_t vectors, taps, steps;
    bool planar;
};

/* Elements of those, all parts. */
int64_t tcv_bf16x3_weights_size(const struct tcv_bf16x3_weights *w);

/*
 * Splits the weights of one tap and one vector, from[channel * from_step + row] for `rows` <= 16
 * rows and ic_count channels of the block, into those at `to`; other rows are 0.  False if one is
 * too large.
 */
bool tcv_bf16x3_split_vector(const struct tcv_setup *setup, const struct tcv_bf16x3_weights *w,
                             int64_t vector, int64_t tap, const float *from, int64_t from_step,
                             int64_t rows, int64_t ic_count, uint16_t *to);

/* pack() of columns. */
bool tcv_bf16x3_pack_columns(const struct tcv_problem *p, const struct tcv_setup *setup,
                             const void *w, void *packed, void *scratch);

/* The weight of a channel of the block, a tap and a row: the sum of its parts. */
float tcv_bf16x3_weight(const struct tcv_bf16x3_weights *w, int64_t channel, int64_t tap,
                        int64_t row);

/* Whether an input is left out of the tiles, to be added apart. */
bool tcv_bf16x3_is_wild(float x);

#endif
