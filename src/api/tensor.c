/* tensor.c - describing dense tensors, and the shape of the output */
#include <inttypes.h>

#include "base/checked.h"
#include "core/error.h"
#include "core/problem.h"

/* Logical dimension at position i, counted from the innermost, of the layout. */
static int dimension_at(tconv_layout layout, int32_t rank, int i)
{
    if (layout == TCONV_NCX)
        return rank - 1 - i;
    return i == 0 ? 1 : i == rank - 1 ? 0 : rank - i;
}

tconv_status tconv_tensor_dense(tconv_tensor *tensor_out, tconv_dtype dtype,
                                tconv_layout layout, int32_t rank, const int64_t *size,
                                tconv_error *error)
{
    tconv_tensor tensor = {.dtype = dtype, .rank = rank};
    int64_t bytes, reach;

    if (tensor_out == NULL || size == NULL)
        return tcv_fail(error, TCONV_ERR_NULL_POINTER, "%s is NULL",
                        tensor_out == NULL ? "tensor_out" : "size");
    if (dtype != TCONV_F32 && dtype != TCONV_F64)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "dtype is %d; it must be TCONV_F32 or TCONV_F64", (int)dtype);
    if (layout != TCONV_NCX && layout != TCONV_NXC)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "layout is %d; it must be TCONV_NCX or TCONV_NXC", (int)layout);
    if (rank < 3 || rank > TCONV_MAX_DIMS)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "rank is %" PRId32 "; it must be 3, 4 or 5", rank);

    reach = 1;
    for (int i = 0; i < rank; i++) {
        const int d = dimension_at(layout, rank, i);

        if (size[d] < 0)
            return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                            "size[%d] is %" PRId64 "; it must not be negative", d, size[d]);
        tensor.size[d] = size[d];
        tensor.stride[d] = reach;
        /* An empty dimension counts as 1, so that the others keep their strides. */
        if (!tcv_mul_i64(reach, tcv_max(size[d], 1), &reach) ||
            !tcv_mul_i64(reach, (int64_t)tcv_dtype_bytes(dtype), &bytes) || bytes > PTRDIFF_MAX)
            return tcv_fail(error, TCONV_ERR_TOO_LARGE,
                            "size[%d] is %" PRId64
                            "; with the other sizes it takes more than PTRDIFF_MAX bytes",
                            d, size[d]);
    }
    *tensor_out = tensor;
    return TCONV_OK;
}

tconv_status tconv_output_shape(const tconv_desc *desc, const tconv_tensor *input,
                                const tconv_tensor *weights, int64_t *size_out,
                                tconv_error *error)
{
    struct tcv_problem problem;
    tconv_status status;

    if (desc == NULL || input == NULL || weights == NULL || size_out == NULL)
        return tcv_fail(error, TCONV_ERR_NULL_POINTER, "%s is NULL",
                        desc == NULL      ? "desc"
                        : input == NULL   ? "input"
                        : weights == NULL ? "weights"
                                          : "size_out");
    status = tcv_problem_init(desc, input, weights, NULL, &problem, error);
    if (status != TCONV_OK)
        return status;
    size_out[0] = problem.batch;
    size_out[1] = problem.groups * problem.oc;
    for (int a = 0; a < desc->spatial_rank; a++)
        size_out[2 + a] = problem.axis[TCV_AXES - desc->spatial_rank + a].out;
    return TCONV_OK;
}
