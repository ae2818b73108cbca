#include "support/naive.h"

#include <math.h>
#include <stdlib.h>

#include "support/check.h"

/* span[k * dilation] += x * w[k] for every tap k of three parts. */
static void stamp(const struct axes *g, double x, const double *w, double *span)
{
    for (int64_t kd = 0; kd < g->kernel[0]; kd++) {
        for (int64_t kh = 0; kh < g->kernel[1]; kh++) {
            double *row = span + (kd * g->dilation[0] * g->span[1] + kh * g->dilation[1]) *
                                     g->span[2];

            for (int64_t kw = 0; kw < g->kernel[2]; kw++)
                row[kw * g->dilation[2]] += x * *w++;
        }
    }
}

/* One image's one input channel into one output channel: a stamp at i * stride. */
static void stamp_all(const struct axes *g, const double *x, const double *w, double *span)
{
    for (int64_t id = 0; id < g->in[0]; id++) {
        for (int64_t ih = 0; ih < g->in[1]; ih++) {
            double *row = span + (id * g->stride[0] * g->span[1] + ih * g->stride[1]) *
                                     g->span[2];

            for (int64_t iw = 0; iw < g->in[2]; iw++)
                stamp(g, *x++, w, row + iw * g->stride[2]);
        }
    }
}

/* The outputs are the span from `begin` on; beyond it there is nothing. */
static void crop(const struct axes *g, const double *span, double *y)
{
    const int64_t outputs = axes_outputs(g);

    for (int64_t o = 0; o < outputs; o++) {
        const int64_t qd = o / (g->out[1] * g->out[2]) + g->begin[0];
        const int64_t qh = o / g->out[2] % g->out[1] + g->begin[1];
        const int64_t qw = o % g->out[2] + g->begin[2];
        const bool inside = qd >= 0 && qd < g->span[0] && qh >= 0 && qh < g->span[1] &&
                            qw >= 0 && qw < g->span[2];

        y[o] = inside ? span[(qd * g->span[1] + qh) * g->span[2] + qw] : 0.0;
    }
}

/* One output of a convolution: the kernel laid on the input at o * stride - begin. */
static double slide(const struct axes *g, const double *x, const double *w, int64_t o)
{
    const int64_t od = o / (g->out[1] * g->out[2]), oh = o / g->out[2] % g->out[1];
    const int64_t ow = o % g->out[2];
    double sum = 0.0;

    for (int64_t kd = 0; kd < g->kernel[0]; kd++)
        for (int64_t kh = 0; kh < g->kernel[1]; kh++)
            for (int64_t kw = 0; kw < g->kernel[2]; kw++, w++) {
                const int64_t id = od * g->stride[0] - g->begin[0] + kd * g->dilation[0];
                const int64_t ih = oh * g->stride[1] - g->begin[1] + kh * g->dilation[1];
                const int64_t iw = ow * g->stride[2] - g->begin[2] + kw * g->dilation[2];

                if (id >= 0 && id < g->in[0] && ih >= 0 && ih < g->in[1] && iw >= 0 &&
                    iw < g->in[2])
                    sum += x[(id * g->in[1] + ih) * g->in[2] + iw] * *w;
            }
    return sum;
}

static void naive_gather(const struct problem *problem, const double *x, const double *w,
                         double *y)
{
    struct axes g;
    const int64_t ic = problem->input[1], icg = problem->weights[1];
    const int64_t oc = problem_out_channels(problem), ocg = oc / problem->desc.groups;

    assert_true(axes_of(problem, &g));
    for (int64_t n = 0; n < problem->input[0]; n++)
        for (int64_t o = 0; o < oc; o++)
            for (int64_t i = 0; i < axes_outputs(&g); i++) {
                double sum = 0.0;

                for (int64_t c = 0; c < icg; c++)
                    sum += slide(&g, x + (n * ic + o / ocg * icg + c) * axes_inputs(&g),
                                 w + (o * icg + c) * axes_taps(&g), i);
                y[(n * oc + o) * axes_outputs(&g) + i] = sum;
            }
}

void naive_scatter(const struct problem *problem, const double *x, const double *w,
                   double *y)
{
    struct axes g;
    const int64_t ic = problem->input[1], ocg = problem->weights[1];
    const int64_t oc = problem_out_channels(problem), icg = ic / problem->desc.groups;
    double *span;

    assert_true(axes_of(problem, &g));
    for (int64_t n = 0; n < problem->input[0]; n++) {
        for (int64_t o = 0; o < oc; o++) {
            span = calloc((size_t)elements(g.span, 3), sizeof *span);
            assert_non_null(span);
            for (int64_t c = o / ocg * icg; c < (o / ocg + 1) * icg; c++)
                stamp_all(&g, x + (n * ic + c) * axes_inputs(&g),
                          w + (c * ocg + o % ocg) * axes_taps(&g), span);
            crop(&g, span, y + (n * oc + o) * axes_outputs(&g));
            free(span);
        }
    }
}

static double activate(const tconv_epilogue *e, double v)
{
    switch (e->activation) {
    case TCONV_ACTIVATION_NONE: break;
    case TCONV_ACTIVATION_RELU: return v < 0.0 ? 0.0 : v;
    case TCONV_ACTIVATION_LEAKY_RELU: return v < 0.0 ? e->alpha * v : v;
    case TCONV_ACTIVATION_CLIP: return v < e->alpha ? e->alpha : v > e->beta ? e->beta : v;
    case TCONV_ACTIVATION_SIGMOID: return 1.0 / (1.0 + exp(-v));
    case TCONV_ACTIVATION_TANH: return tanh(v);
    }
    return v;
}

void naive_epilogue(const struct problem *problem, const struct vectors *vectors,
                    double *y)
{
    struct axes g;
    int64_t size[TCONV_MAX_DIMS], total, outputs;

    assert_true(axes_of(problem, &g));
    axes_output_size(problem, &g, size);
    total = elements(size, problem_rank(problem));
    outputs = axes_outputs(&g);
    for (int64_t i = 0; i < total; i++) {
        const int64_t c = i / outputs % size[1];
        double v = y[i];

        if (vectors->bias != NULL)
            v += vectors->bias[c];
        if (vectors->scale != NULL)
            v *= vectors->scale[c];
        if (vectors->shift != NULL)
            v += vectors->shift[c];
        if (vectors->before != NULL)
            v += vectors->before[i];
        y[i] = activate(&problem->desc.epilogue, v);
    }
}

void naive_run(const struct problem *problem, const double *x, const double *w,
               const struct vectors *vectors, double *y)
{
    if (problem->desc.op == TCONV_CONV)
        naive_gather(problem, x, w, y);
    else
        naive_scatter(problem, x, w, y);
    naive_epilogue(problem, vectors, y);
}
