/*
 * test_direct.c - the kernels of direct for every instruction set that runs here
 *
 * Small integers, whose sums are exact, against plain loops; then reals, where
 * an element must have the same bits in a full block as in the smallest.  Input
 * and weights end at guard pages with the last element that may be read.
 */
#include <string.h>

#include "kernel/sets.h"
#include "kernels/col2im.h"
#include "kernels/direct.h"

enum { TAPS = 5, CHANNELS = 7, PAIRS = 20 };

static struct guard x, w, c, before;

static int teardown(void **state)
{
    (void)state;
    guard_destroy(&x);
    guard_destroy(&w);
    guard_destroy(&c);
    guard_destroy(&before);
    return 0;
}

/* What both forms draw; `last` is the last position that a tap is added to. */
static void draw_common(struct rng *rng, struct tcv_direct *a, int64_t *tap, int64_t last,
                        const struct kernel_case *k, bool reals)
{
    int64_t most = 0;

    a->taps = rng_between(rng, 1, TAPS);
    a->channels = rng_between(rng, 1, CHANNELS);
    a->x_pixel = a->x_pixel == 0 ? 1 : a->x_pixel;
    for (int64_t t = 0; t < a->taps; t++) {
        tap[t] = rng_between(rng, 0, 30);
        most = tap[t] > most ? tap[t] : most;
    }
    a->tap = tap;
    a->x_channel = most + last + 1 + rng_between(rng, 0, 3);
    a->add = rng_chance(rng, 50);
    kernel_fill(&x, k->dtype, (a->channels - 1) * a->x_channel + most + last + 1, rng, reals);
    a->x = x.data;
}

static void keep_result(const struct kernel_case *k, struct tcv_direct *a, int64_t count,
                        struct rng *rng, bool reals)
{
    kernel_fill(&c, k->dtype, count, rng, reals);
    if (!a->add)
        memset(c.data, 0xff, c.bytes); /* NaN: it is not to be read */
    guard_create(&before, c.bytes, GUARD_END);
    memcpy(before.data, c.data, c.bytes);
    a->c = c.data;
}

/* The sum of element (m, position), rows m of one vector `pitch` apart from w's start. */
static double expected(const struct kernel_case *k, const struct tcv_direct *a, int64_t position,
                       int64_t weights_at, int64_t pitch, double start)
{
    double sum = start;

    for (int64_t t = 0; t < a->taps; t++)
        for (int64_t i = 0; i < a->channels; i++)
            sum += kernel_get(a->w, k->dtype,
                              weights_at + i * pitch +
                                  (a->w_tap != NULL ? a->w_tap[t] : t * a->channels * pitch)) *
                   kernel_get(a->x, k->dtype, i * a->x_channel + position + a->tap[t]);
    return sum;
}

static void check(double got, double want, int64_t m, int64_t p)
{
    if (!(got == want))
        fail_msg("row %lld, position %lld: %.17g, not %.17g", (long long)m, (long long)p, got,
                 want);
}

/* Every other time row m of c is where row m + 1 would be, and the last where the first. */
static struct tcv_direct draw_rows(const struct kernel_case *k, struct rng *rng, int64_t *tap,
                                   int64_t *c_row, int64_t rows, bool reals)
{
    const struct tcv_direct_kernels kernels = tcv_direct_select(k->mask, k->dtype);
    struct tcv_direct a = {.rows = rows};

    a.positions = kernels.width * rng_between(rng, 1, 11);
    a.c_step = a.positions + rng_between(rng, 0, 4);
    for (int n = 0; n < TCV_DIRECT_AHEADS; n++) /* it need not exist: here, its end */
        a.ahead[n] = (struct tcv_ask){rng, rng_between(rng, 0, 3), rng_between(rng, 1, 9000),
                                      rng_between(rng, -9000, 9000)};
    for (int64_t m = 0; m < rows; m++)
        c_row[m] = (m + 1) % rows * a.c_step;
    a.c_row = rng_chance(rng, 50) ? c_row : NULL;
    draw_common(rng, &a, tap, a.positions - 1, k, reals);
    kernel_fill(&w, k->dtype, a.taps * a.channels * rows, rng, reals);
    a.w = w.data;
    keep_result(k, &a, (rows - 1) * a.c_step + a.positions, rng, reals);
    return a;
}

static void rows_like_plain_loops(void **state)
{
    const struct kernel_case *k = *state;
    const struct tcv_direct_kernels kernels = tcv_direct_select(k->mask, k->dtype);
    struct rng rng = {14};
    int64_t tap[TAPS], c_row[TCV_DIRECT_ROWS_MOST];

    assert_true(kernels.rows_most >= 1 && kernels.rows_most <= TCV_DIRECT_ROWS_MOST);
    for (int64_t trial = 0; trial < 20 * kernels.rows_most; trial++) {
        const struct tcv_direct a =
            draw_rows(k, &rng, tap, c_row, 1 + trial % kernels.rows_most, false);

        kernels.rows(&a);
        for (int64_t i = 0; i < (a.rows - 1) * a.c_step + a.positions; i++) {
            const int64_t p = i % a.c_step, row = i / a.c_step;
            const int64_t m = a.c_row == NULL ? row : (row + a.rows - 1) % a.rows;
            const double old = kernel_get(before.data, k->dtype, i);

            if (p < a.positions)
                check(kernel_get(c.data, k->dtype, i),
                      expected(k, &a, p, m, a.rows, a.add ? old : 0.0), m, p);
            else
                assert_true(!a.add || kernel_get(c.data, k->dtype, i) == old); /* a gap */
        }
        teardown(NULL);
    }
}

/* One row and one vector at a time, from a copy of the weights, gives the same bits. */
static void rows_alike_in_any_block(void **state)
{
    const struct kernel_case *k = *state;
    const struct tcv_direct_kernels kernels = tcv_direct_select(k->mask, k->dtype);
    const size_t bytes = dtype_bytes(k->dtype);
    struct rng rng = {15};
    int64_t tap[TAPS], c_row[TCV_DIRECT_ROWS_MOST];

    for (int64_t trial = 0; trial < 10 * kernels.rows_most; trial++) {
        const struct tcv_direct a =
            draw_rows(k, &rng, tap, c_row, 1 + trial % kernels.rows_most, true);
        double row[TAPS * CHANNELS]; /* room for either type */
        struct tcv_direct one = a;

        kernels.rows(&a);
        one.rows = 1;
        one.c_row = NULL;
        one.positions = kernels.width;
        one.w = row;
        for (int64_t m = 0; m < a.rows; m++) {
            const int64_t begin = a.c_row == NULL ? m * a.c_step : a.c_row[m];

            for (int64_t i = 0; i < a.taps * a.channels; i++)
                kernel_put(row, k->dtype, i, kernel_get(a.w, k->dtype, i * a.rows + m));
            for (int64_t p = 0; p < a.positions; p += kernels.width) {
                one.x = (const char *)a.x + (size_t)p * bytes;
                one.c = before.data + (size_t)(begin + p) * bytes;
                kernels.rows(&one);
            }
        }
        assert_memory_equal(before.data, c.data, c.bytes);
        teardown(NULL);
    }
}

/* Copying leaves the sums as they are. */
static void rows_copy_what_they_read(void **state)
{
    const struct kernel_case *k = *state;
    const struct tcv_direct_kernels kernels = tcv_direct_select(k->mask, k->dtype);
    const size_t bytes = dtype_bytes(k->dtype);
    struct rng rng = {26};
    int64_t tap[TAPS], c_row[TCV_DIRECT_ROWS_MOST];

    for (int64_t trial = 0; trial < 10 * kernels.rows_most; trial++) {
        struct tcv_direct a =
            draw_rows(k, &rng, tap, c_row, kernels.rows_most - trial % (kernels.rows_most / 2),
                      true);
        struct guard copy;

        a.taps = 1;
        kernels.rows(&a);
        guard_create(&copy, (size_t)(a.channels * a.positions) * bytes, GUARD_END);
        a.x_copy = copy.data;
        a.c = before.data;
        kernels.rows(&a);
        assert_memory_equal(before.data, c.data, c.bytes);
        for (int64_t i = 0; i < a.channels; i++)
            assert_memory_equal(copy.data + (size_t)(i * a.positions) * bytes,
                                (const char *)a.x + (size_t)(tap[0] + i * a.x_channel) * bytes,
                                (size_t)a.positions * bytes);
        guard_destroy(&copy);
        teardown(NULL);
    }
}

/* Taps take their weights in any order, with others between them. */
static struct tcv_direct draw_lanes(const struct kernel_case *k, struct rng *rng, int64_t *tap,
                                    int64_t *w_tap, int64_t *pair, int64_t pairs, bool reals)
{
    const struct tcv_direct_kernels kernels = tcv_direct_select(k->mask, k->dtype);
    struct tcv_direct a = {.pairs = pairs, .pair = pair, .w_tap = w_tap};
    const int64_t gap = kernels.width * rng_between(rng, 0, 2);
    int64_t last = 0, rotation, step;

    a.vectors = rng_between(rng, 1, 10);
    a.x_pixel = rng_between(rng, 1, 9);
    a.c_step = a.vectors * kernels.width + rng_between(rng, 0, 4);
    for (int64_t q = 0; q < pairs; q++) {
        pair[q] = rng_between(rng, 0, 60);
        last = pair[q] + a.x_pixel > last ? pair[q] + a.x_pixel : last;
    }
    draw_common(rng, &a, tap, last, k, reals);
    if (rng_chance(rng, 50)) /* a pixel's channels side by side */
        a.x_channel = 1;
    step = a.channels * kernels.width + gap;
    rotation = rng_between(rng, 0, a.taps - 1);
    for (int64_t t = 0; t < a.taps; t++)
        w_tap[t] = (t + rotation) % a.taps * step;
    a.w_vector = a.taps * step + kernels.width * rng_between(rng, 0, 2);
    kernel_fill(&w, k->dtype, (a.vectors - 1) * a.w_vector + a.taps * step - gap, rng, reals);
    a.w = w.data;
    a.w_after = a.w;
    keep_result(k, &a, (2 * pairs - 1) * a.c_step + a.vectors * kernels.width, rng, reals);
    return a;
}

static void lanes_like_plain_loops(void **state)
{
    const struct kernel_case *k = *state;
    const struct tcv_direct_kernels kernels = tcv_direct_select(k->mask, k->dtype);
    struct rng rng = {16};
    int64_t tap[TAPS], w_tap[TAPS], pair[PAIRS];

    for (int64_t trial = 0; trial < 12 * PAIRS; trial++) {
        const struct tcv_direct a =
            draw_lanes(k, &rng, tap, w_tap, pair, 1 + trial % PAIRS, false);
        const int64_t lanes = a.vectors * kernels.width;

        kernels.lanes(&a);
        for (int64_t i = 0; i < (2 * a.pairs - 1) * a.c_step + lanes; i++) {
            const int64_t p = i / a.c_step, m = i % a.c_step;
            const int64_t vector = m / kernels.width * a.w_vector + m % kernels.width;
            const double old = kernel_get(before.data, k->dtype, i);

            if (m < lanes)
                check(kernel_get(c.data, k->dtype, i),
                      expected(k, &a, pair[p / 2] + p % 2 * a.x_pixel, vector, kernels.width,
                               a.add ? old : 0.0),
                      m, p);
            else
                assert_true(!a.add || kernel_get(c.data, k->dtype, i) == old);
        }
        teardown(NULL);
    }
}

static void lanes_alike_in_any_block(void **state)
{
    const struct kernel_case *k = *state;
    const struct tcv_direct_kernels kernels = tcv_direct_select(k->mask, k->dtype);
    const size_t bytes = dtype_bytes(k->dtype);
    struct rng rng = {17};
    int64_t tap[TAPS], w_tap[TAPS], pair[PAIRS];

    for (int64_t trial = 0; trial < 5 * PAIRS; trial++) {
        const struct tcv_direct a =
            draw_lanes(k, &rng, tap, w_tap, pair, 1 + trial % PAIRS, true);
        struct tcv_direct one = a;

        kernels.lanes(&a);
        one.pairs = one.vectors = 1;
        for (int64_t q = 0; q < a.pairs; q++) {
            for (int64_t v = 0; v < a.vectors; v++) {
                const int64_t at = 2 * q * a.c_step + v * kernels.width;

                one.pair = pair + q;
                one.w = (const char *)a.w + (size_t)(v * a.w_vector) * bytes;
                one.c = before.data + (size_t)at * bytes;
                kernels.lanes(&one);
            }
        }
        assert_memory_equal(before.data, c.data, c.bytes);
        teardown(NULL);
    }
}

/* Pixels in the opposite order, with the same bits as if they were finished afterwards. */
static void lanes_finish_where_told(void **state)
{
    const struct kernel_case *k = *state;
    const struct tcv_direct_kernels kernels = tcv_direct_select(k->mask, k->dtype);
    const struct tcv_kernels others = tcv_kernels_select(k->mask, k->dtype);
    const size_t bytes = dtype_bytes(k->dtype);
    struct rng rng = {27};
    int64_t tap[TAPS], w_tap[TAPS], pair[PAIRS], c_at[2 * PAIRS];

    for (int64_t trial = 0; trial < 5 * PAIRS; trial++) {
        struct tcv_direct a = draw_lanes(k, &rng, tap, w_tap, pair, 1 + trial % PAIRS, true);
        const int64_t lanes = a.vectors * kernels.width, last = 2 * a.pairs - 1;
        struct guard bias, scale, shift;

        a.add = false;
        kernels.lanes(&a);
        kernel_fill(&bias, k->dtype, lanes, &rng, true);
        kernel_fill(&scale, k->dtype, lanes, &rng, true);
        kernel_fill(&shift, k->dtype, lanes, &rng, true);
        for (int64_t p = 0; p <= last; p++) {
            const void *source = c.data + (size_t)(p * a.c_step) * bytes;

            c_at[p] = (last - p) * a.c_step;
            others.sum(&(struct tcv_sum){
                .source = &source, .sources = 1, .lanes = lanes, .pixels = 1,
                .target = before.data + (size_t)c_at[p] * bytes,
                .finish = {.bias = bias.data, .scale = scale.data, .shift = shift.data,
                           .per_lane = 1},
            });
        }
        a.c_at = c_at;
        a.bias = bias.data;
        a.scale = scale.data;
        a.shift = shift.data;
        kernels.lanes(&a);
        for (int64_t p = 0; p <= last; p++)
            assert_memory_equal(c.data + (size_t)c_at[p] * bytes,
                                before.data + (size_t)c_at[p] * bytes, (size_t)lanes * bytes);
        guard_destroy(&bias);
        guard_destroy(&scale);
        guard_destroy(&shift);
        teardown(NULL);
    }
}

int main(int argc, char **argv)
{
    static const struct kernel_test tests[] = {
        {"rows", rows_like_plain_loops, teardown},
        {"rows-bits", rows_alike_in_any_block, teardown},
        {"rows-copy", rows_copy_what_they_read, teardown},
        {"lanes", lanes_like_plain_loops, teardown},
        {"lanes-bits", lanes_alike_in_any_block, teardown},
        {"lanes-finish", lanes_finish_where_told, teardown},
    };

    return kernel_run("direct", tests, ARRAY_LEN(tests), argc, argv) != 0;
}
