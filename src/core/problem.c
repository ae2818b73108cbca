#include "core/problem.h"

#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "core/error.h"
#include "core/output_size.h"

static tconv_status check_tensor(const tconv_tensor *tensor, const char *name,
                                 const tconv_desc *desc, tconv_dtype dtype,
                                 tconv_error *error)
{
    if (tensor->dtype != TCONV_F32 && tensor->dtype != TCONV_F64)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "%s->dtype is %d; it must be TCONV_F32 or TCONV_F64", name,
                        (int)tensor->dtype);
    if (tensor->dtype != dtype)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "%s->dtype is %d; it must be the input's, %d", name,
                        (int)tensor->dtype, (int)dtype);
    if (tensor->rank != desc->spatial_rank + 2)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "%s->rank is %" PRId32 "; with spatial_rank %" PRId32
                        " it must be %" PRId32,
                        name, tensor->rank, desc->spatial_rank, desc->spatial_rank + 2);
    for (int i = 0; i < tensor->rank; i++) {
        /* Only the batch may be empty, and weights have none. */
        const int64_t least = i == 0 && strcmp(name, "weights") != 0 ? 0 : 1;

        if (tensor->size[i] < least)
            return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                            "%s->size[%d] is %" PRId64 "; it must be at least %" PRId64, name,
                            i, tensor->size[i], least);
    }
    return TCONV_OK;
}

static tconv_status check_desc(const tconv_desc *desc, tconv_error *error)
{
    if (desc->struct_size != sizeof *desc)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "desc->struct_size is %zu; start from tconv_desc_default()",
                        desc->struct_size);
    if (desc->spatial_rank < 1 || desc->spatial_rank > TCONV_MAX_SPATIAL)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "spatial_rank is %" PRId32 "; it must be 1, 2 or 3",
                        desc->spatial_rank);
    if (desc->op != TCONV_CONV_TRANSPOSE && desc->op != TCONV_CONV)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "op is %d; it must be TCONV_CONV_TRANSPOSE or TCONV_CONV",
                        (int)desc->op);
    if ((int)desc->auto_pad < TCONV_PAD_EXPLICIT || desc->auto_pad > TCONV_PAD_VALID)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "auto_pad is %d; it must be one of tconv_auto_pad",
                        (int)desc->auto_pad);
    if (desc->reserved != 0)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "reserved is %" PRId32 "; start from tconv_desc_default()",
                        desc->reserved);
    if (desc->groups < 1)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "groups is %" PRId64 "; it must be at least 1", desc->groups);
    return TCONV_OK;
}

static tconv_status check_vector(const char *name, int64_t length, int64_t channels,
                                 tconv_error *error)
{
    if (length == 0 || length == channels)
        return TCONV_OK;
    return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                    "%s_length is %" PRId64 "; it must be 0 or the %" PRId64
                    " output channels",
                    name, length, channels);
}

static tconv_status check_epilogue(const tconv_epilogue *e, int64_t channels,
                                   tconv_error *error)
{
    tconv_status status = check_vector("bias", e->bias_length, channels, error);

    if (status == TCONV_OK)
        status = check_vector("scale", e->scale_length, channels, error);
    if (status == TCONV_OK)
        status = check_vector("shift", e->shift_length, channels, error);
    if (status != TCONV_OK)
        return status;
    if (e->accumulate != 0 && e->accumulate != 1)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "accumulate is %" PRId32 "; it must be 0 or 1", e->accumulate);
    if ((int)e->activation < TCONV_ACTIVATION_NONE || e->activation > TCONV_ACTIVATION_TANH)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "activation is %d; it must be one of tconv_activation",
                        (int)e->activation);
    if (e->activation == TCONV_ACTIVATION_CLIP && !(e->alpha <= e->beta))
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "alpha is %g and beta is %g; to clip, alpha must be at most beta",
                        e->alpha, e->beta);
    return TCONV_OK;
}

/* (C_out, C_in / groups, k...) */
static tconv_status check_conv_channels(const tconv_desc *desc, const tconv_tensor *input,
                                        const tconv_tensor *weights, tconv_error *error)
{
    int64_t in_channels;

    if (!tcv_mul_i64(weights->size[1], desc->groups, &in_channels) ||
        in_channels != input->size[1])
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "weights->size[1] is %" PRId64 "; times %" PRId64 " groups it must be the "
                        "input's %" PRId64 " channels (weights of a convolution are C_out, "
                        "C_in / groups, k...)",
                        weights->size[1], desc->groups, input->size[1]);
    if (weights->size[0] % desc->groups != 0)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "groups is %" PRId64 "; it must divide the %" PRId64 " output channels "
                        "that weights->size[0] says", desc->groups, weights->size[0]);
    return TCONV_OK;
}

/* Channels agree: weights are (C_in, C_out / groups, k...). */
static tconv_status check_channels(const tconv_desc *desc, const tconv_tensor *input,
                                   const tconv_tensor *weights, tconv_error *error)
{
    int64_t out_channels;

    if (desc->op == TCONV_CONV)
        return check_conv_channels(desc, input, weights, error);
    if (weights->size[0] != input->size[1])
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "weights->size[0] is %" PRId64 "; it must be the input's %" PRId64
                        " channels (weights are C_in, C_out / groups, k...)",
                        weights->size[0], input->size[1]);
    if (input->size[1] % desc->groups != 0)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "groups is %" PRId64 "; it must divide the input's %" PRId64
                        " channels", desc->groups, input->size[1]);
    if (!tcv_mul_i64(weights->size[1], desc->groups, &out_channels))
        return tcv_fail(error, TCONV_ERR_TOO_LARGE,
                        "weights->size[1] is %" PRId64 "; times %" PRId64
                        " groups it does not fit in 63 bits",
                        weights->size[1], desc->groups);
    return TCONV_OK;
}

/*
 * A stride as loops may use it: they step once past the end, which must not overflow where a
 * dimension has a single element and its stride may be anything.
 */
static int64_t walked(const tconv_tensor *tensor, int dimension)
{
    const int64_t far = INT64_C(1) << 40, stride = tensor->stride[dimension];

    return tensor->size[dimension] == 1 && (stride > far || stride < -far) ? 0 : stride;
}

/* A tensor's strides as a place: absent leading axes have extent 1, stride 0. */
static struct tcv_place place_of(const tconv_tensor *tensor)
{
    struct tcv_place place = {walked(tensor, 0), walked(tensor, 1), {0}};

    for (int i = 2; i < tensor->rank; i++)
        place.s[TCV_AXES - tensor->rank + i] = walked(tensor, i);
    return place;
}

/* Weights in the problem's terms: a convolution's have their taps turned round. */
static struct tcv_weights_place weights_place(const struct tcv_problem *p,
                                              const tconv_tensor *weights)
{
    const struct tcv_place at = place_of(weights);
    const bool conv = p->op == TCONV_CONV; /* groups follow each other in the first dimension */
    struct tcv_weights_place place = {.group = (conv ? p->oc : p->ic) * at.n,
                                      .ic = conv ? at.c : at.n,
                                      .oc = conv ? at.n : at.c};

    for (int a = 0; a < TCV_AXES; a++) {
        place.s[a] = at.s[a];
        if (p->op == TCONV_CONV && p->axis[a].kernel > 1) {
            place.first += (p->axis[a].kernel - 1) * at.s[a];
            place.s[a] = -at.s[a];
        }
    }
    return place;
}

/* Every element's byte offset fits, so that no address is ever wrapped. */
static tconv_status check_place(const tconv_tensor *tensor, const char *name,
                                tconv_error *error)
{
    int64_t extent[TCV_AXES] = {1, 1, 1}, first, last, bytes;
    int64_t count = (int64_t)tcv_dtype_bytes(tensor->dtype);
    struct tcv_place place = place_of(tensor);

    for (int i = 0; i < tensor->rank; i++) {
        if (i >= 2)
            extent[TCV_AXES - tensor->rank + i] = tensor->size[i];
        if (tensor->size[i] == 0)
            return TCONV_OK;
        if (!tcv_mul_i64(count, tensor->size[i], &count))
            goto too_large;
    }
    if (tcv_place_bytes(&place, tensor->size[0], tensor->size[1], extent,
                        tcv_dtype_bytes(tensor->dtype), &first, &last) &&
        tcv_sub_i64(last, first, &bytes) && bytes < PTRDIFF_MAX)
        return TCONV_OK;
too_large:
    return tcv_fail(error, TCONV_ERR_TOO_LARGE,
                    "%s->size[0] is %" PRId64 "; with the other sizes and strides the tensor "
                    "takes more than PTRDIFF_MAX bytes",
                    name, tensor->size[0]);
}

static tconv_status check_output(const struct tcv_problem *p, const tconv_tensor *output,
                                 tconv_error *error)
{
    int64_t want[TCONV_MAX_DIMS] = {p->batch, p->groups * p->oc};
    int64_t extent[TCV_AXES];
    const struct tcv_place place = place_of(output);
    tconv_status status;

    for (int i = 2; i < output->rank; i++)
        want[i] = p->axis[TCV_AXES - output->rank + i].out;
    for (int i = 0; i < output->rank; i++)
        if (output->size[i] != want[i])
            return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                            "output->size[%d] is %" PRId64 "; the problem gives %" PRId64, i,
                            output->size[i], want[i]);
    status = check_place(output, "output", error);
    if (status != TCONV_OK)
        return status;
    for (int a = 0; a < TCV_AXES; a++)
        extent[a] = p->axis[a].out;
    if (!tcv_place_is_injective(&place, p->batch, p->groups * p->oc, extent))
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "output->stride[1] is %" PRId64 "; with the other strides two elements "
                        "may share a place", output->stride[1]);
    return TCONV_OK;
}

static tconv_status init_axes(const tconv_desc *desc, const tconv_tensor *input,
                              const tconv_tensor *weights, struct tcv_problem *p,
                              tconv_error *error)
{
    const int lead = TCV_AXES - desc->spatial_rank;

    p->taps = 1;
    for (int a = 0; a < TCV_AXES; a++) {
        tconv_status status;

        p->axis[a] = (struct tcv_axis){1, 1, 1, 1, 1, 1, 0};
        if (a < lead)
            continue;
        status = tcv_axis_init(desc, a - lead, input->size[a - lead + 2],
                               weights->size[a - lead + 2], &p->axis[a], error);
        if (status != TCONV_OK)
            return status;
        p->taps *= p->axis[a].kernel; /* fits: the weights' bytes do */
    }
    return TCONV_OK;
}

static int64_t out_channels(const tconv_desc *desc, const tconv_tensor *weights)
{
    return desc->op == TCONV_CONV ? weights->size[0] : weights->size[1] * desc->groups;
}

tconv_status tcv_problem_init(const tconv_desc *desc, const tconv_tensor *input,
                              const tconv_tensor *weights, const tconv_tensor *output,
                              struct tcv_problem *problem_out, tconv_error *error)
{
    struct tcv_problem *p = problem_out;
    tconv_status status = check_desc(desc, error);

    if (status == TCONV_OK)
        status = check_tensor(input, "input", desc, input->dtype, error);
    if (status == TCONV_OK)
        status = check_tensor(weights, "weights", desc, input->dtype, error);
    if (status == TCONV_OK)
        status = check_channels(desc, input, weights, error);
    if (status == TCONV_OK)
        status = check_epilogue(&desc->epilogue, out_channels(desc, weights), error);
    if (status == TCONV_OK)
        status = check_place(input, "input", error);
    if (status == TCONV_OK)
        status = check_place(weights, "weights", error);
    if (status != TCONV_OK)
        return status;

    memset(p, 0, sizeof *p);
    p->op = desc->op;
    p->dtype = input->dtype;
    p->batch = input->size[0];
    p->groups = desc->groups;
    p->ic = input->size[1] / desc->groups;
    p->oc = out_channels(desc, weights) / desc->groups;
    p->x = place_of(input);
    p->epilogue = desc->epilogue;
    status = init_axes(desc, input, weights, p, error);
    p->w = weights_place(p, weights);
    if (status != TCONV_OK || output == NULL)
        return status;

    status = check_tensor(output, "output", desc, input->dtype, error);
    if (status == TCONV_OK)
        status = check_output(p, output, error);
    p->y = place_of(output);
    return status;
}

struct tcv_window tcv_window_whole(const struct tcv_problem *problem)
{
    struct tcv_window window = {{0}, {0}, problem->y};

    for (int a = 0; a < TCV_AXES; a++)
        window.end[a] = problem->axis[a].out;
    return window;
}
