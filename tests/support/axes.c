#include "support/axes.h"

/*
 * Of `total` cropped positions the beginning takes the smaller half under
 * SAME_UPPER, the larger under SAME_LOWER; where outputs are missing instead
 * (total < 0) all of them are added at the end.
 */
static int64_t same_begin(tconv_auto_pad mode, int64_t total)
{
    if (total < 0)
        return 0;
    return mode == TCONV_PAD_SAME_UPPER ? total / 2 : total - total / 2;
}

/* A convolution: the kernel at every stride-th place of the padded input. */
static bool place_conv(const tconv_desc *desc, int a, int x, struct axes *axes)
{
    const int64_t size = desc->output_size[a], begin = desc->pad_begin[a];
    const int64_t reach = axes->dilation[x] * (axes->kernel[x] - 1) + 1;
    const int64_t room = axes->in[x] + begin + desc->pad_end[a] - reach;
    int64_t missing;

    axes->span[x] = reach;
    if (desc->output_padding[a] != 0 || size < 0 || (size > 0 && desc->pad_end[a] != 0))
        return false;
    if (desc->auto_pad != TCONV_PAD_EXPLICIT && (begin != 0 || desc->pad_end[a] != 0))
        return false;
    axes->begin[x] = begin;
    if (desc->auto_pad == TCONV_PAD_EXPLICIT || desc->auto_pad == TCONV_PAD_VALID) {
        axes->out[x] = size > 0 ? size : room < 0 ? 0 : 1 + room / axes->stride[x];
        return axes->out[x] >= 1;
    }
    axes->out[x] = size > 0 ? size : (axes->in[x] + axes->stride[x] - 1) / axes->stride[x];
    missing = (axes->out[x] - 1) * axes->stride[x] + reach - axes->in[x];
    axes->begin[x] = same_begin(desc->auto_pad, missing);
    return true;
}

static bool place_axis(const tconv_desc *desc, int a, int x, struct axes *axes)
{
    const int64_t size = desc->output_size[a], added = desc->output_padding[a];
    const int64_t begin = desc->pad_begin[a], end = desc->pad_end[a];

    if (axes->in[x] < 1 || axes->kernel[x] < 1 || axes->stride[x] < 1 ||
        axes->dilation[x] < 1 || added < 0 || size < 0)
        return false;
    if (desc->op == TCONV_CONV)
        return place_conv(desc, a, x, axes);
    if (size > 0 && (added != 0 || end != 0))
        return false;
    axes->span[x] = (axes->in[x] - 1) * axes->stride[x] +
                    axes->dilation[x] * (axes->kernel[x] - 1) + 1;

    switch (desc->auto_pad) {
    case TCONV_PAD_EXPLICIT:
    case TCONV_PAD_VALID:
        if (desc->auto_pad == TCONV_PAD_VALID && (begin != 0 || end != 0))
            return false;
        axes->begin[x] = begin;
        axes->out[x] = size > 0 ? size : axes->span[x] - begin - end + added;
        break;
    case TCONV_PAD_SAME_UPPER:
    case TCONV_PAD_SAME_LOWER:
        if (begin != 0 || end != 0)
            return false;
        axes->out[x] = size > 0 ? size : axes->in[x] * axes->stride[x];
        axes->begin[x] =
            same_begin(desc->auto_pad, axes->span[x] + added - axes->out[x]);
        break;
    }
    return axes->out[x] >= 1;
}

bool axes_of(const struct problem *problem, struct axes *axes_out)
{
    const tconv_desc *desc = &problem->desc;
    const int missing = 3 - desc->spatial_rank;

    for (int x = 0; x < 3; x++) {
        const int a = x - missing;

        axes_out->in[x] = a < 0 ? 1 : problem->input[a + 2];
        axes_out->kernel[x] = a < 0 ? 1 : problem->weights[a + 2];
        axes_out->stride[x] = a < 0 ? 1 : desc->stride[a];
        axes_out->dilation[x] = a < 0 ? 1 : desc->dilation[a];
        axes_out->span[x] = axes_out->out[x] = 1;
        axes_out->begin[x] = 0;
        if (a >= 0 && !place_axis(desc, a, x, axes_out))
            return false;
    }
    return true;
}

void axes_output_size(const struct problem *problem, const struct axes *axes,
                      int64_t *size)
{
    const int rank = problem->desc.spatial_rank;

    size[0] = problem->input[0];
    size[1] = problem_out_channels(problem);
    for (int a = 0; a < rank; a++)
        size[a + 2] = axes->out[a + 3 - rank];
}

int64_t axes_inputs(const struct axes *axes)
{
    return elements(axes->in, 3);
}

int64_t axes_outputs(const struct axes *axes)
{
    return elements(axes->out, 3);
}

int64_t axes_taps(const struct axes *axes)
{
    return elements(axes->kernel, 3);
}
