/*
 * result.h - what was measured
 */
#ifndef BENCH_RESULT_H
#define BENCH_RESULT_H

#include "contestant.h"

#define MOST_PEERS 4

struct peer_result {
    char name[CONTESTANT_NAME];
    bool timed;
    struct reason note; /* why not */
    char detail[64];
    double median, ratio; /* seconds; peer / ours */
    double setup_seconds;
    size_t repeats;
};

/* One problem by one of our algorithms. */
struct row {
    const struct problem *problem;
    char algorithm[CONTESTANT_NAME];
    double flops, compulsory_bytes;
    double median, limit; /* seconds */
    double share;         /* limit / median */
    double peak, bandwidth;
    double setup_seconds, resize_seconds;
    size_t repeats, workspace_bytes;
    bool checked_whole;
    bool is_auto; /* auto takes this algorithm */
    struct peer_result peers[MOST_PEERS];
    size_t peer_count;
};

/* Everything. */
struct results {
    struct row *rows;
    size_t count, capacity;
    double peak;      /* FLOP per second: the median over all turns of ours */
    double bandwidth; /* bytes per second, from memory */
};

/* Adds the row of `ours`, with all the peers among the contestants; false without memory. */
bool results_add(struct results *results, const struct workload *workload,
                 struct contestant *ours, struct contestant *contestants, size_t count);
void results_free(struct results *results);

/*
 * Of the problems that more than one algorithm ran: on how many auto's choice took at most
 * 5 % longer than the fastest.
 */
struct choice_count {
    size_t right, problems;
};
struct choice_count results_choices(const struct results *results);

/* Geometric means over the rows: of the share, and of the ratio of the peer that has the index. */
double results_mean_share(const struct results *results);
double results_mean_ratio(const struct results *results, size_t peer);

#endif
