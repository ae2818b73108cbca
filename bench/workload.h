/*
 * workload.h - one problem with its data, the same for every contestant
 */
#ifndef BENCH_WORKLOAD_H
#define BENCH_WORKLOAD_H

#include <tconv/tconv.h>

#include "problem.h"

struct workload {
    const struct problem *problem;
    tconv_dtype dtype;
    tconv_layout layout; /* of input and output; weights are always [ic][oc / g][k...] */
    int threads;
    tconv_desc desc; /* with a bias, as networks have it */
    tconv_tensor input, weights, output;
    size_t element_bytes;
    size_t input_count, weights_count, output_count; /* elements */
    void *x, *w, *bias;
    void *y; /* where everybody writes */
    double flops;
    double compulsory_bytes; /* x, w and bias read, y written, each once */
};

/* False, and why, without memory or if the library refuses the problem. */
bool workload_init(struct workload *workload, const struct problem *problem, tconv_dtype dtype,
                   tconv_layout layout, int threads, struct reason *why);

/* Takes what workload_init() left, whatever it returned. */
void workload_free(struct workload *workload);

/* Fills y with NaN, so that what a contestant leaves out shows. */
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
