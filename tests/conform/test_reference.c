/*
 * test_reference.c - the oracle against a second definition
 *
 * The library's reference solves o = i * stride - pad_begin + k * dilation for
 * i and turns a convolution's kernel round; the naive scatter and gather of
 * tests/support write both down as they stand.  Output
 * sizes are worked out twice as well.
 */
#include <stdlib.h>
#include <string.h>

#include "support/close.h"
#include "support/generate.h"
#include "support/suite.h"
#include "support/table.h"

enum { SEEDS = 400 };

static struct sample sample;
static struct field other;

static void shape_is_as_worked_out(const struct problem *p)
{
    tconv_tensor input, weights;
    int64_t size[TCONV_MAX_DIMS];
    const int rank = problem_rank(p);
    tconv_error error;

    assert_int_equal(
        tconv_tensor_dense(&input, TCONV_F64, TCONV_NCX, rank, p->input, &error), TCONV_OK);
    assert_int_equal(
        tconv_tensor_dense(&weights, TCONV_F64, TCONV_NCX, rank, p->weights, &error),
        TCONV_OK);
    if (tconv_output_shape(&p->desc, &input, &weights, size, &error) != TCONV_OK)
        fail_msg("tconv_output_shape: %s", error.message);
    assert_memory_equal(size, sample.output, (size_t)rank * sizeof size[0]);
}

static void agrees_with_the_scatter(void **state)
{
    const struct problem *p = *state;
    const tconv_epilogue *e = &p->desc.epilogue;
    double *y;

    sample_create(&sample, p, TCONV_F64, FILL_REAL, 7);
    shape_is_as_worked_out(p);
    y = calloc((size_t)sample.y_count + 1, sizeof *y);
    assert_non_null(y);
    naive_run(p, sample.x, sample.w,
              &(struct vectors){e->bias_length != 0 ? sample.bias : NULL,
                                e->scale_length != 0 ? sample.scale : NULL,
                                e->shift_length != 0 ? sample.shift : NULL,
                                e->accumulate ? sample.before : NULL},
              y);
    field_create(&other, TCONV_F64, PLACE_NCX, 0, problem_rank(p), sample.output,
                 GUARD_END);
    field_load(&other, y);
    free(y);
    assert_field_close(&sample, &other);
}

static int teardown(void **state)
{
    (void)state;
    sample_destroy(&sample);
    field_destroy(&other);
    return 0;
}

/* The problems outlive main()'s loop: each is the state of its test. */
static struct problem problems[2048];
static size_t problem_count;

static void add(struct suite *suite, struct problem problem)
{
    char text[PROBLEM_TEXT];

    if (problem_count == ARRAY_LEN(problems))
        abort();
    problem_print(&problem, text);
    problems[problem_count] = problem;
    suite_add(suite, agrees_with_the_scatter, NULL, teardown, &problems[problem_count++],
              "reference/scatter/%s", text);
}

int main(int argc, char **argv)
{
    struct suite suite = {.name = "reference"};

    for (size_t i = 0; i < nasty_count; i++)
        add(&suite, problem_from(nasty_problems[i]));
    for (size_t i = 0; i < network_count; i++)
        add(&suite, problem_from(network_problems[i]));
    for (uint64_t seed = 0; seed < SEEDS; seed++)
        add(&suite, generate_problem(seed));
    for (uint64_t seed = 0; seed < SEEDS; seed++)
        add(&suite, generate_conv(seed));
    return suite_run(&suite, argc, argv) != 0;
}
