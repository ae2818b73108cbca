/*
 * reference_correlate.c - the weight gradient, written as it is read
 *
 * For every weight, add what it was multiplied with (correlation.h).  In double for
 * both dtypes, and clarity only.  Checked by tests/conform/test_gradient.c.
 */
#include "ref/reference_correlate.h"

#define TCV_REAL float
#define TCV_NAMED(name) name##_f32
#include "ref/reference_correlate_template.h"
#undef TCV_REAL
#undef TCV_NAMED

#define TCV_REAL double
#define TCV_NAMED(name) name##_f64
#include "ref/reference_correlate_template.h"
