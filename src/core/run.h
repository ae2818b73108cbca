/*
 * run.h - one execution, as the layers below the plan see it
 *
 * Pointers to elements are void: the problem's dtype says what they are.
 */
#ifndef TCV_CORE_RUN_H
#define TCV_CORE_RUN_H

#include "core/problem.h"

struct tcv_run {
    const struct tcv_problem *problem;
    const void *x;      /* element [0][0][0...] of the input */
    const void *packed; /* the weights as the algorithm packed them */
    const void *bias, *scale, *shift; /* C_out elements each, or NULL */
    void *y;            /* the window's first element */
    struct tcv_window window;
    bool streams;       /* y is too large for the caches and is not read */
    bool x_leaves, y_leaves; /* L2 does not hold it */
};

#endif
