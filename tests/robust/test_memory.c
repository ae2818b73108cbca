/*
 * test_memory.c - every allocation failed in turn, and none during execution
 */
#include <string.h>

#include "robust/call.h"
#include "robust/counting.h"
#include "support/loops.h"
#include "support/runs_here.h"
#include "support/suite.h"

/* One of the calls that allocate, on a valid call; what it made is destroyed. */
typedef tconv_status allocating(struct call *call, struct call_memory *memory,
                                tconv_error *error);

static tconv_status create(struct call *c, struct call_memory *m, tconv_error *error)
{
    tconv_plan *plan = m->plan;
    const tconv_status status = tconv_plan_create(&c->desc, &c->input, &c->weights, &c->output,
                                                  &c->options, &plan, error);

    assert_true((plan != NULL) == (status == TCONV_OK));
    tconv_plan_destroy(plan);
    return status;
}

static tconv_status resize(struct call *c, struct call_memory *m, tconv_error *error)
{
    tconv_plan *plan = m->plan;
    const tconv_status status =
        tconv_plan_resize(m->plan, &c->other_input, &c->other_output, &plan, error);

    assert_true((plan != NULL) == (status == TCONV_OK));
    tconv_plan_destroy(plan);
    return status;
}

static tconv_status pack(struct call *c, struct call_memory *m, tconv_error *error)
{
    tconv_weights *packed = m->packed;
    const tconv_status status = tconv_weights_pack(m->plan, m->weights, &packed, error);

    (void)c;
    assert_true((packed != NULL) == (status == TCONV_OK));
    tconv_weights_destroy(packed);
    return status;
}

static tconv_status one_call(struct call *c, struct call_memory *m, tconv_error *error)
{
    tconv_status status;

    memset(m->output, 0xff, CALL_OUTPUTS * sizeof(float));
    status = tconv_conv_transpose(&c->desc, &c->input, &c->weights, &c->output, &c->options,
                                  m->weights, &c->buffers, error);
    for (size_t i = 0; status != TCONV_OK && i < CALL_OUTPUTS * sizeof(float); i++)
        assert_int_equal(((unsigned char *)m->output)[i], 0xff);
    return status;
}

static tconv_status search(struct call *c, struct call_memory *m, tconv_error *error)
{
    char line[TCONV_CHOICE_BYTES];
    const tconv_status status = tconv_search(&c->desc, &c->input, &c->weights, &c->output,
                                             &c->options, line, error);

    (void)m;
    assert_true((line[0] != '\0') == (status == TCONV_OK));
    return status;
}

static const struct {
    const char *name;
    allocating *function;
    long least; /* allocations it is known to make */
} functions[] = {
    {"plan_create", create, 1},
    {"plan_resize", resize, 1},
    {"weights_pack", pack, 2},
    {"conv_transpose", one_call, 4},
    {"search", search, 9}, /* a plan, four tensors; a plan, weights and workspace at least once */
};

static void survives_each_failure(allocating *function, long least)
{
    struct call call = call_valid();
    struct call_memory memory;
    tconv_status status;
    long alive, fails;

    call.options.algorithm = TCONV_ALGORITHM_GEMM;
    alloc_fails_at = 0;
    memory = call_allocate(&call);
    alive = blocks_alive;
    for (fails = 1;; fails++) {
        tconv_error error = {TCONV_OK, ""};

        alloc_calls = 0;
        alloc_fails_at = fails;
        status = function(&call, &memory, &error);
        alloc_fails_at = 0;
        assert_int_equal(blocks_alive, alive);
        if (alloc_calls < fails)
            break;
        assert_int_equal(status, TCONV_ERR_OUT_OF_MEMORY);
        assert_int_equal(error.status, TCONV_ERR_OUT_OF_MEMORY);
        assert_non_null(strstr(error.message, "memory"));
    }
    assert_int_equal(status, TCONV_OK);
    assert_true(fails > least); /* it did allocate, so this tested something */
    call_free(&memory);
    assert_int_equal(blocks_alive, 0);
}

static void each_allocation_may_fail(void **state)
{
    const size_t i = *(const size_t *)*state;

    survives_each_failure(functions[i].function, functions[i].least);
}

static void execution_allocates_nothing(void **state)
{
    const tconv_algorithm algorithm = *(const tconv_algorithm *)*state;
    struct call call = call_valid();
    struct call_memory memory;
    tconv_window window = call.window;

    if (!runs_here(algorithm))
        skip();
    call.options.algorithm = algorithm;
    call.options.parallel_for = loop_serial;
    if (algorithm == TCONV_ALGORITHM_WINOGRAD) { /* kernel 3 wants stride 1 */
        for (int a = 0; a < 2; a++) {
            call.desc.stride[a] = 1;
            call.output.size[a + 2] = call.input.size[a + 2];
            window.end[a] = call.output.size[a + 2];
        }
    }
    memory = call_allocate(&call);
    assert_true(heap_calls > 0 && alloc_calls > 0); /* it counts */
    heap_calls = alloc_calls = 0;
    assert_int_equal(tconv_execute(memory.plan, memory.packed, &call.buffers, NULL, NULL),
                     TCONV_OK);
    assert_int_equal(tconv_execute(memory.plan, memory.packed, &call.buffers, &window, NULL),
                     TCONV_OK);
    call.buffers.workspace_bytes = 0; /* refusals allocate nothing either */
    call.buffers.input = NULL;
    assert_true(tconv_execute(memory.plan, memory.packed, &call.buffers, NULL, NULL) !=
                TCONV_OK);
    assert_int_equal(heap_calls, 0);
    assert_int_equal(alloc_calls, 0);
    call_free(&memory);
}

int main(int argc, char **argv)
{
    static const size_t index[ARRAY_LEN(functions)] = {0, 1, 2, 3, 4};
    static tconv_algorithm algorithms[16];
    struct suite suite = {.name = "memory"};

    for (size_t i = 0; i < ARRAY_LEN(functions); i++)
        suite_add(&suite, each_allocation_may_fail, NULL, NULL, (void *)(uintptr_t)&index[i],
                  "memory/fail/%s", functions[i].name);
    for (int a = 1; a < 16 && tconv_algorithm_name((tconv_algorithm)a) != NULL; a++) {
        algorithms[a] = (tconv_algorithm)a;
        suite_add(&suite, execution_allocates_nothing, NULL, NULL, &algorithms[a],
                  "memory/execute/%s", tconv_algorithm_name(algorithms[a]));
    }
    return suite_run(&suite, argc, argv) != 0;
}
