/*
 * test_execute_arguments.c - what an execution refuses, writing nothing: NULL,
 * windows, overlaps, foreign weights, a workspace too small
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "robust/call.h"
#include "support/suite.h"

static struct call call;
static struct call_memory memory;

static int setup(void **state)
{
    (void)state;
    call = call_valid();
    call.options.algorithm = TCONV_ALGORITHM_GEMM; /* the one with a workspace */
    memory = call_allocate(&call);
    memset(memory.output, 0xff, CALL_OUTPUTS * sizeof(float));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    call_free(&memory);
    return 0;
}

static void refuse(const tconv_window *window, tconv_status want, const char *argument,
                   const char *value)
{
    tconv_error error = {TCONV_OK, ""};
    const tconv_status status =
        tconv_execute(memory.plan, call.packed, &call.buffers, window, &error);

    if (status != want || error.status != want)
        fail_msg("status %d, want %d: %s", (int)status, (int)want, error.message);
    if (strstr(error.message, argument) == NULL || strstr(error.message, value) == NULL)
        fail_msg("\"%s\" does not name \"%s\" and \"%s\"", error.message, argument, value);
    assert_int_equal(tconv_execute(memory.plan, call.packed, &call.buffers, window, NULL), want);
    for (size_t i = 0; i < CALL_OUTPUTS * sizeof(float); i++)
        assert_int_equal(((unsigned char *)memory.output)[i], 0xff);
}

static void refuses_null_pointers(void **state)
{
    const struct call kept = call;
    tconv_error error;

    call.buffers.input = NULL;
    refuse(NULL, TCONV_ERR_NULL_POINTER, "input", "NULL");
    call.buffers = kept.buffers;
    call.buffers.output = NULL;
    refuse(NULL, TCONV_ERR_NULL_POINTER, "output", "NULL");
    call.buffers = kept.buffers;
    call.buffers.bias = NULL;
    refuse(NULL, TCONV_ERR_NULL_POINTER, "bias", "NULL");
    call.buffers = kept.buffers;
    call.buffers.workspace = NULL;
    refuse(NULL, TCONV_ERR_NULL_POINTER, "workspace", "NULL");
    call.buffers = kept.buffers;
    call.packed = NULL;
    refuse(NULL, TCONV_ERR_NULL_POINTER, "weights", "NULL");
    call.packed = kept.packed;
    assert_int_equal(tconv_execute(NULL, call.packed, &call.buffers, NULL, &error),
                     TCONV_ERR_NULL_POINTER);
    assert_non_null(strstr(error.message, "plan is NULL"));
    assert_int_equal(tconv_execute(memory.plan, call.packed, NULL, NULL, &error),
                     TCONV_ERR_NULL_POINTER);
    assert_non_null(strstr(error.message, "buffers is NULL"));
    (void)state;
}

static void refuses_bad_structs(void **state)
{
    call.buffers.struct_size = 5;
    refuse(NULL, TCONV_ERR_INVALID_ARGUMENT, "struct_size", "is 5");
    (void)state;
}

static void refuses_windows_outside(void **state)
{
    tconv_window window = call.window;

    window.begin[0] = -1;
    refuse(&window, TCONV_ERR_INVALID_ARGUMENT, "window", "-1");
    window = call.window;
    window.begin[1] = 8, window.end[1] = 7;
    refuse(&window, TCONV_ERR_INVALID_ARGUMENT, "window", "[8, 7)");
    window = call.window;
    window.end[0] = 6;
    refuse(&window, TCONV_ERR_INVALID_ARGUMENT, "window", "6");
    window = call.window;
    window.begin[1] = INT64_MIN, window.end[1] = INT64_MAX;
    refuse(&window, TCONV_ERR_INVALID_ARGUMENT, "window", "9223372036854775807");
    (void)state;
}

static void refuses_windows_on_themselves(void **state)
{
    tconv_window window = call.window;

    window.stride[3] = 0;
    refuse(&window, TCONV_ERR_INVALID_ARGUMENT, "window", "stride");
    window = call.window;
    window.stride[2] = 5; /* rows of six */
    refuse(&window, TCONV_ERR_INVALID_ARGUMENT, "window", "stride");
    window = call.window;
    window.stride[0] = INT64_MAX;
    refuse(&window, TCONV_ERR_INVALID_ARGUMENT, "window", "9223372036854775807");
    window = call.window;
    window.stride[2] = INT64_MIN;
    refuse(&window, TCONV_ERR_INVALID_ARGUMENT, "window", "stride");
    (void)state;
}

/* An empty window computes nothing and needs nothing; its strides do not matter. */
static void takes_empty_windows(void **state)
{
    tconv_window window = {.begin = {3, 5}, .end = {5, 5}};
    tconv_buffers nothing = tconv_buffers_default();
    tconv_error error = {TCONV_OK, ""};

    if (tconv_execute(memory.plan, call.packed, &nothing, &window, &error) != TCONV_OK)
        fail_msg("%s", error.message);
    (void)state;
}

static void refuses_a_small_workspace(void **state)
{
    char needed[32];

    snprintf(needed, sizeof needed, "%zu", call.buffers.workspace_bytes);
    assert_true(call.buffers.workspace_bytes > 0);
    call.buffers.workspace_bytes--;
    refuse(NULL, TCONV_ERR_WORKSPACE_TOO_SMALL, "workspace_bytes", needed);
    call.buffers.workspace_bytes = 0;
    refuse(NULL, TCONV_ERR_WORKSPACE_TOO_SMALL, "workspace_bytes", "is 0");
    (void)state;
}

/* By one byte, from either side, and by being the same. */
static void refuses_overlaps(void **state)
{
    const struct call kept = call;
    char *output = (char *)memory.output;

    call.buffers.input = output;
    refuse(NULL, TCONV_ERR_INVALID_ARGUMENT, "output", "input");
    call.buffers.input = output + (CALL_OUTPUTS - 1) * sizeof(float);
    refuse(NULL, TCONV_ERR_INVALID_ARGUMENT, "output", "input");
    call.buffers.input = output - (CALL_INPUTS - 1) * sizeof(float);
    refuse(NULL, TCONV_ERR_INVALID_ARGUMENT, "output", "input");
    call.buffers = kept.buffers;
    call.buffers.bias = output + 4;
    refuse(NULL, TCONV_ERR_INVALID_ARGUMENT, "output", "bias");
    call.buffers = kept.buffers;
    call.buffers.workspace = output + CALL_OUTPUTS * sizeof(float) - 1;
    refuse(NULL, TCONV_ERR_INVALID_ARGUMENT, "output", "workspace");
    call.buffers = kept.buffers;
    call.buffers.workspace = (void *)(uintptr_t)call.buffers.input;
    refuse(NULL, TCONV_ERR_INVALID_ARGUMENT, "workspace", "overlaps");
    call.buffers = kept.buffers;
    call.buffers.bias = call.buffers.workspace;
    refuse(NULL, TCONV_ERR_INVALID_ARGUMENT, "workspace", "bias");
    (void)state;
}

/* Buffers that only touch are apart, and vectors not in use are not looked at. */
static void takes_neighbours(void **state)
{
    float *both = malloc((CALL_INPUTS + CALL_OUTPUTS) * sizeof *both);
    tconv_error error = {TCONV_OK, ""};
    tconv_status status;

    assert_non_null(both);
    for (int i = 0; i < CALL_INPUTS; i++)
        both[i] = 1.0F;
    call.buffers.input = both;
    call.buffers.output = both + CALL_INPUTS;
    call.buffers.scale = call.buffers.shift = both + CALL_INPUTS;
    status = tconv_execute(memory.plan, call.packed, &call.buffers, NULL, &error);
    free(both);
    if (status != TCONV_OK)
        fail_msg("%s", error.message);
    (void)state;
}

static void refuses_foreign_weights(void **state)
{
    struct call other = call_valid();
    struct call_memory packed;

    other.options.algorithm = TCONV_ALGORITHM_REFERENCE;
    packed = call_allocate(&other);
    call.packed = packed.packed;
    refuse(NULL, TCONV_ERR_INVALID_ARGUMENT, "weights", "reference");
    call_free(&packed);

    other = call_valid();
    other.options.algorithm = TCONV_ALGORITHM_GEMM;
    other.desc.stride[0] = 3; /* output 3 * 2 + 3 - 2 = 7 high */
    other.output.size[2] = 7;
    other.output.stride[1] = 63, other.output.stride[0] = 378;
    packed = call_allocate(&other);
    call.packed = packed.packed;
    refuse(NULL, TCONV_ERR_INVALID_ARGUMENT, "weights", "");
    call.packed = memory.packed;
    call_free(&packed);
    (void)state;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        CMUnitTestFunction test;
    } tests[] = {
        {"null", refuses_null_pointers},
        {"structs", refuses_bad_structs},
        {"window-outside", refuses_windows_outside},
        {"window-on-itself", refuses_windows_on_themselves},
        {"window-empty", takes_empty_windows},
        {"workspace", refuses_a_small_workspace},
        {"overlap", refuses_overlaps},
        {"neighbours", takes_neighbours},
        {"foreign-weights", refuses_foreign_weights},
    };
    struct suite suite = {.name = "execute arguments"};

    for (size_t i = 0; i < ARRAY_LEN(tests); i++)
        suite_add(&suite, tests[i].test, setup, teardown, NULL, "refuse/execute/%s",
                  tests[i].name);
    return suite_run(&suite, argc, argv) != 0;
}
