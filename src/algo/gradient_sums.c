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
                    const int64_t at = n * y->n + channel * y->c + d * y->s[0] + h * y->s[1] +
                                       w * y->s[2];

                    sum += p->dtype == TCONV_F64 ? ((const double *)dy)[at]
                                                 : (double)((const float *)dy)[at];
                }
    if (p->dtype == TCONV_F64)
        ((double *)db)[channel] = accumulate ? ((double *)db)[channel] + sum : sum;
    else
        ((float *)db)[channel] =
            (float)(accumulate ? (double)((float *)db)[channel] + sum : sum);
}

/* The derivative at the z that gave y.  NaN passes through, as it did forwards. */
static double slope(const tconv_epilogue *e, double y)
{
    switch (e->activation) {
    case TCONV_ACTIVATION_NONE: return 1.0;
    case TCONV_ACTIVATION_RELU: return y <= 0.0 ? 0.0 : 1.0;
    case TCONV_ACTIVATION_LEAKY_RELU: return y < 0.0 ? e->alpha : 1.0;
    case TCONV_ACTIVATION_CLIP: return y <= e->alpha || y >= e->beta ? 0.0 : 1.0;
    case TCONV_ACTIVATION_SIGMOID: return y * (1.0 - y);
    case TCONV_ACTIVATION_TANH: return 1.0 - y * y;
    }
    return 1.0;
}

void tcv_activation_gradient(const tconv_epilogue *e, tconv_dtype dtype, int64_t count,
                             const void *y, const void *dy, void *dz)
{
    for (int64_t i = 0; i < count; i++) {
        if (dtype == TCONV_F64)
            ((double *)dz)[i] = ((const double *)dy)[i] * slope(e, ((const double *)y)[i]);
        else
            ((float *)dz)[i] = (float)((double)((const float *)dy)[i] *
                                        slope(e, (double)((const float *)y)[i]));
    }
}
