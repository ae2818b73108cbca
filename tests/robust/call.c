#include "robust/call.h"

#include <math.h>
#include <stdlib.h>

#include "support/check.h"

static tconv_tensor dense(int64_t n, int64_t c, int64_t h, int64_t w)
{
    const int64_t size[] = {n, c, h, w};
    tconv_tensor tensor;

    assert_int_equal(tconv_tensor_dense(&tensor, TCONV_F32, TCONV_NCX, 4, size, NULL),
                     TCONV_OK);
    return tensor;
}

struct call call_valid(void)
{
    struct call call = {
        .desc = tconv_desc_default(2),
        .input = dense(2, 4, 3, 5),
        .weights = dense(4, 3, 3, 3),
        .output = dense(2, 6, 5, 9),
        .options = tconv_options_default(),
        .buffers = tconv_buffers_default(),
        .window = {.begin = {1, 2}, .end = {4, 8}, .stride = {270, 45, 9, 1}},
        .other_input = dense(1, 4, 4, 4),
        .other_output = dense(1, 6, 7, 7),
    };

    call.desc.groups = 2;
    for (int a = 0; a < 2; a++) {
        call.desc.stride[a] = 2;
        call.desc.pad_begin[a] = call.desc.pad_end[a] = 1;
    }
    call.desc.epilogue.bias_length = 6;
    call.options.threads = 2;
    return call;
}

static float *numbers(int64_t count, float value)
{
    float *values = malloc((size_t)count * sizeof *values);

    assert_non_null(values);
    for (int64_t i = 0; i < count; i++)
        values[i] = value;
    return values;
}

struct call_memory call_allocate(struct call *call)
{
    struct call_memory m = {NULL, NULL, NULL, NULL, NULL, NULL, NULL};

    m.input = numbers(CALL_INPUTS, 1.0F);
    m.weights = numbers(CALL_WEIGHTS, 1.0F);
    m.bias = numbers(6, 1.0F);
    m.output = numbers(CALL_OUTPUTS, NAN);
    assert_int_equal(tconv_plan_create(&call->desc, &call->input, &call->weights, &call->output,
                                       &call->options, &m.plan, NULL),
                     TCONV_OK);
    assert_int_equal(tconv_weights_pack(m.plan, m.weights, &m.packed, NULL), TCONV_OK);
    call->buffers.workspace_bytes = tconv_plan_workspace_size(m.plan);
    m.workspace = malloc(call->buffers.workspace_bytes + 1);
    assert_non_null(m.workspace);
    call->buffers.input = m.input;
    call->buffers.bias = m.bias;
    call->buffers.output = m.output;
    call->buffers.workspace = m.workspace;
    call->packed = m.packed;
    return m;
}

void call_free(struct call_memory *memory)
{
    tconv_weights_destroy(memory->packed);
    tconv_plan_destroy(memory->plan);
    free(memory->input);
    free(memory->weights);
    free(memory->bias);
    free(memory->output);
    free(memory->workspace);
}
