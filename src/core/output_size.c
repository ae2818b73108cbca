/*
 * output_size.c - the one rule behind every dialect
 *
 * Without any crop the stamps of the kernel span
 *
 *     F = (in - 1) * stride + dilation * (kernel - 1) + 1
 *
 * positions: the last input puts its tap 0 at (in - 1) * stride and its last tap
 * dilation * (kernel - 1) further on.  The output is the `out` positions that
 * begin at pad_begin; those outside the span exist and receive no product.  So a
 * dialect is no more than a rule that gives (pad_begin, out).
 *
 * Source: ONNX ConvTranspose; TensorFlow's SAME for fewer positions than asked.
 */
#include "core/output_size.h"

#include <inttypes.h>

#include "base/checked.h"
#include "core/error.h"

/* F + output_padding of one axis, or false. */
static bool span_of(const tconv_desc *desc, int a, int64_t in, int64_t kernel,
                    int64_t *span_out)
{
    int64_t stamps, reach;

    return tcv_mul_i64(in - 1, desc->stride[a], &stamps) &&
           tcv_mul_i64(kernel - 1, desc->dilation[a], &reach) &&
           tcv_add_i64(stamps, reach, span_out) &&
           tcv_add_i64(*span_out, 1, span_out) &&
           tcv_add_i64(*span_out, desc->output_padding[a], span_out);
}

static tconv_status check_rules(const tconv_desc *desc, int a, tconv_error *error)
{
    if (desc->stride[a] < 1)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "stride[%d] is %" PRId64 "; a stride must be at least 1", a,
                        desc->stride[a]);
    if (desc->dilation[a] < 1)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "dilation[%d] is %" PRId64 "; a dilation must be at least 1 (dense)",
                        a, desc->dilation[a]);
    if (desc->output_padding[a] < 0)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "output_padding[%d] is %" PRId64 "; it must not be negative", a,
                        desc->output_padding[a]);
    if (desc->output_size[a] < 0)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "output_size[%d] is %" PRId64 "; it must be at least 1, or 0 to have "
                        "it computed", a, desc->output_size[a]);
    if (desc->output_size[a] > 0 && desc->output_padding[a] != 0)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "output_padding[%d] is %" PRId64 "; with an output_size it must be 0",
                        a, desc->output_padding[a]);
    if (desc->output_size[a] > 0 && desc->pad_end[a] != 0)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "pad_end[%d] is %" PRId64 "; with an output_size it must be 0", a,
                        desc->pad_end[a]);
    if (desc->auto_pad != TCONV_PAD_EXPLICIT &&
        (desc->pad_begin[a] != 0 || desc->pad_end[a] != 0))
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "pad_begin[%d] is %" PRId64 " and pad_end[%d] is %" PRId64
                        "; with an auto_pad both must be 0",
                        a, desc->pad_begin[a], a, desc->pad_end[a]);
    return TCONV_OK;
}

/*
 * A convolution.  Output o reads inputs o * stride - pad_begin + k * dilation; with
 * K = dilation * (kernel - 1) + 1 the last that lies within the padded input is at
 * most (in + pad_begin + pad_end - K) / stride.
 *
 * Source: ONNX Conv; TensorFlow's SAME.
 */
static tconv_status init_conv(const tconv_desc *desc, int a, int64_t in, int64_t kernel,
                              struct tcv_axis *axis_out, tconv_error *error)
{
    const bool same = desc->auto_pad == TCONV_PAD_SAME_UPPER ||
                      desc->auto_pad == TCONV_PAD_SAME_LOWER;
    const int64_t stride = desc->stride[a];
    int64_t reach, room, zeros, last, out = desc->output_size[a], pad_begin = desc->pad_begin[a];

    if (desc->output_padding[a] != 0)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "output_padding[%d] is %" PRId64 "; in a convolution it must be 0", a,
                        desc->output_padding[a]);
    if (!tcv_mul_i64(kernel - 1, desc->dilation[a], &reach) || reach >= INT64_MAX / 4 ||
        pad_begin <= -INT64_MAX / 4 || pad_begin >= INT64_MAX / 4)
        goto too_large;
    if (same) {
        if (out == 0)
            out = tcv_ceil_div(in, stride);
        if (!tcv_mul_i64(out - 1, stride, &last) || !tcv_add_i64(last, reach + 1, &last))
            goto too_large;
        zeros = tcv_max(last - in, 0);
        pad_begin = desc->auto_pad == TCONV_PAD_SAME_UPPER ? zeros / 2 : zeros - zeros / 2;
    } else if (out == 0) {
        if (!tcv_add_i64(in, pad_begin, &room) || !tcv_add_i64(room, desc->pad_end[a], &room) ||
            !tcv_sub_i64(room, reach + 1, &room))
            goto too_large;
        if (room < 0)
            return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                            "pad_begin[%d] is %" PRId64 " and pad_end[%d] is %" PRId64
                            "; with them the %" PRId64 " inputs must reach over the kernel's "
                            "%" PRId64 " positions",
                            a, pad_begin, a, desc->pad_end[a], in, reach + 1);
        out = room / stride + 1;
    }
    if (!tcv_mul_i64(out, stride, &last) || !tcv_add_i64(last, reach, &last) ||
        !tcv_add_i64(last, in, &last) || last >= INT64_MAX / 4)
        goto too_large;
    *axis_out = (struct tcv_axis){in, out, kernel, 1, stride, desc->dilation[a],
                                  reach - pad_begin};
    return TCONV_OK;

too_large:
    return tcv_fail(error, TCONV_ERR_TOO_LARGE,
                    "axis %d: %" PRId64 " inputs, stride %" PRId64 ", dilation %" PRId64
                    " * (%" PRId64 " - 1) and the paddings do not fit in 61 bits",
                    a, in, stride, desc->dilation[a], kernel);
}

tconv_status tcv_axis_init(const tconv_desc *desc, int a, int64_t in, int64_t kernel,
                           struct tcv_axis *axis_out, tconv_error *error)
{
    const bool same = desc->auto_pad == TCONV_PAD_SAME_UPPER ||
                      desc->auto_pad == TCONV_PAD_SAME_LOWER;
    int64_t span, out = desc->output_size[a], pad_begin = desc->pad_begin[a], crop, last;
    const tconv_status status = check_rules(desc, a, error);

    if (status != TCONV_OK)
        return status;
    if (desc->op == TCONV_CONV)
        return init_conv(desc, a, in, kernel, axis_out, error);
    if (!span_of(desc, a, in, kernel, &span))
        goto too_large;

    if (same) {
        if (out == 0 && !tcv_mul_i64(in, desc->stride[a], &out))
            goto too_large;
        crop = tcv_max(span - out, 0); /* below 0 the missing are added at the end */
        pad_begin = desc->auto_pad == TCONV_PAD_SAME_UPPER ? crop / 2 : crop - crop / 2;
    } else if (out == 0) {
        if (!tcv_sub_i64(span, pad_begin, &out) ||
            !tcv_sub_i64(out, desc->pad_end[a], &out))
            goto too_large;
        if (out < 1)
            return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                            "pad_begin[%d] is %" PRId64 " and pad_end[%d] is %" PRId64
                            "; they must leave at least 1 of the %" PRId64 " outputs",
                            a, pad_begin, a, desc->pad_end[a], span);
    }
    /* Positions in the span, o + pad_begin, must not overflow later on. */
    if (!tcv_add_i64(out, pad_begin, &last) || !tcv_add_i64(last, span, &last) ||
        pad_begin <= -INT64_MAX / 4 || last >= INT64_MAX / 4)
        goto too_large;

    *axis_out = (struct tcv_axis){in, out, kernel, desc->stride[a], 1, desc->dilation[a],
                                  pad_begin};
    return TCONV_OK;

too_large:
    return tcv_fail(error, TCONV_ERR_TOO_LARGE,
                    "axis %d: (%" PRId64 " - 1) * stride %" PRId64 " + dilation %" PRId64
                    " * (%" PRId64 " - 1) with its paddings does not fit in 61 bits",
                    a, in, desc->stride[a], desc->dilation[a], kernel);
}
