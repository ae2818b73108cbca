#include "extra/elements.h"

#include <inttypes.h>

#include "base/checked.h"
#include "core/error.h"

tconv_status tcv_elements_of(const tconv_tensor *t, const char *name,
                             struct tcv_elements *e, tconv_error *error)
{
    int64_t count, first, last, bytes;

    if (t->dtype != TCONV_F32 && t->dtype != TCONV_F64)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "%s->dtype is %d; it must be TCONV_F32 or TCONV_F64", name, (int)t->dtype);
    if (t->rank < 3 || t->rank > TCONV_MAX_DIMS)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "%s->rank is %" PRId32 "; it must be 3, 4 or 5", name, t->rank);
    for (int d = 0; d < t->rank; d++)
        if (t->size[d] < (d == 0 ? 0 : 1))
            return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                            "%s->size[%d] is %" PRId64 "; it must be at least %d", name, d,
                            t->size[d], d == 0 ? 0 : 1);
    *e = (struct tcv_elements){.dtype = t->dtype, .axes = t->rank - 2, .n = t->size[0],
                               .c = t->size[1], .size = {1, 1, 1},
                               .place = {t->stride[0], t->stride[1], {0}}};
    for (int a = 0; a < e->axes; a++) {
        e->size[TCV_AXES - e->axes + a] = t->size[2 + a];
        e->place.s[TCV_AXES - e->axes + a] = t->stride[2 + a];
    }
    count = (int64_t)tcv_dtype_bytes(t->dtype);
    for (int d = 0; d < t->rank; d++)
        if (!tcv_mul_i64(count, t->size[d], &count))
            goto too_large;
    if (e->n == 0 ||
        (tcv_place_bytes(&e->place, e->n, e->c, e->size, tcv_dtype_bytes(t->dtype), &first,
                         &last) &&
         tcv_sub_i64(last, first, &bytes) && bytes < PTRDIFF_MAX))
        return TCONV_OK;
too_large:
    return tcv_fail(error, TCONV_ERR_TOO_LARGE,
                    "%s->size[0] is %" PRId64 "; with the other sizes and strides the tensor takes "
                    "more than PTRDIFF_MAX bytes", name, t->size[0]);
}

tconv_status tcv_elements_to_write(const tconv_tensor *tensor, const char *name,
                                   struct tcv_elements *e, tconv_error *error)
{
    const tconv_status status = tcv_elements_of(tensor, name, e, error);

    if (status == TCONV_OK && !tcv_place_is_injective(&e->place, e->n, e->c, e->size))
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "%s->stride[1] is %" PRId64 "; with the other strides two elements may "
                        "share a place", name, tensor->stride[1]);
    return status;
}

tconv_status tcv_spread(const int64_t *values, int axes, const char *name, int64_t out[TCV_AXES],
                        tconv_error *error)
{
    for (int a = 0; a < TCV_AXES; a++) {
        out[a] = a < TCV_AXES - axes ? 1 : values[a - (TCV_AXES - axes)];
        if (out[a] < 1)
            return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                            "%s[%d] is %" PRId64 "; it must be at least 1", name,
                            a - (TCV_AXES - axes), out[a]);
    }
    return TCONV_OK;
}
