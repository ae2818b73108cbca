/*
 * test_plan_arguments.c - every argument that is refused before anything runs
 *
 * A row spoils a valid call in one to three places and names the status, the
 * argument and the value that the answer must hold.  The row is tried on every
 * function that sees those arguments; nothing may be written, nothing leak.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "robust/call.h"
#include "robust/counting.h"
#include "support/suite.h"

/* A store into struct call: an int32_t (enums too), an int64_t or size_t, a double. */
enum kind { NONE, WORD, LONG, REAL };

struct store {
    size_t offset;
    enum kind kind;
    int64_t value;
    double real;
};

#define SET32(field, v) {offsetof(struct call, field), WORD, v, 0.0}
#define SET64(field, v) {offsetof(struct call, field), LONG, v, 0.0}
#define SETF64(field, v) {offsetof(struct call, field), REAL, 0, v}

struct row {
    const char *name;
    struct store store[3];
    tconv_status status;
    const char *argument, *value;
};

#define INVALID TCONV_ERR_INVALID_ARGUMENT
#define TOO_LARGE TCONV_ERR_TOO_LARGE

/* Seen by tconv_output_shape() as well. */
static const struct row shape_rows[] = {
    {"desc-size", {SET64(desc.struct_size, 7)}, INVALID, "struct_size", "7"},
    {"rank-0", {SET32(desc.spatial_rank, 0)}, INVALID, "spatial_rank", "is 0"},
    {"rank-4", {SET32(desc.spatial_rank, 4)}, INVALID, "spatial_rank", "is 4"},
    {"rank-min", {SET32(desc.spatial_rank, INT32_MIN)}, INVALID, "spatial_rank", "-2147483648"},
    {"rank-1", {SET32(desc.spatial_rank, 1)}, INVALID, "rank", "is 4"},
    {"auto-pad-4", {SET32(desc.auto_pad, 4)}, INVALID, "auto_pad", "is 4"},
    {"auto-pad--1", {SET32(desc.auto_pad, -1)}, INVALID, "auto_pad", "-1"},
    {"groups-0", {SET64(desc.groups, 0)}, INVALID, "groups", "is 0"},
    {"groups--2", {SET64(desc.groups, -2)}, INVALID, "groups", "is -2"},
    {"groups-3", {SET64(desc.groups, 3)}, INVALID, "groups", "is 3"},
    {"groups-max", {SET64(desc.groups, INT64_MAX)}, INVALID, "groups", "9223372036854775807"},
    {"stride-0", {SET64(desc.stride[1], 0)}, INVALID, "stride[1]", "is 0"},
    {"stride--1", {SET64(desc.stride[0], -1)}, INVALID, "stride[0]", "is -1"},
    {"stride-max", {SET64(desc.stride[0], INT64_MAX)}, TOO_LARGE, "stride",
     "9223372036854775807"},
    {"stride-min", {SET64(desc.stride[0], INT64_MIN)}, INVALID, "stride[0]",
     "-9223372036854775808"},
    {"dilation-0", {SET64(desc.dilation[0], 0)}, INVALID, "dilation[0]", "is 0"},
    {"dilation-max", {SET64(desc.dilation[1], INT64_MAX)}, TOO_LARGE, "dilation",
     "9223372036854775807"},
    {"pad-all", {SET64(desc.pad_begin[0], 3), SET64(desc.pad_end[0], 4)}, INVALID,
     "pad_begin[0]", "is 3"},
    {"pad-max", {SET64(desc.pad_begin[0], INT64_MAX)}, INVALID, "pad_begin[0]",
     "9223372036854775807"},
    {"pad-min", {SET64(desc.pad_begin[0], INT64_MIN)}, TOO_LARGE, "pad",
     ""},
    {"pad-end-min", {SET64(desc.pad_end[1], INT64_MIN)}, TOO_LARGE, "pad", ""},
    {"pad-both-min",
     {SET64(desc.pad_begin[1], INT64_MIN), SET64(desc.pad_end[1], INT64_MIN)}, TOO_LARGE, "pad",
     ""},
    {"output-padding--1", {SET64(desc.output_padding[1], -1)}, INVALID, "output_padding[1]",
     "is -1"},
    {"output-padding-max", {SET64(desc.output_padding[1], INT64_MAX)}, TOO_LARGE, "padding", ""},
    {"output-size--1", {SET64(desc.output_size[0], -1)}, INVALID, "output_size[0]", "is -1"},
    {"output-size-and-pad-end", {SET64(desc.output_size[0], 5)}, INVALID, "pad_end[0]", "is 1"},
    {"output-size-and-padding",
     {SET64(desc.output_size[0], 5), SET64(desc.pad_end[0], 0),
      SET64(desc.output_padding[0], 1)}, INVALID, "output_padding[0]", "is 1"},
    {"output-size-max",
     {SET64(desc.output_size[0], INT64_MAX), SET64(desc.pad_end[0], 0)}, TOO_LARGE, "axis 0", ""},
    {"same-with-pads", {SET32(desc.auto_pad, TCONV_PAD_SAME_UPPER)}, INVALID, "pad_begin[0]",
     "is 1"},
    {"valid-with-pads", {SET32(desc.auto_pad, TCONV_PAD_VALID)}, INVALID, "pad_begin[0]",
     "is 1"},
    {"bias-length", {SET64(desc.epilogue.bias_length, 5)}, INVALID, "bias_length", "is 5"},
    {"bias-length--6", {SET64(desc.epilogue.bias_length, -6)}, INVALID, "bias_length", "is -6"},
    {"scale-length", {SET64(desc.epilogue.scale_length, 3)}, INVALID, "scale_length", "is 3"},
    {"shift-length", {SET64(desc.epilogue.shift_length, 7)}, INVALID, "shift_length", "is 7"},
    {"accumulate-2", {SET32(desc.epilogue.accumulate, 2)}, INVALID, "accumulate", "is 2"},
    {"accumulate--1", {SET32(desc.epilogue.accumulate, -1)}, INVALID, "accumulate", "is -1"},
    {"activation-6", {SET32(desc.epilogue.activation, 6)}, INVALID, "activation", "is 6"},
    {"activation--1", {SET32(desc.epilogue.activation, -1)}, INVALID, "activation", "is -1"},
    {"clip-upside-down",
     {SET32(desc.epilogue.activation, TCONV_ACTIVATION_CLIP), SETF64(desc.epilogue.alpha, 2.5),
      SETF64(desc.epilogue.beta, 1.5)}, INVALID, "beta", "1.5"},
    {"clip-nan",
     {SET32(desc.epilogue.activation, TCONV_ACTIVATION_CLIP), SETF64(desc.epilogue.alpha, NAN)},
     INVALID, "alpha", "nan"},
    {"input-dtype", {SET32(input.dtype, 3)}, INVALID, "input", "is 3"},
    {"input-rank", {SET32(input.rank, 3)}, INVALID, "input", "is 3"},
    {"input-rank-9", {SET32(input.rank, 9)}, INVALID, "input", "is 9"},
    {"input-batch--1", {SET64(input.size[0], -1)}, INVALID, "input->size[0]", "is -1"},
    {"input-channels-0", {SET64(input.size[1], 0)}, INVALID, "input->size[1]", "is 0"},
    {"input-extent-0", {SET64(input.size[3], 0)}, INVALID, "input->size[3]", "is 0"},
    {"input-extent-max", {SET64(input.size[2], INT64_MAX)}, TOO_LARGE, "input", ""},
    {"weights-dtype", {SET32(weights.dtype, TCONV_F64)}, INVALID, "weights->dtype", "is 2"},
    {"weights-rank", {SET32(weights.rank, 5)}, INVALID, "weights->rank", "is 5"},
    {"weights-channels", {SET64(weights.size[0], 6)}, INVALID, "weights->size[0]", "is 6"},
    {"weights-channels-0", {SET64(weights.size[0], 0)}, INVALID, "weights->size[0]", "is 0"},
    {"weights-out-0", {SET64(weights.size[1], 0)}, INVALID, "weights->size[1]", "is 0"},
    {"weights-out-max", {SET64(weights.size[1], INT64_MAX)}, TOO_LARGE, "weights->size[1]",
     "9223372036854775807"},
    {"kernel-0", {SET64(weights.size[2], 0)}, INVALID, "weights->size[2]", "is 0"},
    {"kernel--4", {SET64(weights.size[3], -4)}, INVALID, "weights->size[3]", "is -4"},
    {"kernel-max", {SET64(weights.size[3], INT64_MAX)}, TOO_LARGE, "weights", ""},
};

/* Seen by those that make a plan. */
static const struct row plan_rows[] = {
    {"output-dtype", {SET32(output.dtype, TCONV_F64)}, INVALID, "output->dtype", "is 2"},
    {"output-rank", {SET32(output.rank, 3)}, INVALID, "output->rank", "is 3"},
    {"output-batch", {SET64(output.size[0], 3)}, INVALID, "output->size[0]", "is 3"},
    {"output-channels", {SET64(output.size[1], 3)}, INVALID, "output->size[1]", "is 3"},
    {"output-height", {SET64(output.size[2], 6)}, INVALID, "output->size[2]", "is 6"},
    {"output-width", {SET64(output.size[3], 8)}, INVALID, "output->size[3]", "is 8"},
    {"output-aliased", {SET64(output.stride[1], 0)}, INVALID, "output", "is 0"},
    {"output-rows-meet", {SET64(output.stride[2], 8)}, INVALID, "output", ""},
    {"input-strides-max", {SET64(input.stride[0], INT64_MAX)}, TOO_LARGE, "input", ""},
    {"input-strides-many",
     {SET64(input.stride[0], INT64_MAX / 8), SET64(input.stride[1], INT64_MAX / 8)}, TOO_LARGE,
     "input", ""},
    {"weights-strides-min", {SET64(weights.stride[1], INT64_MIN / 2)}, TOO_LARGE, "weights", ""},
    {"output-strides-max", {SET64(output.stride[0], INT64_MAX / 2)}, TOO_LARGE, "output", ""},
    {"options-size", {SET64(options.struct_size, 3)}, INVALID, "struct_size", "3"},
    {"algorithm-99", {SET32(options.algorithm, 99)}, INVALID, "algorithm", "is 99"},
    {"algorithm--1", {SET32(options.algorithm, -1)}, INVALID, "algorithm", "is -1"},
    {"forbid_winograd-2", {SET32(options.forbid_winograd, 2)}, INVALID, "forbid_winograd", "is 2"},
    {"threads--1", {SET32(options.threads, -1)}, INVALID, "threads", "is -1"},
    {"workspace-limit-1",
     {SET64(options.workspace_limit_bytes, 1), SET32(options.algorithm, TCONV_ALGORITHM_GEMM)},
     TCONV_ERR_WORKSPACE_TOO_SMALL, "workspace_limit_bytes", "is 1"},
};

/* Seen by tconv_plan_resize() of a valid plan. */
static const struct row resize_rows[] = {
    {"input-dtype",
     {SET32(other_input.dtype, TCONV_F64), SET32(other_output.dtype, TCONV_F64)}, INVALID,
     "dtype", "is"},
    {"input-rank", {SET32(other_input.rank, 3)}, INVALID, "input->rank", "is 3"},
    {"input-channels", {SET64(other_input.size[1], 6)}, INVALID, "size", "6"},
    {"input-extent", {SET64(other_input.size[2], 0)}, INVALID, "input->size[2]", "is 0"},
    {"output-height", {SET64(other_output.size[2], 6)}, INVALID, "output->size[2]", "is 6"},
    {"output-rank", {SET32(other_output.rank, 5)}, INVALID, "output->rank", "is 5"},
    {"output-aliased", {SET64(other_output.stride[3], 0)}, INVALID, "output", ""},
};

static struct call spoil(const struct row *row)
{
    struct call call = call_valid();

    for (size_t i = 0; i < ARRAY_LEN(row->store); i++) {
        const struct store *s = &row->store[i];
        char *to = (char *)&call + s->offset;
        const int32_t word = (int32_t)s->value;

        if (s->kind == WORD)
            memcpy(to, &word, sizeof word);
        else if (s->kind == LONG)
            memcpy(to, &s->value, sizeof s->value);
        else if (s->kind == REAL)
            memcpy(to, &s->real, sizeof s->real);
    }
    return call;
}

/* The status, and a message of one line that names the argument and its value. */
static void check(const struct row *row, tconv_status status, const tconv_error *error)
{
    if (status != row->status)
        fail_msg("status %d (%s), want %d", (int)status,
                 status == TCONV_OK ? "ok" : error->message, (int)row->status);
    assert_int_equal(error->status, status);
    if (strstr(error->message, row->argument) == NULL ||
        strstr(error->message, row->value) == NULL || strchr(error->message, '\n') != NULL)
        fail_msg("\"%s\" does not name \"%s\" and \"%s\" in one line", error->message,
                 row->argument, row->value);
}

static void refuses_shape(void **state)
{
    const struct row *row = *state;
    const struct call call = spoil(row);
    int64_t size[TCONV_MAX_DIMS] = {-7, -7, -7, -7, -7};
    tconv_error error;

    check(row, tconv_output_shape(&call.desc, &call.input, &call.weights, size, &error), &error);
    for (size_t i = 0; i < ARRAY_LEN(size); i++)
        assert_int_equal(size[i], -7);
    assert_int_equal(
        tconv_output_shape(&call.desc, &call.input, &call.weights, size, NULL), row->status);
}

static void refuses_plan(void **state)
{
    const struct row *row = *state;
    const struct call call = spoil(row);
    tconv_plan *plan = (tconv_plan *)(uintptr_t)&call; /* not NULL, to see it cleared */
    const long alive = blocks_alive;
    tconv_error error;

    check(row,
          tconv_plan_create(&call.desc, &call.input, &call.weights, &call.output, &call.options,
                            &plan, &error),
          &error);
    assert_null(plan);
    assert_int_equal(blocks_alive, alive);
    assert_int_equal(tconv_plan_create(&call.desc, &call.input, &call.weights, &call.output,
                                       &call.options, &plan, NULL),
                     row->status);
}

static void refuses_one_call(void **state)
{
    const struct row *row = *state;
    static const float x[CALL_INPUTS], w[CALL_WEIGHTS], bias[6];
    struct call call = spoil(row);
    float y[CALL_OUTPUTS];
    const long alive = blocks_alive;
    tconv_error error;

    memset(y, 0xff, sizeof y);
    call.buffers.input = x;
    call.buffers.bias = bias;
    call.buffers.output = y;
    check(row,
          tconv_conv_transpose(&call.desc, &call.input, &call.weights, &call.output,
                               &call.options, w, &call.buffers, &error),
          &error);
    assert_int_equal(blocks_alive, alive);
    for (size_t i = 0; i < sizeof y; i++)
        assert_int_equal(((unsigned char *)y)[i], 0xff);
}

static void refuses_resize(void **state)
{
    const struct row *row = *state;
    const struct call valid = call_valid(), call = spoil(row);
    tconv_plan *plan, *resized = (tconv_plan *)(uintptr_t)&call;
    tconv_error error;

    assert_int_equal(tconv_plan_create(&valid.desc, &valid.input, &valid.weights, &valid.output,
                                       &valid.options, &plan, NULL),
                     TCONV_OK);
    check(row,
          tconv_plan_resize(plan, &call.other_input, &call.other_output, &resized, &error),
          &error);
    assert_null(resized);
    assert_int_equal(tconv_plan_resize(plan, &valid.other_input, &valid.other_output, &resized,
                                       NULL),
                     TCONV_OK);
    tconv_plan_destroy(resized);
    tconv_plan_destroy(plan);
    assert_int_equal(blocks_alive, 0);
}

/* The rows would prove nothing if the call they spoil were refused as it is. */
static void takes_the_valid_call(void **state)
{
    struct call call = call_valid();
    struct call_memory memory = call_allocate(&call);

    assert_int_equal(tconv_execute(memory.plan, call.packed, &call.buffers, NULL, NULL),
                     TCONV_OK);
    call_free(&memory);
    assert_int_equal(blocks_alive, 0);
    (void)state;
}

static void add_rows(struct suite *suite, const struct row *rows, size_t count,
                     CMUnitTestFunction test, const char *function)
{
    for (size_t i = 0; i < count; i++)
        suite_add(suite, test, NULL, NULL, (void *)(uintptr_t)&rows[i], "refuse/%s/%s",
                  function, rows[i].name);
}

int main(int argc, char **argv)
{
    struct suite suite = {.name = "plan arguments"};

    suite_add(&suite, takes_the_valid_call, NULL, NULL, NULL, "refuse/nothing/valid");
    add_rows(&suite, shape_rows, ARRAY_LEN(shape_rows), refuses_shape, "output_shape");
    add_rows(&suite, shape_rows, ARRAY_LEN(shape_rows), refuses_plan, "plan_create");
    add_rows(&suite, shape_rows, ARRAY_LEN(shape_rows), refuses_one_call, "conv_transpose");
    add_rows(&suite, plan_rows, ARRAY_LEN(plan_rows), refuses_plan, "plan_create");
    add_rows(&suite, plan_rows, ARRAY_LEN(plan_rows), refuses_one_call, "conv_transpose");
    add_rows(&suite, resize_rows, ARRAY_LEN(resize_rows), refuses_resize, "plan_resize");
    return suite_run(&suite, argc, argv) != 0;
}
