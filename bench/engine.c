#include "engine.h"

#include <stdlib.h>

static bool make_plan(struct engine *engine, const struct workload *w,
                      const tconv_options *options, struct reason *why)
{
    tconv_explanation explanation = {.struct_size = sizeof explanation};
    tconv_error error;

    if (tconv_plan_create(&w->desc, &w->input, &w->weights, &w->output, options, &engine->plan,
                          &error) != TCONV_OK ||
        tconv_weights_pack(engine->plan, w->w, &engine->weights, &error) != TCONV_OK ||
        tconv_plan_explain(engine->plan, &explanation, &error) != TCONV_OK)
        return deny(why, "%s", error.message);
    engine->algorithm = explanation.algorithm;
    engine->workspace_bytes = tconv_plan_workspace_size(engine->plan);
    return true;
}

/* Beside the reference, gradients know one algorithm. */
static bool make_gradient(struct engine *engine, const struct workload *w,
                          const tconv_options *options, struct reason *why)
{
    const bool reference = options->algorithm == TCONV_ALGORITHM_REFERENCE;
    tconv_error error;

    if (tconv_gradient_create(&w->desc, &w->input, &w->weights, &w->output, options,
                              &engine->gradient, &error) != TCONV_OK)
        return deny(why, "%s", error.message);
    engine->algorithm = reference ? TCONV_ALGORITHM_REFERENCE : TCONV_ALGORITHM_DIRECT;
    engine->workspace_bytes = tconv_gradient_workspace_size(engine->gradient);
    return true;
}

bool engine_init(struct engine *engine, const struct workload *workload,
                 tconv_algorithm algorithm, struct reason *why)
{
    tconv_options options = tconv_options_default();

    *engine = (struct engine){.plan = NULL};
    options.algorithm = algorithm;
    options.threads = workload->threads;
    if (!(workload->operation->gives_weights ? make_gradient : make_plan)(engine, workload,
                                                                          &options, why))
        return false;
    engine->workspace = malloc(engine->workspace_bytes + 1); /* + 1: never malloc(0) */
    if (engine->workspace == NULL)
        return deny(why, "no memory for the workspace");
    return true;
}

void engine_free(struct engine *engine)
{
    free(engine->workspace);
    tconv_gradient_destroy(engine->gradient);
    tconv_weights_destroy(engine->weights);
    tconv_plan_destroy(engine->plan);
    *engine = (struct engine){.plan = NULL};
}

static tconv_status run_plan(const struct engine *engine, const struct workload *w, void *result,
                             const tconv_window *window, tconv_error *error)
{
    tconv_buffers buffers = tconv_buffers_default();

    buffers.input = w->x;
    buffers.bias = w->bias;
    buffers.output = result;
    buffers.workspace = engine->workspace;
    buffers.workspace_bytes = engine->workspace_bytes;
    return tconv_execute(engine->plan, engine->weights, &buffers, window, error);
}

static tconv_status run_gradient(const struct engine *engine, const struct workload *w,
                                 void *result, tconv_error *error)
{
    tconv_gradient_buffers buffers = tconv_gradient_buffers_default();

    buffers.input = w->x;
    buffers.grad_output = w->y;
    buffers.grad_weights = result;
    buffers.workspace = engine->workspace;
    buffers.workspace_bytes = engine->workspace_bytes;
    return tconv_gradient_execute(engine->gradient, &buffers, error);
}

bool engine_run(const struct engine *engine, const struct workload *workload, void *result,
                const tconv_window *window, struct reason *why)
{
    tconv_error error;
    const tconv_status status = engine->gradient != NULL
                                    ? run_gradient(engine, workload, result, &error)
                                    : run_plan(engine, workload, result, window, &error);

    return status == TCONV_OK || deny(why, "%s", error.message);
}
