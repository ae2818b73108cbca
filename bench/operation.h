/*
 * operation.h - what can be timed on a problem
 *
 * A problem has two grids, the small one (the input of the transposed convolution) and the large
 * one (its output), with weights [ic][oc / g][k...] between them.
 */
#ifndef BENCH_OPERATION_H
#define BENCH_OPERATION_H

#include "problem.h"

enum operation_id { OP_FORWARD, OP_CONV, OP_BACKWARD_DATA, OP_BACKWARD_WEIGHTS, OPERATIONS };

struct operation {
    enum operation_id id;
    const char *name;   /* as --op spells it */
    bool adjoint;       /* from the large grid to the small one: a convolution */
    bool gives_weights; /* from both grids to the weights */
    bool has_bias;
    /* Most products in an element of the result. */
    double (*terms)(const struct problem *problem);
};

/* All there are; NULL after the last. */
const struct operation *operation_at(size_t index);

#endif
