/*
 * onnx_vectors.c - every algorithm on ONNX's own ConvTranspose vectors
 *
 * Debian's libonnx-testdata carries thirteen: ten node tests, and three layers
 * exported from PyTorch with their weights inside the model.  Each is computed
 * by each algorithm in float, as stored, and in double, to which the floats
 * convert exactly; in ONNX's order, with channels last and as views.  A vector
 * that is not there is a failure.
 *
 * Bounds.  An output is the sum of at most m = C_in / groups * taps products,
 * which takes m - 1 additions, and one more for a bias.  In no order does a term
 * meet more roundings than these and its product's own: n = m + bias.  In a
 * type of unit roundoff u the sum is then off by at most gamma(n, u) * mag,
 * gamma(n, u) = n u / (1 - n u), mag = |bias| + sum |x||w|, with or without FMA
 * (Higham, "Accuracy and Stability of Numerical Algorithms", section 3.1).
 *
 *   output_0.pb  Its producer summed in float, in an order of its own, and is
 *                off by gamma(n, 2^-24) * mag.  Had it summed more precisely
 *                and rounded the result to float, the half ulp of that is
 *                2^-24 |y| < gamma(n, 2^-24) * mag and so is covered.  We are
 *                off by gamma(n, u) * mag, u = 2^-24 or less: 2 gamma together,
 *                and 2 gamma(n) <= gamma(2 n).
 *   `reference`  in double on the same numbers: the bound of support/close.c.
 *   scatter      of support/naive.c checks `reference` itself, in double.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "onnx/onnx_reader.h"
#include "onnx/onnx_rule.h"
#include "support/close.h"
#include "support/suite.h"

static const char *const directories[] = {
    "node/test_convtranspose",
    "node/test_convtranspose_1d",
    "node/test_convtranspose_3d",
    "node/test_convtranspose_autopad_same",
    "node/test_convtranspose_dilations",
    "node/test_convtranspose_kernel_shape",
    "node/test_convtranspose_output_shape",
    "node/test_convtranspose_pad",
    "node/test_convtranspose_pads",
    "node/test_convtranspose_with_kernel",
    "pytorch-converted/test_ConvTranspose2d",
    "pytorch-converted/test_ConvTranspose2d_no_bias",
    "pytorch-operator/test_operator_convtranspose",
};

#define MAX_ALGORITHMS 16

struct vector_case {
    const char *directory;
    tconv_algorithm algorithm;
    tconv_dtype dtype;
    enum placement placement;
    struct onnx_vector vector;
    struct sample sample;
    struct arena arena;
};

/* The shape that tconv works out must be the file's before data is compared. */
static void assert_shape(const struct onnx_vector *v, const struct problem *problem)
{
    int64_t size[TCONV_MAX_DIMS];
    tconv_tensor x, w;
    tconv_error error = {TCONV_OK, ""};

    if (tconv_tensor_dense(&x, TCONV_F32, TCONV_NCX, v->x.rank, v->x.size, &error) ||
        tconv_tensor_dense(&w, TCONV_F32, TCONV_NCX, v->w.rank, v->w.size, &error) ||
        tconv_output_shape(&problem->desc, &x, &w, size, &error))
        fail_msg("%s", error.message);
    for (int32_t i = 0; i < v->y.rank; i++)
        assert_int_equal(size[i], v->y.size[i]);
}

/* Widens the array's floats; none if there is no array. */
static void widen(const struct onnx_array *from, double *to)
{
    for (size_t i = 0; i < from->count; i++)
        to[i] = from->data[i];
}

/* A sample of the vector's numbers; it expects what `reference` makes of them. */
static void load_sample(struct vector_case *c)
{
    struct onnx_vector *v = &c->vector;
    struct problem problem;
    char path[400];

    snprintf(path, sizeof path, "%s/%s", ONNX_TESTDATA, c->directory);
    if (!onnx_vector_read(path, v) || !onnx_rule(v, &problem))
        fail_msg("%s: %s", c->directory, v->reason);
    assert_shape(v, &problem);
    sample_create(&c->sample, &problem, c->dtype, FILL_INTEGER, 1);
    assert_int_equal(c->sample.y_count, v->y.count);
    widen(&v->x, c->sample.x);
    widen(&v->w, c->sample.w);
    widen(&v->b, c->sample.bias);
    sample_refresh(&c->sample);
}

/* In double, where both results are off by gamma(n, 2^-53). */
static void reference_agrees_with_scatter(const struct vector_case *c)
{
    const struct sample *s = &c->sample;
    const struct vectors bias = {.bias = c->vector.b.data != NULL ? s->bias : NULL};
    double *y = calloc((size_t)s->y_count, sizeof *y);

    assert_non_null(y);
    naive_scatter(&s->problem, s->x, s->w, y);
    naive_epilogue(&s->problem, &bias, y);
    for (int64_t i = 0; i < s->y_count; i++) {
        const double off = s->want[i] - y[i];

        if (!(off <= allowed_error(s, i) && -off <= allowed_error(s, i)))
            fail_msg("reference, output %lld: got %.17g, want %.17g", (long long)i,
                     s->want[i], y[i]);
    }
    free(y);
}

static void agrees(void **state)
{
    struct vector_case *c = *state;
    const struct arena_case how = {
        .algorithm = c->algorithm, .placement = c->placement, .scratch = 0xA5};

    load_sample(c);
    if (arena_create(&c->arena, &c->sample, &how) != TCONV_OK) {
        if (c->arena.error.status != TCONV_ERR_UNSUPPORTED ||
            (c->algorithm != TCONV_ALGORITHM_WINOGRAD && c->algorithm != TCONV_ALGORITHM_BF16X3))
            fail_msg("%s", c->arena.error.message);
        skip();
    }
    arena_execute(&c->arena);
    assert_nothing_else_touched(&c->arena);
    assert_close(&c->arena);
    if (c->dtype == TCONV_F64)
        reference_agrees_with_scatter(c);

    /* From here the sample expects the file, which is float whatever we are. */
    widen(&c->vector.y, c->sample.want);
    c->sample.dtype = TCONV_F32;
    c->sample.bound_terms *= 2.0;
    assert_close(&c->arena);
}

static int tear_down(void **state)
{
    struct vector_case *c = *state;

    arena_destroy(&c->arena);
    sample_destroy(&c->sample);
    onnx_vector_free(&c->vector);
    return 0;
}

static void add_cases(struct suite *suite, struct vector_case *first, const char *directory)
{
    static const tconv_dtype dtypes[] = {TCONV_F32, TCONV_F64};
    struct vector_case *c = first;

    for (int a = 0; a < MAX_ALGORITHMS && tconv_algorithm_name((tconv_algorithm)a) != NULL; a++) {
        for (size_t t = 0; t < ARRAY_LEN(dtypes); t++) {
            for (int place = 0; place < PLACEMENTS; place++, c++) {
                c->directory = directory;
                c->algorithm = (tconv_algorithm)a;
                c->dtype = dtypes[t];
                c->placement = (enum placement)place;
                suite_add(suite, agrees, NULL, tear_down, c, "onnx/%s/%s/%s/%s",
                          tconv_algorithm_name(c->algorithm), dtype_name(c->dtype),
                          placement_name(c->placement), strrchr(directory, '/') + 1);
            }
        }
    }
}

int main(int argc, char **argv)
{
    static struct vector_case cases[ARRAY_LEN(directories)][MAX_ALGORITHMS * 2 * PLACEMENTS];
    struct suite suite = {.name = "onnx"};

    for (size_t i = 0; i < ARRAY_LEN(directories); i++)
        add_cases(&suite, cases[i], directories[i]);
    return suite_run(&suite, argc, argv) != 0;
}
