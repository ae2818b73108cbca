/*
 * field.h - a tensor in guarded memory, in any order and with gaps
 *
 * Tests think of every tensor as a dense array of double in logical order
 * (C order of the sizes); a field stores such an array the way a case wants.
 */
#ifndef SUPPORT_FIELD_H
#define SUPPORT_FIELD_H

#include <tconv/tconv.h>

#include "support/guard.h"

/* Dense, dense with channels last, or a view: gaps, an offset, maybe reversed. */
enum placement { PLACE_NCX, PLACE_NXC, PLACE_VIEW, PLACEMENTS };

const char *placement_name(enum placement placement);

struct field {
    tconv_tensor tensor;
    struct guard memory;
    void *data; /* element [0][0]... */
};

/*
 * Lays out a tensor; its bytes are all 0xff, a NaN in both types.  PLACE_VIEW
 * has several forms; `form` (any number) selects one.
 */
void field_create(struct field *field, tconv_dtype dtype, enum placement placement,
                  unsigned form, int rank, const int64_t *size, enum guard_edge edge);

void field_destroy(struct field *field);

/* Number of elements. */
int64_t field_count(const struct field *field);

/* Element i of the logical order. */
double field_get(const struct field *field, int64_t i);
void field_set(struct field *field, int64_t i, double value);

/* All of them; values[field_count()]. */
void field_load(struct field *field, const double *values);

/* Whether the gaps between the elements, and what lies beside, are untouched. */
bool field_gaps_intact(const struct field *field);

/* Whether two fields of one size and type hold the same bits. */
bool field_same_bits(const struct field *a, const struct field *b);

static inline size_t dtype_bytes(tconv_dtype dtype)
{
    return dtype == TCONV_F64 ? sizeof(double) : sizeof(float);
}

static inline const char *dtype_name(tconv_dtype dtype)
{
    return dtype == TCONV_F64 ? "f64" : "f32";
}

#endif
