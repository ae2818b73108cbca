/*
 * check.h - whether the results that are timed are right
 */
#ifndef BENCH_CHECK_H
#define BENCH_CHECK_H

#include "contestant.h"

/* What the results of one workload are measured by. */
struct check {
    const struct workload *workload;
    struct workload magnitudes; /* of the workload's data */
    void *expected;             /* the whole result as the first of ours has it */
    void *sums;                 /* the same of the magnitudes */
    bool has_expected;
    double leeway;              /* times the bound of plain sums, see check.c */
    bool whole;                 /* the reference computed the whole result, not parts of it */
};

/* False, and why, without memory.  check_free() takes what this left in either case. */
bool check_init(struct check *check, const struct workload *workload, struct reason *why);
void check_free(struct check *check);

/*
 * Runs the contestant once and checks the result.  Ours are compared with the reference: all of a
 * small problem, of a large one parts at both ends and in between.  The first of them, and it must
 * come first, then becomes what all others are compared with, everywhere.  False, and why, if a run
 * fails or a result is wrong.
 */
bool check_contestant(struct check *check, const struct contestant *contestant,
                      struct reason *why);

/* Compare y (check_reference.c) or dw (check_weights.c) with the reference. */
bool check_reference(struct check *check, struct reason *why);
bool check_weights(struct check *check, struct reason *why);

#endif
