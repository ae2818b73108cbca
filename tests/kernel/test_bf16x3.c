/*
 * test_bf16x3.c - the kernels of bf16x3, on a machine that has AMX tiles
 *
 * Parts add up to their number exactly; sums of small integers, which are exact too, against plain
 * loops.  What may be read ends at guard pages.
 */
#include <math.h>
#include <string.h>

#include "base/cpu.h"
#include "kernel/sets.h"
#include "kernels/bf16x3.h"

enum { STEP = TCV_BF16X3_STEP, PARTS = TCV_BF16X3_PARTS, ROWS = TCV_BF16X3_ROWS };
enum { STEPS = 3, TAPS = 4, TILES = 5, VECTORS = 5 };

static struct guard from, to, x, w, c, before;

static int teardown(void **state)
{
    (void)state;
    guard_destroy(&from);
    guard_destroy(&to);
    guard_destroy(&x);
    guard_destroy(&w);
    guard_destroy(&c);
    guard_destroy(&before);
    return 0;
}

static struct tcv_bf16x3_kernels kernels_or_skip(void)
{
    const struct tcv_bf16x3_kernels kernels = tcv_bf16x3_select(tcv_cpu_features());

    if (kernels.sums == NULL || !tcv_cpu_permit_tiles())
        skip();
    return kernels;
}

static float widened(uint16_t part)
{
    const uint32_t bits = (uint32_t)part << 16;
    float number;

    memcpy(&number, &bits, sizeof number);
    return number;
}

/* Number i of a line, 0 ... 31, in its place within a part. */
static int64_t place(int64_t i)
{
    return i % ROWS * 2 + i / ROWS;
}

/* Splits lines of numbers and gives what split() says of them. */
static bool split(const struct tcv_bf16x3_kernels *kernels, int64_t lines, float least)
{
    const struct tcv_bf16x3_split args = {
        .from = (const float *)(const void *)from.data,
        .from_step = STEP,
        .second = ROWS,
        .lanes = {ROWS, ROWS},
        .to_step = STEP,
        .count = lines,
        .least = least,
        .to = (uint16_t *)(void *)to.data,
        .part = lines * STEP,
    };

    return kernels->split(&args);
}

static void make_lines(int64_t lines)
{
    guard_create(&from, (size_t)(lines * STEP) * sizeof(float), GUARD_END);
    guard_create(&to, (size_t)(lines * STEP * PARTS) * sizeof(uint16_t), GUARD_END);
}

static float part_of(int64_t lines, int64_t i, int64_t part)
{
    const uint16_t *const parts = (const uint16_t *)(const void *)to.data;

    return widened(parts[part * lines * STEP + i / STEP * STEP + place(i % STEP)]);
}

/* Any exponent that is split; half of them with all bits set. */
static float draw(struct rng *rng)
{
    const float mantissa = rng_chance(rng, 50) ? 1.0F + (float)fabs(rng_float(rng)) / 2.0F
                                               : -1.99999988F;

    return ldexpf(mantissa, (int)rng_between(rng, -102, 109));
}

/* Of all exponents that are split, and each part is at most 2^-8 of what is left of the number. */
static void parts_add_up(void **state)
{
    const struct tcv_bf16x3_kernels kernels = kernels_or_skip();
    const int64_t lines = 1000;
    struct rng rng = {5};
    float *number;

    (void)state;
    make_lines(lines);
    number = (float *)(void *)from.data;
    for (int64_t i = 0; i < lines * STEP; i++)
        number[i] = i % 50 == 0 ? (i % 100 == 0 ? 0.0F : -0.0F) : draw(&rng);
    assert_true(split(&kernels, lines, TCV_BF16X3_LEAST));
    for (int64_t i = 0; i < lines * STEP; i++) {
        const double a = (double)part_of(lines, i, 0), b = (double)part_of(lines, i, 1);
        const double last = (double)part_of(lines, i, 2), want = (double)number[i];

        assert_true(a + b + last == want);
        assert_true(fabs(want - a) <= ldexp(fabs(want), -8));
        assert_true(fabs(last) <= ldexp(fabs(want), -16));
    }
}

/* They are noticed, wherever they lie, and count as 0. */
static void wild_numbers_are_seen(void **state)
{
    static const float wild[] = {NAN, INFINITY, -INFINITY, 0x1p110F, -0x1p127F,
                                 0x1.fffffep-103F, -0x1p-140F};
    const struct tcv_bf16x3_kernels kernels = kernels_or_skip();
    const int64_t lines = 3;
    float *number;

    (void)state;
    make_lines(lines);
    number = (float *)(void *)from.data;
    for (int64_t i = 0; i < lines * STEP; i++)
        number[i] = 1.0F;
    for (int64_t i = 0; i < lines * STEP; i++)
        for (size_t b = 0; b < ARRAY_LEN(wild); b++) {
            const bool tiny = fabsf(wild[b]) < 1.0F;

            number[i] = wild[b];
            assert_false(split(&kernels, lines, TCV_BF16X3_LEAST));
            for (int64_t part = 0; part < PARTS; part++)
                assert_true(part_of(lines, i, part) == 0.0F);
            assert_true(split(&kernels, lines, 0.0F) == tiny); /* as weights are */
            number[i] = 1.0F;
            assert_true(split(&kernels, lines, TCV_BF16X3_LEAST));
        }
}

/* A bfloat16 of a small integer. */
static uint16_t integer(struct rng *rng)
{
    const float number = (float)rng_between(rng, -4, 4);
    uint32_t bits;

    memcpy(&bits, &number, sizeof bits);
    return (uint16_t)(bits >> 16);
}

static uint16_t *integers(struct guard *array, int64_t count, struct rng *rng)
{
    uint16_t *numbers;

    guard_create(array, (size_t)count * sizeof *numbers, GUARD_END);
    numbers = (uint16_t *)(void *)array->data;
    for (int64_t i = 0; i < count; i++)
        numbers[i] = integer(rng);
    return numbers;
}

/* The products of parts that are summed, of step i, tap t, position `at` and row m. */
static double products(const struct tcv_bf16x3 *a, int64_t t, int64_t i, int64_t at, int64_t m)
{
    const int64_t v = m / ROWS, in_pair = a->vectors - v / 2 * 2 > 1 ? 2 : 1;
    const int64_t step = v / 2 * 2 * a->taps * a->steps + (t * a->steps + i) * in_pair + v % 2;
    double sum = 0.0;

    for (int64_t k = 0; k < STEP; k++)
        for (int64_t one = 0; one < PARTS; one++)
            for (int64_t other = 0; one + other < PARTS; other++) {
                const int64_t pair = k % ROWS, position = at + a->tap[t];
                const int64_t of_x = (i * PARTS + one) * a->x_positions * STEP +
                                     (a->planar ? position / ROWS * ROWS * ROWS + pair * ROWS +
                                                      position % ROWS
                                                : position * ROWS + pair) * 2;
                const int64_t of_w = (step * PARTS + other) * STEP * ROWS +
                                     (a->planar ? m % ROWS * ROWS + pair
                                                : pair * ROWS + m % ROWS) * 2;

                sum += (double)widened(a->x[of_x + k / ROWS]) *
                       (double)widened(a->w[of_w + k / ROWS]);
            }
    return sum;
}

static void check_sums(const struct tcv_bf16x3 *a)
{
    const float *was = (const float *)(const void *)before.data;
    const int64_t used = ROWS * (a->planar ? a->tiles : a->vectors);
    const int64_t lines = ROWS * (a->planar ? a->vectors : a->tiles);

    for (int64_t line = 0; line < lines; line++)
        for (int64_t i = 0; i < a->c_step; i++) {
            const int64_t p = a->planar ? i : line, m = a->planar ? line : i;
            double want = a->add || i >= used ? (double)was[line * a->c_step + i] : 0.0;

            for (int64_t t = 0; t < a->taps && i < used; t++)
                for (int64_t step = 0; step < a->steps; step++)
                    want += products(a, t, step, a->at[p / ROWS] + p % ROWS, m);
            assert_true((double)a->c[line * a->c_step + i] == want);
        }
}

static void sums_are_exact(void **state)
{
    const struct tcv_bf16x3_kernels kernels = kernels_or_skip();
    struct rng rng = {7};

    for (int trial = 0; trial < 60; trial++) {
        int64_t tap[TAPS], at[TILES], most = 0, last = 0;
        struct tcv_bf16x3 a = {.planar = trial % 2 == 1, .at = at, .tap = tap,
                               .tiles = rng_between(&rng, 1, TILES),
                               .taps = rng_between(&rng, 1, TAPS),
                               .steps = rng_between(&rng, 1, STEPS),
                               .vectors = rng_between(&rng, 1, VECTORS),
                               .add = rng_chance(&rng, 50)};

        for (int64_t i = 0; i < a.taps; i++) {
            tap[i] = a.planar ? ROWS * rng_between(&rng, 0, 1) : rng_between(&rng, 0, 9);
            most = tap[i] > most ? tap[i] : most;
        }
        for (int64_t i = 0; i < a.tiles; i++) {
            at[i] = a.planar ? ROWS * rng_between(&rng, 0, 3) : rng_between(&rng, 0, 40);
            last = at[i] > last ? at[i] : last;
        }
        a.x_positions = most + last + ROWS;
        a.c_step = (a.planar ? a.tiles : a.vectors) * ROWS + rng_between(&rng, 0, 3);
        a.x = integers(&x, a.steps * PARTS * a.x_positions * STEP, &rng);
        a.w = integers(&w, a.vectors * a.taps * a.steps * PARTS * STEP * ROWS, &rng);
        kernel_fill(&c, TCONV_F32, (a.planar ? a.vectors : a.tiles) * ROWS * a.c_step, &rng,
                    false);
        guard_create(&before, c.bytes, GUARD_END);
        memcpy(before.data, c.data, c.bytes);
        a.c = (float *)(void *)c.data;
        kernels.sums(&a);
        check_sums(&a);
        teardown(state);
    }
}

/* Nothing to sum, though memory is asked for meanwhile. */
static void sums_of_nothing(void **state)
{
    const struct tcv_bf16x3_kernels kernels = kernels_or_skip();
    const int64_t at = 0, tap = 0;
    struct tcv_bf16x3 a = {.at = &at, .tap = &tap, .tiles = 1, .taps = 1, .steps = 1,
                           .ask = {&at, 3, 100, 4096}};

    (void)state;
    kernels.sums(&a);
    a.planar = true;
    kernels.sums(&a);
}

int main(int argc, char **argv)
{
    struct suite suite = {.name = "bf16x3"};

    suite_add(&suite, parts_add_up, NULL, teardown, NULL, "kernel/bf16x3/parts");
    suite_add(&suite, wild_numbers_are_seen, NULL, teardown, NULL, "kernel/bf16x3/wild");
    suite_add(&suite, sums_of_nothing, NULL, teardown, NULL, "kernel/bf16x3/nothing");
    suite_add(&suite, sums_are_exact, NULL, teardown, NULL, "kernel/bf16x3/sums");
    return suite_run(&suite, argc, argv) != 0;
}
