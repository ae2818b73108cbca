/*
 * extra.h - what stands beside the operation
 *
 *     1. pixel shuffle and resizing      3. batch normalisation folded in
 *     2. sub-pixel convolution           4. fillers
 *                                        5. overlap: checkerboard artifacts
 *
 * #include <tconv/extra.h>; <tconv/tconv.h> does without it.
 */
#ifndef TCONV_EXTRA_H
#define TCONV_EXTRA_H

#include <tconv/tconv.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- 1. Pixel shuffle and resizing -------------------------------------- */

/**
 * Moves channels into space, as PyTorch's pixel_shuffle does, for 1 to 3 axes:
 *
 *     y[n][c][i * f + r] = x[n][c * F + rank(r)][i]      F = product of f
 *
 * with r the offsets within a block of factor[] outputs, ranked row-major.
 *
 * @param input   Describes x[N][C * F][I...].  Not NULL.
 * @param output  Describes y[N][C][I * factor...].  Not NULL.  No two of its elements
 *                may share a place.
 * @param factor  factor[spatial axes], each >= 1.  Not NULL.
 * @param x       The input.  Not NULL unless N is 0.
 * @param y       Receives the output; overlaps nothing.  Not NULL unless N is 0.
 * @param error   Receives the reason on failure, or NULL.
 * @return TCONV_OK.
 *         TCONV_ERR_NULL_POINTER: a pointer that must not be NULL is.
 *         TCONV_ERR_INVALID_ARGUMENT: the tensors differ in dtype or rank, or a size or
 *         factor breaks a rule above.
 *         TCONV_ERR_TOO_LARGE: a tensor exceeds PTRDIFF_MAX bytes.
 * Threads: safe from any thread; runs on it.  Cost: reads and writes each element once.
 * Since:   0.1.0
 */
TCONV_API TCONV_NODISCARD tconv_status
tconv_pixel_shuffle(const tconv_tensor *input, const tconv_tensor *output,
                    const int64_t *factor, const void *x, void *y, tconv_error *error);

/**
 * The inverse: moves space into channels, x[n][c * F + rank(r)][i] = y[n][c][i * f + r].
 *
 * @param input   Describes y[N][C][I * factor...], what is read.  Not NULL.
 * @param output  Describes x[N][C * F][I...], what is written.  Not NULL.
 * @param factor  As for tconv_pixel_shuffle().
 * @param x       What is read.  Not NULL unless N is 0.
 * @param y       What is written; overlaps nothing.  Not NULL unless N is 0.
 * @param error   Receives the reason on failure, or NULL.
 * @return As tconv_pixel_shuffle().
 * Threads: safe from any thread; runs on it.  Cost: as tconv_pixel_shuffle().
 * Since:   0.1.0
 */
TCONV_API TCONV_NODISCARD tconv_status
tconv_pixel_unshuffle(const tconv_tensor *input, const tconv_tensor *output,
                      const int64_t *factor, const void *x, void *y, tconv_error *error);

/** How outputs between inputs are found. */
typedef enum tconv_resize_mode {
    TCONV_RESIZE_NEAREST = 1, /* y[o] = x[o / factor] */
    TCONV_RESIZE_LINEAR = 2   /* between the two inputs at (o + 0.5) / factor - 0.5 */
} tconv_resize_mode;

/**
 * Enlarges by integer factors; beyond the outermost inputs those are repeated, as in
 * PyTorch's interpolate() with align_corners=False.  Resizing and then convolving is
 * the usual remedy against checkerboard artifacts.
 *
 * @param mode    One of tconv_resize_mode.
 * @param input   Describes x[N][C][I...], I >= 1.  Not NULL.
 * @param output  Describes y[N][C][I * factor...].  Not NULL.  No two of its elements may
 *                share a place.
 * @param factor  factor[spatial axes], each >= 1.  Not NULL.
 * @param x       The input.  Not NULL unless N is 0.
 * @param y       Receives the output; overlaps nothing.  Not NULL unless N is 0.
 * @param error   Receives the reason on failure, or NULL.
 * @return As tconv_pixel_shuffle(); TCONV_ERR_INVALID_ARGUMENT also for another mode.
 * Threads: safe from any thread; runs on it.  Cost: at most 8 reads for each output.
 * Since:   0.1.0
 */
TCONV_API TCONV_NODISCARD tconv_status
tconv_resize(tconv_resize_mode mode, const tconv_tensor *input, const tconv_tensor *output,
             const int64_t *factor, const void *x, void *y, tconv_error *error);

/* ---- 2. Sub-pixel convolution ------------------------------------------- */

/**
 * Weights of the convolution that, with a pixel shuffle behind it, is a transposed
 * convolution whose kernel is m times its stride:
 *
 *     s[(oc * F + rank(r))][ic][m - 1 - j] = w[ic][oc][j * stride + r]
 *
 * for 0 <= j < m and 0 <= r < stride on each axis, F being the product of the strides.
 * Convolve with stride 1 and pad_begin = pad_end = m - 1, shuffle by the stride, and
 * crop as the transposed convolution crops: its span, without padding, is the result.
 * From o = i * stride + k, k = j * stride + r: output block b = i + j takes input b - j
 * for offset r, which is a convolution with taps counted from the other end.
 *
 * @param stride     stride[spatial axes], each >= 1.  Not NULL.
 * @param groups     >= 1; divides C_in.
 * @param transposed Describes w[C_in][C_out / groups][m * stride...].  Not NULL.
 * @param w          The weights of the transposed convolution.  Not NULL.
 * @param subpixel   Describes s[C_out * F][C_in / groups][m...].  Not NULL.  No two of
 *                   its elements may share a place.
 * @param s          Receives the weights of the convolution; overlaps nothing.  Not NULL.
 * @param error      Receives the reason on failure, or NULL.
 * @return TCONV_OK.
 *         TCONV_ERR_NULL_POINTER: a pointer is NULL.
 *         TCONV_ERR_INVALID_ARGUMENT: a rule above is broken.
 *         TCONV_ERR_TOO_LARGE: a tensor exceeds PTRDIFF_MAX bytes.
 * Threads: safe from any thread.  Cost: reads and writes each weight once.  Since: 0.1.0
 */
TCONV_API TCONV_NODISCARD tconv_status
tconv_weights_to_subpixel(const int64_t *stride, int64_t groups, const tconv_tensor *transposed,
                          const void *w, const tconv_tensor *subpixel, void *s,
                          tconv_error *error);

/**
 * The way back: weights of a transposed convolution from those of a sub-pixel one.
 *
 * @param stride     As for tconv_weights_to_subpixel().
 * @param groups     Likewise.
 * @param subpixel   Describes s, what is read.  Not NULL.
 * @param s          The weights of the convolution.  Not NULL.
 * @param transposed Describes w, what is written.  Not NULL.  No two of its elements may
 *                   share a place.
 * @param w          Receives the weights; overlaps nothing.  Not NULL.
 * @param error      Receives the reason on failure, or NULL.
 * @return As tconv_weights_to_subpixel().
 * Threads: safe from any thread.  Cost: as tconv_weights_to_subpixel().  Since: 0.1.0
 */
TCONV_API TCONV_NODISCARD tconv_status
tconv_weights_from_subpixel(const int64_t *stride, int64_t groups, const tconv_tensor *subpixel,
                            const void *s, const tconv_tensor *transposed, void *w,
                            tconv_error *error);

/* ---- 3. Batch normalisation --------------------------------------------- */

/** What a batch normalisation does to a channel: gamma * (v - mean) / sqrt(variance +
 *  epsilon) + beta.  Arrays of C_out elements of the weights' dtype. */
typedef struct tconv_batch_norm {
    const void *gamma, *beta; /* NULL: 1 and 0 */
    const void *mean, *variance;
    double epsilon; /* > 0 */
} tconv_batch_norm;

/**
 * Folds the batch normalisation behind an operation into its weights and bias:
 *
 *     w[..oc..] *= g[oc],  bias[oc] = (bias[oc] - mean[oc]) * g[oc] + beta[oc],
 *     g = gamma / sqrt(variance + epsilon)
 *
 * @param op       Which weights: (C_in, C_out / groups, k...) or (C_out, C_in / groups, k...).
 * @param groups   >= 1; divides weights->size[0].
 * @param norm     The normalisation.  Not NULL; mean and variance neither.
 * @param weights  Describes w.  Not NULL.
 * @param w        Scaled in place.  Not NULL.
 * @param bias     bias[C_out], changed in place; zeros if there was none.  Not NULL.
 * @param error    Receives the reason on failure, or NULL.
 * @return TCONV_OK.
 *         TCONV_ERR_NULL_POINTER: a pointer that must not be NULL is.
 *         TCONV_ERR_INVALID_ARGUMENT: a rule above is broken, or a variance + epsilon is
 *         not above 0; nothing is written then.
 *         TCONV_ERR_TOO_LARGE: the tensor exceeds PTRDIFF_MAX bytes.
 * Threads: safe from any thread.  Cost: reads and writes each weight once.  Since: 0.1.0
 */
TCONV_API TCONV_NODISCARD tconv_status
tconv_fold_batch_norm(tconv_op op, int64_t groups, const tconv_batch_norm *norm,
                      const tconv_tensor *weights, void *w, void *bias, tconv_error *error);

/* ---- 4. Fillers --------------------------------------------------------- */

/** How weights begin.  Random ones are uniform: no libm, the same bits everywhere. */
typedef enum tconv_filler {
    TCONV_FILL_BILINEAR = 1, /* interpolates: channel to the like channel, see below */
    TCONV_FILL_HE = 2,       /* within sqrt(6 / fan_in) */
    TCONV_FILL_XAVIER = 3,   /* within sqrt(6 / (fan_in + fan_out)) */
    TCONV_FILL_ICNR = 4      /* as He, alike for all offsets of a pixel */
} tconv_filler;

/**
 * Fills weights.
 *
 * BILINEAR is for a transposed convolution: w[ic][oc][k] is the product over axes of
 * 1 - |k - (K - 1) / 2| / stride, at least 0, where ic and oc have one number within their
 * group, else 0; with kernel 2 * stride - stride % 2 and padding ceil((stride - 1) / 2) it
 * interpolates linearly inside the image.  fan_in is what one output sums on average:
 * C_in / groups * taps for a convolution, that / product of strides for a transposed one;
 * fan_out likewise.  ICNR is for a convolution before a pixel shuffle by stride[]: the
 * outputs of one pixel begin alike, as if enlarged to the nearest.
 *
 * @param filler   One of tconv_filler.
 * @param desc     The operation: op, groups, stride and spatial_rank count.  Not NULL.
 * @param seed     Of random fillers; any value.
 * @param weights  Describes w.  Not NULL.
 * @param w        Receives the weights.  Not NULL.
 * @param error    Receives the reason on failure, or NULL.
 * @return TCONV_OK.
 *         TCONV_ERR_NULL_POINTER: desc, weights or w is NULL.
 *         TCONV_ERR_INVALID_ARGUMENT: a rule is broken, or the filler is not for desc->op.
 *         TCONV_ERR_TOO_LARGE: the tensor exceeds PTRDIFF_MAX bytes.
 * Threads: safe from any thread.  Cost: writes each weight once.  Since: 0.1.0
 */
TCONV_API TCONV_NODISCARD tconv_status
tconv_fill_weights(tconv_filler filler, const tconv_desc *desc, uint64_t seed,
                   const tconv_tensor *weights, void *w, tconv_error *error);

/* ---- 5. Overlap --------------------------------------------------------- */

/**
 * How often the outputs of a transposed convolution are hit by the kernel, away from the
 * border.  On one axis output o is hit by the taps k with (o + pad_begin - k * dilation)
 * divisible by the stride, so only o mod stride matters; over axes the counts multiply.
 * Where they differ, equal inputs and weights give unequal outputs: the checkerboard.
 */
typedef struct tconv_overlap {
    size_t struct_size; /* set by the caller to sizeof */
    int32_t even;       /* 1: every output is hit equally often */
    int32_t reserved;   /* 0 */
    int64_t least, most; /* hits of an output */
    double contrast;    /* (most - least) / (most + least), of equal inputs and weights */
    int64_t axis_least[TCONV_MAX_SPATIAL], axis_most[TCONV_MAX_SPATIAL];
} tconv_overlap;

/**
 * The overlap of a transposed convolution.
 *
 * @param desc         op must be TCONV_CONV_TRANSPOSE.  Not NULL.
 * @param kernel       kernel[spatial_rank], each >= 1.  Not NULL.
 * @param overlap_out  Filled on success.  Not NULL.  Its struct_size must be set.
 * @param error        Receives the reason on failure, or NULL.
 * @return TCONV_OK.
 *         TCONV_ERR_NULL_POINTER: a pointer is NULL.
 *         TCONV_ERR_INVALID_ARGUMENT: a rule of tconv_desc or above is broken.
 *         TCONV_ERR_TOO_LARGE: a count does not fit in 63 bits.
 * Threads: safe from any thread.  Cost: constant.  Since: 0.1.0
 */
TCONV_API TCONV_NODISCARD tconv_status
tconv_overlap_of(const tconv_desc *desc, const int64_t *kernel, tconv_overlap *overlap_out,
                 tconv_error *error);

/**
 * How often output `o` of one axis is hit, away from the border.
 *
 * @param desc    As for tconv_overlap_of(), which must have accepted it.  Not NULL.
 * @param kernel  Likewise.  Not NULL.
 * @param axis    0 <= axis < spatial_rank.
 * @param o       Any output index; only its remainder by the stride matters.
 * @return The count; 0 also where an argument is out of range.
 * Threads: safe from any thread.  Cost: constant.  Since: 0.1.0
 */
TCONV_API int64_t tconv_overlap_count(const tconv_desc *desc, const int64_t *kernel,
                                      int32_t axis, int64_t o);

/**
 * The report in words: whether it is even and, if not, what to change; some lines, each
 * ending in a newline.
 *
 * @param desc        As for tconv_overlap_of().  Not NULL.
 * @param kernel      Likewise.  Not NULL.
 * @param text        Receives text[text_bytes], cut short if need be and then still
 *                    NUL-terminated; may be NULL if text_bytes is 0.
 * @param text_bytes  Its size.
 * @return Bytes that the whole text has, without the NUL, as snprintf(); 0 if desc or kernel
 *         breaks a rule.
 * Threads: safe from any thread.  Cost: microseconds.  Since: 0.1.0
 */
TCONV_API size_t tconv_overlap_describe(const tconv_desc *desc, const int64_t *kernel, char *text,
                                        size_t text_bytes);

#ifdef __cplusplus
}
#endif
#endif
