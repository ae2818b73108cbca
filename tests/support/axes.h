/*
 * axes.h - the geometry of a problem, worked out apart from the library
 */
#ifndef SUPPORT_AXES_H
#define SUPPORT_AXES_H

#include "support/problem.h"

/* Always three axes, d h w; those a problem lacks have extents of 1. */
struct axes {
    int64_t in[3], kernel[3], stride[3], dilation[3];
    int64_t span[3];  /* (in - 1) * stride + dilation * (kernel - 1) + 1 */
    int64_t begin[3]; /* where in the span the output begins; a convolution: its padding */
    int64_t out[3];
};

/*
 * Works out crops and output sizes by the rules of tconv_desc.  False if the
 * problem is against them or has no output.
 */
bool axes_of(const struct problem *problem, struct axes *axes_out);

/* The output's dimensions, size[problem_rank()]: (N, C_out, O...). */
void axes_output_size(const struct problem *problem, const struct axes *axes,
                      int64_t *size);

/* Products over the three axes. */
int64_t axes_inputs(const struct axes *axes);
int64_t axes_outputs(const struct axes *axes);
int64_t axes_taps(const struct axes *axes);

#endif
