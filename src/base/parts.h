/*
 * parts.h - rows in parts of at most so many, alike but for one row
 *
 * 30 rows, at most 14 in a part: 10, 10, 10 and not 14, 14, 2.  The longer parts come first.
 */
#ifndef TCV_BASE_PARTS_H
#define TCV_BASE_PARTS_H

#include "base/checked.h"

struct tcv_parts {
    int64_t count;
    int64_t each, longer; /* rows of a part; so many parts have one more */
};

struct tcv_part {
    int64_t first, count; /* rows */
};

/* rows >= 0, most > 0. */
static inline struct tcv_parts tcv_parts_of(int64_t rows, int64_t most)
{
    const int64_t count = tcv_ceil_div(rows, most), divisor = tcv_max(1, count);

    return (struct tcv_parts){count, rows / divisor, rows % divisor};
}

/* 0 <= index < count. */
static inline struct tcv_part tcv_part_at(const struct tcv_parts *parts, int64_t index)
{
    return (struct tcv_part){index * parts->each + tcv_min(index, parts->longer),
                             parts->each + (index < parts->longer)};
}

/* The part that has row `row`. */
static inline int64_t tcv_part_of(const struct tcv_parts *parts, int64_t row)
{
    const int64_t rows = parts->longer * (parts->each + 1);

    return row < rows ? row / (parts->each + 1) : parts->longer + (row - rows) / parts->each;
}

#endif
