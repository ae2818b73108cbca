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

/** The gradient of the weights and the bias of one operation.  Immutable. */
typedef struct tconv_gradient tconv_gradient;

/**
 * Prepares the gradients of weights and bias:
 *
 *     dw[small][large][k] = sum over n, i of small[n][small][i] * large[n][large][o]
 *                           with  o = i * stride - pad_begin + k * dilation
 *     db[oc] = sum over n, o of dy[n][oc][o]
 *
 * where x is small and dy large in a transposed convolution, and dy small and x
 * large in a convolution: in both, dw has the shape of the weights.
 *
 * @param desc     The operation.  Not NULL; copied.  Its epilogue counts for nothing:
 *                 dy is the gradient of the sum of products (and bias); see
 *                 tconv_activation_gradient().
 * @param input    Describes x[N][C_in][I...].  Not NULL; N may be 0.
 * @param weights  Describes dw, shaped as the weights.  Not NULL.  No two of its
 *                 elements may share a place.
 * @param output   Describes dy[N][C_out][O...].  Not NULL; the rules of
 *                 tconv_plan_create()'s output hold.
 * @param options  Or NULL for tconv_options_default().  The algorithm may be AUTO, DIRECT
 *                 or REFERENCE; parallel_context must live as long as the gradient.
 * @param gradient_out  Receives the gradient, owned by the caller, to be given to
 *                 tconv_gradient_destroy(); NULL on failure.  Not NULL.
 * @param error    Receives the reason on failure, or NULL.
 * @return TCONV_OK.
 *         TCONV_ERR_NULL_POINTER: a pointer that must not be NULL is.
 *         TCONV_ERR_INVALID_ARGUMENT, TCONV_ERR_TOO_LARGE: as tconv_plan_create().
 *         TCONV_ERR_UNSUPPORTED: another algorithm was asked for.
 *         TCONV_ERR_OUT_OF_MEMORY: no memory for the object.
 *         TCONV_ERR_WORKSPACE_TOO_SMALL: workspace_limit_bytes is below what one thread
 *         needs, at most 4 MiB; the message tells how much.
 * Threads: safe from any thread.  Cost: microseconds.  Since: 0.1.0
 */
TCONV_API TCONV_NODISCARD tconv_status
tconv_gradient_create(const tconv_desc *desc, const tconv_tensor *input,
                      const tconv_tensor *weights, const tconv_tensor *output,
                      const tconv_options *options, tconv_gradient **gradient_out,
                      tconv_error *error);

/**
 * Frees a gradient.
 * @param gradient  A gradient that nobody executes, or NULL.
 * Threads: safe from any thread.  Cost: constant.  Since: 0.1.0
 */
TCONV_API void tconv_gradient_destroy(tconv_gradient *gradient);

/**
 * The workspace that one execution needs, for all of its threads.
 * @param gradient  Not NULL.
 * @return Bytes; may be 0.
 * Threads: safe from any thread.  Cost: constant.  Since: 0.1.0
 */
TCONV_API size_t tconv_gradient_workspace_size(const tconv_gradient *gradient);

/**
 * The data of one execution.  Start from tconv_gradient_buffers_default().  What is
 * written must not overlap anything else.
 */
typedef struct tconv_gradient_buffers {
    size_t struct_size;      /* set by tconv_gradient_buffers_default(); leave it */
    const void *input;       /* x; not used without grad_weights */
    const void *grad_output; /* dy */
    void *grad_weights;      /* dw, or NULL if it is not wanted */
    void *grad_bias;         /* db[C_out], or NULL if it is not wanted */
    void *workspace;         /* scratch, any contents; not used without grad_weights */
    size_t workspace_bytes;  /* at least tconv_gradient_workspace_size() */
    int32_t accumulate;      /* 1: adds to dw and db; 0: they are not read */
    int32_t reserved;        /* 0 */
} tconv_gradient_buffers;

/**
 * Buffers with every pointer NULL, not accumulating.
 * @return The buffers, by value.
 * Threads: safe from any thread.  Cost: constant.  Since: 0.1.0
 */
static inline tconv_gradient_buffers tconv_gradient_buffers_default(void)
{
    tconv_gradient_buffers buffers;

    buffers.struct_size = sizeof buffers;
    buffers.input = buffers.grad_output = NULL;
    buffers.grad_weights = buffers.grad_bias = buffers.workspace = NULL;
    buffers.workspace_bytes = 0;
    buffers.accumulate = buffers.reserved = 0;
    return buffers;
}

/**
 * Computes the gradients of weights and bias.
 *
 * Sums over images and positions have one order, which the problem and the processor's
 * instruction set decide: the bits depend neither on the number of threads nor on the
 * workspace limit.
 *
 * @param gradient  Not NULL.  Not modified.
 * @param buffers   The data.  Not NULL; not kept.
 * @param error     Receives the reason on failure, or NULL.
 * @return TCONV_OK.
 *         TCONV_ERR_NULL_POINTER: a pointer that must not be NULL is.
 *         TCONV_ERR_INVALID_ARGUMENT: struct_size or accumulate is none of the above, or
 *         buffers overlap.
 *         TCONV_ERR_WORKSPACE_TOO_SMALL: workspace_bytes is below
 *         tconv_gradient_workspace_size().
 *         On any error nothing is written.
 * Threads: one gradient may be executed from several threads at once, each with its own
 *          results and workspace.  Runs its number of threads itself.
 * Cost:    as many flops as the operation; allocates nothing.
 * Since:   0.1.0
 */
TCONV_API TCONV_NODISCARD tconv_status
tconv_gradient_execute(const tconv_gradient *gradient, const tconv_gradient_buffers *buffers,
                       tconv_error *error);

/**
 * The gradient before an activation, from its output: dz = dy * activation'(z).
 *
 * ReLU is taken to have slope 0 at 0, clip at its bounds, and leaky ReLU 1 at 0.
 *
 * @param epilogue  Its activation, alpha and beta count.  Not NULL.
 * @param dtype     Type of the elements.
 * @param count     Elements, >= 0; the arrays are dense and in one order.
 * @param y         y[count], what the activation gave.  Not NULL.
 * @param dy        dy[count].  Not NULL.
 * @param dz        Receives dz[count].  Not NULL; may be dy, else overlaps neither.
 * @param error     Receives the reason on failure, or NULL.
 * @return TCONV_OK.
 *         TCONV_ERR_NULL_POINTER: a pointer is NULL (y, dy and dz only if count > 0).
 *         TCONV_ERR_INVALID_ARGUMENT: dtype, count or activation is none of the above.
 *         TCONV_ERR_UNSUPPORTED: leaky ReLU with a negative slope, whose output does not
 *         tell where its input was.
 * Threads: safe from any thread.  Cost: reads two and writes one array.  Since: 0.1.0
 */
TCONV_API TCONV_NODISCARD tconv_status
tconv_activation_gradient(const tconv_epilogue *epilogue, tconv_dtype dtype, int64_t count,
                          const void *y, const void *dy, void *dz, tconv_error *error);

#ifdef __cplusplus
}
#endif
#endif
