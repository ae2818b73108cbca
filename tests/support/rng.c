#include "support/rng.h"

/*
 * SplitMix64: a counter that steps by the odd 2^64 / golden ratio, so that it
 * visits every state, and a mixer that sends neighbouring states far apart.
 * Source: Steele, Lea, Flood, "Fast splittable pseudorandom number
 * generators", OOPSLA 2014.
 */
uint64_t rng_next(struct rng *rng)
{
    uint64_t z = rng->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* The ranges here are tiny against 2^64: the bias of a plain % is harmless. */
int64_t rng_between(struct rng *rng, int64_t low, int64_t high)
{
    const uint64_t width = (uint64_t)(high - low) + 1;

    return low + (int64_t)(rng_next(rng) % width);
}

bool rng_chance(struct rng *rng, int percent)
{
    return rng_between(rng, 0, 99) < percent;
}

double rng_float(struct rng *rng)
{
    return (double)rng_between(rng, -(1 << 20), (1 << 20) - 1) * 0x1p-20;
}

double rng_double(struct rng *rng)
{
    const int64_t limit = INT64_C(1) << 52;

    return (double)rng_between(rng, -limit, limit - 1) * 0x1p-52;
}
