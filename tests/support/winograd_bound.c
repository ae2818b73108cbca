#include "support/winograd_bound.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/check.h"

/* What the transform of one axis does to the bound. */
struct axis_bound {
    int64_t reach;    /* inputs of a plane to each side that may meet an output */
    double taps;      /* of the phases with the most, or of the planes with the least */
    double growth;    /* of |A| (|G| 1 * |B| 1), for each of the taps */
    double roundings; /* of G, B and A */
    double least;     /* roundings of the filter with the least error, and its L */
    double least_growth;
};

/*
 * The larger of F(2,2)'s and F(3,2)'s, 4 and 6 for 2 taps; and of F(2,3)'s and F(3,3)'s, 8
 * and 142 / 9 for 3.  Phases with a tap less have less; planes with a tap less have a zero
 * in its place, so that L stands for one tap less.  The inputs of a filter are at most 4 and
 * 5, so one is at most 3 and 4 from another.
 */
static struct axis_bound bound_of(int64_t kernel, int64_t stride, bool zeros)
{
    const double less = zeros && kernel % stride != 0 ? 1.0 : 0.0;

    if (kernel <= stride)
        return (struct axis_bound){0, 1.0, 1.0, 0.0, 0.0, 1.0};
    if (kernel <= 2 * stride)
        return (struct axis_bound){3, 2.0 - less, 6.0 / (2.0 - less), 4.0, 3.0, 4.0};
    return (struct axis_bound){4, 3.0 - less, 142.0 / 9.0 / (3.0 - less), 9.0, 5.0, 8.0};
}

static double *array(int64_t count)
{
    double *memory = calloc((size_t)count + 1, sizeof *memory);

    assert_non_null(memory);
    return memory;
}

static double finite_magnitude(double value)
{
    return isfinite(value) ? fabs(value) : 0.0;
}

/*
 * Each element is the largest of its neighbours, `step` apart, along dimension d, which grows
 * by 2 reach * step.
 */
static double *spread_inputs(const double *from, int64_t *size, int rank, int d, int64_t reach,
                             int64_t step)
{
    const int64_t in = size[d], inner = elements(size + d + 1, rank - d - 1);
    const int64_t outer = elements(size, d);
    double *to;

    size[d] += 2 * reach * step;
    to = array(outer * size[d] * inner);
    for (int64_t o = 0; o < outer; o++)
        for (int64_t i = 0; i < size[d]; i++)
            for (int64_t k = 0; k < inner; k++)
                for (int64_t from_i = i - 2 * reach * step; from_i <= i; from_i += step) {
                    double *at = &to[(o * size[d] + i) * inner + k];

                    if (from_i >= 0 && from_i < in)
                        *at = fmax(*at,
                                   finite_magnitude(from[(o * in + from_i) * inner + k]));
                }
    return to;
}

/* Each tap is the largest of those of its phase or plane along dimension d, times the growth. */
static double *spread_taps(const double *from, const int64_t *size, int rank, int d,
                           int64_t stride, double growth)
{
    const int64_t inner = elements(size + d + 1, rank - d - 1), outer = elements(size, d);
    double *to = array(outer * size[d] * inner);

    for (int64_t o = 0; o < outer; o++)
        for (int64_t i = 0; i < size[d]; i++)
            for (int64_t k = 0; k < inner; k++) {
                double *at = &to[(o * size[d] + i) * inner + k];

                for (int64_t tap = i % stride; tap < size[d]; tap += stride)
                    *at = fmax(*at, finite_magnitude(from[(o * size[d] + tap) * inner + k]));
                *at *= growth;
            }
    return to;
}

/* The problem with `reach` more inputs at both ends of each axis and the same outputs. */
static void extend(struct problem *problem, const struct sample *s, int a, int64_t reach)
{
    const int x = a + 3 - problem->desc.spatial_rank;
    tconv_desc *desc = &problem->desc;

    desc->output_size[a] = s->axes.out[x];
    desc->output_padding[a] = desc->pad_end[a] = 0;
    desc->pad_begin[a] = s->axes.begin[x] + (desc->op == TCONV_CONV ? -1 : 1) * reach *
                                                desc->stride[a];
    problem->input[a + 2] += 2 * reach * (desc->op == TCONV_CONV ? desc->stride[a] : 1);
}

/* The oracle's sum of these magnitudes, with the epilogue's. */
static void run(const struct sample *s, const struct problem *problem, const double *x,
                const double *w, double *to)
{
    const tconv_epilogue *e = &s->problem.desc.epilogue;
    double *v[4] = {array(s->channels), array(s->channels), array(s->channels),
                    array(s->y_count)};
    const struct vectors vectors = {
        .bias = e->bias_length != 0 ? v[0] : NULL,
        .scale = e->scale_length != 0 ? v[1] : NULL,
        .shift = e->shift_length != 0 ? v[2] : NULL,
        .before = e->accumulate ? v[3] : NULL,
    };

    for (int64_t i = 0; i < s->channels; i++) {
        v[0][i] = fabs(s->bias[i]);
        v[1][i] = fabs(s->scale[i]);
        v[2][i] = fabs(s->shift[i]);
    }
    for (int64_t i = 0; i < s->y_count; i++)
        v[3][i] = fabs(s->before[i]);
    s->oracle(problem, x, w, &vectors, to);
    for (int i = 0; i < 4; i++)
        free(v[i]);
}

double *winograd_magnitude(const struct sample *s)
{
    const int rank = problem_rank(&s->problem);
    struct problem problem = s->problem;
    double *x = array(s->x_count), *w = array(s->w_count), *magnitude = array(s->y_count);
    const bool conv = problem.desc.op == TCONV_CONV;
    double channels = (double)(s->problem.input[1] / s->problem.desc.groups);
    double epilogue, n, least, terms = 1.0, largest = 1.0, smallest = 1.0;
    double roundings = 0.0, fewest = 0.0;

    memcpy(x, s->x, (size_t)s->x_count * sizeof *x);
    memcpy(w, s->w, (size_t)s->w_count * sizeof *w);
    epilogue = s->bound_terms - channels * (double)axes_taps(&s->axes);
    problem.desc.auto_pad = TCONV_PAD_EXPLICIT;
    problem.desc.epilogue.activation = TCONV_ACTIVATION_NONE;
    for (int a = 0; a < rank - 2; a++) {
        const int64_t kernel = problem.weights[a + 2], stride = problem.desc.stride[a];
        const struct axis_bound b = bound_of(kernel, stride, conv);
        int64_t size[TCONV_MAX_DIMS];
        double *wider;

        memcpy(size, problem.input, sizeof size);
        wider = spread_inputs(x, size, rank, a + 2, b.reach, conv ? stride : 1);
        free(x);
        x = wider;
        wider = spread_taps(w, problem.weights, rank, a + 2, stride, b.growth);
        free(w);
        w = wider;
        extend(&problem, s, a, b.reach);
        if (conv) { /* all planes together have the kernel's taps */
            const double planes = (double)(kernel < stride ? kernel : stride);

            channels *= planes;
            terms *= (double)kernel / planes;
        } else {
            terms *= b.taps;
        }
        roundings += b.roundings;
        fewest += b.least;
        largest *= b.growth * b.taps;
        smallest *= b.least_growth;
    }
    n = channels + roundings;
    least = channels + fewest;
    /* The filters are the least wrong ones, or auto would take them. */
    n = fmin(n, fmax(4.0 * channels * terms * terms, least * smallest) / largest) + epilogue;
    run(s, &problem, x, w, magnitude);
    for (int64_t i = 0; i < s->y_count; i++)
        magnitude[i] = fmax(s->magnitude[i], magnitude[i] * n / s->bound_terms);
    free(x);
    free(w);
    return magnitude;
}
