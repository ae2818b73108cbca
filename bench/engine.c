#include "engine.h"

#include <stdlib.h>

bool engine_init(struct engine *engine, const struct workload *workload,
                 tconv_algorithm algorithm, const void *weights, struct reason *why)
{
    tconv_options options = tconv_options_default();
    tconv_error error;

    *engine = (struct engine){.plan = NULL};
    options.algorithm = algorithm;
    options.threads = workload->threads;
    if (tconv_plan_create(&workload->desc, &workload->input, &workload->weights,
                          &workload->output, &options, &engine->plan, &error) != TCONV_OK ||
        tconv_weights_pack(engine->plan, weights, &engine->weights, &error) != TCONV_OK)
        return deny(why, "%s", error.message);
    engine->workspace_bytes = tconv_plan_workspace_size(engine->plan);
    engine->workspace = malloc(engine->workspace_bytes + 1); /* + 1: never malloc(0) */
    if (engine->workspace == NULL)
        return deny(why, "no memory for the workspace");
    return true;
}

void engine_free(struct engine *engine)
{
    free(engine->workspace);
    tconv_weights_destroy(engine->weights);
    tconv_plan_destroy(engine->plan);
    *engine = (struct engine){.plan = NULL};
}

bool engine_run(const struct engine *engine, const void *x, const void *bias, void *y,
                const tconv_window *window, struct reason *why)
{
    tconv_buffers buffers = tconv_buffers_default();
    tconv_error error;

    buffers.input = x;
    buffers.bias = bias;
    buffers.output = y;
    buffers.workspace = engine->workspace;
    buffers.workspace_bytes = engine->workspace_bytes;
    if (tconv_execute(engine->plan, engine->weights, &buffers, window, &error) != TCONV_OK)
        return deny(why, "%s", error.message);
    return true;
}
