/*
 * peer_onednn.c - oneDNN's deconvolution (the C interface of version 2, as Debian has it)
 *
 * Algorithm deconvolution_direct, inference, f32, with a bias.  Every memory format is left to the
 * library ("any"); weights and bias are brought into it before the timing.  Two contestants share
 * the one primitive:
 *
 *     onednn          plain input -> its format, the primitive, its format -> plain output
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

struct onednn {
    const struct workload *workload;
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    dnnl_primitive_desc_t description;
    dnnl_primitive_t primitive;
    struct pair src, weights, bias, dst;
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
 * Weights as they lie in the workload, [ic][oc / g][k...], in oneDNN's logical order
 * [g][oc / g][ic / g][k...], without the g if there is one group.
 */
static bool plain_weights(const struct workload *w, dnnl_memory_desc_t *out, struct reason *why)
{
    const struct problem *p = w->problem;
    const int64_t *stride = w->weights.stride;
    const int64_t icg = p->ic / p->groups, ocg = p->oc / p->groups;
    dnnl_dims_t dims, strides;
    int rank = 0;

    if (p->groups > 1) {
        dims[rank] = p->groups;
        strides[rank++] = icg * stride[0];
    }
    dims[rank] = ocg;
    strides[rank++] = stride[1];
    dims[rank] = icg;
    strides[rank++] = stride[0];
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

/* plain: src, weights, bias, dst as they lie in the workload. */
static bool describe(struct onednn *d, const dnnl_memory_desc_t plain[4], struct reason *why)
{
    const struct problem *p = d->workload->problem;
    dnnl_deconvolution_desc_t operation;
    dnnl_memory_desc_t any[4];
    dnnl_dims_t stride, dilation, begin, end;

    for (int a = 0; a < p->rank; a++) {
        const int64_t span = (p->in[a] - 1) * p->stride[a] + p->dilation[a] * (p->kernel[a] - 1);

        stride[a] = p->stride[a];
        dilation[a] = p->dilation[a] - 1;
        begin[a] = p->pad[a];
        end[a] = span + 1 - p->pad[a] - p->out[a];
    }
    for (int i = 0; i < 4; i++)
        if (!any_format(&plain[i], &any[i], why))
            return false;
    return check(dnnl_dilated_deconvolution_forward_desc_init(
                     &operation, dnnl_forward_inference, dnnl_deconvolution_direct, &any[0],
                     &any[1], &any[2], &any[3], stride, dilation, begin, end),
                 "describing the deconvolution", why) &&
           check(dnnl_primitive_desc_create(&d->description, &operation, NULL, d->engine, NULL),
                 "choosing an implementation", why) &&
           check(dnnl_primitive_create(&d->primitive, d->description),
                 "creating the primitive", why);
}

/* Both memories of a tensor, and the reorder from or to the plain one if they differ. */
static bool make_pair(struct onednn *d, struct pair *pair, const dnnl_memory_desc_t *plain,
                      void *data, dnnl_query_t which, int index, bool to_plain,
                      struct reason *why)
{
    const dnnl_memory_desc_t *own = dnnl_primitive_desc_query_md(d->description, which, index);
    const dnnl_memory_desc_t *from = to_plain ? own : plain;
    const dnnl_memory_desc_t *to = to_plain ? plain : own;
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

static bool reorder(const struct onednn *d, const struct pair *pair, bool to_plain,
                    struct reason *why)
{
    const dnnl_exec_arg_t arguments[] = {
        {DNNL_ARG_FROM, to_plain ? pair->own : pair->plain},
        {DNNL_ARG_TO, to_plain ? pair->plain : pair->own},
    };

    return pair->reorder == NULL || execute(d, pair->reorder, 2, arguments, why);
}

static bool onednn_blocked_run(void *state, struct reason *why)
{
    const struct onednn *d = state;
    const dnnl_exec_arg_t arguments[] = {
        {DNNL_ARG_SRC, d->src.own},
        {DNNL_ARG_WEIGHTS, d->weights.own},
        {DNNL_ARG_BIAS, d->bias.own},
        {DNNL_ARG_DST, d->dst.own},
    };

    return execute(d, d->primitive, 4, arguments, why);
}

static bool onednn_fetch(void *state, struct reason *why)
{
    const struct onednn *d = state;

    return reorder(d, &d->dst, true, why);
}

static bool onednn_run(void *state, struct reason *why)
{
    const struct onednn *d = state;

    return reorder(d, &d->src, false, why) && onednn_blocked_run(state, why) &&
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

    free_pair(&d->src);
    free_pair(&d->weights);
    free_pair(&d->bias);
    free_pair(&d->dst);
    dnnl_primitive_destroy(d->primitive);
    dnnl_primitive_desc_destroy(d->description);
    dnnl_stream_destroy(d->stream);
    dnnl_engine_destroy(d->engine);
    free(d);
}

static bool prepare(struct onednn *d, struct reason *why)
{
    const struct workload *w = d->workload;
    const dnnl_dims_t bias_dims = {w->problem->oc};
    dnnl_memory_desc_t plain[4];

    if (!check(dnnl_engine_create(&d->engine, dnnl_cpu, 0), "creating an engine", why) ||
        !check(dnnl_stream_create(&d->stream, d->engine, dnnl_stream_default_flags),
               "creating a stream", why) ||
        !plain_tensor(&w->input, &plain[0], why) || !plain_weights(w, &plain[1], why) ||
        !check(dnnl_memory_desc_init_by_tag(&plain[2], 1, bias_dims, dnnl_f32, dnnl_a),
               "describing the bias", why) ||
        !plain_tensor(&w->output, &plain[3], why) || !describe(d, plain, why))
        return false;
    return make_pair(d, &d->src, &plain[0], w->x, dnnl_query_src_md, 0, false, why) &&
           make_pair(d, &d->weights, &plain[1], w->w, dnnl_query_weights_md, 0, false, why) &&
           make_pair(d, &d->bias, &plain[2], w->bias, dnnl_query_weights_md, 1, false, why) &&
           make_pair(d, &d->dst, &plain[3], w->y, dnnl_query_dst_md, 0, true, why) &&
           reorder(d, &d->src, false, why) && reorder(d, &d->weights, false, why) &&
           reorder(d, &d->bias, false, why);
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
