/*
 * shares.h - units of work for workers that do not all get on alike
 *
 * Each worker has an equal run of units and takes some of it at a time.  Whoever is through with
 * its own takes half of what is left of another's.  So a worker's units are neighbours, the same
 * in every execution as long as all are as fast, and none waits long for a slower one.
 */
#ifndef TCV_BASE_SHARES_H
#define TCV_BASE_SHARES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Runs at most; of more workers several begin in one. */
#define TCV_RUNS_MOST 64

struct tcv_shares {
    int64_t units, runs;
    _Atomic int64_t taken[TCV_RUNS_MOST]; /* units of each run */
};

/* units > 0, workers > 0. */
void tcv_shares_init(struct tcv_shares *shares, int64_t units, int64_t workers);

struct tcv_worker {
    struct tcv_shares *shares;
    int64_t index; /* of the worker; the members below begin as 0 */
    int64_t unit;  /* the one to be done */
    bool follows;  /* the worker's last one was the unit before */
    int64_t next, end; /* of what is taken */
};

/* The worker's next unit, which nobody else gets, or false when all are taken. */
bool tcv_worker_next(struct tcv_worker *worker);

#endif
