/*
 * correlation.h - the weight gradient of either operation as one contraction
 *
 *     dw[small][large][k] = sum over n, i of s[n][small][i] * l[n][large][o]
 *                           with  o = i * stride - pad + k * dilation
 *
 * A transposed convolution has s = x and l = dy; a convolution has s = dy and
 * l = x.  Axes are three, as in a problem.
 */
#ifndef TCV_CORE_CORRELATION_H
#define TCV_CORE_CORRELATION_H

#include "core/problem.h"

struct tcv_correlation_axis {
    int64_t small, large, kernel, stride, dilation, pad;
};

struct tcv_correlation {
    tconv_dtype dtype;
    int64_t batch, groups;
    int64_t small, large; /* channels of ONE group */
    int64_t taps;
    struct tcv_correlation_axis axis[TCV_AXES];
    struct tcv_place s, l;
    int64_t w_group, w_small, w_large, w_tap[TCV_AXES]; /* strides of dw */
    bool small_is_input;
};

struct tcv_correlation tcv_correlation_of(const struct tcv_problem *problem);

/* The large index of tap k from small index i, or -1 where there is none. */
static inline int64_t tcv_large_of(const struct tcv_correlation_axis *axis, int64_t i, int64_t k)
{
    const int64_t o = i * axis->stride - axis->pad + k * axis->dilation;

    return o >= 0 && o < axis->large ? o : -1;
}

/* One execution; pointers to elements are void, as in struct tcv_run. */
struct tcv_correlation_run {
    const struct tcv_correlation *of;
    const void *s, *l;
    void *dw;
    bool accumulate;
};

#endif
