/*
 * test_extremes.c - strides and dilations up to INT64_MAX, alone and together
 *
 * Legal, since a single input or tap makes no use of them, and a trap for every
 * product of extents.  Small integers, so whatever is not refused must equal the
 * reference exactly; the sanitizers see the products.  And plans, of which nothing is
 * computed, at the limits of winograd's filters.
 */
#include <assert.h>
#include <stdbool.h>

#include <tconv/tconv.h>

#include "support/runs_here.h"
#include "support/suite.h"

#define SIZE 5      /* outputs on each axis */
#define CHANNELS 3

static const int64_t extremes[] = {1,      3,      8,       64,      65, 4097, 262144,
                                   262145, 1 << 30, INT64_C(1) << 60, INT64_MAX};
static const int64_t kernels[] = {1, 2, 3, 64, 65};

struct extreme_case {
    tconv_algorithm algorithm;
    tconv_layout layout;
    int32_t rank;
};

/* y for one plan, or false if it is refused (or no such problem exists). */
static bool compute(const struct extreme_case *c, tconv_algorithm algorithm, int64_t stride,
                    int64_t dilation, int64_t kernel, float *y)
{
    const int64_t x_size[] = {1, 2, 1, 1, 1};
    const int64_t w_size[] = {2, CHANNELS, kernel, c->rank > 1 ? 2 : 1, 1};
    const float x[] = {1.0F, 2.0F};
    tconv_desc desc = tconv_desc_default(c->rank);
    tconv_options options = tconv_options_default();
    tconv_buffers buffers = tconv_buffers_default();
    tconv_tensor input, weights, output;
    int64_t y_size[TCONV_MAX_DIMS];
    float w[2 * CHANNELS * 65 * 2];
    tconv_status status;

    for (int a = 0; a < c->rank; a++) {
        desc.stride[a] = stride;
        desc.dilation[a] = dilation;
        desc.output_size[a] = SIZE;
    }
    for (size_t i = 0; i < ARRAY_LEN(w); i++)
        w[i] = (float)(i % 5);
    assert_int_equal(tconv_tensor_dense(&input, TCONV_F32, c->layout, c->rank + 2, x_size, NULL),
                     TCONV_OK);
    assert_int_equal(tconv_tensor_dense(&weights, TCONV_F32, TCONV_NCX, c->rank + 2, w_size, NULL),
                     TCONV_OK);
    if (tconv_output_shape(&desc, &input, &weights, y_size, NULL) != TCONV_OK)
        return false;
    assert_int_equal(tconv_tensor_dense(&output, TCONV_F32, c->layout, c->rank + 2, y_size, NULL),
                     TCONV_OK);
    options.algorithm = algorithm;
    buffers.input = x;
    buffers.output = y;
    status = tconv_conv_transpose(&desc, &input, &weights, &output, &options, w, &buffers, NULL);
    assert_true(status == TCONV_OK || status == TCONV_ERR_UNSUPPORTED);
    return status == TCONV_OK;
}

static void refuses_or_equals_the_reference(void **state)
{
    const struct extreme_case *c = *state;
    const size_t count = CHANNELS * SIZE * SIZE * SIZE;
    int computed = 0;

    if (!runs_here(c->algorithm))
        skip();
    for (size_t s = 0; s < ARRAY_LEN(extremes); s++)
        for (size_t d = 0; d < ARRAY_LEN(extremes); d++)
            for (size_t k = 0; k < ARRAY_LEN(kernels); k++) {
                float want[CHANNELS * SIZE * SIZE * SIZE] = {0.0F};
                float got[CHANNELS * SIZE * SIZE * SIZE] = {0.0F};

                if (!compute(c, c->algorithm, extremes[s], extremes[d], kernels[k], got))
                    continue;
                computed++;
                assert_true(compute(c, TCONV_ALGORITHM_REFERENCE, extremes[s], extremes[d],
                                    kernels[k], want));
                assert_memory_equal(got, want, count * sizeof want[0]);
            }
    assert_true(computed > (c->algorithm == TCONV_ALGORITHM_WINOGRAD ? 0 : 30));
}

/* A padding whose reach times the channels is no int64: a plan, or a reason against it. */
static void channels_times_reach(void **state)
{
    const int64_t channels = INT64_C(1) << 30, padding = (INT64_C(1) << 32) - 1;
    const int64_t x_size[] = {2, channels, 8}, w_size[] = {channels, 1024, 1};
    tconv_options options = tconv_options_default();
    tconv_desc desc = tconv_desc_default(1);
    tconv_tensor input, weights, output;
    int64_t y_size[TCONV_MAX_DIMS];
    tconv_plan *plan = NULL;

    (void)state;
    desc.pad_begin[0] = padding;
    desc.pad_end[0] = 7 - padding;
    assert_int_equal(tconv_tensor_dense(&input, TCONV_F32, TCONV_NCX, 3, x_size, NULL), TCONV_OK);
    assert_int_equal(tconv_tensor_dense(&weights, TCONV_F32, TCONV_NCX, 3, w_size, NULL), TCONV_OK);
    assert_int_equal(tconv_output_shape(&desc, &input, &weights, y_size, NULL), TCONV_OK);
    assert_int_equal(tconv_tensor_dense(&output, TCONV_F32, TCONV_NCX, 3, y_size, NULL), TCONV_OK);
    assert_int_equal(tconv_plan_create(&desc, &input, &weights, &output, &options, &plan, NULL),
                     TCONV_OK);
    tconv_plan_destroy(plan);
}

struct plan_case {
    const char *name;
    tconv_op op;
    tconv_dtype dtype;
    int32_t rank;
    int64_t in, kernel, stride, ic;
    tconv_status winograd;
};

#define SCATTER TCONV_CONV_TRANSPOSE

static struct plan_case plans[] = {
    {"two-taps-of-131072", SCATTER, TCONV_F32, 3, 8, 262144, 131072, 65, TCONV_ERR_UNSUPPORTED},
    {"three-taps-of-87382", SCATTER, TCONV_F32, 3, 4, 262144, 87382, 65, TCONV_ERR_UNSUPPORTED},
    {"planes-of-131072", TCONV_CONV, TCONV_F32, 3, 262144, 262144, 131072, 65,
     TCONV_ERR_UNSUPPORTED},
    {"planes-of-9-3d", TCONV_CONV, TCONV_F64, 3, 40, 18, 9, 65, TCONV_OK},
    /* With AVX-512 the fastest filters take more than 4 MiB of scratch, others less. */
    {"scratch-k9-2d", SCATTER, TCONV_F64, 2, 64, 9, 4, 566, TCONV_OK},
    {"scratch-k9-3d", SCATTER, TCONV_F32, 3, 16, 9, 4, 40, TCONV_OK},
    {"scratch-k3-3d", SCATTER, TCONV_F64, 3, 16, 3, 1, 566, TCONV_OK},
};

static tconv_status plan_with(const struct plan_case *c, tconv_algorithm algorithm)
{
    int64_t x_size[TCONV_MAX_DIMS] = {1, c->ic}, w_size[TCONV_MAX_DIMS] = {c->ic, 32};
    tconv_desc desc = tconv_desc_default(c->rank);
    tconv_options options = tconv_options_default();
    tconv_tensor input, weights, output;
    int64_t y_size[TCONV_MAX_DIMS];
    tconv_plan *plan = NULL;
    tconv_status status;

    desc.op = c->op;
    for (int a = 0; a < c->rank; a++) {
        x_size[a + 2] = c->in;
        w_size[a + 2] = c->kernel;
        desc.stride[a] = c->stride;
    }
    if (c->op == TCONV_CONV) {
        w_size[0] = 1;
        w_size[1] = c->ic;
    } else if (c->kernel > 9) {
        w_size[1] = 1;
    }
    assert_int_equal(tconv_tensor_dense(&input, c->dtype, TCONV_NCX, c->rank + 2, x_size, NULL),
                     TCONV_OK);
    assert_int_equal(tconv_tensor_dense(&weights, c->dtype, TCONV_NCX, c->rank + 2, w_size, NULL),
                     TCONV_OK);
    assert_int_equal(tconv_output_shape(&desc, &input, &weights, y_size, NULL), TCONV_OK);
    assert_int_equal(tconv_tensor_dense(&output, c->dtype, TCONV_NCX, c->rank + 2, y_size, NULL),
                     TCONV_OK);
    options.algorithm = algorithm;
    status = tconv_plan_create(&desc, &input, &weights, &output, &options, &plan, NULL);
    tconv_plan_destroy(plan);
    return status;
}

static void makes_or_refuses_plans(void **state)
{
    const struct plan_case *c = *state;

    assert_int_equal(plan_with(c, TCONV_ALGORITHM_WINOGRAD), c->winograd);
    assert_int_equal(plan_with(c, TCONV_ALGORITHM_AUTO), TCONV_OK);
}

static int64_t strides[] = {1, INT64_C(1) << 31, INT64_C(1) << 59, INT64_C(1) << 61};

/*
 * A dimension of one element has a stride that nobody walks, whatever it is: no cost, tile or
 * packing may multiply it beyond 64 bits.
 */
static void takes_strides_that_nobody_walks(void **state)
{
    const int64_t far = *(const int64_t *)*state;
    const tconv_tensor x = {TCONV_F32, 3, {1, 2, 1}, {far, 1, far}};
    const tconv_tensor w = {TCONV_F32, 3, {1, 2, 4}, {far, 4, 1}};
    const tconv_tensor y = {TCONV_F32, 3, {1, 1, 1}, {far, far, far}};
    const float x_data[2] = {1.0F, 2.0F};
    const float w_data[8] = {1.0F, 2.0F, 3.0F, 4.0F, 5.0F, 6.0F, 7.0F, 8.0F};
    tconv_desc desc = tconv_desc_default(1);
    tconv_options options = tconv_options_default();
    tconv_buffers buffers = tconv_buffers_default();
    float y_data = 0.0F;

    desc.op = TCONV_CONV;
    desc.stride[0] = 2;
    desc.pad_begin[0] = 1;
    desc.pad_end[0] = 2;
    buffers.input = x_data;
    buffers.output = &y_data;
    for (int a = 0; tconv_algorithm_name((tconv_algorithm)a) != NULL; a++) {
        if (!runs_here((tconv_algorithm)a))
            continue;
        options.algorithm = (tconv_algorithm)a;
        y_data = 0.0F;
        assert_int_equal(tconv_conv(&desc, &x, &w, &y, &options, w_data, &buffers, NULL),
                         TCONV_OK);
        assert_true(y_data == 1.0F * 2.0F + 2.0F * 6.0F);
    }
}

/* The same of a gradient of several tiles, which asks for memory ahead. */
static void gradients_take_strides_that_nobody_walks(void **state)
{
    enum { INPUTS = 1000, CHANNELS_IN = 8 };
    const int64_t far = *(const int64_t *)*state;
    const tconv_tensor x = {TCONV_F32, 3, {1, CHANNELS_IN, INPUTS}, {far, INPUTS, 1}};
    const tconv_tensor w = {TCONV_F32, 3, {CHANNELS_IN, 1, 1}, {1, far, far}};
    const tconv_tensor y = {TCONV_F32, 3, {1, 1, INPUTS}, {far, far, 1}};
    static float x_data[CHANNELS_IN * INPUTS], dy[INPUTS], workspace[1 << 20];
    const tconv_desc desc = tconv_desc_default(1);
    tconv_options options = tconv_options_default();
    tconv_gradient_buffers buffers = tconv_gradient_buffers_default();
    tconv_gradient *gradient;
    float dw[CHANNELS_IN] = {0.0F};

    for (int i = 0; i < CHANNELS_IN * INPUTS; i++)
        x_data[i] = (float)(i / INPUTS);
    for (int i = 0; i < INPUTS; i++)
        dy[i] = 1.0F;
    options.threads = 1;
    assert_int_equal(tconv_gradient_create(&desc, &x, &w, &y, &options, &gradient, NULL), TCONV_OK);
    buffers.input = x_data;
    buffers.grad_output = dy;
    buffers.grad_weights = dw;
    buffers.workspace = workspace;
    buffers.workspace_bytes = sizeof workspace;
    assert_int_equal(tconv_gradient_execute(gradient, &buffers, NULL), TCONV_OK);
    tconv_gradient_destroy(gradient);
    for (int i = 0; i < CHANNELS_IN; i++)
        assert_true(dw[i] == (float)(i * INPUTS));
}

/* More groups than products of their sums can be told in 64 bits; and taps. */
static void gradients_are_made_of_anything(void **state)
{
    const int64_t groups = INT64_C(1) << 58, taps = INT64_C(1) << 59;
    tconv_tensor x = {TCONV_F32, 3, {1, 2 * groups, 1}, {2 * groups, 1, 1}}, y = x;
    tconv_tensor w = {TCONV_F32, 3, {2 * groups, 2, 1}, {2, 1, 1}};
    tconv_desc desc = tconv_desc_default(1);
    tconv_options options = tconv_options_default();
    tconv_gradient *gradient;

    (void)state;
    options.threads = 1;
    desc.groups = groups;
    assert_int_equal(tconv_gradient_create(&desc, &x, &w, &y, &options, &gradient, NULL), TCONV_OK);
    assert_true(tconv_gradient_workspace_size(gradient) <= 4u << 20);
    tconv_gradient_destroy(gradient);

    desc = tconv_desc_default(1);
    desc.op = TCONV_CONV;
    desc.dilation[0] = 2;
    desc.pad_begin[0] = taps;
    desc.output_size[0] = 1;
    x = y = (tconv_tensor){TCONV_F32, 3, {1, 1, 1}, {1, 1, 1}};
    w = (tconv_tensor){TCONV_F32, 3, {1, 1, taps}, {taps, taps, 1}};
    assert_int_equal(tconv_gradient_create(&desc, &x, &w, &y, &options, &gradient, NULL), TCONV_OK);
    assert_true(tconv_gradient_workspace_size(gradient) <= 4u << 20);
    tconv_gradient_destroy(gradient);
}

int main(int argc, char **argv)
{
    static struct extreme_case cases[64];
    struct suite suite = {.name = "extremes"};
    size_t n = 0;

    for (int a = 0; tconv_algorithm_name((tconv_algorithm)a) != NULL; a++)
        for (int layout = TCONV_NCX; layout <= TCONV_NXC; layout++)
            for (int32_t rank = 1; rank <= 3; rank++, n++) {
                assert(n < ARRAY_LEN(cases));
                cases[n] = (struct extreme_case){(tconv_algorithm)a, (tconv_layout)layout, rank};
                suite_add(&suite, refuses_or_equals_the_reference, NULL, NULL, &cases[n],
                          "extremes/%s/%s/%dd", tconv_algorithm_name((tconv_algorithm)a),
                          layout == TCONV_NCX ? "ncx" : "nxc", (int)rank);
            }
    for (size_t i = 0; i < ARRAY_LEN(plans); i++)
        suite_add(&suite, makes_or_refuses_plans, NULL, NULL, &plans[i],
                  "plans/%s", plans[i].name);
    for (size_t i = 0; i < ARRAY_LEN(strides); i++)
        suite_add(&suite, takes_strides_that_nobody_walks, NULL, NULL, &strides[i],
                  "strides/%lld", (long long)strides[i]);
    for (size_t i = 0; i < ARRAY_LEN(strides); i++)
        suite_add(&suite, gradients_take_strides_that_nobody_walks, NULL, NULL, &strides[i],
                  "gradients/strides/%lld", (long long)strides[i]);
    suite_add(&suite, gradients_are_made_of_anything, NULL, NULL, NULL, "gradients/anything");
    suite_add(&suite, channels_times_reach, NULL, NULL, NULL, "plans/channels-times-reach");
    return suite_run(&suite, argc, argv) != 0;
}
