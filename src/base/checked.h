/*
 * checked.h - int64 arithmetic that says when it overflows, and floor division
 *
 * C's division truncates towards zero; crops and phases of negative positions
 * need the floor: floor_div(-1, 2) is -1 and floor_mod(-1, 2) is 1.
 */
#ifndef TCV_BASE_CHECKED_H
#define TCV_BASE_CHECKED_H

#include <stdbool.h>
#include <stdint.h>

static inline bool tcv_add_i64(int64_t a, int64_t b, int64_t *sum_out)
{
    return !__builtin_add_overflow(a, b, sum_out);
}

static inline bool tcv_sub_i64(int64_t a, int64_t b, int64_t *difference_out)
{
    return !__builtin_sub_overflow(a, b, difference_out);
}

static inline bool tcv_mul_i64(int64_t a, int64_t b, int64_t *product_out)
{
    return !__builtin_mul_overflow(a, b, product_out);
}

/* Largest integer <= a / b.  b > 0. */
static inline int64_t tcv_floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Smallest integer >= a / b.  b > 0. */
static inline int64_t tcv_ceil_div(int64_t a, int64_t b)
{
    return a / b + (a % b > 0);
}

/* a - b * floor_div(a, b), in [0, b).  b > 0. */
static inline int64_t tcv_floor_mod(int64_t a, int64_t b)
{
    const int64_t r = a % b;

    return r < 0 ? r + b : r;
}

static inline int64_t tcv_min(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static inline int64_t tcv_max(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

#endif
