/*
 * gradient.h - what training needs; a part of <tconv/tconv.h>
 *
 * With dy the gradient of a loss with respect to y, the gradient with respect to
 * x is the other operation on dy with the same weights: a transposed convolution
 * scatters over the pairs (i, o) over which a convolution gathers.
 */
#ifndef TCONV_GRADIENT_H
#define TCONV_GRADIENT_H

#include <tconv/tconv.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The data gradient of an operation, as an operation of its own:
 *
 *     <y, T(x)> = <A(y), x>    T = *desc without its epilogue, A = *desc_out
 *
 * It takes dy[N][C_out][O...], gives dx[N][C_in][I...], and its weights are
 * those of desc, unchanged: plan it with dy's tensor as input and dx's as output.
 * Its epilogue is empty; set accumulate to add to dx.
 *
 * @param desc      The operation.  Not NULL.
 * @param input     Describes x[N][C_in][I...].  Not NULL; strides are ignored.
 * @param weights   Describes w, see tconv_tensor.  Not NULL; strides are ignored.
 * @param desc_out  Receives the other operation, its paddings and output sizes
 *                  explicit; untouched on failure.  Not NULL; may be desc.
 * @param error     Receives the reason on failure, or NULL.
 * @return TCONV_OK.
 *         TCONV_ERR_NULL_POINTER: desc, input, weights or desc_out is NULL.
 *         TCONV_ERR_INVALID_ARGUMENT, TCONV_ERR_TOO_LARGE: as
 *         tconv_output_shape().
 * Threads: safe from any thread.  Cost: constant.  Since: 0.1.0
 */
TCONV_API TCONV_NODISCARD tconv_status
tconv_desc_adjoint(const tconv_desc *desc, const tconv_tensor *input,
                   const tconv_tensor *weights, tconv_desc *desc_out, tconv_error *error);

#ifdef __cplusplus
}
#endif
#endif
