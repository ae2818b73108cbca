/*
 * onnx_rule.c - from ONNX attributes to a tconv descriptor
 *
 * Per axis, with I inputs, k taps, stride s, dilation d, output padding op and
 * F = (I - 1) s + (k - 1) d + 1, ONNX knows three ways to place the output:
 *
 *   pads           O = F + op - begin - end, which is tconv's explicit padding.
 *   auto_pad       SAME gives O = I s; the odd one of the F + op - O positions
 *                  that are cropped goes at the end for SAME_UPPER and at the
 *                  beginning for SAME_LOWER.  VALID crops none.  tconv's modes
 *                  of these names say the same.
 *   output_shape   O is given and pads are ignored.  From operator set 11 on,
 *                  with total = F + op - O,
 *                      SAME_UPPER:                begin = floor(total / 2)
 *                      all others, NOTSET too:    end = floor(total / 2)
 *                  and the other side gets the rest.  A negative total adds
 *                  outputs: of 5 to add NOTSET puts 3 at the end, since
 *                  floor(-5 / 2) = -3.
 *
 * Before operator set 11 the text had the sides of the last rule exchanged;
 * nobody agrees on such models, and the one vector of that age has total = 0,
 * where both rules say the same.  An odd total is refused there.
 */
#include "onnx/onnx_rule.h"

#include <stdio.h>
#include <string.h>

static bool refuse(struct onnx_vector *v, const char *what)
{
    snprintf(v->reason, sizeof v->reason, "%s", what);
    return false;
}

static int64_t half_down(int64_t value)
{
    return value / 2 - (value % 2 < 0);
}

/* Copies a list of one value an axis, if the node has it. */
static bool copy_list(struct onnx_vector *v, const struct onnx_ints *list, int32_t axes,
                      int64_t *to)
{
    if (list->count == 0)
        return true;
    if (list->count != (size_t)axes)
        return refuse(v, "an attribute has another number of values than axes");
    memcpy(to, list->value, list->count * sizeof *to);
    return true;
}

/* Tensors that fit each other: w[C_in][C_out / group][k...], kernel_shape = k. */
static bool check_shapes(struct onnx_vector *v, int32_t axes)
{
    const struct onnx_attributes *a = &v->attributes;

    if (axes < 1 || v->w.rank != v->x.rank || v->y.rank != v->x.rank)
        return refuse(v, "input, weights and output differ in rank");
    if (v->w.size[0] != v->x.size[1] || v->w.size[1] * a->group != v->y.size[1])
        return refuse(v, "the weights do not fit the channels");
    if (v->b.data != NULL && (v->b.rank != 1 || v->b.size[0] != v->y.size[1]))
        return refuse(v, "the bias does not fit the output channels");
    for (size_t i = 0; i < a->kernel_shape.count; i++) {
        if (a->kernel_shape.count != (size_t)axes ||
            a->kernel_shape.value[i] != v->w.size[2 + i])
            return refuse(v, "kernel_shape is not that of the weights");
    }
    return true;
}

/* The third way of the head comment: paddings from the output's size. */
static bool place_output_shape(struct onnx_vector *v, int32_t axes, tconv_desc *desc)
{
    const bool upper = strcmp(v->attributes.auto_pad, "SAME_UPPER") == 0;

    for (int32_t i = 0; i < axes; i++) {
        const int64_t full = (v->x.size[2 + i] - 1) * desc->stride[i] +
                             (v->w.size[2 + i] - 1) * desc->dilation[i] + 1;
        const int64_t size = v->attributes.output_shape.value[i];
        const int64_t total = full + desc->output_padding[i] - size;

        if (v->opset < 11 && total % 2 != 0)
            return refuse(v, "output_shape before operator set 11 leaves an odd crop");
        desc->pad_begin[i] = upper ? half_down(total) : total - half_down(total);
        desc->output_size[i] = size;
        desc->output_padding[i] = 0; /* it has done its part, in total */
    }
    return true;
}

/* The first way, and the second as tconv's mode of that name. */
static bool place_by_pads(struct onnx_vector *v, int32_t axes, tconv_desc *desc)
{
    const struct onnx_attributes *a = &v->attributes;

    if (strcmp(a->auto_pad, "SAME_UPPER") == 0)
        desc->auto_pad = TCONV_PAD_SAME_UPPER;
    else if (strcmp(a->auto_pad, "SAME_LOWER") == 0)
        desc->auto_pad = TCONV_PAD_SAME_LOWER;
    else if (strcmp(a->auto_pad, "VALID") == 0)
        desc->auto_pad = TCONV_PAD_VALID;
    else if (strcmp(a->auto_pad, "NOTSET") != 0)
        return refuse(v, "unknown auto_pad");

    if (a->pads.count == 0)
        return true;
    if (desc->auto_pad != TCONV_PAD_EXPLICIT || a->pads.count != 2 * (size_t)axes)
        return refuse(v, "pads beside auto_pad, or not two for each axis");
    memcpy(desc->pad_begin, a->pads.value, (size_t)axes * sizeof *desc->pad_begin);
    memcpy(desc->pad_end, a->pads.value + axes, (size_t)axes * sizeof *desc->pad_end);
    return true;
}

bool onnx_rule(struct onnx_vector *vector, struct problem *problem_out)
{
    const struct onnx_attributes *a = &vector->attributes;
    const int32_t axes = vector->x.rank - 2;
    tconv_desc *desc = &problem_out->desc;
    int64_t output_shape[TCONV_MAX_SPATIAL];

    *desc = tconv_desc_default(axes);
    desc->groups = a->group;
    desc->epilogue.bias_length = vector->b.data != NULL ? vector->y.size[1] : 0;
    if (!check_shapes(vector, axes) || !copy_list(vector, &a->strides, axes, desc->stride) ||
        !copy_list(vector, &a->dilations, axes, desc->dilation) ||
        !copy_list(vector, &a->output_padding, axes, desc->output_padding) ||
        !copy_list(vector, &a->output_shape, axes, output_shape))
        return false;
    memcpy(problem_out->input, vector->x.size, sizeof problem_out->input);
    memcpy(problem_out->weights, vector->w.size, sizeof problem_out->weights);
    return a->output_shape.count != 0 ? place_output_shape(vector, axes, desc)
                                      : place_by_pads(vector, axes, desc);
}
