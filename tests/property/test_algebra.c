/*
 * test_algebra.c - what a transposed convolution is, apart from any formula
 *
 * It is linear; the adjoint of the convolution with the same weights; an impulse
 * gives the weights; an input moved by one moves the output by the stride; and
 * groups are a block diagonal of dense weights.  All on small integers, whose
 * sums are exact (but for winograd's of three taps), so that equal means equal.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "property/cases.h"

/* Freed by the teardown, so that a failure leaks nothing. */
static struct sample sample, other;
static double *result[3];

static int teardown(void **state)
{
    (void)state;
    sample_destroy(&sample);
    sample_destroy(&other);
    for (size_t i = 0; i < ARRAY_LEN(result); i++) {
        free(result[i]);
        result[i] = NULL;
    }
    return 0;
}

static void prepare(const struct property_case *c)
{
    sample_create_with(&sample, &c->problem, c->dtype, FILL_INTEGER, 5, NULL);
    for (size_t i = 0; i < ARRAY_LEN(result); i++) {
        result[i] = calloc((size_t)sample.y_count + 1, sizeof(double));
        assert_non_null(result[i]);
    }
}

/* winograd's weights may be ninths: those of three taps. */
static bool has_ninths(const struct property_case *c)
{
    const struct problem *p = &c->problem;
    bool any = false;

    for (int a = 0; a < p->desc.spatial_rank; a++)
        any = any || p->weights[a + 2] > 2 * p->desc.stride[a];
    return any && c->algorithm == TCONV_ALGORITHM_WINOGRAD;
}

/*
 * The outputs, which are integers.  With ninths sums are off by their roundings, which are
 * taken away, whereas a wrong one is off by a whole number.
 */
static void apply(const struct sample *s, const struct property_case *c, double *to)
{
    property_apply(s, c, to);
    for (int64_t i = 0; i < s->y_count && has_ninths(c); i++) {
        const double whole = nearbyint(to[i]);

        if (!(fabs(to[i] - whole) < 0.25))
            fail_msg("output %lld is %g, which is no integer", (long long)i, to[i]);
        to[i] = whole;
    }
}

static void assert_same(double got, double want, const char *what, int64_t i)
{
    if (!(got == want))
        fail_msg("%s: output %lld is %g and should be %g", what, (long long)i, got, want);
}

/* T(2 x + 3 z) = 2 T(x) + 3 T(z), and the same for the weights. */
static void is_linear(void **state)
{
    const struct property_case *c = *state;

    prepare(c);
    sample_create_with(&other, &c->problem, c->dtype, FILL_INTEGER, 6, NULL);
    apply(&sample, c, result[0]);
    memcpy(other.w, sample.w, (size_t)sample.w_count * sizeof(double));
    apply(&other, c, result[1]);
    for (int64_t i = 0; i < sample.x_count; i++)
        other.x[i] = 2.0 * sample.x[i] + 3.0 * other.x[i];
    apply(&other, c, result[2]);
    for (int64_t i = 0; i < sample.y_count; i++)
        assert_same(result[2][i], 2.0 * result[0][i] + 3.0 * result[1][i], "2x + 3z", i);

    for (int64_t i = 0; i < sample.w_count; i++)
        other.w[i] = -5.0 * sample.w[i];
    memcpy(other.x, sample.x, (size_t)sample.x_count * sizeof(double));
    apply(&other, c, result[1]);
    for (int64_t i = 0; i < sample.y_count; i++)
        assert_same(result[1][i], -5.0 * result[0][i], "-5w", i);
}

/* Position `index` of three extents, as three coordinates. */
static void unravel(int64_t index, const int64_t *extent, int64_t *at)
{
    at[2] = index % extent[2];
    at[1] = index / extent[2] % extent[1];
    at[0] = index / (extent[1] * extent[2]);
}

/* i * stride - begin + k * dilation per axis, as an index; -1 outside. */
static int64_t landing(const struct axes *g, const int64_t *i, const int64_t *k)
{
    int64_t index = 0;

    for (int a = 0; a < 3; a++) {
        const int64_t o = i[a] * g->stride[a] - g->begin[a] + k[a] * g->dilation[a];

        if (o < 0 || o >= g->out[a])
            return -1;
        index = index * g->out[a] + o;
    }
    return index;
}

/*
 * One element of the plain convolution of r[N][C_out][O...] with the weights,
 * written from its own definition: slide the kernel over r (zero outside) with
 * the stride, start pad_begin before it, and sum products over C_out and taps.
 */
static double convolved(const struct sample *s, const double *r, int64_t n, int64_t ic,
                        int64_t index)
{
    const struct axes *g = &s->axes;
    const int64_t ocg = s->problem.weights[1], taps = axes_taps(g);
    const int64_t group = ic / (s->problem.input[1] / s->problem.desc.groups);
    int64_t i[3], k[3];
    double sum = 0.0;

    unravel(index, g->in, i);
    for (int64_t o = 0; o < ocg; o++) {
        for (int64_t tap = 0; tap < taps; tap++) {
            int64_t at;

            unravel(tap, g->kernel, k);
            at = landing(g, i, k);
            if (at >= 0)
                sum += r[(n * s->channels + group * ocg + o) * axes_outputs(g) + at] *
                       s->w[(ic * ocg + o) * taps + tap];
        }
    }
    return sum;
}

/* <T(x), r> = <x, C(r)>: where the name comes from. */
static void is_adjoint_of_convolution(void **state)
{
    const struct property_case *c = *state;
    double left = 0.0, right = 0.0;
    int64_t inputs;

    prepare(c);
    inputs = axes_inputs(&sample.axes);
    apply(&sample, c, result[0]);
    for (int64_t i = 0; i < sample.y_count; i++)
        left += result[0][i] * sample.before[i];
    for (int64_t i = 0; i < sample.x_count; i++)
        right += sample.x[i] * convolved(&sample, sample.before,
                                         i / inputs / sample.problem.input[1],
                                         i / inputs % sample.problem.input[1], i % inputs);
    assert_same(left, right, "<T(x), r>", 0);
}

/* A single 1 stamps the weights, each where the formula says, and zeros else. */
static void impulse_gives_the_weights(void **state)
{
    const struct property_case *c = *state;
    const int64_t *size = c->problem.input;
    const int64_t ocg = c->problem.weights[1];
    int64_t i[3], k[3], inputs, outputs, taps;

    prepare(c);
    inputs = axes_inputs(&sample.axes);
    outputs = axes_outputs(&sample.axes);
    taps = axes_taps(&sample.axes);
    for (int64_t trial = 0; trial < 3; trial++) {
        const int64_t index = trial * (sample.x_count - 1) / 2;
        const int64_t n = index / inputs / size[1], ic = index / inputs % size[1];
        const int64_t group = ic / (size[1] / c->problem.desc.groups);

        memset(sample.x, 0, (size_t)sample.x_count * sizeof(double));
        memset(result[1], 0, (size_t)sample.y_count * sizeof(double));
        sample.x[index] = 1.0;
        apply(&sample, c, result[0]);
        unravel(index % inputs, sample.axes.in, i);
        for (int64_t tap = 0; tap < taps * ocg; tap++) {
            int64_t at;

            unravel(tap % taps, sample.axes.kernel, k);
            at = landing(&sample.axes, i, k);
            if (at >= 0)
                result[1][(n * sample.channels + group * ocg + tap / taps) * outputs + at] =
                    sample.w[(ic * ocg + tap / taps) * taps + tap % taps];
        }
        for (int64_t o = 0; o < sample.y_count; o++)
            assert_same(result[0][o], result[1][o], "impulse", o);
    }
}

/*
 * x moved by one along an axis moves y by the stride.  The last slice of x is
 * zero, so that nothing is lost, and what enters y at the beginning is not
 * compared.
 */
static void check_shift(const struct property_case *c, int axis)
{
    const struct axes *g = &sample.axes;
    const int64_t inner = elements(g->in + axis + 1, 2 - axis);
    const int64_t outer = elements(g->out + axis + 1, 2 - axis);
    const int64_t step = g->stride[axis] * outer;

    for (int64_t i = 0; i < sample.x_count; i++)
        if (i / inner % g->in[axis] == g->in[axis] - 1)
            sample.x[i] = 0.0;
    for (int64_t i = 0; i < sample.x_count; i++)
        other.x[i] = i / inner % g->in[axis] == 0 ? 0.0 : sample.x[i - inner];
    apply(&sample, c, result[0]);
    apply(&other, c, result[1]);
    for (int64_t o = 0; o < sample.y_count; o++)
        if (o / outer % g->out[axis] + g->stride[axis] < g->out[axis])
            assert_same(result[1][o + step], result[0][o], "shifted", o);
}

static void shift_moves_by_the_stride(void **state)
{
    const struct property_case *c = *state;

    prepare(c);
    sample_create_with(&other, &c->problem, c->dtype, FILL_INTEGER, 5, NULL);
    for (int axis = 0; axis < 3; axis++)
        check_shift(c, axis);
}

/* Groups equal one group whose weights are zero off the block diagonal. */
static void groups_are_a_block_diagonal(void **state)
{
    const struct property_case *c = *state;
    struct problem dense = c->problem;
    const int64_t groups = dense.desc.groups, ocg = dense.weights[1];
    const int64_t icg = dense.input[1] / groups;
    int64_t taps;

    if (groups == 1)
        skip();
    prepare(c);
    apply(&sample, c, result[0]);

    dense.desc.groups = 1;
    dense.weights[1] = groups * ocg;
    sample_create_with(&other, &dense, c->dtype, FILL_INTEGER, 5, NULL);
    memcpy(other.x, sample.x, (size_t)sample.x_count * sizeof(double));
    memset(other.w, 0, (size_t)other.w_count * sizeof(double));
    taps = axes_taps(&sample.axes);
    for (int64_t ic = 0; ic < groups * icg; ic++)
        memcpy(other.w + (ic * groups * ocg + ic / icg * ocg) * taps,
               sample.w + ic * ocg * taps, (size_t)(ocg * taps) * sizeof(double));
    apply(&other, c, result[1]);
    for (int64_t o = 0; o < sample.y_count; o++)
        assert_same(result[0][o], result[1][o], "block diagonal", o);
}

int main(int argc, char **argv)
{
    struct suite suite = {.name = "algebra"};

    property_add(&suite, "linear", is_linear, teardown, PROPERTY_PLAIN);
    property_add(&suite, "adjoint", is_adjoint_of_convolution, teardown, PROPERTY_PLAIN);
    property_add(&suite, "impulse", impulse_gives_the_weights, teardown, PROPERTY_PLAIN);
    property_add(&suite, "shift", shift_moves_by_the_stride, teardown, PROPERTY_PLAIN);
    property_add(&suite, "groups", groups_are_a_block_diagonal, teardown, PROPERTY_PLAIN);
    return property_run(&suite, argc, argv) != 0;
}
