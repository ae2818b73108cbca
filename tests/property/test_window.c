/*
 * test_window.c - a window is bit for bit the crop of the whole
 *
 * Each window is computed into a buffer of its own, in some layout, and into a
 * view of a whole output, of which nothing else may change.
 */
#include <string.h>

#include "property/cases.h"
#include "support/rng.h"

static struct sample sample;
static struct arena whole, view;
static struct field own;

static int teardown(void **state)
{
    (void)state;
    arena_destroy(&whole);
    arena_destroy(&view);
    field_destroy(&own);
    sample_destroy(&sample);
    return 0;
}

/* Index in the whole, logical order, of element i of a window of size[]. */
static int64_t whole_index(const tconv_window *window, const int64_t *size, int64_t i)
{
    const int rank = problem_rank(&sample.problem);
    int64_t at[TCONV_MAX_DIMS], index = 0;

    for (int d = rank - 1; d >= 0; d--) {
        at[d] = i % size[d] + (d >= 2 ? window->begin[d - 2] : 0);
        i /= size[d];
    }
    for (int d = 0; d < rank; d++)
        index = index * sample.output[d] + at[d];
    return index;
}

static bool is_inside(const tconv_window *window, int64_t index)
{
    const int rank = problem_rank(&sample.problem);

    for (int d = rank - 1; d >= 2; d--) {
        const int64_t o = index % sample.output[d];

        if (o < window->begin[d - 2] || o >= window->end[d - 2])
            return false;
        index /= sample.output[d];
    }
    return true;
}

static void same_bits(double got, double want, const tconv_window *window, int64_t index)
{
    if (memcmp(&got, &want, sizeof got) != 0)
        fail_msg("window [%lld, %lld)...: element %lld of the whole is %.17g, was %.17g",
                 (long long)window->begin[0], (long long)window->end[0], (long long)index,
                 got, want);
}

static void execute(const struct arena *arena, const tconv_buffers *buffers,
                    const tconv_window *window)
{
    tconv_error error;

    if (tconv_execute(arena->plan, arena->packed, buffers, window, &error) != TCONV_OK)
        fail_msg("tconv_execute: %s", error.message);
}

static void into_its_own(tconv_window *window, enum placement placement)
{
    const int rank = problem_rank(&sample.problem);
    tconv_buffers buffers = whole.buffers;
    int64_t size[TCONV_MAX_DIMS] = {sample.output[0], sample.output[1]};

    for (int d = 2; d < rank; d++)
        size[d] = window->end[d - 2] - window->begin[d - 2];
    field_create(&own, sample.dtype, placement, 1, rank, size, GUARD_END);
    memcpy(window->stride, own.tensor.stride, sizeof window->stride);
    if (sample.problem.desc.epilogue.accumulate)
        for (int64_t i = 0; i < field_count(&own); i++)
            field_set(&own, i, sample.before[whole_index(window, size, i)]);
    buffers.output = own.data;
    memset(whole.workspace.data, 0xff, whole.workspace.bytes);
    execute(&whole, &buffers, window);
    assert_true(field_gaps_intact(&own));
    for (int64_t i = 0; i < field_count(&own); i++) {
        const int64_t index = whole_index(window, size, i);

        same_bits(field_get(&own, i), field_get(&whole.y, index), window, index);
    }
    field_destroy(&own);
}

static void into_a_view(tconv_window *window)
{
    const int rank = problem_rank(&sample.problem);
    const int64_t *stride = view.y.tensor.stride;
    tconv_buffers buffers = view.buffers;
    unsigned char *data = view.y.data;
    double untouched;

    for (int d = 2; d < rank; d++)
        data += window->begin[d - 2] * stride[d] * (int64_t)dtype_bytes(sample.dtype);
    memcpy(window->stride, stride, sizeof window->stride);
    buffers.output = data;
    arena_poison(&view);
    untouched = field_get(&view.y, 0); /* the poison, or before[0] */
    execute(&view, &buffers, window);
    assert_nothing_else_touched(&view);
    for (int64_t i = 0; i < sample.y_count; i++) {
        const double outside =
            sample.problem.desc.epilogue.accumulate ? sample.before[i] : untouched;

        same_bits(field_get(&view.y, i),
                  is_inside(window, i) ? field_get(&whole.y, i) : outside, window, i);
    }
}

/* Edges on purpose more often than chance would give them. */
static void draw(struct rng *rng, int trial, tconv_window *window)
{
    const int axes = sample.problem.desc.spatial_rank;

    memset(window, 0, sizeof *window);
    for (int a = 0; a < axes; a++) {
        const int64_t limit = sample.output[a + 2];
        int64_t begin = rng_between(rng, 0, limit - 1);
        int64_t end = rng_between(rng, begin + 1, limit);

        if (trial == 0 || (trial > 4 && rng_chance(rng, 20)))
            begin = 0, end = limit; /* the whole */
        else if (trial == 1)
            begin = 0, end = 1; /* the first pixel */
        else if (trial == 2)
            begin = limit - 1, end = limit; /* the last */
        else if (trial == 3)
            end = begin + 1; /* some pixel */
        else if (trial == 4 && a == axes - 1)
            end = begin; /* none */
        else if (rng_chance(rng, 25))
            begin = 0;
        else if (rng_chance(rng, 30))
            end = limit;
        window->begin[a] = begin;
        window->end[a] = end;
    }
}

static void is_the_crop_of_the_whole(void **state)
{
    const struct property_case *c = *state;
    struct rng rng = {9};

    sample_create_with(&sample, &c->problem, c->dtype, FILL_REAL, 8, NULL);
    property_arena(&whole, &sample, c);
    property_arena(&view, &sample, c);
    arena_execute(&whole);
    for (int trial = 0; trial < 12; trial++) {
        tconv_window window;

        draw(&rng, trial, &window);
        into_its_own(&window, (enum placement)((trial + (int)c->placement) % PLACEMENTS));
        into_a_view(&window);
    }
}

int main(int argc, char **argv)
{
    struct suite suite = {.name = "window"};

    property_add(&suite, "window", is_the_crop_of_the_whole, teardown,
                 PROPERTY_FULL | PROPERTY_LARGE);
    return property_run(&suite, argc, argv) != 0;
}
