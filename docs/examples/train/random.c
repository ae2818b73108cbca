/*
 * random.c - random numbers that a seed alone decides
 */
#include "random.h"

#include <math.h>

uint64_t random_bits(struct random *random)
{
    uint64_t z = random->state += 0x9E3779B97F4A7C15u;

    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

double random_between(struct random *random, double low, double high)
{
    return low + (high - low) * ((double)(random_bits(random) >> 11) * 0x1p-53);
}

/* The remainder's bias is below count / 2^64. */
int64_t random_below(struct random *random, int64_t count)
{
    return (int64_t)(random_bits(random) % (uint64_t)count);
}

/* Box and Muller's: a radius and an angle give two, of which this takes one. */
double random_normal(struct random *random)
{
    const double radius = sqrt(-2.0 * log(1.0 - random_between(random, 0.0, 1.0)));

    return radius * cos(random_between(random, 0.0, 6.283185307179586));
}
