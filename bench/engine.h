/*
 * engine.h - the library on one workload: plan and packed weights or gradient, and workspace
 */
#ifndef BENCH_ENGINE_H
#define BENCH_ENGINE_H

#include "workload.h"

struct engine {
    tconv_plan *plan;
    tconv_weights *weights;
    tconv_gradient *gradient;  /* instead of both, for an operation that gives weights */
    tconv_algorithm algorithm; /* that runs, never AUTO */
    void *workspace;
    size_t workspace_bytes;
};

/* False, and why, if the library refuses.  engine_free() takes what this left in either case. */
bool engine_init(struct engine *engine, const struct workload *workload,
                 tconv_algorithm algorithm, struct reason *why);
void engine_free(struct engine *engine);

/*
 * Runs on the data of a workload of the same shapes, the result apart: all of it, or the window as
 * in tconv_execute(), which weights do not have.
 */
bool engine_run(const struct engine *engine, const struct workload *workload, void *result,
                const tconv_window *window, struct reason *why);

#endif
