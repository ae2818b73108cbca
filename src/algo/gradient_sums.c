/* gradient_sums.c - what training needs beside the weight gradient: bias and activation */
#include "algo/correlate.h"

void tcv_sum_channel(const struct tcv_problem *p, int64_t channel, const void *dy, void *db,
                     bool accumulate)
{
    const struct tcv_place *y = &p->y;
    double sum = 0.0;

    for (int64_t n = 0; n < p->batch; n++)
        for (int64_t d = 0; d < p->axis[0].out; d++)
            for (int64_t h = 0; h < p->axis[1].out; h++)
                for (int64_t w = 0; w < p->axis[2].out; w++) {
                    const int64_t at =
                        n * y->n + channel * y->c + d * y->s[0] + h * y->s[1] + w * y->s[2];

                    sum += p->dtype == TCONV_F64 ? ((const double *)dy)[at]
                                                 : (double)((const float *)dy)[at];
                }
    if (p->dtype == TCONV_F64)
        ((double *)db)[channel] = accumulate ? ((double *)db)[channel] + sum : sum;
    else
        ((float *)db)[channel] = (float)(accumulate ? (double)((float *)db)[channel] + sum : sum);
}

/*
 * dz = dy * slope for every element, slope a function of v = y.  A loop for each activation, so
 * that the compiler can take many elements at once.
 */
#define WITH_SLOPE(type, slope)                                                                    \
    for (int64_t i = 0; i < count; i++) {                                                          \
        const type v = y[i];                                                                       \
                                                                                                   \
        dz[i] = dy[i] * (slope);                                                                   \
    }                                                                                              \
    break

/* The derivative at the z that gave y.  NaN passes through, as it did forwards. */
#define GRADIENT_OF(type, name)                                                                    \
    static void name(const tconv_epilogue *e, int64_t count, const type *y, const type *dy,        \
                     type *dz)                                                                     \
    {                                                                                              \
        const type alpha = (type)e->alpha, beta = (type)e->beta;                                   \
                                                                                                   \
        switch (e->activation) {                                                                   \
        case TCONV_ACTIVATION_NONE:                                                                \
            for (int64_t i = 0; i < count; i++)                                                    \
                dz[i] = dy[i];                                                                     \
            break;                                                                                 \
        case TCONV_ACTIVATION_RELU: WITH_SLOPE(type, v <= 0 ? (type)0 : (type)1);                  \
        case TCONV_ACTIVATION_LEAKY_RELU: WITH_SLOPE(type, v < 0 ? alpha : (type)1);               \
        case TCONV_ACTIVATION_CLIP: WITH_SLOPE(type, v <= alpha || v >= beta ? (type)0 : (type)1); \
        case TCONV_ACTIVATION_SIGMOID: WITH_SLOPE(type, v *(1 - v));                               \
        case TCONV_ACTIVATION_TANH: WITH_SLOPE(type, 1 - v * v);                                   \
        }                                                                                          \
    }

GRADIENT_OF(float, gradient_f32)
GRADIENT_OF(double, gradient_f64)

void tcv_activation_gradient(const tconv_epilogue *e, tconv_dtype dtype, int64_t count,
                             const void *y, const void *dy, void *dz)
{
    if (dtype == TCONV_F64)
        gradient_f64(e, count, y, dy, dz);
    else
        gradient_f32(e, count, y, dy, dz);
}
