/*
 * test_col2im.c - the kernels of col2im for every instruction set that runs here
 *
 * Small integers, whose sums are exact, against plain loops; then reals, where
 * an element must have the same bits in a vector as alone.  Every buffer ends at
 * a guard page.
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "kernel/sets.h"
#include "kernels/col2im.h"
#include "kernels/direct.h"

enum { SOURCES = 5, PHASES = 9, WIDEST = 200, PRODUCTS = 70 };

static struct guard source[PHASES], weight[PHASES], target, copy, scale, shift, bias;

static int teardown(void **state)
{
    (void)state;
    for (int i = 0; i < PHASES; i++)
        guard_destroy(&source[i]), guard_destroy(&weight[i]);
    guard_destroy(&target);
    guard_destroy(&copy);
    guard_destroy(&scale);
    guard_destroy(&shift);
    guard_destroy(&bias);
    return 0;
}

/* The documented order of one element; exact for integers. */
static double finished(const struct tcv_finish *f, tconv_dtype dtype, double v, int64_t lane,
                       double before)
{
    const int64_t e = f->per_lane ? lane : 0;

    v = (v + kernel_get(f->bias, dtype, e)) * kernel_get(f->scale, dtype, e) +
        kernel_get(f->shift, dtype, e);
    v = f->accumulate ? before + v : v;
    switch (f->activation) {
    case TCONV_ACTIVATION_NONE: break;
    case TCONV_ACTIVATION_RELU: return v < 0.0 ? 0.0 : v;
    case TCONV_ACTIVATION_LEAKY_RELU: return v < 0.0 ? f->alpha * v : v;
    case TCONV_ACTIVATION_CLIP: return v < f->alpha ? f->alpha : v > f->beta ? f->beta : v;
    case TCONV_ACTIVATION_SIGMOID: return 1.0 / (1.0 + exp(-v));
    case TCONV_ACTIVATION_TANH: return tanh(v);
    }
    return v;
}

/* Equal, but for the functions of libm, which may be off by a few units or underflow. */
static void check(const struct tcv_finish *f, tconv_dtype dtype, double got, double want,
                  int64_t i)
{
    const double unit = dtype == TCONV_F64 ? 0x1p-52 : 0x1p-23;
    const double least = dtype == TCONV_F64 ? DBL_MIN : (double)FLT_MIN;
    const bool libm = f->activation == TCONV_ACTIVATION_SIGMOID ||
                      f->activation == TCONV_ACTIVATION_TANH;

    if (!(fabs(got - want) <= (libm ? 4.0 * unit * fabs(want) + least : 0.0)))
        fail_msg("element %lld is %.17g, not %.17g", (long long)i, got, want);
}

static void draw_finish(struct tcv_finish *f, int64_t lanes, bool per_lane, tconv_dtype dtype,
                        struct rng *rng, bool reals)
{
    f->per_lane = per_lane;
    f->accumulate = rng_chance(rng, 50);
    f->stream = !f->accumulate && rng_chance(rng, 50);
    f->activation = (tconv_activation)rng_between(rng, 0, TCONV_ACTIVATION_TANH);
    f->alpha = f->activation == TCONV_ACTIVATION_CLIP ? -2.0 : 0.5;
    f->beta = 3.0;
    kernel_fill(&scale, dtype, per_lane ? lanes : 1, rng, reals);
    kernel_fill(&shift, dtype, per_lane ? lanes : 1, rng, reals);
    kernel_fill(&bias, dtype, per_lane ? lanes : 1, rng, reals);
    f->bias = bias.data;
    f->scale = scale.data;
    f->shift = shift.data;
}

/* Draws a sum of some sources of `pixels` runs of `lanes`, each with a gap behind. */
static struct tcv_sum draw_sum(const struct kernel_case *k, struct rng *rng, int64_t lanes,
                               const void **pointers, bool reals)
{
    struct tcv_sum a = {.sources = rng_between(rng, 0, SOURCES), .lanes = lanes};
    int64_t reach;

    a.first = rng_between(rng, 0, 3);
    a.pixels = rng_between(rng, 1, 4);
    a.source_step = lanes + rng_between(rng, 0, 2);
    a.target_step = lanes + (rng_chance(rng, 50) ? 0 : rng_between(rng, 0, 5));
    reach = (a.pixels - 1) * a.source_step + lanes;
    for (int i = 0; i < SOURCES; i++) {
        kernel_fill(&source[i], k->dtype, a.first + reach, rng, reals);
        pointers[i] = source[i].data;
    }
    a.source = pointers;
    kernel_fill(&target, k->dtype, (a.pixels - 1) * a.target_step + lanes, rng, reals);
    guard_create(&copy, target.bytes, GUARD_END);
    memcpy(copy.data, target.data, target.bytes);
    a.target = target.data;
    draw_finish(&a.finish, lanes, rng_chance(rng, 50), k->dtype, rng, reals);
    return a;
}

static void sums_like_a_plain_loop(void **state)
{
    const struct kernel_case *k = *state;
    const struct tcv_kernels kernels = tcv_kernels_select(k->mask, k->dtype);
    struct rng rng = {4};

    for (int trial = 0; trial < 400; trial++) {
        const int64_t lanes = trial < WIDEST ? trial + 1 : rng_between(&rng, 1, 40);
        const void *pointers[SOURCES];
        const struct tcv_sum a = draw_sum(k, &rng, lanes, pointers, false);
        const int64_t count = (a.pixels - 1) * a.target_step + lanes;

        kernels.sum(&a);
        for (int64_t i = 0; i < count; i++) {
            const int64_t p = i / a.target_step, l = i % a.target_step;
            const double before = kernel_get(copy.data, k->dtype, i);
            double v = 0.0;

            for (int64_t s = 0; s < a.sources && l < lanes; s++)
                v += kernel_get(pointers[s], k->dtype, a.first + p * a.source_step + l);
            if (l < lanes)
                check(&a.finish, k->dtype, kernel_get(a.target, k->dtype, i),
                      finished(&a.finish, k->dtype, v, l, before), i);
            else
                assert_true(kernel_get(a.target, k->dtype, i) == before); /* the gap */
        }
        teardown(NULL);
    }
}

/* Lane by lane, one pixel at a time, gives the bits of the whole. */
static void sums_alike_in_vectors_and_alone(void **state)
{
    const struct kernel_case *k = *state;
    const struct tcv_kernels kernels = tcv_kernels_select(k->mask, k->dtype);
    const struct tcv_kernels plain = tcv_kernels_select(0, k->dtype);
    const size_t bytes = dtype_bytes(k->dtype);
    struct rng rng = {5};

    for (int trial = 0; trial < 100; trial++) {
        const void *pointers[SOURCES];
        const struct tcv_sum a = draw_sum(k, &rng, rng_between(&rng, 1, WIDEST), pointers, true);
        struct tcv_sum one = a;

        kernels.sum(&a);
        one.lanes = one.pixels = 1;
        for (int64_t p = 0; p < a.pixels; p++) {
            for (int64_t l = 0; l < a.lanes; l++) {
                one.first = a.first + p * a.source_step + l;
                one.target = copy.data + (size_t)(p * a.target_step + l) * bytes;
                if (a.finish.per_lane) {
                    one.finish.bias = bias.data + (size_t)l * bytes;
                    one.finish.scale = scale.data + (size_t)l * bytes;
                    one.finish.shift = shift.data + (size_t)l * bytes;
                }
                (l % 2 == 0 ? kernels : plain).sum(&one);
            }
        }
        assert_memory_equal(copy.data, target.data, target.bytes);
        teardown(NULL);
    }
}

/* Rows of a few planes; each row of the last plane ends with its last element. */
static void draw_rows(const struct kernel_case *k, struct rng *rng, struct tcv_interleave *a,
                      const void **rows, int64_t *row_plane)
{
    for (int r = 0; r < PHASES; r++) {
        const int64_t past = a->first + a->count - r;
        const int64_t length = past <= 0 ? 0 : (past + a->phases - 1) / a->phases;

        row_plane[r] = length + rng_between(rng, 0, 3);
        kernel_fill(&source[r], k->dtype, (a->planes - 1) * row_plane[r] + length, rng, false);
        rows[r] = source[r].data;
    }
    a->row = rows;
    a->row_plane = row_plane;
}

/*
 * Rows of products, parts of one memory, which ends a vector behind the last element.  Of many
 * taps, a few or none.
 */
static void draw_products(const struct kernel_case *k, struct rng *rng, struct tcv_interleave *a,
                          const void **rows, int64_t *row_plane, struct tcv_products *products,
                          int64_t (*tap)[PRODUCTS], bool reals)
{
    const int64_t width = tcv_direct_select(k->mask, k->dtype).width;
    const int64_t most = rng_chance(rng, 10) ? PRODUCTS : rng_between(rng, 1, 6);
    const int64_t reach = (a->first + a->count + a->phases - 1) / a->phases + width;
    const bool alike = rng_chance(rng, 50);
    int64_t start[PHASES], last = 0;

    for (int r = 0; r < PHASES; r++) {
        products[r] = (struct tcv_products){
            .tap = tap[r], .taps = alike ? most : rng_between(rng, 0, most)};
        row_plane[r] = r == 0 ? rng_between(rng, 0, 40) : row_plane[0];
        start[r] = rng_between(rng, 0, 9);
        for (int64_t t = 0; t < products[r].taps; t++) {
            tap[r][t] = rng_between(rng, -start[r], 20);
            last = start[r] + tap[r][t] > last ? start[r] + tap[r][t] : last;
        }
        kernel_fill(&weight[r], k->dtype, products[r].taps + 1, rng, reals);
        products[r].w = weight[r].data;
    }
    kernel_fill(&source[0], k->dtype,
                last + (a->planes - 1) * row_plane[0] + reach, rng, reals);
    for (int r = 0; r < PHASES; r++)
        rows[r] = source[0].data + (size_t)start[r] * dtype_bytes(k->dtype);
    a->row = rows;
    a->row_plane = row_plane;
    a->products = products;
}

/* Element i of row r, before it is finished. */
static double of_row(const struct kernel_case *k, const struct tcv_interleave *a, int64_t r,
                     int64_t i)
{
    const struct tcv_products *p = a->products != NULL ? &a->products[r] : NULL;
    double v = 0.0;

    if (p == NULL)
        return kernel_get(a->row[r], k->dtype, i);
    for (int64_t t = 0; t < p->taps; t++)
        v += kernel_get(p->w, k->dtype, t) * kernel_get(a->row[r], k->dtype, i + p->tap[t]);
    return v;
}

/* Element i of a plane of the target: finished if it is one of the row's, else as before. */
static void check_merged(const struct kernel_case *k, const struct tcv_interleave *a,
                         int64_t plane, int64_t i)
{
    const int64_t e = a->first + i / a->target_step, at = plane * a->target_plane + i;
    const int64_t row = plane * a->row_plane[e % a->phases] + e / a->phases;
    const double before = kernel_get(copy.data, k->dtype, at);

    if (i % a->target_step != 0) {
        assert_true(kernel_get(a->target, k->dtype, at) == before);
        return;
    }
    check(&a->finish, k->dtype, kernel_get(a->target, k->dtype, at),
          finished(&a->finish, k->dtype, of_row(k, a, e % a->phases, row), plane, before), at);
}

static void interleaves_like_a_plain_loop(void **state)
{
    const struct kernel_case *k = *state;
    const struct tcv_kernels kernels = tcv_kernels_select(k->mask, k->dtype);
    struct rng rng = {6};

    for (int trial = 0; trial < 1200; trial++) {
        struct tcv_interleave a = {.phases = rng_between(&rng, 1, PHASES)};
        const void *rows[PHASES];
        int64_t row_plane[PHASES], tap[PHASES][PRODUCTS], length;
        struct tcv_products products[PHASES];

        a.first = rng_between(&rng, 0, 9);
        a.count = trial < WIDEST ? trial + 1 : rng_between(&rng, 1, 400);
        a.target_step = rng_chance(&rng, 70) ? 1 : 3;
        a.planes = rng_between(&rng, 1, 3);
        length = (a.count - 1) * a.target_step + 1;
        a.target_plane = length + rng_between(&rng, 0, 2);
        if (trial % 4 == 0 && trial >= WIDEST) { /* rows begin and end on boundaries of lines */
            a.count = length = a.target_plane = 16 * rng_between(&rng, 1, 12);
            a.target_step = 1;
        }
        if (trial % 2 == 0)
            draw_rows(k, &rng, &a, rows, row_plane);
        else
            draw_products(k, &rng, &a, rows, row_plane, products, tap, false);
        kernel_fill(&target, k->dtype, (a.planes - 1) * a.target_plane + length, &rng, false);
        guard_create(&copy, target.bytes, GUARD_END);
        memcpy(copy.data, target.data, target.bytes);
        a.target = target.data;
        draw_finish(&a.finish, a.planes, rng_chance(&rng, 50), k->dtype, &rng, false);
        kernels.interleave(&a);
        for (int64_t plane = 0; plane < a.planes; plane++)
            for (int64_t i = 0; i < length; i++)
                check_merged(k, &a, plane, i);
        teardown(NULL);
    }
}

/* Products of reals have the bits of each element alone, be it of another count of vectors. */
static void products_alike_in_vectors_and_alone(void **state)
{
    const struct kernel_case *k = *state;
    const struct tcv_kernels kernels = tcv_kernels_select(k->mask, k->dtype);
    const size_t bytes = dtype_bytes(k->dtype);
    struct rng rng = {11};

    for (int trial = 0; trial < 200; trial++) {
        struct tcv_interleave a = {.phases = rng_between(&rng, 1, PHASES), .target_step = 1};
        const void *rows[PHASES];
        int64_t row_plane[PHASES], tap[PHASES][PRODUCTS];
        struct tcv_products products[PHASES];
        struct tcv_interleave one;

        a.first = rng_between(&rng, 0, 9);
        a.count = a.target_plane = 16 * rng_between(&rng, 1, 20) + rng_between(&rng, 0, 1);
        a.planes = rng_between(&rng, 1, 3);
        draw_products(k, &rng, &a, rows, row_plane, products, tap, true);
        kernel_fill(&target, k->dtype, a.planes * a.count, &rng, true);
        guard_create(&copy, target.bytes, GUARD_END);
        memcpy(copy.data, target.data, target.bytes);
        a.target = target.data;
        draw_finish(&a.finish, 1, false, k->dtype, &rng, true);
        kernels.interleave(&a);
        one = a;
        one.count = 1;
        for (int64_t i = 0; i < a.count; i++) {
            one.first = a.first + i;
            one.target = copy.data + (size_t)i * bytes;
            one.target_step = i % 3 == 0 ? 2 : 1;
            kernels.interleave(&one);
        }
        assert_memory_equal(copy.data, target.data, target.bytes);
        teardown(NULL);
    }
}

enum { TAPS = 5 };

/* Draws a depthwise sum of pixels whose channels fill up to 5 vectors. */
static struct tcv_depth draw_depth(const struct kernel_case *k, struct rng *rng, int64_t *tap,
                                   bool reals)
{
    const int64_t width = tcv_direct_select(k->mask, k->dtype).width;
    struct tcv_depth a = {.taps = rng_between(rng, 0, TAPS), .tap = tap};
    int64_t vectors, last = 0;

    a.lanes = rng_between(rng, 1, 5 * width);
    a.pixels = rng_between(rng, 1, 21);
    vectors = (a.lanes + width - 1) / width;
    a.x_pixel = vectors * width;
    a.target_pixel = a.lanes + (rng_chance(rng, 50) ? 0 : rng_between(rng, 0, 5));
    a.w_vector = a.taps * width;
    for (int64_t t = 0; t < a.taps; t++) {
        tap[t] = a.x_pixel * rng_between(rng, 0, 7);
        last = tap[t] > last ? tap[t] : last;
    }
    kernel_fill(&source[0], k->dtype, last + a.pixels * a.x_pixel, rng, reals);
    kernel_fill(&source[1], k->dtype, vectors * a.w_vector + 1, rng, reals);
    kernel_fill(&target, k->dtype, (a.pixels - 1) * a.target_pixel + a.lanes, rng, reals);
    guard_create(&copy, target.bytes, GUARD_END);
    memcpy(copy.data, target.data, target.bytes);
    a.x = source[0].data;
    a.w = source[1].data;
    a.target = target.data;
    draw_finish(&a.finish, a.lanes, true, k->dtype, rng, reals);
    return a;
}

static void depth_like_a_plain_loop(void **state)
{
    const struct kernel_case *k = *state;
    const struct tcv_kernels kernels = tcv_kernels_select(k->mask, k->dtype);
    const int64_t width = tcv_direct_select(k->mask, k->dtype).width;
    struct rng rng = {9};
    int64_t tap[TAPS];

    for (int trial = 0; trial < 400; trial++) {
        const struct tcv_depth a = draw_depth(k, &rng, tap, false);

        kernels.depth(&a);
        for (int64_t i = 0; i < (a.pixels - 1) * a.target_pixel + a.lanes; i++) {
            const int64_t p = i / a.target_pixel, l = i % a.target_pixel;
            const double before = kernel_get(copy.data, k->dtype, i);
            double v = 0.0;

            for (int64_t t = 0; t < a.taps && l < a.lanes; t++)
                v += kernel_get(a.w, k->dtype,
                                l / width * a.w_vector + t * width + l % width) *
                     kernel_get(a.x, k->dtype, p * a.x_pixel + l + tap[t]);
            if (l < a.lanes)
                check(&a.finish, k->dtype, kernel_get(a.target, k->dtype, i),
                      finished(&a.finish, k->dtype, v, l, before), i);
            else
                assert_true(kernel_get(a.target, k->dtype, i) == before); /* the gap */
        }
        teardown(NULL);
    }
}

/* One pixel at a time gives the bits of the whole. */
static void depth_alike_in_any_block(void **state)
{
    const struct kernel_case *k = *state;
    const struct tcv_kernels kernels = tcv_kernels_select(k->mask, k->dtype);
    const size_t bytes = dtype_bytes(k->dtype);
    struct rng rng = {10};
    int64_t tap[TAPS];

    for (int trial = 0; trial < 200; trial++) {
        const struct tcv_depth a = draw_depth(k, &rng, tap, true);
        struct tcv_depth one = a;

        kernels.depth(&a);
        one.pixels = 1;
        for (int64_t p = 0; p < a.pixels; p++) {
            one.x = (const char *)a.x + (size_t)(p * a.x_pixel) * bytes;
            one.target = copy.data + (size_t)(p * a.target_pixel) * bytes;
            kernels.depth(&one);
        }
        assert_memory_equal(copy.data, target.data, target.bytes);
        teardown(NULL);
    }
}

/* A NaN in a source or in what is accumulated to survives every activation. */
static void nan_stays_nan(void **state)
{
    const struct kernel_case *k = *state;
    const struct tcv_kernels kernels = tcv_kernels_select(k->mask, k->dtype);
    struct rng rng = {8};

    for (int trial = 0; trial < 120; trial++) {
        const void *pointers[SOURCES];
        struct tcv_sum a = draw_sum(k, &rng, rng_between(&rng, 1, 70), pointers, true);
        const int64_t lane = rng_between(&rng, 0, a.lanes - 1);

        a.sources = a.sources < 1 ? 1 : a.sources;
        kernel_put(source[a.sources - 1].data, k->dtype, a.first + lane, NAN);
        kernels.sum(&a);
        for (int64_t l = 0; l < a.lanes; l++)
            assert_true(isnan(kernel_get(a.target, k->dtype, l)) == (l == lane));
        teardown(NULL);
    }
}

int main(int argc, char **argv)
{
    static const struct kernel_test tests[] = {
        {"sum", sums_like_a_plain_loop, teardown},
        {"sum-bits", sums_alike_in_vectors_and_alone, teardown},
        {"interleave", interleaves_like_a_plain_loop, teardown},
        {"products-bits", products_alike_in_vectors_and_alone, teardown},
        {"depth", depth_like_a_plain_loop, teardown},
        {"depth-bits", depth_alike_in_any_block, teardown},
        {"nan", nan_stays_nan, teardown},
    };

    return kernel_run("col2im", tests, ARRAY_LEN(tests), argc, argv) != 0;
}
