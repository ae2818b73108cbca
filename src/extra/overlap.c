/*
 * overlap.c - how often the kernel hits each output
 *
 * On one axis tap k hits output o from some input when o + pad_begin - k * dilation is
 * a multiple of the stride.  With g = gcd(stride, dilation) that asks o + pad_begin to be
 * a multiple of g, and k to have one remainder by p = stride / g: floor(K / p) or
 * ceil(K / p) taps, both occurring unless p divides K, and none where g > 1 forbids it.
 * The stamp of a kernel is a product over axes, and so is the count.
 *
 * Contrast: where all inputs and weights are equal, outputs are as their counts, so
 * (most - least) / (most + least) is Michelson's contrast of the pattern.
 *
 * Source: Odena, Dumoulin and Olah, "Deconvolution and Checkerboard Artifacts", 2016.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <tconv/extra.h>

#include "base/checked.h"
#include "core/error.h"
#include "core/problem.h"

/* Strides and kernels beyond this are nobody's; taps are looked at one by one. */
#define EXTENT_MOST (INT64_C(1) << 24)

static int64_t gcd(int64_t a, int64_t b)
{
    return b == 0 ? a : gcd(b, a % b);
}

static tconv_status check(const tconv_desc *desc, const int64_t *kernel, tconv_error *error)
{
    if (desc->struct_size != sizeof *desc || desc->spatial_rank < 1 ||
        desc->spatial_rank > TCONV_MAX_SPATIAL)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "spatial_rank is %" PRId32 "; start from tconv_desc_default(1, 2 or 3)",
                        desc->spatial_rank);
    if (desc->op != TCONV_CONV_TRANSPOSE)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "op is %d; only a transposed convolution overlaps", (int)desc->op);
    for (int a = 0; a < desc->spatial_rank; a++) {
        if (desc->stride[a] < 1 || desc->dilation[a] < 1 || kernel[a] < 1)
            return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                            "kernel[%d], stride and dilation are %" PRId64 ", %" PRId64
                            " and %" PRId64 "; each must be at least 1",
                            a, kernel[a], desc->stride[a], desc->dilation[a]);
        if (desc->stride[a] > EXTENT_MOST || kernel[a] > EXTENT_MOST)
            return tcv_fail(error, TCONV_ERR_TOO_LARGE,
                            "kernel[%d] is %" PRId64 " and stride %" PRId64 "; at most %" PRId64, a,
                            kernel[a], desc->stride[a], EXTENT_MOST);
    }
    return TCONV_OK;
}

tconv_status tconv_overlap_of(const tconv_desc *desc, const int64_t *kernel,
                              tconv_overlap *overlap_out, tconv_error *error)
{
    tconv_overlap overlap = {.struct_size = sizeof overlap, .least = 1, .most = 1};
    tconv_status status;

    if (desc == NULL || kernel == NULL || overlap_out == NULL)
        return tcv_fail(error, TCONV_ERR_NULL_POINTER, "%s is NULL",
                        desc == NULL     ? "desc"
                        : kernel == NULL ? "kernel"
                                         : "overlap_out");
    if (overlap_out->struct_size != sizeof overlap)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "overlap_out->struct_size is %zu; set it to sizeof(tconv_overlap)",
                        overlap_out->struct_size);
    status = check(desc, kernel, error);
    if (status != TCONV_OK)
        return status;

    for (int a = 0; a < desc->spatial_rank; a++) {
        const int64_t g = gcd(desc->stride[a], desc->dilation[a]), p = desc->stride[a] / g;

        overlap.axis_most[a] = tcv_ceil_div(kernel[a], p);
        overlap.axis_least[a] = g > 1 ? 0 : kernel[a] / p;
        if (!tcv_mul_i64(overlap.most, overlap.axis_most[a], &overlap.most))
            return tcv_fail(error, TCONV_ERR_TOO_LARGE,
                            "kernel[%d] is %" PRId64 "; the count does not fit in 63 bits", a,
                            kernel[a]);
        overlap.least *= overlap.axis_least[a];
    }
    overlap.even = overlap.least == overlap.most;
    overlap.contrast = (double)(overlap.most - overlap.least) /
                       ((double)overlap.most + (double)overlap.least);
    *overlap_out = overlap;
    return TCONV_OK;
}

int64_t tconv_overlap_count(const tconv_desc *desc, const int64_t *kernel, int32_t axis, int64_t o)
{
    int64_t period, q;

    if (desc == NULL || kernel == NULL || check(desc, kernel, NULL) != TCONV_OK || axis < 0 ||
        axis >= desc->spatial_rank)
        return 0;
    period = desc->stride[axis] / gcd(desc->stride[axis], desc->dilation[axis]);
    q = tcv_floor_mod(o, desc->stride[axis]) +
        tcv_floor_mod(desc->pad_begin[axis], desc->stride[axis]);
    for (int64_t k = 0; k < tcv_min(kernel[axis], period); k++) {
        const int64_t reach = k * (desc->dilation[axis] % desc->stride[axis]);

        if (tcv_floor_mod(q - reach, desc->stride[axis]) == 0)
            return tcv_ceil_div(kernel[axis] - k, period);
    }
    return 0;
}

/* "2 x 2", "4 x 5 x 6" */
static void print_sizes(const int64_t *sizes, int rank, char *text, size_t bytes)
{
    size_t used = 0;

    text[0] = '\0';
    for (int a = 0; a < rank && used < bytes; a++)
        used += (size_t)snprintf(text + used, bytes - used, "%s%" PRId64, a > 0 ? " x " : "",
                                 sizes[a]);
}

size_t tconv_overlap_describe(const tconv_desc *desc, const int64_t *kernel, char *text,
                              size_t text_bytes)
{
    tconv_overlap overlap = {.struct_size = sizeof overlap};
    int64_t next[TCONV_MAX_SPATIAL];
    char sizes[3 * 24], stride[3 * 24];
    int length;

    if (tconv_overlap_of(desc, kernel, &overlap, NULL) != TCONV_OK)
        return 0;
    for (int a = 0; a < desc->spatial_rank; a++)
        next[a] = tcv_ceil_div(kernel[a], desc->stride[a]) * desc->stride[a];
    print_sizes(next, desc->spatial_rank, sizes, sizeof sizes);
    print_sizes(desc->stride, desc->spatial_rank, stride, sizeof stride);
    if (overlap.even)
        length = snprintf(text, text_bytes,
                          "overlap: even, every output is hit %" PRId64 " times\n", overlap.most);
    else
        length = snprintf(text, text_bytes,
                          "overlap: uneven, outputs are hit %" PRId64 " to %" PRId64
                          " times; contrast of a checkerboard up to %.2f\n"
                          "remedy:  a kernel that is a multiple of the stride (%s, dense), or "
                          "resize by %s\n"
                          "         and convolve, or a sub-pixel convolution\n",
                          overlap.least, overlap.most, overlap.contrast, sizes, stride);
    return length < 0 ? 0 : (size_t)length;
}
