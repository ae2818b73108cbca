/*
 * test_gradient_arguments.c - what the functions of gradient.h say to wrong arguments
 */
#include <string.h>

#include "robust/call.h"
#include "robust/counting.h"
#include "support/suite.h"

static struct call call;
static struct call_memory memory;
static tconv_gradient *gradient;
static float dw[CALL_WEIGHTS], db[6], scratch[1 << 20];
static tconv_gradient_buffers buffers;

static int setup(void **state)
{
    (void)state;
    call = call_valid();
    memory = call_allocate(&call);
    assert_int_equal(tconv_gradient_create(&call.desc, &call.input, &call.weights, &call.output,
                                           NULL, &gradient, NULL),
                     TCONV_OK);
    buffers = tconv_gradient_buffers_default();
    buffers.input = memory.input;
    buffers.grad_output = memory.output;
    buffers.grad_weights = dw;
    buffers.grad_bias = db;
    buffers.workspace = scratch;
    buffers.workspace_bytes = sizeof scratch;
    for (int i = 0; i < CALL_WEIGHTS; i++)
        dw[i] = -1.0F;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tconv_gradient_destroy(gradient);
    gradient = NULL;
    call_free(&memory);
    return 0;
}

static void says(tconv_status got, const tconv_error *error, tconv_status want, const char *word)
{
    assert_int_equal(got, want);
    assert_int_equal(error->status, want);
    if (strstr(error->message, word) == NULL)
        fail_msg("\"%s\" does not say %s", error->message, word);
    assert_true(dw[0] == -1.0F); /* nothing was written */
}

static void creation(void **state)
{
    tconv_options options = tconv_options_default();
    tconv_tensor shared = call.weights;
    tconv_gradient *g = gradient;
    tconv_error e;

    (void)state;
#define CREATE(d, i, w, o, p) tconv_gradient_create(d, i, w, o, &options, p, &e)
    says(CREATE(NULL, &call.input, &call.weights, &call.output, &g), &e, TCONV_ERR_NULL_POINTER,
         "desc is NULL");
    assert_null(g);
    says(CREATE(&call.desc, NULL, &call.weights, &call.output, &g), &e, TCONV_ERR_NULL_POINTER,
         "input is NULL");
    says(CREATE(&call.desc, &call.input, NULL, &call.output, &g), &e, TCONV_ERR_NULL_POINTER,
         "weights is NULL");
    says(CREATE(&call.desc, &call.input, &call.weights, NULL, &g), &e, TCONV_ERR_NULL_POINTER,
         "output is NULL");
    says(CREATE(&call.desc, &call.input, &call.weights, &call.output, NULL), &e,
         TCONV_ERR_NULL_POINTER, "gradient_out is NULL");
    shared.stride[0] = 0;
    says(CREATE(&call.desc, &call.input, &shared, &call.output, &g), &e,
         TCONV_ERR_INVALID_ARGUMENT, "share a place");
    options.algorithm = TCONV_ALGORITHM_GEMM;
    says(CREATE(&call.desc, &call.input, &call.weights, &call.output, &g), &e,
         TCONV_ERR_UNSUPPORTED, "direct");
    options = tconv_options_default();
    options.workspace_limit_bytes = 64;
    says(CREATE(&call.desc, &call.input, &call.weights, &call.output, &g), &e,
         TCONV_ERR_WORKSPACE_TOO_SMALL, "at least");
    options = tconv_options_default();
    alloc_calls = 0;
    alloc_fails_at = 1;
    says(CREATE(&call.desc, &call.input, &call.weights, &call.output, &g), &e,
         TCONV_ERR_OUT_OF_MEMORY, "no memory");
    alloc_fails_at = 0;
    assert_null(g);
}

static void execution(void **state)
{
    tconv_gradient_buffers b = buffers;
    tconv_error e;

    (void)state;
    says(tconv_gradient_execute(NULL, &b, &e), &e, TCONV_ERR_NULL_POINTER, "gradient");
    says(tconv_gradient_execute(gradient, NULL, &e), &e, TCONV_ERR_NULL_POINTER, "buffers");
    b.struct_size = 1;
    says(tconv_gradient_execute(gradient, &b, &e), &e, TCONV_ERR_INVALID_ARGUMENT, "struct_size");
    b = buffers;
    b.accumulate = 2;
    says(tconv_gradient_execute(gradient, &b, &e), &e, TCONV_ERR_INVALID_ARGUMENT, "accumulate");
    b = buffers;
    b.input = NULL;
    says(tconv_gradient_execute(gradient, &b, &e), &e, TCONV_ERR_NULL_POINTER, "input");
    b = buffers;
    b.grad_output = NULL;
    says(tconv_gradient_execute(gradient, &b, &e), &e, TCONV_ERR_NULL_POINTER, "grad_output");
    b = buffers;
    b.workspace = NULL;
    says(tconv_gradient_execute(gradient, &b, &e), &e, TCONV_ERR_NULL_POINTER, "workspace");
    b = buffers;
    b.workspace_bytes = tconv_gradient_workspace_size(gradient) - 1;
    says(tconv_gradient_execute(gradient, &b, &e), &e, TCONV_ERR_WORKSPACE_TOO_SMALL,
         "workspace_bytes");
    b = buffers;
    b.grad_weights = memory.input;
    says(tconv_gradient_execute(gradient, &b, &e), &e, TCONV_ERR_INVALID_ARGUMENT, "overlaps");
}

static void execution_allocates_nothing(void **state)
{
    (void)state;
    memset(memory.output, 0, CALL_OUTPUTS * sizeof *memory.output);
    heap_calls = 0;
    assert_int_equal(tconv_gradient_execute(gradient, &buffers, NULL), TCONV_OK);
    assert_int_equal(heap_calls, 0);
    assert_true(dw[0] == 0.0F);
    buffers.grad_weights = NULL; /* then neither input nor workspace is needed */
    buffers.input = buffers.workspace = NULL;
    assert_int_equal(tconv_gradient_execute(gradient, &buffers, NULL), TCONV_OK);
}

static void activation(void **state)
{
    tconv_epilogue f = call.desc.epilogue;
    float y[2] = {-1.0F, 1.0F}, dz[2];
    tconv_error e;

    (void)state;
    says(tconv_activation_gradient(NULL, TCONV_F32, 2, y, y, dz, &e), &e, TCONV_ERR_NULL_POINTER,
         "epilogue");
    says(tconv_activation_gradient(&f, TCONV_F32, 2, NULL, y, dz, &e), &e,
         TCONV_ERR_NULL_POINTER, "y is NULL");
    says(tconv_activation_gradient(&f, TCONV_F32, 2, y, NULL, dz, &e), &e,
         TCONV_ERR_NULL_POINTER, "dy is NULL");
    says(tconv_activation_gradient(&f, TCONV_F32, 2, y, y, NULL, &e), &e, TCONV_ERR_NULL_POINTER,
         "dz is NULL");
    says(tconv_activation_gradient(&f, (tconv_dtype)9, 2, y, y, dz, &e), &e,
         TCONV_ERR_INVALID_ARGUMENT, "dtype");
    says(tconv_activation_gradient(&f, TCONV_F32, -1, y, y, dz, &e), &e,
         TCONV_ERR_INVALID_ARGUMENT, "count");
    f.activation = (tconv_activation)99;
    says(tconv_activation_gradient(&f, TCONV_F32, 2, y, y, dz, &e), &e,
         TCONV_ERR_INVALID_ARGUMENT, "activation");
    f.activation = TCONV_ACTIVATION_LEAKY_RELU;
    f.alpha = -0.5;
    says(tconv_activation_gradient(&f, TCONV_F32, 2, y, y, dz, &e), &e, TCONV_ERR_UNSUPPORTED,
         "slope");
    f.alpha = 0.5;
    assert_int_equal(tconv_activation_gradient(&f, TCONV_F32, 2, y, y, y, NULL), TCONV_OK);
    assert_true(y[0] == -0.5F && y[1] == 1.0F); /* in place */
}

static void adjoint(void **state)
{
    tconv_desc d = call.desc;
    tconv_error e;

    (void)state;
    says(tconv_desc_adjoint(NULL, &call.input, &call.weights, &d, &e), &e,
         TCONV_ERR_NULL_POINTER, "desc");
    says(tconv_desc_adjoint(&call.desc, NULL, &call.weights, &d, &e), &e, TCONV_ERR_NULL_POINTER,
         "input");
    says(tconv_desc_adjoint(&call.desc, &call.input, NULL, &d, &e), &e, TCONV_ERR_NULL_POINTER,
         "weights");
    says(tconv_desc_adjoint(&call.desc, &call.input, &call.weights, NULL, &e), &e,
         TCONV_ERR_NULL_POINTER, "desc_out");
    d.stride[0] = 0;
    says(tconv_desc_adjoint(&d, &call.input, &call.weights, &d, &e), &e,
         TCONV_ERR_INVALID_ARGUMENT, "stride[0]");
}

int main(int argc, char **argv)
{
    struct suite suite = {.name = "gradient_arguments"};

    suite_add(&suite, creation, setup, teardown, NULL, "gradient/creation");
    suite_add(&suite, execution, setup, teardown, NULL, "gradient/execution");
    suite_add(&suite, execution_allocates_nothing, setup, teardown, NULL,
              "gradient/allocates_nothing");
    suite_add(&suite, activation, setup, teardown, NULL, "gradient/activation");
    suite_add(&suite, adjoint, setup, teardown, NULL, "gradient/adjoint");
    return suite_run(&suite, argc, argv) != 0;
}
