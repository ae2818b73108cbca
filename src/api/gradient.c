/* gradient.c - entry points for training */
#include <inttypes.h>
#include <string.h>

#include "api/options.h"
#include "api/spans.h"
#include "base/alloc.h"
#include "base/cpu.h"
#include "core/error.h"
#include "plan/gradient.h"

/*
 * o = i * stride - pad_begin + k * dilation relates the small index i and the large
 * index o in both operations, so only which of them is the input changes.
 */
tconv_status tconv_desc_adjoint(const tconv_desc *desc, const tconv_tensor *input,
                                const tconv_tensor *weights, tconv_desc *desc_out,
                                tconv_error *error)
{
    struct tcv_problem problem;
    tconv_desc adjoint;
    tconv_status status;

    if (desc == NULL || input == NULL || weights == NULL || desc_out == NULL)
        return tcv_fail(error, TCONV_ERR_NULL_POINTER, "%s is NULL",
                        desc == NULL      ? "desc"
                        : input == NULL   ? "input"
                        : weights == NULL ? "weights"
                                          : "desc_out");
    status = tcv_problem_init(desc, input, weights, NULL, &problem, error);
    if (status != TCONV_OK)
        return status;

    adjoint = tconv_desc_default(desc->spatial_rank);
    adjoint.op = desc->op == TCONV_CONV ? TCONV_CONV_TRANSPOSE : TCONV_CONV;
    adjoint.groups = desc->groups;
    for (int a = 0; a < desc->spatial_rank; a++) {
        const struct tcv_axis *axis = &problem.axis[TCV_AXES - desc->spatial_rank + a];

        adjoint.stride[a] = desc->stride[a];
        adjoint.dilation[a] = desc->dilation[a];
        adjoint.pad_begin[a] = tcv_axis_padding(desc->op, axis);
        adjoint.output_size[a] = axis->in;
    }
    *desc_out = adjoint;
    return TCONV_OK;
}

/* Elements of dw may not share a place either. */
static tconv_status check_weights(const struct tcv_correlation *c, tconv_error *error)
{
    const struct tcv_place place = {c->w_small, c->w_large,
                                    {c->w_tap[0], c->w_tap[1], c->w_tap[2]}};
    const int64_t kernel[TCV_AXES] = {c->axis[0].kernel, c->axis[1].kernel, c->axis[2].kernel};

    if (tcv_place_is_injective(&place, c->groups * c->small, c->large, kernel))
        return TCONV_OK;
    return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                    "weights->stride[0] is %" PRId64 "; with the other strides two elements of the "
                    "gradient may share a place", c->w_small);
}

static tconv_status check_algorithm(const tconv_options *options, tconv_error *error)
{
    const tconv_status status = tcv_check_options(options, error);

    if (status != TCONV_OK || options->algorithm == TCONV_ALGORITHM_AUTO ||
        options->algorithm == TCONV_ALGORITHM_DIRECT ||
        options->algorithm == TCONV_ALGORITHM_REFERENCE)
        return status;
    return tcv_fail(error, TCONV_ERR_UNSUPPORTED,
                    "algorithm is %s; weight gradients are computed by direct or reference",
                    tconv_algorithm_name(options->algorithm));
}

tconv_status tconv_gradient_create(const tconv_desc *desc, const tconv_tensor *input,
                                   const tconv_tensor *weights, const tconv_tensor *output,
                                   const tconv_options *options, tconv_gradient **gradient_out,
                                   tconv_error *error)
{
    const tconv_options defaults = tconv_options_default();
    tconv_desc plain;
    tconv_gradient *g;
    tconv_status status;

    if (gradient_out == NULL)
        return tcv_fail(error, TCONV_ERR_NULL_POINTER, "gradient_out is NULL");
    *gradient_out = NULL;
    if (desc == NULL || input == NULL || weights == NULL || output == NULL)
        return tcv_fail(error, TCONV_ERR_NULL_POINTER, "%s is NULL",
                        desc == NULL      ? "desc"
                        : input == NULL   ? "input"
                        : weights == NULL ? "weights"
                                          : "output");

    /* From here something may be owned: leave at the end or through fail. */
    g = tcv_alloc(sizeof *g);
    if (g == NULL) {
        status = tcv_fail(error, TCONV_ERR_OUT_OF_MEMORY, "gradient: no memory for %zu bytes",
                          sizeof *g);
        goto fail;
    }
    memset(g, 0, sizeof *g);
    g->options = options != NULL ? *options : defaults;
    status = check_algorithm(&g->options, error);
    if (status != TCONV_OK)
        goto fail;
    plain = *desc;
    plain.epilogue = tconv_desc_default(1).epilogue;
    status = tcv_problem_init(&plain, input, weights, output, &g->problem, error);
    if (status != TCONV_OK)
        goto fail;
    g->correlation = tcv_correlation_of(&g->problem);
    status = check_weights(&g->correlation, error);
    if (status != TCONV_OK)
        goto fail;
    g->by_definition = g->options.algorithm == TCONV_ALGORITHM_REFERENCE;
    if (!g->by_definition)
        g->grid = tcv_correlate_grid_of(&g->correlation, tcv_cpu_features());
    status = tcv_gradient_share(g, error);
    if (status != TCONV_OK)
        goto fail;

    *gradient_out = g;
    return TCONV_OK;

fail:
    tconv_gradient_destroy(g);
    return status;
}

void tconv_gradient_destroy(tconv_gradient *gradient)
{
    tcv_free(gradient);
}

size_t tconv_gradient_workspace_size(const tconv_gradient *gradient)
{
    return gradient == NULL ? 0 : gradient->workspace_bytes;
}

enum { WEIGHTS, BIAS, WORKSPACE, INPUT, OUTPUT, SPANS };

static tconv_status check_buffers(const tconv_gradient *g, const tconv_gradient_buffers *b,
                                  tconv_error *error)
{
    const struct tcv_problem *p = &g->problem;
    const struct tcv_correlation *c = &g->correlation;
    const size_t bytes = tcv_dtype_bytes(p->dtype);
    const struct tcv_place w = {c->w_small, c->w_large,
                                {c->w_tap[0], c->w_tap[1], c->w_tap[2]}};
    const bool scratch = b->grad_weights != NULL && g->workspace_bytes > 0;
    struct tcv_span span[SPANS] = {
        [WEIGHTS] = {"grad_weights", b->grad_weights, 0, -1},
        [BIAS] = {"grad_bias", b->grad_bias, 0,
                  b->grad_bias == NULL ? -1 : p->groups * p->oc * (int64_t)bytes - 1},
        [WORKSPACE] = {"workspace", b->workspace, 0,
                       scratch ? (int64_t)g->workspace_bytes - 1 : -1},
        [INPUT] = {"input", b->input, 0, -1},
        [OUTPUT] = {"grad_output", b->grad_output, 0, -1},
    };
    int64_t kernel[TCV_AXES], in[TCV_AXES], out[TCV_AXES];

    for (int a = 0; a < TCV_AXES; a++) {
        kernel[a] = p->axis[a].kernel;
        in[a] = p->axis[a].in;
        out[a] = p->axis[a].out;
    }
    /* False, and so no bytes at all, only for an empty batch. */
    if (b->grad_weights != NULL) {
        (void)tcv_place_bytes(&w, c->groups * c->small, c->large, kernel, bytes,
                              &span[WEIGHTS].first, &span[WEIGHTS].last);
        (void)tcv_place_bytes(&p->x, p->batch, p->groups * p->ic, in, bytes, &span[INPUT].first,
                              &span[INPUT].last);
    }
    (void)tcv_place_bytes(&p->y, p->batch, p->groups * p->oc, out, bytes, &span[OUTPUT].first,
                          &span[OUTPUT].last);
    if (scratch && b->workspace_bytes < g->workspace_bytes)
        return tcv_fail(error, TCONV_ERR_WORKSPACE_TOO_SMALL,
                        "workspace_bytes is %zu; the gradient needs %zu", b->workspace_bytes,
                        g->workspace_bytes);
    return tcv_check_spans(span, SPANS, WORKSPACE + 1, error);
}

tconv_status tconv_gradient_execute(const tconv_gradient *gradient,
                                    const tconv_gradient_buffers *buffers, tconv_error *error)
{
    struct tcv_correlation_run run;
    tconv_status status;

    if (gradient == NULL || buffers == NULL)
        return tcv_fail(error, TCONV_ERR_NULL_POINTER, "%s is NULL",
                        gradient == NULL ? "gradient" : "buffers");
    if (buffers->struct_size != sizeof *buffers)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "buffers->struct_size is %zu; start from tconv_gradient_buffers_default()",
                        buffers->struct_size);
    if (buffers->accumulate != 0 && buffers->accumulate != 1)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "buffers->accumulate is %" PRId32 "; it must be 0 or 1",
                        buffers->accumulate);
    status = check_buffers(gradient, buffers, error);
    if (status != TCONV_OK)
        return status;

    run = (struct tcv_correlation_run){
        .of = &gradient->correlation,
        .s = gradient->correlation.small_is_input ? buffers->input : buffers->grad_output,
        .l = gradient->correlation.small_is_input ? buffers->grad_output : buffers->input,
        .dw = buffers->grad_weights,
        .accumulate = buffers->accumulate,
    };
    if (buffers->grad_weights != NULL)
        tcv_gradient_weights(gradient, &run, buffers->workspace);
    if (buffers->grad_bias != NULL)
        tcv_gradient_bias(gradient, buffers->grad_output, buffers->grad_bias,
                          buffers->accumulate);
    return TCONV_OK;
}

tconv_status tconv_activation_gradient(const tconv_epilogue *epilogue, tconv_dtype dtype,
                                       int64_t count, const void *y, const void *dy, void *dz,
                                       tconv_error *error)
{
    if (epilogue == NULL || ((y == NULL || dy == NULL || dz == NULL) && count > 0))
        return tcv_fail(error, TCONV_ERR_NULL_POINTER, "%s is NULL",
                        epilogue == NULL ? "epilogue"
                        : y == NULL      ? "y"
                        : dy == NULL     ? "dy"
                                         : "dz");
    if (dtype != TCONV_F32 && dtype != TCONV_F64)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "dtype is %d; it must be TCONV_F32 or TCONV_F64", (int)dtype);
    if (count < 0)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "count is %" PRId64 "; it must not be negative", count);
    if ((int)epilogue->activation < TCONV_ACTIVATION_NONE ||
        epilogue->activation > TCONV_ACTIVATION_TANH)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "activation is %d; it must be one of tconv_activation",
                        (int)epilogue->activation);
    if (epilogue->activation == TCONV_ACTIVATION_LEAKY_RELU && !(epilogue->alpha >= 0.0))
        return tcv_fail(error, TCONV_ERR_UNSUPPORTED,
                        "alpha is %g; the output of a leaky ReLU tells its input's sign only with "
                        "a slope of at least 0", epilogue->alpha);
    tcv_activation_gradient(epilogue, dtype, count, y, dy, dz);
    return TCONV_OK;
}
