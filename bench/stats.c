/*
 * stats.c - median and geometric mean
 *
 * The median, because what disturbs a timing on a shared machine only ever adds to it, and rarely:
 * a mean would follow the few worst samples.  The geometric mean, because what is averaged over
 * problems are ratios: that of peer/ours is then one over that of ours/peer, and no problem counts
 * for more because it is longer.
 */
#include "stats.h"

#include <math.h>
#include <stdlib.h>

void samples_add(struct samples *samples, double value)
{
    if (samples->count == samples->capacity) {
        const size_t capacity = samples->capacity == 0 ? 64 : 2 * samples->capacity;
        double *values = realloc(samples->values, capacity * sizeof *values);

        if (values == NULL)
            return;
        samples->values = values;
        samples->capacity = capacity;
    }
    samples->values[samples->count++] = value;
}

void samples_free(struct samples *samples)
{
    free(samples->values);
    *samples = (struct samples){0};
}

static int by_value(const void *left, const void *right)
{
    const double a = *(const double *)left;
    const double b = *(const double *)right;

    return (a > b) - (a < b);
}

double samples_median(struct samples *samples)
{
    const size_t middle = samples->count / 2;

    if (samples->count == 0)
        return 0.0;
    qsort(samples->values, samples->count, sizeof samples->values[0], by_value);
    if (samples->count % 2 == 1)
        return samples->values[middle];
    return 0.5 * (samples->values[middle - 1] + samples->values[middle]);
}

double samples_geomean(const struct samples *samples)
{
    double sum = 0.0;

    if (samples->count == 0)
        return 0.0;
    for (size_t i = 0; i < samples->count; i++)
        sum += log(samples->values[i]);
    return exp(sum / (double)samples->count);
}
