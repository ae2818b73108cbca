/* cost.h - how long an algorithm would take, so that auto can compare them */
#ifndef TCV_ALGO_COST_H
#define TCV_ALGO_COST_H

#include "algo/algo.h"

/* winograd: a product, and a point of the inputs; its choice of filters weighs them too. */
#define TCV_COST_PRODUCT 1.04
#define TCV_COST_POINT 13.2

/* As cost() of struct tcv_algo, for a setup of that algorithm. */
double tcv_direct_cost(const struct tcv_problem *p, const struct tcv_setup *setup);
double tcv_bf16x3_columns_cost(const struct tcv_problem *p, const struct tcv_setup *setup);
double tcv_bf16x3_cost(const struct tcv_problem *p, const struct tcv_setup *setup);
double tcv_columns_cost(const struct tcv_problem *p, const struct tcv_setup *setup);
double tcv_gemm_cost(const struct tcv_problem *p, const struct tcv_setup *setup);
double tcv_winograd_cost(const struct tcv_problem *p, const struct tcv_setup *setup);
double tcv_reference_cost(const struct tcv_problem *p, const struct tcv_setup *setup);

#endif
