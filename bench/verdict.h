/*
 * verdict.h - the comparison of many elements
 */
#ifndef BENCH_VERDICT_H
#define BENCH_VERDICT_H

#include "workload.h"

/* How many are wrong, and the worst of them.  Zero-initialised it has compared none. */
struct verdict {
    size_t compared, wrong;
    double ratio, got, want; /* of the worst; ratio is the error over what is allowed */
};

void verdict_add(struct verdict *verdict, double got, double want, double allowed);

/* False, and why in words, if any was wrong or none was compared. */
bool verdict_is_good(const struct verdict *verdict, const char *against, struct reason *why);

/*
 * How far two results may be apart, over the sum of magnitudes (check.c tells why): one gamma for
 * each of the two.
 */
double relative_bound(const struct workload *workload);

#endif
