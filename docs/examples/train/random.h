/*
 * random.h - random numbers that a seed alone decides
 *
 * SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014):
 * a counter in steps of the golden ratio, its bits mixed.  The state is one number, which a
 * checkpoint keeps.
 */
#ifndef TRAIN_RANDOM_H
#define TRAIN_RANDOM_H

#include <stdint.h>

struct random {
    uint64_t state; /* the seed, at first */
};

uint64_t random_bits(struct random *random);

/* Uniform in [low, high). */
double random_between(struct random *random, double low, double high);

/* Uniform in 0 to count - 1; count >= 1. */
int64_t random_below(struct random *random, int64_t count);

/* Of mean 0 and variance 1. */
double random_normal(struct random *random);

#endif
