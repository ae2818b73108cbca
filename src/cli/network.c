/*
 * network.c - the network of `tconv upscale`
 *
 * It was trained by docs/examples/superres.c, which tells its shape; superres.weights is the file
 * that program wrote, built in as tcv_superres_weights[]:
 *
 *     char magic[8]; int32_t layers
 *     per layer: int32_t op, inputs, channels, kernel, stride, padding, activation; float slope;
 *                float weights[], bias[channels]
 *
 * all little-endian.  Layers run one after the other, between two buffers in turns.
 *
 * Checked by tests/cli/test_methods.c.
 */
#include "cli/network.h"

#include <stdlib.h>
#include <string.h>

#include <tconv/tconv.h>

#include "cli/cli.h"

extern const unsigned char tcv_superres_weights[];

enum { LAYERS_MOST = 16, HEAD_BYTES = 8 };

struct layer {
    tconv_plan *plan;
    tconv_weights *weights;
    float *bias;
};

struct tcv_network {
    int layers;
    struct layer layer[LAYERS_MOST];
    float *between[2]; /* what layers hand on */
    void *workspace;
    size_t workspace_bytes;
};

static uint32_t word_at(const unsigned char *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static float *floats_at(const unsigned char *bytes, int64_t count)
{
    float *const values = malloc((size_t)count * sizeof *values);

    for (int64_t i = 0; values != NULL && i < count; i++) {
        const uint32_t bits = word_at(bytes + 4 * i);

        memcpy(&values[i], &bits, sizeof bits);
    }
    return values;
}

/* One layer as the file has it, and where its numbers begin. */
struct stored {
    tconv_desc desc;
    int64_t inputs, channels, kernel;
    const unsigned char *weights, *bias, *next;
};

static struct stored read_layer(const unsigned char *at)
{
    struct stored s = {.desc = tconv_desc_default(2)};
    const uint32_t slope = word_at(at + 28);
    float value;

    memcpy(&value, &slope, sizeof value);
    s.desc.op = (tconv_op)word_at(at);
    s.inputs = word_at(at + 4);
    s.channels = word_at(at + 8);
    s.kernel = word_at(at + 12);
    for (int a = 0; a < 2; a++) {
        s.desc.stride[a] = word_at(at + 16);
        s.desc.pad_begin[a] = s.desc.pad_end[a] = word_at(at + 20);
    }
    s.desc.epilogue.bias_length = s.channels;
    s.desc.epilogue.activation = (tconv_activation)word_at(at + 24);
    s.desc.epilogue.alpha = (double)value;
    s.weights = at + 32;
    s.bias = s.weights + 4 * s.inputs * s.channels * s.kernel * s.kernel;
    s.next = s.bias + 4 * s.channels;
    return s;
}

/* Plans the layer on planes of size[2] and sets that to what it yields. */
static int plan_layer(struct tcv_network *net, const struct stored *s, int64_t *size,
                      const tconv_options *options)
{
    struct layer *const layer = &net->layer[net->layers];
    const int transposed = s->desc.op == TCONV_CONV_TRANSPOSE;
    const int64_t x_size[] = {1, s->inputs, size[0], size[1]};
    const int64_t w_size[] = {transposed ? s->inputs : s->channels,
                              transposed ? s->channels : s->inputs, s->kernel, s->kernel};
    const int64_t weights = s->inputs * s->channels * s->kernel * s->kernel;
    int64_t y_size[TCONV_MAX_DIMS];
    tconv_tensor x, w, y;
    tconv_error error;
    float *values;
    tconv_status status;

    if (tconv_tensor_dense(&x, TCONV_F32, TCONV_NCX, 4, x_size, &error) != TCONV_OK ||
        tconv_tensor_dense(&w, TCONV_F32, TCONV_NCX, 4, w_size, &error) != TCONV_OK ||
        tconv_output_shape(&s->desc, &x, &w, y_size, &error) != TCONV_OK ||
        tconv_tensor_dense(&y, TCONV_F32, TCONV_NCX, 4, y_size, &error) != TCONV_OK ||
        tconv_plan_create(&s->desc, &x, &w, &y, options, &layer->plan, &error) != TCONV_OK)
        return tcv_cli_fail("the network: %s", error.message);
    net->layers++;
    layer->bias = floats_at(s->bias, s->channels);
    values = floats_at(s->weights, weights);
    if (layer->bias == NULL || values == NULL) {
        free(values);
        return tcv_cli_fail("out of memory: a layer needs %lld weights", (long long)weights);
    }
    status = tconv_weights_pack(layer->plan, values, &layer->weights, &error);
    free(values);
    if (status != TCONV_OK)
        return tcv_cli_fail("the network: %s", error.message);
    size[0] = y_size[2];
    size[1] = y_size[3];
    return TCV_EXIT_OK;
}

/* Plans all layers; *most_out is the largest number of values that one hands on. */
static int plan_layers(struct tcv_network *net, int64_t height, int64_t width, int32_t threads,
                       int64_t *most_out)
{
    const unsigned char *at = tcv_superres_weights + HEAD_BYTES;
    const uint32_t layers = word_at(at);
    tconv_options options = tconv_options_default();
    int64_t size[2] = {height, width}, channels = 0;

    if (layers < 1 || layers > LAYERS_MOST)
        return tcv_cli_fail("the network: %lu layers; it may have 1 to %d",
                            (unsigned long)layers, LAYERS_MOST);
    options.threads = threads;
    at += 4;
    *most_out = 0;
    for (uint32_t i = 0; i < layers; i++) {
        const struct stored s = read_layer(at);
        const int status = plan_layer(net, &s, size, &options);
        const size_t bytes =
            status == TCV_EXIT_OK ? tconv_plan_workspace_size(net->layer[i].plan) : 0;

        if (status != TCV_EXIT_OK)
            return status;
        if (bytes > net->workspace_bytes)
            net->workspace_bytes = bytes;
        if (s.channels * size[0] * size[1] > *most_out)
            *most_out = s.channels * size[0] * size[1];
        channels = s.channels;
        at = s.next;
    }
    if (channels != 1 || size[0] != 2 * (height - 2 * TCV_NETWORK_HALO) ||
        size[1] != 2 * (width - 2 * TCV_NETWORK_HALO))
        return tcv_cli_fail("the network: it does not double a plane whose halo is %d",
                            TCV_NETWORK_HALO);
    return TCV_EXIT_OK;
}

int tcv_network_create(struct tcv_network **network_out, int64_t height, int64_t width,
                       int32_t threads)
{
    struct tcv_network *const net = calloc(1, sizeof *net);
    int64_t most;
    int status;

    *network_out = NULL;
    if (net == NULL)
        return tcv_cli_fail("out of memory: the network needs %zu bytes", sizeof *net);
    status = plan_layers(net, height, width, threads, &most);
    if (status == TCV_EXIT_OK) {
        const size_t bytes = (size_t)most * sizeof(float);

        net->between[0] = malloc(bytes);
        net->between[1] = malloc(bytes);
        net->workspace = malloc(net->workspace_bytes + 1);
        if (net->between[0] == NULL || net->between[1] == NULL || net->workspace == NULL)
            status = tcv_cli_fail("out of memory: the network needs %zu bytes",
                                  2 * bytes + net->workspace_bytes);
    }
    if (status != TCV_EXIT_OK) {
        tcv_network_free(net);
        return status;
    }
    *network_out = net;
    return TCV_EXIT_OK;
}

int tcv_network_run(struct tcv_network *network, const float *plane, float *residual)
{
    tconv_buffers buffers = tconv_buffers_default();
    tconv_error error;

    buffers.workspace = network->workspace;
    buffers.workspace_bytes = network->workspace_bytes;
    buffers.input = plane;
    for (int i = 0; i < network->layers; i++) {
        const struct layer *const layer = &network->layer[i];

        buffers.output = i + 1 < network->layers ? network->between[i % 2] : residual;
        buffers.bias = layer->bias;
        if (tconv_execute(layer->plan, layer->weights, &buffers, NULL, &error) != TCONV_OK)
            return tcv_cli_fail("the network: %s", error.message);
        buffers.input = buffers.output;
    }
    return TCV_EXIT_OK;
}

void tcv_network_free(struct tcv_network *network)
{
    if (network == NULL)
        return;
    for (int i = 0; i < network->layers; i++) {
        tconv_weights_destroy(network->layer[i].weights);
        tconv_plan_destroy(network->layer[i].plan);
        free(network->layer[i].bias);
    }
    free(network->between[0]);
    free(network->between[1]);
    free(network->workspace);
    free(network);
}
