/*
 * sets.h - tests of kernels, for each instruction set and type
 */
#ifndef KERNEL_SETS_H
#define KERNEL_SETS_H

#include "support/field.h"
#include "support/rng.h"
#include "support/suite.h"

/* The state of a test: select the kernels for this mask of tcv_cpu_feature. */
struct kernel_case {
    uint32_t mask;
    tconv_dtype dtype;
};

struct kernel_test {
    const char *name;
    CMUnitTestFunction test;
    CMFixtureFunction teardown;
};

/*
 * Runs kernel/<name>/<set>/<dtype> for each; sets that this machine lacks are
 * skipped by name.  Returns how many failed.
 */
int kernel_run(const char *suite_name, const struct kernel_test *tests, size_t count, int argc,
               char **argv);

/* Element i of an array of the type. */
double kernel_get(const void *data, tconv_dtype dtype, int64_t i);
void kernel_put(void *data, tconv_dtype dtype, int64_t i, double value);

/* Creates an array that ends at a guard page: reals, or integers of [-4, 4]. */
void kernel_fill(struct guard *array, tconv_dtype dtype, int64_t count, struct rng *rng,
                 bool reals);

#endif
