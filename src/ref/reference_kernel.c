/*
 * reference_kernel.c - the definition of the operation, written as it is read
 *
 * For every output element, add what reaches it:
 *
 *     y[n][oc][o] = sum of x[n][ic][i] * w[ic][oc within group][k]
 *
 * over ic, k and the i with  o * down = i * stride - pad_begin + k * dilation  on
 * each axis (struct tcv_axis).  The code solves that for i, which exists when
 * o * down + pad_begin - k * dilation is a multiple of the stride and lands inside
 * the input; where it does not, nothing is added, not even a zero (0 * infinity
 * would be NaN).
 *
 * A gather in double for both dtypes, and clarity only: no blocking, no SIMD.
 * It shares geometry with the other algorithms and nothing else.
 *
 * Checked by tests/conform and tests/onnx.
 */
#include "ref/reference_kernel.h"

#include <math.h>

/* The input whose tap k lands on output o, or -1 if there is none. */
static int64_t input_of(const struct tcv_axis *axis, int64_t o, int64_t k)
{
    const int64_t shifted = o * axis->down + axis->pad_begin - k * axis->dilation;

    if (shifted < 0 || shifted % axis->stride != 0 || shifted / axis->stride >= axis->in)
        return -1;
    return shifted / axis->stride;
}

static double activate(const tconv_epilogue *e, double v)
{
    switch (e->activation) {
    case TCONV_ACTIVATION_NONE: return v;
    case TCONV_ACTIVATION_RELU: return v < 0.0 ? 0.0 : v;
    case TCONV_ACTIVATION_LEAKY_RELU: return v < 0.0 ? e->alpha * v : v;
    case TCONV_ACTIVATION_CLIP: return v < e->alpha ? e->alpha : v > e->beta ? e->beta : v;
    case TCONV_ACTIVATION_SIGMOID: return 1.0 / (1.0 + exp(-v));
    case TCONV_ACTIVATION_TANH: return tanh(v);
    }
    return v;
}

#define TCV_REAL float
#define TCV_REFERENCE_PLANE tcv_reference_plane_f32
#include "ref/reference_template.h"
#undef TCV_REAL
#undef TCV_REFERENCE_PLANE

#define TCV_REAL double
#define TCV_REFERENCE_PLANE tcv_reference_plane_f64
#include "ref/reference_template.h"
