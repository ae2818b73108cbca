/*
 * arena.h - a sample laid out in guarded memory, with a plan, ready to run
 *
 *     struct arena_case how = {.algorithm = TCONV_ALGORITHM_GEMM};
 *
 *     if (arena_create(&arena, &sample, &how) == TCONV_OK) {
 *         arena_execute(&arena);
 *         assert_close(&arena);
 *     }
 *     arena_destroy(&arena);
 */
#ifndef SUPPORT_ARENA_H
#define SUPPORT_ARENA_H

#include "support/sample.h"

/* How a case is run; all zero is automatic, dense, OpenMP's threads, no limit. */
struct arena_case {
    tconv_algorithm algorithm;
    enum placement placement; /* of x, w and y */
    enum guard_edge edge;     /* where every buffer lies flush; see arena_create() */
    unsigned char scratch;    /* byte that the workspace is filled with */
    int32_t threads;
    size_t workspace_limit; /* 0: none */
    tconv_parallel_for parallel_for;
    void *parallel_context;
};

struct arena {
    const struct sample *sample;
    struct arena_case how;
    struct field x, w, y;
    struct guard bias, scale, shift, workspace;
    tconv_options options;
    tconv_plan *plan;
    tconv_weights *packed;
    tconv_buffers buffers;
    uint64_t read_only; /* hash of what an execution may only read */
    tconv_error error;  /* of the last call that failed */
};

/*
 * Lays everything out, plans and packs; the original weights are unmapped
 * afterwards, and the workspace has exactly the plan's size; with GUARD_BEGIN it
 * lies at an odd address.  Returns what
 * tconv_plan_create() said.  arena_destroy() is due in any case.
 */
tconv_status arena_create(struct arena *arena, const struct sample *sample,
                          const struct arena_case *how);

void arena_destroy(struct arena *arena);

/* Fills y with NaN, or with what is accumulated to, and the workspace anew. */
void arena_poison(struct arena *arena);

/* arena_poison(), then the whole output; fails the test on any error. */
void arena_execute(struct arena *arena);

/* Fails the test if anything but y and the workspace changed, or y's gaps. */
void assert_nothing_else_touched(const struct arena *arena);

#endif
