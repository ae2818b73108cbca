/*
 * workload.h - one operation on one problem with its data, the same for every contestant
 */
#ifndef BENCH_WORKLOAD_H
#define BENCH_WORKLOAD_H

#include <tconv/tconv.h>

#include "operation.h"

struct workload {
    /* What to make, set before workload_init(). */
    const struct problem *problem;
    const struct operation *operation;
    tconv_dtype dtype;
    tconv_layout layout; /* of input and output; weights are always [ic][oc / g][k...] */
    int threads;

    /* Input and output are the problem's, or exchanged if the operation is adjoint. */
    tconv_desc desc;
    tconv_tensor input, weights, output;
    size_t element_bytes;
    size_t input_count, weights_count, output_count, bias_count; /* elements */
    void *x, *w, *y, *bias; /* of the input, the weights, the output; no bias, no elements */
    void *result;           /* y, or w of an operation that gives weights: what everybody writes */
    size_t result_count;
    double flops;
    double compulsory_bytes; /* every array once */
};

/* False, and why, without memory or if the library refuses the problem. */
bool workload_init(struct workload *workload, struct reason *why);

/* Takes what workload_init() or workload_magnitudes() left, whatever it returned. */
void workload_free(struct workload *workload);

/* The same on the magnitudes of the data, in arrays of its own. */
bool workload_magnitudes(const struct workload *workload, struct workload *magnitudes_out,
                         struct reason *why);

/* Fills the result with NaN, so that what a contestant leaves out shows. */
void workload_poison(const struct workload *workload);

/* An array on a cache line's boundary, to be given to free(); NULL without memory. */
void *array_alloc(size_t count, size_t element_bytes);

/* Element i of an array, as a double. */
static inline double array_get(const void *array, size_t i, tconv_dtype dtype)
{
    return dtype == TCONV_F64 ? ((const double *)array)[i] : (double)((const float *)array)[i];
}

static inline void array_set(void *array, size_t i, tconv_dtype dtype, double value)
{
    if (dtype == TCONV_F64)
        ((double *)array)[i] = value;
    else
        ((float *)array)[i] = (float)value;
}

#endif
