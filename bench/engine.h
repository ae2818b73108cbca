/*
 * engine.h - the library on one workload: plan, packed weights and workspace
 */
#ifndef BENCH_ENGINE_H
#define BENCH_ENGINE_H

#include "workload.h"

struct engine {
    tconv_plan *plan;
    tconv_weights *weights;
    void *workspace;
    size_t workspace_bytes;
};

/* False, and why, if the library refuses.  engine_free() takes what this left in either case. */
bool engine_init(struct engine *engine, const struct workload *workload,
                 tconv_algorithm algorithm, const void *weights, struct reason *why);
void engine_free(struct engine *engine);

/* Runs on any data of the workload's shapes; window as in tconv_execute(). */
bool engine_run(const struct engine *engine, const void *x, const void *bias, void *y,
                const tconv_window *window, struct reason *why);

#endif
