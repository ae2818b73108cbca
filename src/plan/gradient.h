/* gradient.h - the weight gradient of an operation: a value fixed at creation */
#ifndef TCV_PLAN_GRADIENT_H
#define TCV_PLAN_GRADIENT_H

#include "algo/correlate.h"

struct tconv_gradient {
    struct tcv_problem problem; /* its epilogue counts for nothing */
    struct tcv_correlation correlation;
    struct tcv_correlate_grid grid;
    bool by_definition; /* else by the kernels of direct */
    tconv_options options;
    int32_t spatial_rank, threads;
    size_t workspace_bytes;
};

/* Fills threads and workspace_bytes; everything else is set. */
tconv_status tcv_gradient_share(struct tconv_gradient *gradient, tconv_error *error);

/* Runs a checked execution; dw of the run may be NULL. */
void tcv_gradient_weights(const struct tconv_gradient *gradient,
                          const struct tcv_correlation_run *run, void *workspace);

/* db[channel] for every channel. */
void tcv_gradient_bias(const struct tconv_gradient *gradient, const void *dy, void *db,
                       bool accumulate);

#endif
