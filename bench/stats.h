/*
 * stats.h - what is told of many samples
 */
#ifndef BENCH_STATS_H
#define BENCH_STATS_H

#include <stddef.h>

/* A list of numbers that grows.  Zero-initialised it is empty. */
struct samples {
    double *values;
    size_t count;
    size_t capacity;
};

/* Adds a value; one that finds no memory is dropped. */
void samples_add(struct samples *samples, double value);
void samples_free(struct samples *samples);

/* The median (of an even number the mean of the middle two); 0 of none.  Sorts them. */
double samples_median(struct samples *samples);

/* The geometric mean; 0 of none.  Every value must be > 0. */
double samples_geomean(const struct samples *samples);

#endif
