/*
 * test_winograd.c - Winograd's transforms for every instruction set that runs here
 *
 * On small integers: all that the transforms compute are quarters of integers and
 * exact, but for the ninths of weights of F(3,3).  Each against its matrix, written
 * out here; then all together against the filter that they stand for.  Buffers end at
 * guard pages with the last element that may be touched.
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "kernel/sets.h"
#include "kernels/winograd.h"

enum { MOST = 70, N = TCV_WINOGRAD_POINTS };

static struct guard from, to, watch;

static int teardown(void **state)
{
    (void)state;
    guard_destroy(&watch);
    guard_destroy(&from);
    guard_destroy(&to);
    return 0;
}

/* B [points][inputs], G [points][taps], A [outputs][points]. */
struct matrices {
    double b[N][N], g[N][N], a[N][N];
};

static const struct matrices matrices[TCV_WINOGRAD_FORMS] = {
    [TCV_WINOGRAD_1_1] = {{{1}}, {{1}}, {{1}}},
    [TCV_WINOGRAD_2_2] = {{{1, -1}, {0, 1}, {0, -1, 1}},
                          {{1}, {1, 1}, {0, 1}},
                          {{1, 1}, {0, 1, 1}}},
    [TCV_WINOGRAD_3_2] = {{{1, 0, -1}, {0, 1, 1}, {0, -1, 1}, {0, -1, 0, 1}},
                          {{1}, {0.5, 0.5}, {0.5, -0.5}, {0, 1}},
                          {{1, 1, 1}, {0, 1, -1}, {0, 1, 1, 1}}},
    [TCV_WINOGRAD_2_3] = {{{1, 0, -1}, {0, 1, 1}, {0, -1, 1}, {0, -1, 0, 1}},
                          {{1}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0, 0, 1}},
                          {{1, 1, 1}, {0, 1, -1, 1}}},
    [TCV_WINOGRAD_3_3] = {{{-1, -1.5, 1.5, 1}, {0, 1, 2.5, 1}, {0, -2, 1, 1}, {0, -0.5, -0.5, 1},
                           {0, -1, -1.5, 1.5, 1}},
                          {{-1}, {2 / 9.0, 2 / 9.0, 2 / 9.0}, {8 / 9.0, -4 / 9.0, 2 / 9.0},
                           {-1 / 9.0, 2 / 9.0, -4 / 9.0}, {0, 0, 1}},
                          {{1, 1, 1, 1}, {0, 1, -0.5, -2}, {0, 1, 0.25, 4, 1}}},
    [TCV_WINOGRAD_2_1] = {{{1}, {0, 1}}, {{1}, {1}}, {{1}, {0, 1}}},
    [TCV_WINOGRAD_3_1] = {{{1}, {0, 1}, {0, 0, 1}},
                          {{1}, {1}, {1}},
                          {{1}, {0, 1}, {0, 0, 1}}},
};

/* Those that are transformed forwards only beside a longer form. */
static bool is_shorter(enum tcv_winograd_form form)
{
    return form == TCV_WINOGRAD_2_1 || form == TCV_WINOGRAD_3_1;
}

/* What may stand beside a form: nothing, the shorter one or, for one form, itself. */
static enum tcv_winograd_form draw_also(enum tcv_winograd_form form, struct rng *rng)
{
    if (form == TCV_WINOGRAD_2_2 && rng_chance(rng, 30))
        return form;
    return rng_chance(rng, 50) ? tcv_winograd_shorter(form) : TCV_WINOGRAD_1_1;
}

static void check(double got, double want, double slack, const char *what, int64_t form,
                  int64_t p)
{
    if (!(fabs(got - want) <= slack))
        fail_msg("%s of form %lld, position %lld: %.17g, not %.17g", what, (long long)form,
                 (long long)p, got, want);
}

/* Ninths of sums of up to 28 are off by a few roundings; all else is exact. */
static double slack_of(enum tcv_winograd_form form, bool weights, tconv_dtype dtype)
{
    if (form != TCV_WINOGRAD_3_3 || !weights)
        return 0.0;
    return 32.0 * (dtype == TCONV_F64 ? DBL_EPSILON : (double)FLT_EPSILON);
}

static int64_t whole(int64_t count, int64_t width)
{
    return (count + width - 1) / width * width;
}

/* Fills `from` with integers and makes room in `to`, which holds NaN. */
static void make(const struct kernel_case *k, int64_t from_count, int64_t to_count,
                 struct rng *rng)
{
    kernel_fill(&from, k->dtype, from_count, rng, false);
    guard_create(&to, (size_t)to_count * dtype_bytes(k->dtype), GUARD_END);
    memset(to.data, 0xff, to.bytes);
}

/* Sum of a matrix's row with `in` inputs, input i at first + i * step. */
static double row_sum(const struct kernel_case *k, const double *row, int64_t in, int64_t first,
                      int64_t step)
{
    double sum = 0.0;

    for (int64_t i = 0; i < in; i++)
        sum += row[i] * kernel_get(from.data, k->dtype, first + i * step);
    return sum;
}

static double point(const struct kernel_case *k, enum tcv_winograd_form form,
                    enum tcv_winograd_form also, int64_t u, int64_t first, int64_t step)
{
    const int64_t n = tcv_winograd_points(form);

    return u < n ? row_sum(k, matrices[form].b[u], n, first, step)
                 : row_sum(k, matrices[also].b[u - n], tcv_winograd_points(also),
                           first + step, step);
}

enum kind { FORWARD, INVERSE, WEIGHTS, KINDS };

static void across_rows_as_their_matrices(void **state)
{
    const struct kernel_case *k = *state;
    const struct tcv_winograd_kernels kernels = tcv_winograd_select(k->mask, k->dtype);
    struct rng rng = {21};

    for (int trial = 0; trial < 40 * TCV_WINOGRAD_FORMS * KINDS; trial++) {
        const enum tcv_winograd_form form = (enum tcv_winograd_form)(trial % TCV_WINOGRAD_FORMS);
        const enum kind kind = (enum kind)(trial / TCV_WINOGRAD_FORMS % KINDS);
        const struct matrices *m = &matrices[form];
        const enum tcv_winograd_form also =
            kind == FORWARD ? draw_also(form, &rng) : TCV_WINOGRAD_1_1;
        const int64_t in = kind == WEIGHTS ? tcv_winograd_taps(form)
                                           : tcv_winograd_inputs(form, also);
        const int64_t out = kind == INVERSE   ? tcv_winograd_outputs(form)
                            : kind == WEIGHTS ? tcv_winograd_distinct(form)
                                              : tcv_winograd_all_points(form, also);
        struct tcv_winograd a = {.form = form, .also = also,
                                 .count = rng_between(&rng, 1, MOST)};
        const int64_t lanes = whole(a.count, kernels.width);
        const double slack = slack_of(form, kind == WEIGHTS, k->dtype);

        if (kind == FORWARD && is_shorter(form))
            continue;
        a.from_step = lanes + rng_between(&rng, 0, 3);
        a.to_step = lanes + rng_between(&rng, 0, 3);
        make(k, (in - 1) * a.from_step + lanes, (out - 1) * a.to_step + lanes, &rng);
        a.from = from.data;
        a.to = to.data;
        (kind == FORWARD ? kernels.forward : kind == INVERSE ? kernels.inverse : kernels.weights)(
            &a);
        for (int64_t i = 0; i < out; i++)
            for (int64_t p = 0; p < a.count; p++) {
                const double want =
                    kind == FORWARD
                        ? point(k, form, also, i, p, a.from_step)
                        : row_sum(k, kind == INVERSE ? m->a[i] : m->g[i], in, p, a.from_step);

                check(kernel_get(to.data, k->dtype, i * a.to_step + p), want, slack, "a row", form,
                      p);
            }
        teardown(NULL);
    }
}

/* Whether the watch over a row sees anything. */
static bool is_wild(const struct kernel_case *k, struct tcv_winograd *a)
{
    const struct tcv_winograd_kernels kernels = tcv_winograd_select(k->mask, k->dtype);
    bool wild = false;

    guard_destroy(&watch);
    guard_create(&watch, (size_t)kernels.width * dtype_bytes(k->dtype), GUARD_END);
    memset(watch.data, 0, watch.bytes);
    a->watch = watch.data;
    kernels.forward_row(a);
    for (size_t i = 0; i < watch.bytes; i++)
        wild = wild || watch.data[i] != 0;
    return wild;
}

static void along_a_row(void **state)
{
    const struct kernel_case *k = *state;
    const struct tcv_winograd_kernels kernels = tcv_winograd_select(k->mask, k->dtype);
    struct rng rng = {22};

    for (int trial = 0; trial < 60 * TCV_WINOGRAD_FORMS; trial++) {
        const enum tcv_winograd_form form = (enum tcv_winograd_form)(trial % TCV_WINOGRAD_FORMS);
        const int64_t n = tcv_winograd_points(form), m = tcv_winograd_outputs(form);
        struct tcv_winograd a = {.form = form, .also = draw_also(form, &rng),
                                 .count = rng_between(&rng, 1, MOST)};
        const int64_t inputs = tcv_winograd_inputs(form, a.also);
        const int64_t points = tcv_winograd_all_points(form, a.also);
        const int64_t lanes = whole(a.count, kernels.width);

        a.to_step = lanes + rng_between(&rng, 0, 3);
        make(k, m * lanes + inputs - m, (points - 1) * a.to_step + lanes, &rng);
        a.from = from.data;
        a.to = to.data;
        for (int64_t u = 0; u < points && !is_shorter(form); u++) {
            if (u == 0)
                assert_false(is_wild(k, &a));
            for (int64_t p = 0; p < a.count; p++)
                check(kernel_get(to.data, k->dtype, u * a.to_step + p),
                      point(k, form, a.also, u, m * p, 1), 0.0, "a point", form, p);
        }
        teardown(NULL);

        a.from_step = lanes + rng_between(&rng, 0, 3);
        make(k, (n - 1) * a.from_step + lanes, m * lanes, &rng);
        a.from = from.data;
        a.to = to.data;
        kernels.inverse_row(&a);
        for (int64_t p = 0; p < a.count; p++)
            for (int64_t j = 0; j < m; j++)
                check(kernel_get(to.data, k->dtype, m * p + j),
                      row_sum(k, matrices[form].a[j], n, p, a.from_step), 0.0, "an output",
                      form, p);
        teardown(NULL);
    }
}

/* The matrices themselves: A ((G h) * (B d)) is the filter, for unit vectors d and h. */
static void matrices_are_the_filter(void **state)
{
    (void)state;
    for (int form = 0; form < TCV_WINOGRAD_FORMS; form++) {
        const struct matrices *m = &matrices[form];
        const int64_t n = tcv_winograd_points((enum tcv_winograd_form)form);
        const int64_t taps = tcv_winograd_taps((enum tcv_winograd_form)form);

        for (int64_t j = 0; j < tcv_winograd_outputs((enum tcv_winograd_form)form); j++)
            for (int64_t d = 0; d < n; d++)
                for (int64_t h = 0; h < taps; h++) {
                    double y = 0.0;

                    for (int64_t u = 0; u < n; u++)
                        y += m->a[j][u] * m->g[u][h] * m->b[u][d];
                    check(y, d == j + h ? 1.0 : 0.0,
                          slack_of((enum tcv_winograd_form)form, true, TCONV_F64), "the filter",
                          form, j);
                }
    }
}

/* Every input is watched, wherever it lies. */
static void wild_inputs_are_seen(void **state)
{
    const struct kernel_case *k = *state;
    const struct tcv_winograd_kernels kernels = tcv_winograd_select(k->mask, k->dtype);
    const double large = k->dtype == TCONV_F64 ? DBL_MAX : (double)FLT_MAX;
    const double bad[] = {NAN, INFINITY, -INFINITY, large, -large / (TCV_WINOGRAD_HEADROOM / 2)};
    struct rng rng = {23};

    for (int form = 0; form <= TCV_WINOGRAD_FORMS; form++) {
        const bool twice = form == TCV_WINOGRAD_FORMS; /* 2_2 beside itself */
        struct tcv_winograd a = {
            .form = twice ? TCV_WINOGRAD_2_2 : (enum tcv_winograd_form)form,
            .also = twice ? TCV_WINOGRAD_2_2 : TCV_WINOGRAD_1_1,
            .count = 37,
        };
        const int64_t n = tcv_winograd_inputs(a.form, a.also), m = tcv_winograd_outputs(a.form);
        const int64_t inputs = m * a.count + n - m;

        if (is_shorter(a.form))
            continue;
        a.to_step = whole(a.count, kernels.width);
        make(k, m * a.to_step + n - m, tcv_winograd_all_points(a.form, a.also) * a.to_step, &rng);
        a.from = from.data;
        a.to = to.data;
        for (int64_t i = 0; i < inputs; i++)
            for (size_t b = 0; b < ARRAY_LEN(bad); b++) {
                const double kept = kernel_get(from.data, k->dtype, i);

                kernel_put(from.data, k->dtype, i, bad[b]);
                assert_true(is_wild(k, &a));
                kernel_put(from.data, k->dtype, i, kept);
            }
        kernel_put(from.data, k->dtype, 0, large / TCV_WINOGRAD_HEADROOM);
        assert_false(is_wild(k, &a));
        teardown(NULL);
    }
}

int main(int argc, char **argv)
{
    static const struct kernel_test tests[] = {
        {"winograd-rows", across_rows_as_their_matrices, teardown},
        {"winograd-row", along_a_row, teardown},
        {"winograd-matrices", matrices_are_the_filter, teardown},
        {"winograd-wild", wild_inputs_are_seen, teardown},
    };

    return kernel_run("winograd", tests, ARRAY_LEN(tests), argc, argv) != 0;
}
