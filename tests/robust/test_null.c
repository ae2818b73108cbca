/*
 * test_null.c - NULL where a pointer must not be, in everything but execution
 */
#include <string.h>

#include "robust/call.h"
#include "support/suite.h"

static void says(tconv_status status, const tconv_error *error, const char *argument)
{
    assert_int_equal(status, TCONV_ERR_NULL_POINTER);
    assert_int_equal(error->status, TCONV_ERR_NULL_POINTER);
    if (strstr(error->message, argument) == NULL || strstr(error->message, "NULL") == NULL)
        fail_msg("\"%s\" does not say that %s is NULL", error->message, argument);
}

static void tensor_dense(void **state)
{
    const int64_t size[] = {1, 1, 1};
    tconv_tensor tensor;
    tconv_error error;

    says(tconv_tensor_dense(NULL, TCONV_F32, TCONV_NCX, 3, size, &error), &error, "tensor_out");
    says(tconv_tensor_dense(&tensor, TCONV_F32, TCONV_NCX, 3, NULL, &error), &error, "size");
    (void)state;
}

static void output_shape(void **state)
{
    const struct call c = call_valid();
    int64_t size[TCONV_MAX_DIMS];
    tconv_error error;

    says(tconv_output_shape(NULL, &c.input, &c.weights, size, &error), &error, "desc");
    says(tconv_output_shape(&c.desc, NULL, &c.weights, size, &error), &error, "input");
    says(tconv_output_shape(&c.desc, &c.input, NULL, size, &error), &error, "weights");
    says(tconv_output_shape(&c.desc, &c.input, &c.weights, NULL, &error), &error, "size_out");
    (void)state;
}

static void plan_create(void **state)
{
    const struct call c = call_valid();
    tconv_plan *plan = (tconv_plan *)(uintptr_t)&c;
    tconv_error e;

    says(tconv_plan_create(NULL, &c.input, &c.weights, &c.output, NULL, &plan, &e), &e, "desc");
    assert_null(plan);
    says(tconv_plan_create(&c.desc, NULL, &c.weights, &c.output, NULL, &plan, &e), &e, "input");
    says(tconv_plan_create(&c.desc, &c.input, NULL, &c.output, NULL, &plan, &e), &e, "weights");
    says(tconv_plan_create(&c.desc, &c.input, &c.weights, NULL, NULL, &plan, &e), &e, "output");
    says(tconv_plan_create(&c.desc, &c.input, &c.weights, &c.output, NULL, NULL, &e), &e,
         "plan_out");
    assert_int_equal(
        tconv_plan_create(&c.desc, &c.input, &c.weights, &c.output, NULL, &plan, NULL), TCONV_OK);
    tconv_plan_destroy(plan);
    (void)state;
}

static void plan_users(void **state)
{
    struct call c = call_valid();
    struct call_memory m = call_allocate(&c);
    tconv_plan *plan = m.plan;
    tconv_weights *weights = m.packed;
    tconv_explanation explanation;
    tconv_error e;

    says(tconv_plan_resize(NULL, &c.other_input, &c.other_output, &plan, &e), &e, "plan");
    assert_null(plan);
    says(tconv_plan_resize(m.plan, NULL, &c.other_output, &plan, &e), &e, "input");
    says(tconv_plan_resize(m.plan, &c.other_input, NULL, &plan, &e), &e, "output");
    says(tconv_plan_resize(m.plan, &c.other_input, &c.other_output, NULL, &e), &e, "plan_out");
    says(tconv_weights_pack(NULL, m.weights, &weights, &e), &e, "plan");
    assert_null(weights);
    says(tconv_weights_pack(m.plan, NULL, &weights, &e), &e, "data");
    says(tconv_weights_pack(m.plan, m.weights, NULL, &e), &e, "weights_out");
    explanation.struct_size = sizeof explanation;
    says(tconv_plan_explain(NULL, &explanation, &e), &e, "plan");
    says(tconv_plan_explain(m.plan, NULL, &e), &e, "explanation_out");
    call_free(&m);
    (void)state;
}

static void one_call(void **state)
{
    struct call c = call_valid();
    struct call_memory m = call_allocate(&c);
    tconv_error e;

    says(tconv_conv_transpose(NULL, &c.input, &c.weights, &c.output, NULL, m.weights,
                              &c.buffers, &e), &e, "desc");
    says(tconv_conv_transpose(&c.desc, NULL, &c.weights, &c.output, NULL, m.weights, &c.buffers,
                              &e), &e, "input");
    says(tconv_conv_transpose(&c.desc, &c.input, NULL, &c.output, NULL, m.weights, &c.buffers,
                              &e), &e, "weights");
    says(tconv_conv_transpose(&c.desc, &c.input, &c.weights, NULL, NULL, m.weights, &c.buffers,
                              &e), &e, "output");
    says(tconv_conv_transpose(&c.desc, &c.input, &c.weights, &c.output, NULL, NULL, &c.buffers,
                              &e), &e, "data");
    says(tconv_conv_transpose(&c.desc, &c.input, &c.weights, &c.output, NULL, m.weights, NULL,
                              &e), &e, "buffers");
    c.buffers.input = NULL;
    says(tconv_conv_transpose(&c.desc, &c.input, &c.weights, &c.output, NULL, m.weights,
                              &c.buffers, &e), &e, "input");
    call_free(&m);
    (void)state;
}

/* What takes NULL by its documentation. */
static void destroy_takes_null(void **state)
{
    struct call c = call_valid();
    struct call_memory m = call_allocate(&c);

    tconv_plan_destroy(NULL);
    tconv_weights_destroy(NULL);
    assert_true(tconv_plan_describe(m.plan, NULL, 0) > 0);
    call_free(&m);
    (void)state;
}

static void explanation_of_unknown_size(void **state)
{
    struct call c = call_valid();
    struct call_memory m = call_allocate(&c);
    tconv_explanation explanation = {.struct_size = 1, .threads = -5};
    tconv_error e;

    assert_int_equal(tconv_plan_explain(m.plan, &explanation, &e), TCONV_ERR_INVALID_ARGUMENT);
    assert_non_null(strstr(e.message, "struct_size is 1"));
    assert_int_equal(explanation.threads, -5);
    call_free(&m);
    (void)state;
}

int main(int argc, char **argv)
{
    struct suite suite = {.name = "null"};

    suite_add(&suite, tensor_dense, NULL, NULL, NULL, "null/tensor_dense");
    suite_add(&suite, output_shape, NULL, NULL, NULL, "null/output_shape");
    suite_add(&suite, plan_create, NULL, NULL, NULL, "null/plan_create");
    suite_add(&suite, plan_users, NULL, NULL, NULL, "null/plan_users");
    suite_add(&suite, one_call, NULL, NULL, NULL, "null/one_call");
    suite_add(&suite, destroy_takes_null, NULL, NULL, NULL, "null/destroy");
    suite_add(&suite, explanation_of_unknown_size, NULL, NULL, NULL, "null/explanation");
    return suite_run(&suite, argc, argv) != 0;
}
