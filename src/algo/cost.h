/* cost.h - how long an algorithm would take, so that auto can compare them */
#ifndef TCV_ALGO_COST_H
#define TCV_ALGO_COST_H

#include "algo/algo.h"

/*
 * winograd, whose choice of filters weighs them too: a product, a point, a line of inputs, and a
 * point that comes back from beyond L2 for a block of channels.
 */
#define TCV_COST_PRODUCT 1.04
#define TCV_COST_POINT 13.2
#define TCV_COST_LINE 800.0
#define TCV_COST_READ 30.0

/* An output that lanes() finishes and stores itself. */
#define TCV_COST_STRAIGHT 1.5

/* The call: finding its way, and what is not worth a factor of its own. */
#define TCV_COST_CALL 8.0e4

struct tcv_cost_sizes {
    double inputs, outputs, weights; /* elements */
    double products; /* by the definition */
    double columns;  /* elements of the whole column matrix */
};

struct tcv_cost_sizes tcv_cost_sizes_of(const struct tcv_problem *p);

/* Whether phases of a row are interleaved one by one: col2im's kernels have vectors for up to 8. */
bool tcv_cost_interleaves_slowly(const struct tcv_problem *p);

/* As cost() of struct tcv_algo, for a setup of that algorithm. */
double tcv_direct_cost(const struct tcv_problem *p, const struct tcv_setup *setup);
double tcv_bf16x3_columns_cost(const struct tcv_problem *p, const struct tcv_setup *setup);
double tcv_bf16x3_cost(const struct tcv_problem *p, const struct tcv_setup *setup);
double tcv_columns_cost(const struct tcv_problem *p, const struct tcv_setup *setup);
double tcv_gemm_cost(const struct tcv_problem *p, const struct tcv_setup *setup);
double tcv_winograd_cost(const struct tcv_problem *p, const struct tcv_setup *setup);
double tcv_reference_cost(const struct tcv_problem *p, const struct tcv_setup *setup);

#endif
