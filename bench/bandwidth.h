/*
 * bandwidth.h - the rate at which the machine streams through memory now
 */
#ifndef BENCH_BANDWIDTH_H
#define BENCH_BANDWIDTH_H

#include <stddef.h>

#include "reason.h"

/* A buffer to stream through, shared by `threads` threads. */
struct bandwidth {
    void *data;
    size_t bytes;
    int threads;
};

/*
 * Makes the buffer: several times the largest cache, or less where memory is short.  False, and
 * why, without memory.  bandwidth_free() takes what bandwidth_init() left, whatever it returned.
 */
bool bandwidth_init(struct bandwidth *bandwidth, int threads, struct reason *why);
void bandwidth_free(struct bandwidth *bandwidth);

/*
 * Bytes per second of all threads at once, each streaming again and again through its share of the
 * first `footprint` bytes of the buffer (of all of it if that is less): the larger of the rates of
 * reading and of copying, where a copied byte counts twice.  Takes 20 ms or little more.  Returns
 * -1 if the threads cannot be had.
 */
double bandwidth_measure(const struct bandwidth *bandwidth, double footprint);

#endif
