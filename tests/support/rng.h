/*
 * rng.h - random numbers that are the same on every machine for one seed
 */
#ifndef SUPPORT_RNG_H
#define SUPPORT_RNG_H

#include <stdbool.h>
#include <stdint.h>

/* Any value is a good seed: { 1 } and { 2 } give unrelated sequences. */
struct rng {
    uint64_t state;
};

uint64_t rng_next(struct rng *rng);

/* An integer of [low, high], both included; low <= high. */
int64_t rng_between(struct rng *rng, int64_t low, int64_t high);

/* True in percent of 100 cases. */
bool rng_chance(struct rng *rng, int percent);

/* A multiple of 2^-20 in [-1, 1): a float holds it without rounding. */
double rng_float(struct rng *rng);

/* A multiple of 2^-52 in [-1, 1): all bits of a double are in use. */
double rng_double(struct rng *rng);

#endif
