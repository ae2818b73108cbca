/*
 * naive.h - the operation a second time, as a scatter in double
 *
 * Written from the formula alone and sharing nothing with the library, to
 * check the library's own reference.  Arrays are dense, C order of the sizes.
 */
#ifndef SUPPORT_NAIVE_H
#define SUPPORT_NAIVE_H

#include "support/axes.h"

/* The vectors of an epilogue; a NULL one is not applied. */
struct vectors {
    const double *bias, *scale, *shift; /* each [C_out] */
    const double *before;               /* y as it was, to accumulate */
};

/* y = the transposed convolution of x with w, without the epilogue. */
void naive_scatter(const struct problem *problem, const double *x, const double *w,
                   double *y);

/* Applies the problem's epilogue to y in place. */
void naive_epilogue(const struct problem *problem, const struct vectors *vectors,
                    double *y);

/* Both. */
void naive_run(const struct problem *problem, const double *x, const double *w,
               const struct vectors *vectors, double *y);

#endif
