/* gradient_sums.c - what training needs beside the weight gradient: bias and activation */
#include "algo/correlate.h"

/* Sums that run side by side, each of every LANES-th element of a row. */
#define LANES 16

#define ADD_ROW(type, name)                                                    \
    static void name(const type *row, int64_t step, int64_t count, double *sum) \
    {                                                                          \
        int64_t i = 0;                                                         \
                                                                               \
        if (step == 1)                                                         \
            for (; i + LANES <= count; i += LANES)                             \
                for (int lane = 0; lane < LANES; lane++)                       \
                    sum[lane] += (double)row[i + lane];                        \
        for (; i < count; i++)                                                 \
            sum[i % LANES] += (double)row[i * step];                           \
    }

ADD_ROW(float, add_row_f32)
ADD_ROW(double, add_row_f64)

void tcv_sum_channel(const struct tcv_problem *p, int64_t channel, const void *dy, void *db,
                     bool accumulate)
{
    const struct tcv_place *y = &p->y;
    const int64_t count = p->axis[2].out;
    double sum[LANES] = {0.0};

    for (int64_t n = 0; n < p->batch; n++)
        for (int64_t d = 0; d < p->axis[0].out; d++)
            for (int64_t h = 0; h < p->axis[1].out; h++) {
                const int64_t at = n * y->n + channel * y->c + d * y->s[0] + h * y->s[1];

                if (p->dtype == TCONV_F64)
                    add_row_f64((const double *)dy + at, y->s[2], count, sum);
                else
                    add_row_f32((const float *)dy + at, y->s[2], count, sum);
            }
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int lane = 0; lane < half; lane++)
            sum[lane] += sum[lane + half];
    if (p->dtype == TCONV_F64)
        ((double *)db)[channel] = accumulate ? ((double *)db)[channel] + sum[0] : sum[0];
    else
        ((float *)db)[channel] =
            (float)(accumulate ? (double)((float *)db)[channel] + sum[0] : sum[0]);
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
    }

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
        case TCONV_ACTIVATION_RELU:                                                                \
            WITH_SLOPE(type, v <= 0 ? (type)0 : (type)1)                                           \
            break;                                                                                 \
        case TCONV_ACTIVATION_LEAKY_RELU:                                                          \
            WITH_SLOPE(type, v < 0 ? alpha : (type)1)                                              \
            break;                                                                                 \
        case TCONV_ACTIVATION_CLIP:                                                                \
            WITH_SLOPE(type, v <= alpha || v >= beta ? (type)0 : (type)1)                          \
            break;                                                                                 \
        case TCONV_ACTIVATION_SIGMOID:                                                             \
            WITH_SLOPE(type, v *(1 - v))                                                           \
            break;                                                                                 \
        case TCONV_ACTIVATION_TANH:                                                                \
            WITH_SLOPE(type, 1 - v * v)                                                            \
            break;                                                                                 \
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
