/*
 * bench.h - one problem from its data to its row
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include "bandwidth.h"
#include "options.h"
#include "progress.h"
#include "result.h"

struct bench {
    const struct options *options;
    struct bandwidth bandwidth;
    struct progress progress;
    struct results results;
};

/*
 * Checks and times everybody on the problem and adds and prints its rows.  False if a run fails or
 * a result is wrong, and that has been said on standard error.
 */
bool bench_problem(struct bench *bench, const struct problem *problem);

#endif
