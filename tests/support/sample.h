/*
 * sample.h - a problem with numbers, and what must come out
 *
 * The expected values are those of an oracle, as a rule the library's reference
 * in double, on the same numbers; test_reference.c checks that one against a
 * second definition, which is the faster oracle for larger problems.
 * All arrays are dense, in logical order.
 */
#ifndef SUPPORT_SAMPLE_H
#define SUPPORT_SAMPLE_H

#include "support/axes.h"
#include "support/field.h"
#include "support/naive.h"

/* Reals that the dtype holds exactly, or integers of [-4, 4]. */
enum fill { FILL_REAL, FILL_INTEGER };

/* Computes a whole output in double: reference_run() or naive_run(). */
typedef void oracle_run(const struct problem *problem, const double *x, const double *w,
                    const struct vectors *vectors, double *y);

struct sample {
    struct problem problem;
    tconv_dtype dtype;
    oracle_run *oracle; /* NULL: nothing is expected; the test knows better */
    struct axes axes;
    int64_t output[TCONV_MAX_DIMS];
    int64_t x_count, w_count, y_count, channels;
    double *x, *w;
    double *bias, *scale, *shift; /* [channels], there even if not in use */
    double *before;               /* y before an accumulating execution */
    double *want;                 /* y */
    double *magnitude; /* v with every factor and summand made positive */
    double bound_terms; /* roundings that one output may have seen */
};

/* Draws the numbers and asks the reference what they give. */
void sample_create(struct sample *sample, const struct problem *problem,
                   tconv_dtype dtype, enum fill fill, uint64_t seed);

/* The same with another oracle, or with NULL for none. */
void sample_create_with(struct sample *sample, const struct problem *problem,
                        tconv_dtype dtype, enum fill fill, uint64_t seed,
                        oracle_run *oracle);

/* Computes want and magnitude again, after the numbers were changed. */
void sample_refresh(struct sample *sample);

void sample_destroy(struct sample *sample);

/*
 * The library's reference in double on dense arrays; fails the test if the
 * library refuses.
 */
void reference_run(const struct problem *problem, const double *x, const double *w,
                   const struct vectors *vectors, double *y);

#endif
