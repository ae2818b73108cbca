/*
 * network.c - convolutions and transposed ones behind each other, forwards and backwards
 */
#include "network.h"

#include <stdlib.h>
#include <string.h>

#include <tconv/extra.h>

#include "fail.h"

int64_t field_count(const struct field *field)
{
    const int64_t *const size = field->tensor.size;

    return size[0] * size[1] * size[2] * size[3];
}

void network_begin(struct network *net, uint64_t seed, int32_t threads, enum network_use use)
{
    memset(net, 0, sizeof *net);
    net->seed = seed;
    net->threads = threads;
    net->use = use;
}

void network_free(struct network *net)
{
    for (int i = 0; i < net->layer_count; i++) {
        tconv_plan_destroy(net->layers[i].forward);
        tconv_plan_destroy(net->layers[i].backward);
        tconv_gradient_destroy(net->layers[i].gradient);
    }
    for (int i = 0; i < net->field_count; i++) {
        free(net->fields[i]->memory);
        free(net->fields[i]);
    }
    free(net->parameters.value);
    free(net->parameters.gradient);
    free(net->parameters.mean);
    free(net->parameters.square);
    free(net->workspace);
    memset(net, 0, sizeof *net);
}

/* ---- Fields ------------------------------------------------------------- */

static struct field *add_field(struct network *net)
{
    struct field *const field = get_memory(1, sizeof *field);

    if (net->field_count == MOST_FIELDS)
        fail("a network has at most %d fields", MOST_FIELDS);
    net->fields[net->field_count++] = field;
    return field;
}

static struct field *field_with(struct network *net, const int64_t *size, int with_gradient)
{
    struct field *const field = add_field(net);
    int64_t count;
    tconv_error error;

    must(tconv_tensor_dense(&field->tensor, TCONV_F32, TCONV_NCX, 4, size, &error), &error);
    count = field_count(field);
    field->memory = get_memory(count * (with_gradient ? 2 : 1), sizeof *field->memory);
    field->value = field->memory;
    field->gradient = with_gradient ? field->memory + count : NULL;
    return field;
}

struct field *network_input(struct network *net, int64_t n, int64_t c, int64_t h, int64_t w)
{
    return field_with(net, (const int64_t[]){n, c, h, w}, 0);
}

struct field *network_field(struct network *net, int64_t n, int64_t c, int64_t h, int64_t w)
{
    return field_with(net, (const int64_t[]){n, c, h, w}, net->use == TRAINED);
}

struct field *network_channels(struct network *net, const struct field *whole, int64_t first,
                               int64_t count)
{
    struct field *const part = add_field(net);
    const int64_t offset = first * whole->tensor.stride[1];

    *part = *whole;
    part->memory = NULL;
    part->tensor.size[1] = count;
    part->value += offset;
    if (part->gradient != NULL)
        part->gradient += offset;
    return part;
}

/* The values of one image lie together, also in a part of a field's channels. */
static int64_t image_count(const struct field *field)
{
    return field->tensor.size[1] * field->tensor.stride[1];
}

/* ---- Layers ------------------------------------------------------------- */

static tconv_desc describe(const struct layer_kind *kind)
{
    tconv_desc desc = tconv_desc_default(2);

    desc.op = kind->op;
    for (int a = 0; a < 2; a++) {
        desc.stride[a] = kind->stride;
        desc.pad_begin[a] = desc.pad_end[a] = kind->padding;
    }
    desc.epilogue.bias_length = kind->channels;
    desc.epilogue.activation = kind->activation;
    desc.epilogue.alpha = kind->slope;
    return desc;
}

static void *grow(float *array, int64_t from, int64_t to)
{
    float *const larger = get_memory(to, sizeof *larger);

    if (from > 0)
        memcpy(larger, array, (size_t)from * sizeof *larger);
    free(array);
    return larger;
}

static void add_parameters(struct network *net, struct layer *layer, int64_t weights, int64_t bias)
{
    struct parameters *const p = &net->parameters;
    const int64_t count = p->count + weights + bias;
    tconv_error error;

    layer->first_weight = p->count;
    layer->first_bias = p->count + weights;
    p->value = grow(p->value, p->count, count);
    if (net->use == TRAINED) {
        p->gradient = grow(p->gradient, p->count, count);
        p->mean = grow(p->mean, p->count, count);
        p->square = grow(p->square, p->count, count);
    }
    must(tconv_fill_weights(TCONV_FILL_HE, &layer->desc, net->seed + (uint64_t)net->layer_count,
                            &layer->weights, p->value + layer->first_weight, &error),
         &error);
    p->count = count;
}

static void reserve_workspace(struct network *net, size_t bytes)
{
    if (bytes <= net->workspace_bytes)
        return;
    free(net->workspace);
    net->workspace = get_memory((int64_t)bytes, 1);
    net->workspace_bytes = bytes;
}

static void plan_backward(struct network *net, struct layer *layer, const tconv_options *options)
{
    const tconv_tensor *const x = &layer->in->tensor, *const y = &layer->out->tensor;
    tconv_desc adjoint;
    tconv_error error;

    must(tconv_gradient_create(&layer->desc, x, &layer->weights, y, options, &layer->gradient,
                               &error),
         &error);
    reserve_workspace(net, tconv_gradient_workspace_size(layer->gradient));
    if (layer->in->gradient == NULL)
        return;
    must(tconv_desc_adjoint(&layer->desc, x, &layer->weights, &adjoint, &error), &error);
    adjoint.epilogue.accumulate = 1;
    must(tconv_plan_create(&adjoint, y, &layer->weights, x, options, &layer->backward, &error),
         &error);
    reserve_workspace(net, tconv_plan_workspace_size(layer->backward));
}

struct field *network_layer(struct network *net, const struct field *in,
                            const struct layer_kind *kind, struct field *into)
{
    struct layer *const layer = &net->layers[net->layer_count];
    const int64_t inputs = in->tensor.size[1];
    const int transposed = kind->op == TCONV_CONV_TRANSPOSE;
    const int64_t size[] = {transposed ? inputs : kind->channels,
                            transposed ? kind->channels : inputs, kind->kernel, kind->kernel};
    int64_t out_size[TCONV_MAX_DIMS];
    tconv_options options = tconv_options_default();
    tconv_error error;

    if (net->layer_count == MOST_LAYERS)
        fail("a network has at most %d layers", MOST_LAYERS);
    options.threads = net->threads;
    layer->desc = describe(kind);
    must(tconv_tensor_dense(&layer->weights, TCONV_F32, TCONV_NCX, 4, size, &error), &error);
    must(tconv_output_shape(&layer->desc, &in->tensor, &layer->weights, out_size, &error), &error);
    if (into == NULL)
        into = network_field(net, out_size[0], out_size[1], out_size[2], out_size[3]);
    layer->in = in;
    layer->out = into;
    add_parameters(net, layer, size[0] * size[1] * size[2] * size[3], kind->channels);
    must(tconv_plan_create(&layer->desc, &in->tensor, &layer->weights, &into->tensor, &options,
                           &layer->forward, &error),
         &error);
    reserve_workspace(net, tconv_plan_workspace_size(layer->forward));
    if (net->use == TRAINED)
        plan_backward(net, layer, &options);
    net->layer_count++;
    return into;
}

/* ---- Computing ---------------------------------------------------------- */

/* One execution with the layer's weights as they are now. */
static void execute(const struct network *net, const struct layer *layer, const tconv_plan *plan,
                    const float *from, float *to)
{
    tconv_buffers buffers = tconv_buffers_default();
    tconv_weights *packed;
    tconv_error error;

    must(tconv_weights_pack(plan, net->parameters.value + layer->first_weight, &packed, &error),
         &error);
    buffers.input = from;
    buffers.output = to;
    buffers.bias = net->parameters.value + layer->first_bias;
    buffers.workspace = net->workspace;
    buffers.workspace_bytes = net->workspace_bytes;
    must(tconv_execute(plan, packed, &buffers, NULL, &error), &error);
    tconv_weights_destroy(packed);
}

void network_forward(struct network *net)
{
    for (int i = 0; i < net->layer_count; i++) {
        const struct layer *const layer = &net->layers[i];
        const struct field *const out = layer->out;

        execute(net, layer, layer->forward, layer->in->value, out->value);
        for (int64_t n = 0; out->gradient != NULL && n < out->tensor.size[0]; n++)
            memset(out->gradient + n * out->tensor.stride[0], 0,
                   (size_t)image_count(out) * sizeof *out->gradient);
    }
}

/* From dL/dy to the gradient before the activation, in place. */
static void through_activation(const struct layer *layer)
{
    const struct field *const out = layer->out;
    tconv_error error;

    if (layer->desc.epilogue.activation == TCONV_ACTIVATION_NONE)
        return;
    for (int64_t n = 0; n < out->tensor.size[0]; n++) {
        const int64_t at = n * out->tensor.stride[0];

        must(tconv_activation_gradient(&layer->desc.epilogue, TCONV_F32, image_count(out),
                                       out->value + at, out->gradient + at, out->gradient + at,
                                       &error),
             &error);
    }
}

void network_backward(struct network *net)
{
    for (int i = net->layer_count - 1; i >= 0; i--) {
        const struct layer *const layer = &net->layers[i];
        tconv_gradient_buffers buffers = tconv_gradient_buffers_default();
        tconv_error error;

        through_activation(layer);
        buffers.input = layer->in->value;
        buffers.grad_output = layer->out->gradient;
        buffers.grad_weights = net->parameters.gradient + layer->first_weight;
        buffers.grad_bias = net->parameters.gradient + layer->first_bias;
        buffers.accumulate = 1;
        buffers.workspace = net->workspace;
        buffers.workspace_bytes = net->workspace_bytes;
        must(tconv_gradient_execute(layer->gradient, &buffers, &error), &error);
        if (layer->backward != NULL)
            execute(net, layer, layer->backward, layer->out->gradient, layer->in->gradient);
    }
}
