/*
 * test_transpose.c - matrices turned and dealt out, rows thinned, split, padded and copied, for
 * every instruction set
 *
 * Against plain loops.  Every buffer ends at a guard page.
 */
#include <math.h>
#include <string.h>

#include "kernel/sets.h"
#include "kernels/col2im.h"
#include "kernels/direct.h"

enum { COLUMNS = 40 };

static struct guard source, target, copy, early;

static int teardown(void **state)
{
    (void)state;
    guard_destroy(&source);
    guard_destroy(&target);
    guard_destroy(&copy);
    guard_destroy(&early);
    return 0;
}

static void transposes_like_a_plain_loop(void **state)
{
    const struct kernel_case *k = *state;
    const struct tcv_kernels kernels = tcv_kernels_select(k->mask, k->dtype);
    struct rng rng = {12};

    for (int trial = 0; trial < 300; trial++) {
        struct tcv_transpose a = {.rows = rng_between(&rng, 1, 40),
                                  .columns = rng_between(&rng, 1, 40)};

        a.from_step = a.columns + rng_between(&rng, 0, 3);
        a.to_step = a.rows + rng_between(&rng, 0, 3);
        kernel_fill(&source, k->dtype, (a.rows - 1) * a.from_step + a.columns, &rng, true);
        kernel_fill(&target, k->dtype, (a.columns - 1) * a.to_step + a.rows, &rng, true);
        guard_create(&copy, target.bytes, GUARD_END);
        memcpy(copy.data, target.data, target.bytes);
        a.from = source.data;
        a.to = target.data;
        kernels.transpose(&a);
        for (int64_t at = 0; at < (a.columns - 1) * a.to_step + a.rows; at++) {
            const int64_t j = at / a.to_step, i = at % a.to_step;

            assert_true(kernel_get(a.to, k->dtype, at) ==
                        (i < a.rows ? kernel_get(a.from, k->dtype, i * a.from_step + j)
                                    : kernel_get(copy.data, k->dtype, at)));
        }
        teardown(NULL);
    }
}

/* A few matrices of any sizes; lines of whole vectors if they go past the caches. */
static struct tcv_deal draw_deal(const struct kernel_case *k, struct rng *rng,
                                 void *line[COLUMNS])
{
    const int64_t width = tcv_direct_select(k->mask, k->dtype).width;
    const size_t element = k->dtype == TCONV_F64 ? 8 : 4;
    struct tcv_deal a = {.rows = rng_between(rng, 1, 3 * width),
                         .columns = rng_between(rng, 1, COLUMNS),
                         .count = rng_between(rng, 1, 5),
                         .stream = rng_chance(rng, 50)};

    a.line_step = a.rows + rng_between(rng, 0, width);
    if (a.stream)
        a.line_step = (a.line_step + width - 1) / width * width;
    a.from_step = a.columns + rng_between(rng, 0, 3);
    a.from_next = a.rows * a.from_step + rng_between(rng, 0, 3);
    kernel_fill(&source, k->dtype, (a.count - 1) * a.from_next + (a.rows - 1) * a.from_step +
                                       a.columns, rng, true);
    kernel_fill(&target, k->dtype, a.columns * a.count * a.line_step, rng, true);
    a.from = source.data;
    for (int64_t j = 0; j < a.columns; j++)
        line[j] = target.data + (size_t)(j * a.count * a.line_step) * element;
    a.line = line;
    return a;
}

static void deals_like_a_plain_loop(void **state)
{
    const struct kernel_case *k = *state;
    const struct tcv_kernels kernels = tcv_kernels_select(k->mask, k->dtype);
    struct rng rng = {13};

    for (int trial = 0; trial < 300; trial++) {
        void *line[COLUMNS];
        const struct tcv_deal a = draw_deal(k, &rng, line);
        const int64_t length = a.count * a.line_step;

        assert_true(kernels.deal(&a));
        for (int64_t at = 0; at < a.columns * length; at++) {
            const int64_t j = at / length, n = at % length / a.line_step, i = at % a.line_step;
            const int64_t from = n * a.from_next + i * a.from_step + j;

            assert_true(kernel_get(target.data, k->dtype, at) ==
                        (i < a.rows ? kernel_get(a.from, k->dtype, from) : 0.0));
        }
        teardown(NULL);
    }
}

/* One element that is not finite is noticed wherever it is, and what is near the limit is not. */
static void dealing_notices_what_is_not_finite(void **state)
{
    const double wild[] = {NAN, INFINITY, -INFINITY};
    const struct kernel_case *k = *state;
    const struct tcv_kernels kernels = tcv_kernels_select(k->mask, k->dtype);
    struct rng rng = {14};

    for (int trial = 0; trial < 300; trial++) {
        void *line[COLUMNS];
        const struct tcv_deal a = draw_deal(k, &rng, line);
        const int64_t at = rng_between(&rng, 0, a.count - 1) * a.from_next +
                           rng_between(&rng, 0, a.rows - 1) * a.from_step +
                           rng_between(&rng, 0, a.columns - 1);

        kernel_put(source.data, k->dtype, at, k->dtype == TCONV_F64 ? 1e308 : 3e38);
        assert_true(kernels.deal(&a));
        kernel_put(source.data, k->dtype, at, wild[trial % 3]);
        assert_false(kernels.deal(&a));
        teardown(NULL);
    }
}

/* Of every step that has a way of its own, others, and backwards. */
static void picks_like_a_plain_loop(void **state)
{
    const struct kernel_case *k = *state;
    const struct tcv_kernels kernels = tcv_kernels_select(k->mask, k->dtype);
    const size_t element = k->dtype == TCONV_F64 ? 8 : 4;
    struct rng rng = {15};

    for (int trial = 0; trial < 1000; trial++) {
        const int64_t steps = rng_between(&rng, 1, 17), count = rng_between(&rng, 1, 80);
        const int64_t step = rng_chance(&rng, 10) ? -steps : steps;
        const int64_t first = step < 0 ? (count - 1) * steps : 0;
        struct tcv_pick a = {.step = step, .count = count};

        kernel_fill(&source, k->dtype, (count - 1) * steps + 1, &rng, true);
        kernel_fill(&target, k->dtype, count, &rng, true);
        a.from = source.data + (size_t)first * element;
        a.to = target.data;
        kernels.pick(&a);
        for (int64_t i = 0; i < count; i++)
            assert_true(kernel_get(target.data, k->dtype, i) ==
                        kernel_get(source.data, k->dtype, first + i * step));
        teardown(NULL);
    }
}

/* Of rows that begin and end anywhere, at guard pages, and residues that nobody wants. */
static void splits_like_a_plain_loop(void **state)
{
    const struct kernel_case *k = *state;
    const struct tcv_kernels kernels = tcv_kernels_select(k->mask, k->dtype);
    const size_t element = k->dtype == TCONV_F64 ? 8 : 4;
    struct rng rng = {16};

    for (int trial = 0; trial < 1000; trial++) {
        void *line[TCV_SPLIT_MOST] = {NULL};
        struct tcv_split a = {.line = line, .step = (int64_t)2 << rng_between(&rng, 0, 2)};
        int64_t size;

        a.rows = rng_between(&rng, 1, 3);
        a.extent = rng_between(&rng, 1, 50);
        a.begin = rng_between(&rng, 0, rng_chance(&rng, 50) ? 3 : a.extent * a.step);
        a.end = a.begin + rng_between(&rng, 1, a.extent * a.step + 10 - a.begin);
        a.from_step = a.end - a.begin + rng_between(&rng, 0, 3);
        size = a.rows * a.extent;
        kernel_fill(&source, k->dtype, (a.rows - 1) * a.from_step + a.end - a.begin, &rng, true);
        kernel_fill(&target, k->dtype, a.step * size, &rng, true);
        guard_create(&copy, target.bytes, GUARD_END);
        memcpy(copy.data, target.data, target.bytes);
        guard_create(&early, source.bytes, GUARD_BEGIN);
        memcpy(early.data, source.data, source.bytes);
        a.from = (trial % 2 == 0 ? source : early).data - (size_t)a.begin * element;
        for (int64_t r = 0; r < a.step; r++)
            line[r] = rng_chance(&rng, 80) ? target.data + (size_t)(r * size) * element : NULL;
        kernels.split(&a);
        for (int64_t i = 0; i < a.step * size; i++) {
            const int64_t r = i / size, row = i % size / a.extent;
            const int64_t e = i % a.extent * a.step + r;
            const bool inside = e >= a.begin && e < a.end;
            double wanted = inside ? kernel_get(source.data, k->dtype,
                                                row * a.from_step + e - a.begin)
                                   : 0.0;

            if (line[r] == NULL)
                wanted = kernel_get(copy.data, k->dtype, i);
            assert_true(kernel_get(target.data, k->dtype, i) == wanted);
        }
        teardown(NULL);
    }
}

/* Every row, and no more of the target than a vector behind the last. */
static void pads_like_a_plain_loop(void **state)
{
    const struct kernel_case *k = *state;
    const struct tcv_kernels kernels = tcv_kernels_select(k->mask, k->dtype);
    const int64_t width = tcv_direct_select(k->mask, k->dtype).width;
    struct rng rng = {11};

    for (int trial = 0; trial < 400; trial++) {
        struct tcv_pad a = {.rows = rng_between(&rng, 1, 5)};

        a.before = rng_between(&rng, 0, 20);
        a.count = rng_between(&rng, 0, 70);
        a.extent = a.before + a.count + rng_between(&rng, 0, 20);
        a.from_step = a.count + rng_between(&rng, 0, 3);
        kernel_fill(&source, k->dtype, (a.rows - 1) * a.from_step + a.count, &rng, true);
        kernel_fill(&target, k->dtype, a.rows * a.extent + width, &rng, true);
        a.from = source.data;
        a.to = target.data;
        kernels.pad(&a);
        for (int64_t i = 0; i < a.rows * a.extent; i++) {
            const int64_t e = i % a.extent - a.before;
            const bool inside = e >= 0 && e < a.count;

            assert_true(kernel_get(a.to, k->dtype, i) ==
                        (inside ? kernel_get(a.from, k->dtype, i / a.extent * a.from_step + e)
                                : 0.0));
        }
        teardown(NULL);
    }
}

/* Rows, and nothing between and behind them. */
static void copies_like_a_plain_loop(void **state)
{
    const struct kernel_case *k = *state;
    const struct tcv_kernels kernels = tcv_kernels_select(k->mask, k->dtype);
    struct rng rng = {12};

    for (int trial = 0; trial < 400; trial++) {
        struct tcv_copy a = {.rows = rng_between(&rng, 1, 5), .count = rng_between(&rng, 1, 40)};

        a.from_step = a.count + rng_between(&rng, 0, 3);
        a.to_step = a.count + rng_between(&rng, 0, 3);
        kernel_fill(&source, k->dtype, (a.rows - 1) * a.from_step + a.count, &rng, true);
        kernel_fill(&target, k->dtype, (a.rows - 1) * a.to_step + a.count, &rng, true);
        guard_create(&copy, target.bytes, GUARD_END);
        memcpy(copy.data, target.data, target.bytes);
        a.from = source.data;
        a.to = target.data;
        kernels.copy(&a);
        for (int64_t i = 0; i < (a.rows - 1) * a.to_step + a.count; i++) {
            const int64_t e = i % a.to_step, from = i / a.to_step * a.from_step + e;

            assert_true(kernel_get(a.to, k->dtype, i) ==
                        (e < a.count ? kernel_get(a.from, k->dtype, from)
                                     : kernel_get(copy.data, k->dtype, i)));
        }
        teardown(NULL);
    }
}

int main(int argc, char **argv)
{
    static const struct kernel_test tests[] = {
        {"transpose", transposes_like_a_plain_loop, teardown},
        {"pick", picks_like_a_plain_loop, teardown},
        {"split", splits_like_a_plain_loop, teardown},
        {"pad", pads_like_a_plain_loop, teardown},
        {"copy", copies_like_a_plain_loop, teardown},
        {"deal", deals_like_a_plain_loop, teardown},
        {"deal-finite", dealing_notices_what_is_not_finite, teardown},
    };

    return kernel_run("transpose", tests, ARRAY_LEN(tests), argc, argv) != 0;
}
