/* elements.h - checked tensors as places, for loops that are not worth a kernel */
#ifndef TCV_EXTRA_ELEMENTS_H
#define TCV_EXTRA_ELEMENTS_H

#include <string.h>

#include <tconv/extra.h>

#include "core/problem.h"

/* A tensor with three spatial axes; those that it lacks come first and have size 1. */
struct tcv_elements {
    tconv_dtype dtype;
    int axes;
    int64_t n, c, size[TCV_AXES];
    struct tcv_place place;
};

/* Checks the tensor (not NULL) that the message calls `name`; only n may be 0. */
tconv_status tcv_elements_of(const tconv_tensor *tensor, const char *name,
                             struct tcv_elements *elements_out, tconv_error *error);

/* The same for one that is written: no two elements share a place. */
tconv_status tcv_elements_to_write(const tconv_tensor *tensor, const char *name,
                                   struct tcv_elements *elements_out, tconv_error *error);

/* values[axes] in the last entries of three, 1 before them; each must be >= 1. */
tconv_status tcv_spread(const int64_t *values, int axes, const char *name, int64_t out[TCV_AXES],
                        tconv_error *error);

static inline int64_t tcv_element_at(const struct tcv_elements *e, int64_t n, int64_t c,
                                     const int64_t i[TCV_AXES])
{
    return n * e->place.n + c * e->place.c + i[0] * e->place.s[0] + i[1] * e->place.s[1] +
           i[2] * e->place.s[2];
}

static inline double tcv_load(tconv_dtype dtype, const void *data, int64_t at)
{
    return dtype == TCONV_F64 ? ((const double *)data)[at] : (double)((const float *)data)[at];
}

static inline void tcv_store(tconv_dtype dtype, void *data, int64_t at, double value)
{
    if (dtype == TCONV_F64)
        ((double *)data)[at] = value;
    else
        ((float *)data)[at] = (float)value;
}

/* Counts index[] up like an odometer below size[]; false after the last. */
static inline bool tcv_next(int64_t index[TCV_AXES], const int64_t size[TCV_AXES])
{
    for (int a = TCV_AXES - 1; a >= 0; a--) {
        if (++index[a] < size[a])
            return true;
        index[a] = 0;
    }
    return false;
}

#endif
