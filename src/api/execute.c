/* execute.c - entry points that pack weights and run plans */
#include <inttypes.h>
#include <string.h>

#include "api/spans.h"
#include "base/alloc.h"
#include "base/checked.h"
#include "core/error.h"
#include "plan/plan.h"

tconv_status tconv_weights_pack(const tconv_plan *plan, const void *data,
                                tconv_weights **weights_out, tconv_error *error)
{
    tconv_weights *weights;
    const char *first; /* tap of the problem's, which counts a convolution's from the end */
    void *scratch = NULL;

    if (weights_out == NULL)
        return tcv_fail(error, TCONV_ERR_NULL_POINTER, "weights_out is NULL");
    *weights_out = NULL;
    if (plan == NULL || data == NULL)
        return tcv_fail(error, TCONV_ERR_NULL_POINTER, "%s is NULL",
                        plan == NULL ? "plan" : "data");

    weights = tcv_alloc(sizeof *weights);
    if (weights == NULL)
        goto fail;
    weights->family = tcv_plan_family(plan);
    first = (const char *)data +
            plan->problem.w.first * (int64_t)tcv_dtype_bytes(plan->problem.dtype);
    weights->packed = tcv_alloc(plan->setup.packed_bytes);
    if (weights->packed == NULL)
        goto fail;
    if (plan->setup.pack_bytes > 0 && (scratch = tcv_alloc(plan->setup.pack_bytes)) == NULL)
        goto fail;
    weights->algo = tcv_plan_pack(plan, first, weights->packed, scratch);
    tcv_free(scratch);
    *weights_out = weights;
    return TCONV_OK;

fail:
    tcv_free(scratch);
    tconv_weights_destroy(weights);
    return tcv_fail(error, TCONV_ERR_OUT_OF_MEMORY,
                    "weights: no memory for %zu bytes of packed copy and %zu to make it",
                    plan->setup.packed_bytes, plan->setup.pack_bytes);
}

void tconv_weights_destroy(tconv_weights *weights)
{
    if (weights != NULL)
        tcv_free(weights->packed);
    tcv_free(weights);
}

static tconv_status check_window(const struct tcv_problem *p, int rank,
                                 const tconv_window *window, struct tcv_window *out,
                                 tconv_error *error)
{
    const int lead = TCV_AXES - rank;
    int64_t extent[TCV_AXES] = {1, 1, 1};
    int64_t first, last;
    bool empty = p->batch == 0;

    *out = tcv_window_whole(p);
    if (window == NULL)
        return TCONV_OK;
    out->place = (struct tcv_place){window->stride[0], window->stride[1], {0}};
    for (int a = 0; a < rank; a++) {
        const int64_t limit = p->axis[lead + a].out;

        if (window->begin[a] < 0 || window->begin[a] > window->end[a] || window->end[a] > limit)
            return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                            "window is [%" PRId64 ", %" PRId64
                            ") on axis %d; it must lie within the %" PRId64 " outputs",
                            window->begin[a], window->end[a], a, limit);
        out->begin[lead + a] = window->begin[a];
        out->end[lead + a] = window->end[a];
        out->place.s[lead + a] = window->stride[2 + a];
        extent[lead + a] = window->end[a] - window->begin[a];
        empty = empty || extent[lead + a] == 0;
    }
    if (empty)
        return TCONV_OK;
    if (!tcv_place_bytes(&out->place, p->batch, p->groups * p->oc, extent,
                         tcv_dtype_bytes(p->dtype), &first, &last))
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "window->stride[0] is %" PRId64
                        "; with the other strides an offset overflows",
                        window->stride[0]);
    if (!tcv_place_is_injective(&out->place, p->batch, p->groups * p->oc, extent))
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "window->stride[1] is %" PRId64
                        "; with the other strides two elements may share a place",
                        window->stride[1]);
    return TCONV_OK;
}

enum { OUTPUT, WORKSPACE, INPUT, BIAS, SCALE, SHIFT, SPANS };

/* Everything that one execution touches; pointers that must be there are. */
static tconv_status check_buffers(const tconv_plan *plan, const tconv_buffers *b,
                                  struct tcv_run *run, tconv_error *error)
{
    const struct tcv_problem *p = &plan->problem;
    const tconv_epilogue *e = &p->epilogue;
    const size_t bytes = tcv_dtype_bytes(p->dtype);
    const int64_t channels = p->groups * p->oc, vector_last = channels * (int64_t)bytes - 1;
    struct tcv_span span[SPANS] = {
        [OUTPUT] = {"output", b->output, 0, -1},
        [WORKSPACE] = {"workspace", b->workspace, 0, (int64_t)plan->workspace_bytes - 1},
        [INPUT] = {"input", b->input, 0, -1},
        [BIAS] = {"bias", b->bias, 0, e->bias_length > 0 ? vector_last : -1},
        [SCALE] = {"scale", b->scale, 0, e->scale_length > 0 ? vector_last : -1},
        [SHIFT] = {"shift", b->shift, 0, e->shift_length > 0 ? vector_last : -1},
    };
    int64_t in[TCV_AXES], out[TCV_AXES];

    for (int a = 0; a < TCV_AXES; a++) {
        in[a] = p->axis[a].in;
        out[a] = run->window.end[a] - run->window.begin[a];
    }
    /* False, and so no bytes at all, only for an empty batch or window. */
    (void)tcv_place_bytes(&p->x, p->batch, p->groups * p->ic, in, bytes, &span[INPUT].first,
                          &span[INPUT].last);
    if (!tcv_place_bytes(&run->window.place, p->batch, channels, out, bytes, &span[OUTPUT].first,
                         &span[OUTPUT].last))
        return TCONV_OK;

    if (plan->workspace_bytes > 0 && b->workspace_bytes < plan->workspace_bytes)
        return tcv_fail(error, TCONV_ERR_WORKSPACE_TOO_SMALL,
                        "workspace_bytes is %zu; the plan needs %zu", b->workspace_bytes,
                        plan->workspace_bytes);
    return tcv_check_spans(span, SPANS, WORKSPACE + 1, error);
}

tconv_status tconv_execute(const tconv_plan *plan, const tconv_weights *weights,
                           const tconv_buffers *buffers, const tconv_window *window,
                           tconv_error *error)
{
    struct tcv_run run = {0};
    struct tcv_family family;
    tconv_status status;

    if (plan == NULL || weights == NULL || buffers == NULL)
        return tcv_fail(error, TCONV_ERR_NULL_POINTER, "%s is NULL",
                        plan == NULL      ? "plan"
                        : weights == NULL ? "weights"
                                          : "buffers");
    if (buffers->struct_size != sizeof *buffers)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "buffers->struct_size is %zu; start from tconv_buffers_default()",
                        buffers->struct_size);
    family = tcv_plan_family(plan);
    if (!tcv_family_equal(&family, &weights->family))
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "weights were packed by %s for another family of plans; pack them with "
                        "this plan, which uses %s",
                        tconv_algorithm_name(weights->family.algorithm), plan->algo->name);
    status = check_window(&plan->problem, plan->desc.spatial_rank, window, &run.window, error);
    if (status != TCONV_OK)
        return status;
    status = check_buffers(plan, buffers, &run, error);
    if (status != TCONV_OK)
        return status;

    run.problem = &plan->problem;
    run.x = buffers->input;
    run.y = buffers->output;
    run.packed = weights->packed;
    run.bias = plan->problem.epilogue.bias_length > 0 ? buffers->bias : NULL;
    run.scale = plan->problem.epilogue.scale_length > 0 ? buffers->scale : NULL;
    run.shift = plan->problem.epilogue.shift_length > 0 ? buffers->shift : NULL;
    tcv_plan_run(plan, weights->algo, &run, buffers->workspace);
    return TCONV_OK;
}

static tconv_status run_once(const tconv_desc *desc, tconv_op op, const tconv_tensor *input,
                             const tconv_tensor *weights, const tconv_tensor *output,
                             const tconv_options *options, const void *weights_data,
                             const tconv_buffers *buffers, tconv_error *error)
{
    tconv_desc of_op;
    tconv_plan *plan = NULL;
    tconv_weights *packed = NULL;
    tconv_buffers own;
    void *workspace = NULL;
    size_t bytes;
    tconv_status status;

    if (buffers == NULL || desc == NULL)
        return tcv_fail(error, TCONV_ERR_NULL_POINTER, "%s is NULL",
                        buffers == NULL ? "buffers" : "desc");
    own = *buffers;
    of_op = *desc;
    of_op.op = op;

    status = tconv_plan_create(&of_op, input, weights, output, options, &plan, error);
    if (status != TCONV_OK)
        goto done;
    status = tconv_weights_pack(plan, weights_data, &packed, error);
    if (status != TCONV_OK)
        goto done;
    bytes = tconv_plan_workspace_size(plan);
    if (bytes > 0 && (workspace = tcv_alloc(bytes)) == NULL) {
        status = tcv_fail(error, TCONV_ERR_OUT_OF_MEMORY, "workspace: no memory for %zu bytes",
                          bytes);
        goto done;
    }
    own.workspace = workspace;
    own.workspace_bytes = bytes;
    status = tconv_execute(plan, packed, &own, NULL, error);

done:
    tcv_free(workspace);
    tconv_weights_destroy(packed);
    tconv_plan_destroy(plan);
    return status;
}

tconv_status tconv_conv_transpose(const tconv_desc *desc, const tconv_tensor *input,
                                  const tconv_tensor *weights, const tconv_tensor *output,
                                  const tconv_options *options, const void *weights_data,
                                  const tconv_buffers *buffers, tconv_error *error)
{
    return run_once(desc, TCONV_CONV_TRANSPOSE, input, weights, output, options, weights_data,
                    buffers, error);
}

tconv_status tconv_conv(const tconv_desc *desc, const tconv_tensor *input,
                        const tconv_tensor *weights, const tconv_tensor *output,
                        const tconv_options *options, const void *weights_data,
                        const tconv_buffers *buffers, tconv_error *error)
{
    return run_once(desc, TCONV_CONV, input, weights, output, options, weights_data, buffers,
                    error);
}
