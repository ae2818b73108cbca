/*
 * test_family.c - plans of one family share packed weights
 *
 * A plan resized to another batch, other inputs or another layout executes with
 * weights packed long before, by a plan that is gone, and, in one layout, gives the
 * bits of a plan and weights of its own, if that is of the same family; so does a plan
 * made anew, or it refuses them.  And the call for people in a hurry gives the bits of
 * the three it stands for.
 */
#include <string.h>

#include "property/cases.h"
#include "support/close.h"

static struct sample sample, other;
static struct arena packer, fresh;
static tconv_plan *resized;

static int teardown(void **state)
{
    (void)state;
    tconv_plan_destroy(resized);
    resized = NULL;
    arena_destroy(&packer);
    arena_destroy(&fresh);
    sample_destroy(&sample);
    sample_destroy(&other);
    return 0;
}

/* The same weights, but inputs as `problem` wants them. */
static void draw_other(const struct property_case *c, const struct problem *problem)
{
    sample_create_with(&other, problem, c->dtype, FILL_REAL, 21, NULL);
    assert_int_equal(other.w_count, sample.w_count);
    memcpy(other.w, sample.w, (size_t)sample.w_count * sizeof(double));
}

/* Executes a plan in the fresh arena's memory, but a workspace of its own size. */
static void execute_fresh(const tconv_plan *plan)
{
    struct guard workspace;
    tconv_status status;
    tconv_error error;

    guard_create(&workspace, tconv_plan_workspace_size(plan), GUARD_END);
    fresh.buffers.workspace = workspace.data;
    fresh.buffers.workspace_bytes = workspace.bytes;
    arena_poison(&fresh);
    status = tconv_execute(plan, packer.packed, &fresh.buffers, NULL, &error);
    guard_destroy(&workspace);
    if (status != TCONV_OK)
        fail_msg("with weights of the family: %s", error.message);
    assert_nothing_else_touched(&fresh);
}

static void same_bits_with(const tconv_plan *plan)
{
    const uint64_t bits = guard_hash(&fresh.y.memory);

    execute_fresh(plan);
    if (guard_hash(&fresh.y.memory) != bits)
        fail_msg("other bits with weights that another plan packed");
}

/*
 * Winograd's filters and the order of summation of direct and bf16x3 depend on the size: where
 * the new plan would take others than those that the weights were packed for, only the numbers
 * agree.
 */
static bool takes_another_family(const struct property_case *c)
{
    if (c->algorithm != TCONV_ALGORITHM_WINOGRAD && c->algorithm != TCONV_ALGORITHM_DIRECT &&
        c->algorithm != TCONV_ALGORITHM_BF16X3)
        return false;
    arena_poison(&fresh);
    return tconv_execute(fresh.plan, packer.packed, &fresh.buffers, NULL, NULL) != TCONV_OK;
}

/* One problem resized to another. */
static void check_resize(const struct property_case *c, const struct problem *problem)
{
    tconv_error error;

    sample_create_with(&sample, &c->problem, c->dtype, FILL_REAL, 20, NULL);
    draw_other(c, problem);
    property_arena(&packer, &sample, c);
    property_arena(&fresh, &other, c);
    arena_execute(&fresh);
    if (tconv_plan_resize(packer.plan, &fresh.x.tensor, &fresh.y.tensor, &resized, &error) !=
        TCONV_OK)
        fail_msg("tconv_plan_resize: %s", error.message);
    tconv_plan_destroy(packer.plan);
    packer.plan = NULL;
    if (takes_another_family(c)) { /* or y is what it was */
        other.oracle = reference_run;
        sample_refresh(&other);
        execute_fresh(resized);
        assert_close(&fresh);
    } else {
        same_bits_with(resized);
    }
    teardown(NULL);
}

static void resize_keeps_weights_and_bits(void **state)
{
    const struct property_case *c = *state;
    struct problem larger = c->problem, smaller = c->problem;

    larger.input[0] += 2;
    smaller.input[0] = 1;
    for (int a = 0; a < larger.desc.spatial_rank; a++) {
        larger.input[a + 2] += 3 + 40 * (a == larger.desc.spatial_rank - 1);
        smaller.input[a + 2] = (smaller.input[a + 2] + 1) / 2;
        if (larger.desc.output_size[a] > 0)
            larger.desc.output_size[a] += 5;
    }
    check_resize(c, &c->problem);
    check_resize(c, &larger);
    if (axes_of(&smaller, &(struct axes){{0}, {0}, {0}, {0}, {0}, {0}, {0}}))
        check_resize(c, &smaller);
}

/*
 * In another layout a plan that keeps its weights may sum in another order than
 * one made for that layout, so here the numbers are compared, not the bits.
 */
static void check_restride(const struct property_case *c, enum placement placement)
{
    struct property_case as = *c;
    tconv_error error;

    as.placement = placement;
    sample_create(&sample, &c->problem, c->dtype, FILL_REAL, 20);
    property_arena(&packer, &sample, c);
    property_arena(&fresh, &sample, &as);
    if (tconv_plan_resize(packer.plan, &fresh.x.tensor, &fresh.y.tensor, &resized, &error) !=
        TCONV_OK)
        fail_msg("tconv_plan_resize: %s", error.message);
    execute_fresh(resized);
    assert_close(&fresh);
    teardown(NULL);
}

static void resize_takes_other_strides(void **state)
{
    const struct property_case *c = *state;

    for (int place = 0; place < PLACEMENTS; place++)
        check_restride(c, (enum placement)place);
}

/*
 * A plan made anew with other paddings takes the weights and gives the bits of its
 * own, or says that they are of another family and writes nothing.
 */
static void other_paddings_share_or_refuse(void **state)
{
    const struct property_case *c = *state;
    struct problem padded = c->problem;
    tconv_error error;
    uint64_t bits;

    for (int a = 0; a < padded.desc.spatial_rank; a++) {
        padded.desc.auto_pad = TCONV_PAD_EXPLICIT;
        padded.desc.pad_begin[a] = 1 - a;
        padded.desc.pad_end[a] = padded.desc.output_padding[a] = 0;
        padded.desc.output_size[a] = 7;
    }
    sample_create_with(&sample, &c->problem, c->dtype, FILL_REAL, 20, NULL);
    draw_other(c, &padded);
    property_arena(&packer, &sample, c);
    property_arena(&fresh, &other, c);
    arena_execute(&fresh);
    bits = guard_hash(&fresh.y.memory);
    arena_poison(&fresh);
    if (tconv_execute(fresh.plan, packer.packed, &fresh.buffers, NULL, &error) == TCONV_OK) {
        assert_true(guard_hash(&fresh.y.memory) == bits);
    } else {
        const uint64_t poison = guard_hash(&fresh.y.memory);

        assert_int_equal(error.status, TCONV_ERR_INVALID_ARGUMENT);
        assert_non_null(strstr(error.message, "another family"));
        arena_poison(&fresh);
        assert_true(guard_hash(&fresh.y.memory) == poison);
    }
}

static void one_call_equals_three(void **state)
{
    const struct property_case *c = *state;
    tconv_buffers buffers;
    tconv_error error;
    struct field w;
    tconv_status status;
    uint64_t bits;

    sample_create_with(&sample, &c->problem, c->dtype, FILL_REAL, 20, NULL);
    property_arena(&fresh, &sample, c);
    arena_execute(&fresh);
    bits = guard_hash(&fresh.y.memory);
    arena_poison(&fresh);
    buffers = fresh.buffers;
    buffers.workspace = NULL;
    buffers.workspace_bytes = 0;
    field_create(&w, c->dtype, c->placement, 3, problem_rank(&c->problem), c->problem.weights,
                 GUARD_BEGIN);
    field_load(&w, sample.w);
    status = (c->problem.desc.op == TCONV_CONV ? tconv_conv : tconv_conv_transpose)(
        &c->problem.desc, &fresh.x.tensor, &w.tensor, &fresh.y.tensor, &fresh.options, w.data,
        &buffers, &error);
    field_destroy(&w);
    if (status != TCONV_OK)
        fail_msg("in one call: %s", error.message);
    assert_nothing_else_touched(&fresh);
    assert_true(guard_hash(&fresh.y.memory) == bits);
}

int main(int argc, char **argv)
{
    struct suite suite = {.name = "family"};

    property_add(&suite, "resize", resize_keeps_weights_and_bits, teardown, PROPERTY_FULL);
    property_add(&suite, "restride", resize_takes_other_strides, teardown, PROPERTY_FULL);
    property_add(&suite, "paddings", other_paddings_share_or_refuse, teardown, PROPERTY_FULL);
    property_add(&suite, "one-call", one_call_equals_three, teardown, PROPERTY_FULL);
    return property_run(&suite, argc, argv) != 0;
}
