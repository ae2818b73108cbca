/*
 * turns.h - timing all contestants of a problem in turns
 */
#ifndef BENCH_TURNS_H
#define BENCH_TURNS_H

#include "bandwidth.h"
#include "contestant.h"
#include "progress.h"

#define TURNS 5 /* of each contestant, and so the fewest runs that a median is taken of */

struct turns {
    double min_time; /* seconds a contestant, over all of its turns */
    const struct bandwidth *bandwidth;
    const struct progress *progress;
};

/*
 * Fills the timing of every contestant that is present.  All of them work on one workload, and have
 * run once.  False, and why, if a run fails or a rate cannot be measured.
 */
bool turns_take(const struct turns *turns, const struct workload *workload,
                struct contestant *contestants, size_t count, struct reason *why);

#endif
