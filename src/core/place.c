/* place.c - what a box of strided elements touches */
#include "core/problem.h"

#include <stdlib.h>

#include "base/checked.h"

/* The five dimensions of a box as two arrays. */
static void dimensions(const struct tcv_place *place, int64_t n, int64_t c,
                       const int64_t *extent, int64_t size[5], int64_t stride[5])
{
    size[0] = n;
    size[1] = c;
    stride[0] = place->n;
    stride[1] = place->c;
    for (int a = 0; a < TCV_AXES; a++) {
        size[2 + a] = extent[a];
        stride[2 + a] = place->s[a];
    }
}

bool tcv_place_bytes(const struct tcv_place *place, int64_t n, int64_t c,
                     const int64_t *extent, size_t element_bytes, int64_t *first_out,
                     int64_t *last_out)
{
    int64_t size[5], stride[5], low = 0, high = 0, reach;

    dimensions(place, n, c, extent, size, stride);
    for (int i = 0; i < 5; i++) {
        int64_t *end = stride[i] < 0 ? &low : &high;

        if (size[i] < 1 || !tcv_mul_i64(size[i] - 1, stride[i], &reach) ||
            !tcv_add_i64(*end, reach, end))
            return false;
    }
    return tcv_mul_i64(low, (int64_t)element_bytes, first_out) &&
           tcv_add_i64(high, 1, &high) &&
           tcv_mul_i64(high, (int64_t)element_bytes, last_out) &&
           tcv_sub_i64(*last_out, 1, last_out);
}

/*
 * Sufficient, and necessary for every nest of loops over memory: taken by rising
 * |stride|, each dimension steps past all that the smaller ones reach together.
 */
bool tcv_place_is_injective(const struct tcv_place *place, int64_t n, int64_t c,
                            const int64_t *extent)
{
    int64_t size[5], stride[5], reach = 0;
    bool done[5] = {false};

    dimensions(place, n, c, extent, size, stride);
    for (int i = 0; i < 5; i++) {
        if (size[i] < 1)
            return true;
        done[i] = size[i] == 1; /* its stride is never taken */
    }
    for (;;) {
        int next = -1;
        int64_t step, more;

        for (int i = 0; i < 5; i++)
            if (!done[i] && (next < 0 || llabs(stride[i]) < llabs(stride[next])))
                next = i;
        if (next < 0)
            return true;
        done[next] = true;
        step = llabs(stride[next]);
        if (step <= reach || !tcv_mul_i64(step, size[next] - 1, &more) ||
            !tcv_add_i64(reach, more, &reach))
            return false;
    }
}
