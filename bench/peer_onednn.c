/*
 * peer_onednn.c - oneDNN's deconvolution, its gradients and convolution (the C interface of
 * version 2, as Debian has it)
 *
 * The direct algorithms, f32, forward with a bias.  Every memory format is left to the library
 * ("any"); weights and bias that are read are brought into it before the timing.  Two contestants
 * share the one primitive:
 *
 *     onednn          plain data -> its format, the primitive, its format -> plain result
 *     onednn_blocked  the primitive alone, as inside a network that stays in the format
 *
 * Where the library likes the plain format, it works on the workload's own buffers and the two
 * are the same.  Its threads are OpenMP's.
 */
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include <oneapi/dnnl/dnnl.h>
#include <oneapi/dnnl/dnnl_debug.h>

#include "clock.h"
#include "contestant.h"

/* A tensor in the workload's memory, in the primitive's format, and the way between. */
struct pair {
    dnnl_memory_t plain;
    dnnl_memory_t own; /* the same as plain if the formats are equal */
    dnnl_primitive_t reorder;
};

/* The tensors of a problem, whatever operation goes between them. */
enum { SMALL, WEIGHTS, LARGE, BIAS, TENSORS };

struct onednn {
    const struct workload *workload;
    const struct role *role; /* of each tensor */
    int tensors;             /* that take part: the bias, the last, may not */
    int result;
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    dnnl_primitive_desc_t description;
    dnnl_primitive_t primitive;
    struct pair tensor[TENSORS];
};

/* What a primitive calls a tensor. */
struct role {
    int argument;
    dnnl_query_t query;
    int index; /* of the query */
};

static const struct role roles[OPERATIONS][TENSORS] = {
    [OP_FORWARD] = {[SMALL] = {DNNL_ARG_SRC, dnnl_query_src_md, 0},
                    [WEIGHTS] = {DNNL_ARG_WEIGHTS, dnnl_query_weights_md, 0},
                    [LARGE] = {DNNL_ARG_DST, dnnl_query_dst_md, 0},
                    [BIAS] = {DNNL_ARG_BIAS, dnnl_query_weights_md, 1}},
    [OP_CONV] = {[SMALL] = {DNNL_ARG_DST, dnnl_query_dst_md, 0},
                 [WEIGHTS] = {DNNL_ARG_WEIGHTS, dnnl_query_weights_md, 0},
                 [LARGE] = {DNNL_ARG_SRC, dnnl_query_src_md, 0},
                 [BIAS] = {DNNL_ARG_BIAS, dnnl_query_weights_md, 1}},
    [OP_BACKWARD_DATA] = {[SMALL] = {DNNL_ARG_DIFF_SRC, dnnl_query_diff_src_md, 0},
                          [WEIGHTS] = {DNNL_ARG_WEIGHTS, dnnl_query_weights_md, 0},
                          [LARGE] = {DNNL_ARG_DIFF_DST, dnnl_query_diff_dst_md, 0}},
    [OP_BACKWARD_WEIGHTS] = {[SMALL] = {DNNL_ARG_SRC, dnnl_query_src_md, 0},
                             [WEIGHTS] = {DNNL_ARG_DIFF_WEIGHTS, dnnl_query_diff_weights_md, 0},
                             [LARGE] = {DNNL_ARG_DIFF_DST, dnnl_query_diff_dst_md, 0}},
};

static bool check(dnnl_status_t status, const char *what, struct reason *why)
{
    if (status == dnnl_success)
        return true;
    return deny(why, "%s: %s", what, dnnl_status2str(status));
}

/* Input or output as they lie in the workload. */
static bool plain_tensor(const tconv_tensor *tensor, dnnl_memory_desc_t *out, struct reason *why)
{
    dnnl_dims_t dims, strides; /* longer than the tensor's own arrays */

    for (int a = 0; a < tensor->rank; a++) {
        dims[a] = tensor->size[a];
        strides[a] = tensor->stride[a];
    }
    return check(dnnl_memory_desc_init_by_strides(out, tensor->rank, dims, dnnl_f32, strides),
                 "describing a tensor", why);
}

/*
 * Weights as they lie in the workload, [ic][oc / g][k...], in oneDNN's logical order, without the g
 * if there is one group: [g][oc / g][ic / g][k...] of a deconvolution.  A convolution from the
 * large grid to the small one has its channels the other way round.
 */
static bool plain_weights(const struct workload *w, dnnl_memory_desc_t *out, struct reason *why)
{
    const struct problem *p = w->problem;
    const int64_t *stride = w->weights.stride;
    const int64_t channels[2] = {p->ic / p->groups, p->oc / p->groups};
    const int first = w->operation->id == OP_CONV ? 0 : 1;
    dnnl_dims_t dims, strides;
    int rank = 0;

    if (p->groups > 1) {
        dims[rank] = p->groups;
        strides[rank++] = channels[0] * stride[0];
    }
    for (int i = 0; i < 2; i++) {
        dims[rank] = channels[i ^ first];
        strides[rank++] = stride[i ^ first];
    }
    for (int a = 0; a < p->rank; a++) {
        dims[rank] = p->kernel[a];
        strides[rank++] = stride[a + 2];
    }
    return check(dnnl_memory_desc_init_by_strides(out, rank, dims, dnnl_f32, strides),
                 "describing the weights", why);
}

/* The same tensor, its format left to the library. */
static bool any_format(const dnnl_memory_desc_t *plain, dnnl_memory_desc_t *out,
                       struct reason *why)
{
    return check(dnnl_memory_desc_init_by_tag(out, plain->ndims, plain->dims, dnnl_f32,
                                              dnnl_format_tag_any),
                 "describing a tensor of any format", why);
}

struct geometry {
    dnnl_dims_t stride, dilation, begin, end;
};

static struct geometry geometry_of(const struct problem *p)
{
    struct geometry g;

    for (int a = 0; a < p->rank; a++) {
        const int64_t span = (p->in[a] - 1) * p->stride[a] + p->dilation[a] * (p->kernel[a] - 1);

        g.stride[a] = p->stride[a];
        g.dilation[a] = p->dilation[a] - 1;
        g.begin[a] = p->pad[a];
        g.end[a] = span + 1 - p->pad[a] - p->out[a];
    }
    return g;
}

/* The operation on tensors of any format; m is by tensor. */
static dnnl_status_t describe_operation(enum operation_id id, const struct geometry *g,
                                        const dnnl_memory_desc_t *m, dnnl_deconvolution_desc_t *out)
{
    const dnnl_alg_kind_t direct = dnnl_deconvolution_direct;

    switch (id) {
    case OP_FORWARD:
        return dnnl_dilated_deconvolution_forward_desc_init(
            out, dnnl_forward_inference, direct, &m[SMALL], &m[WEIGHTS], &m[BIAS], &m[LARGE],
            g->stride, g->dilation, g->begin, g->end);
    case OP_CONV:
        return dnnl_dilated_convolution_forward_desc_init(
            out, dnnl_forward_inference, dnnl_convolution_direct, &m[LARGE], &m[WEIGHTS],
            &m[BIAS], &m[SMALL], g->stride, g->dilation, g->begin, g->end);
    case OP_BACKWARD_DATA:
        return dnnl_dilated_deconvolution_backward_data_desc_init(
            out, direct, &m[SMALL], &m[WEIGHTS], &m[LARGE], g->stride, g->dilation, g->begin,
            g->end);
    default:
        return dnnl_dilated_deconvolution_backward_weights_desc_init(
            out, direct, &m[SMALL], &m[WEIGHTS], NULL, &m[LARGE], g->stride, g->dilation, g->begin,
            g->end);
    }
}

/* A gradient asks for the forward operation that it belongs to; NULL for what is no gradient. */
static bool describe_hint(const struct onednn *d, const struct geometry *g,
                          const dnnl_memory_desc_t *m, dnnl_primitive_desc_t *hint,
                          struct reason *why)
{
    const enum operation_id id = d->workload->operation->id;
    dnnl_deconvolution_desc_t forward;

    *hint = NULL;
    if (id == OP_FORWARD || id == OP_CONV)
        return true;
    return check(dnnl_dilated_deconvolution_forward_desc_init(
                     &forward, dnnl_forward_training, dnnl_deconvolution_direct, &m[SMALL],
                     &m[WEIGHTS], NULL, &m[LARGE], g->stride, g->dilation, g->begin, g->end),
                 "describing the forward operation", why) &&
           check(dnnl_primitive_desc_create(hint, &forward, NULL, d->engine, NULL),
                 "choosing a forward implementation", why);
}

/* plain: the tensors as they lie in the workload. */
static bool describe(struct onednn *d, const dnnl_memory_desc_t *plain, struct reason *why)
{
    const enum operation_id id = d->workload->operation->id;
    const struct geometry g = geometry_of(d->workload->problem);
    dnnl_deconvolution_desc_t operation;
    dnnl_primitive_desc_t hint;
    dnnl_memory_desc_t any[TENSORS];
    bool good;

    for (int i = 0; i < d->tensors; i++)
        if (!any_format(&plain[i], &any[i], why))
            return false;
    if (!describe_hint(d, &g, any, &hint, why))
        return false;
    good = check(describe_operation(id, &g, any, &operation), "describing the operation", why) &&
           check(dnnl_primitive_desc_create(&d->description, &operation, NULL, d->engine, hint),
                 "choosing an implementation", why) &&
           check(dnnl_primitive_create(&d->primitive, d->description),
                 "creating the primitive", why);
    dnnl_primitive_desc_destroy(hint);
    return good;
}

/* Both memories of a tensor, and the reorder from or to the plain one if they differ. */
static bool make_pair(struct onednn *d, int tensor, const dnnl_memory_desc_t *plain, void *data,
                      struct reason *why)
{
    const struct role *role = &d->role[tensor];
    const dnnl_memory_desc_t *own =
        dnnl_primitive_desc_query_md(d->description, role->query, role->index);
    const dnnl_memory_desc_t *from = tensor == d->result ? own : plain;
    const dnnl_memory_desc_t *to = tensor == d->result ? plain : own;
    struct pair *pair = &d->tensor[tensor];
    dnnl_primitive_desc_t reorder;
    bool good;

    if (!check(dnnl_memory_create(&pair->plain, plain, d->engine, data), "plain memory", why))
        return false;
    if (dnnl_memory_desc_equal(plain, own)) {
        pair->own = pair->plain;
        return true;
    }
    if (!check(dnnl_memory_create(&pair->own, own, d->engine, DNNL_MEMORY_ALLOCATE),
               "memory in the library's format", why) ||
        !check(dnnl_reorder_primitive_desc_create(&reorder, from, d->engine, to, d->engine, NULL),
               "describing a reorder", why))
        return false;
    good = check(dnnl_primitive_create(&pair->reorder, reorder), "creating a reorder", why);
    dnnl_primitive_desc_destroy(reorder);
    return good;
}

static bool execute(const struct onednn *d, dnnl_primitive_t primitive, int count,
                    const dnnl_exec_arg_t *arguments, struct reason *why)
{
    return check(dnnl_primitive_execute(primitive, d->stream, count, arguments), "executing",
                 why) &&
           check(dnnl_stream_wait(d->stream), "waiting", why);
}

/* The result to the plain format, another tensor from it. */
static bool reorder(const struct onednn *d, int tensor, struct reason *why)
{
    const struct pair *pair = &d->tensor[tensor];
    const dnnl_exec_arg_t arguments[] = {
        {DNNL_ARG_FROM, tensor == d->result ? pair->own : pair->plain},
        {DNNL_ARG_TO, tensor == d->result ? pair->plain : pair->own},
    };

    return pair->reorder == NULL || execute(d, pair->reorder, 2, arguments, why);
}

static bool onednn_blocked_run(void *state, struct reason *why)
{
    const struct onednn *d = state;
    dnnl_exec_arg_t arguments[TENSORS];

    for (int i = 0; i < d->tensors; i++)
        arguments[i] = (dnnl_exec_arg_t){d->role[i].argument, d->tensor[i].own};
    return execute(d, d->primitive, d->tensors, arguments, why);
}

static bool onednn_fetch(void *state, struct reason *why)
{
    const struct onednn *d = state;

    return reorder(d, d->result, why);
}

static bool onednn_run(void *state, struct reason *why)
{
    const struct onednn *d = state;

    return (d->result == SMALL || reorder(d, SMALL, why)) &&
           (d->result == LARGE || reorder(d, LARGE, why)) && onednn_blocked_run(state, why) &&
           onednn_fetch(state, why);
}

static void free_pair(struct pair *pair)
{
    dnnl_primitive_destroy(pair->reorder);
    if (pair->own != pair->plain)
        dnnl_memory_destroy(pair->own);
    dnnl_memory_destroy(pair->plain);
}

static void onednn_close(void *state)
{
    struct onednn *d = state;

    for (int i = 0; i < TENSORS; i++)
        free_pair(&d->tensor[i]);
    dnnl_primitive_destroy(d->primitive);
    dnnl_primitive_desc_destroy(d->description);
    dnnl_stream_destroy(d->stream);
    dnnl_engine_destroy(d->engine);
    free(d);
}

static bool describe_plain(const struct workload *w, dnnl_memory_desc_t *plain, struct reason *why)
{
    const bool adjoint = w->operation->adjoint;
    const dnnl_dims_t bias_dims = {w->output.size[1]};

    return plain_tensor(adjoint ? &w->output : &w->input, &plain[SMALL], why) &&
           plain_weights(w, &plain[WEIGHTS], why) &&
           plain_tensor(adjoint ? &w->input : &w->output, &plain[LARGE], why) &&
           check(dnnl_memory_desc_init_by_tag(&plain[BIAS], 1, bias_dims, dnnl_f32, dnnl_a),
                 "describing the bias", why);
}

static bool prepare(struct onednn *d, struct reason *why)
{
    const struct workload *w = d->workload;
    const bool adjoint = w->operation->adjoint;
    void *const data[TENSORS] = {[SMALL] = adjoint ? w->y : w->x, [WEIGHTS] = w->w,
                                 [LARGE] = adjoint ? w->x : w->y, [BIAS] = w->bias};
    dnnl_memory_desc_t plain[TENSORS];

    d->role = roles[w->operation->id];
    d->tensors = w->operation->has_bias ? TENSORS : BIAS;
    d->result = w->operation->gives_weights ? WEIGHTS : adjoint ? SMALL : LARGE;
    if (!check(dnnl_engine_create(&d->engine, dnnl_cpu, 0), "creating an engine", why) ||
        !check(dnnl_stream_create(&d->stream, d->engine, dnnl_stream_default_flags),
               "creating a stream", why) ||
        !describe_plain(w, plain, why) || !describe(d, plain, why))
        return false;
    for (int i = 0; i < d->tensors; i++)
        if (!make_pair(d, i, &plain[i], data[i], why) ||
            (i != d->result && !reorder(d, i, why)))
            return false;
    return true;
}

static void tell_implementation(const struct onednn *d, struct contestant *entry)
{
    const char *text = NULL;

    if (dnnl_primitive_desc_query(d->description, dnnl_query_impl_info_str, 0,
                                  (void *)&text) == dnnl_success && text != NULL)
        snprintf(entry->detail, sizeof entry->detail, "%s", text);
}

static void onednn_open(const struct workload *workload, struct contestant *entries)
{
    struct contestant *const whole = &entries[0], *const blocked = &entries[1];
    struct onednn *d = calloc(1, sizeof *d);
    const double begin = now_seconds();

    if (d == NULL || workload->dtype != TCONV_F32) {
        deny(&whole->note, d == NULL ? "no memory" : "f32 only");
        blocked->note = whole->note;
        free(d);
        return;
    }
    d->workload = workload;
    whole->state = blocked->state = d;
    whole->close = onednn_close; /* one of the two frees what they share */
    whole->run = onednn_run;
    blocked->run = onednn_blocked_run;
    blocked->fetch = onednn_fetch;
    omp_set_num_threads(workload->threads); /* a primitive keeps the number it was made with */
    whole->present = blocked->present = prepare(d, &whole->note);
    blocked->note = whole->note;
    whole->setup_seconds = blocked->setup_seconds = now_seconds() - begin;
    if (whole->present) {
        tell_implementation(d, whole);
        tell_implementation(d, blocked);
    }
}

const struct peer peer_onednn = {"onednn", {"onednn", "onednn_blocked"}, onednn_open};
