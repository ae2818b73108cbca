/* gradient.c - entry points for training */
#include "core/error.h"
#include "core/problem.h"

/*
 * o = i * stride - pad_begin + k * dilation relates the small index i and the large
 * index o in both operations, so only which of them is the input changes.
 */
tconv_status tconv_desc_adjoint(const tconv_desc *desc, const tconv_tensor *input,
                                const tconv_tensor *weights, tconv_desc *desc_out,
                                tconv_error *error)
{
    struct tcv_problem problem;
    tconv_desc adjoint;
    tconv_status status;

    if (desc == NULL || input == NULL || weights == NULL || desc_out == NULL)
        return tcv_fail(error, TCONV_ERR_NULL_POINTER, "%s is NULL",
                        desc == NULL      ? "desc"
                        : input == NULL   ? "input"
                        : weights == NULL ? "weights"
                                          : "desc_out");
    status = tcv_problem_init(desc, input, weights, NULL, &problem, error);
    if (status != TCONV_OK)
        return status;

    adjoint = tconv_desc_default(desc->spatial_rank);
    adjoint.op = desc->op == TCONV_CONV ? TCONV_CONV_TRANSPOSE : TCONV_CONV;
    adjoint.groups = desc->groups;
    for (int a = 0; a < desc->spatial_rank; a++) {
        const struct tcv_axis *axis = &problem.axis[TCV_AXES - desc->spatial_rank + a];

        adjoint.stride[a] = desc->stride[a];
        adjoint.dilation[a] = desc->dilation[a];
        adjoint.pad_begin[a] = tcv_axis_padding(desc->op, axis);
        adjoint.output_size[a] = axis->in;
    }
    *desc_out = adjoint;
    return TCONV_OK;
}
