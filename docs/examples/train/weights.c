/*
 * weights.c - a network in a file, for others to use
 */
#include "weights.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"

static const char magic[8] = {'t', 'c', 'o', 'n', 'v', 'n', 'e', 't'};

enum { LAYER_WORDS = 8 };

static void store(unsigned char *to, uint32_t word)
{
    for (int i = 0; i < 4; i++)
        to[i] = (unsigned char)(word >> 8 * i);
}

static uint32_t load(const unsigned char *from)
{
    return from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
}

static uint32_t bits_of(float value)
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static void describe_layer(const struct layer *layer, uint32_t *word)
{
    word[0] = (uint32_t)layer->desc.op;
    word[1] = (uint32_t)layer->in->tensor.size[1];
    word[2] = (uint32_t)layer->out->tensor.size[1];
    word[3] = (uint32_t)layer->weights.size[2];
    word[4] = (uint32_t)layer->desc.stride[0];
    word[5] = (uint32_t)layer->desc.pad_begin[0];
    word[6] = (uint32_t)layer->desc.epilogue.activation;
    word[7] = bits_of((float)layer->desc.epilogue.alpha);
}

static int64_t file_bytes(const struct network *net)
{
    return (int64_t)sizeof magic + 4 + 4 * (net->layer_count * LAYER_WORDS + net->parameters.count);
}

/* The file, with the parameters' places left open: `at` receives where each layer's begin. */
static unsigned char *frame(const struct network *net, int64_t *at)
{
    unsigned char *const file = get_memory(file_bytes(net), 1);
    int64_t end = sizeof magic + 4;

    memcpy(file, magic, sizeof magic);
    store(file + sizeof magic, (uint32_t)net->layer_count);
    for (int i = 0; i < net->layer_count; i++) {
        const struct layer *const layer = &net->layers[i];
        uint32_t word[LAYER_WORDS];

        describe_layer(layer, word);
        for (int j = 0; j < LAYER_WORDS; j++, end += 4)
            store(file + end, word[j]);
        at[i] = end;
        end += 4 * (layer->first_bias + layer->out->tensor.size[1] - layer->first_weight);
    }
    return file;
}

void weights_write(const struct network *net, const char *folder, const char *name)
{
    int64_t at[MOST_LAYERS];
    unsigned char *const bytes = frame(net, at);
    const size_t size = (size_t)file_bytes(net);
    char path[4096];
    FILE *file;
    int whole;

    for (int i = 0; i < net->layer_count; i++) {
        const int64_t first = net->layers[i].first_weight;
        const int64_t end =
            i + 1 < net->layer_count ? net->layers[i + 1].first_weight : net->parameters.count;

        for (int64_t j = first; j < end; j++)
            store(bytes + at[i] + 4 * (j - first), bits_of(net->parameters.value[j]));
    }
    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "wb");
    if (file == NULL)
        fail("%s: %s", path, strerror(errno));
    whole = fwrite(bytes, 1, size, file) == size;
    if (fclose(file) != 0 || !whole)
        fail("%s could not be written", path);
    printf("wrote %s (%zu bytes)\n", path, size);
    free(bytes);
}

void weights_read(struct network *net, const char *path)
{
    int64_t at[MOST_LAYERS];
    unsigned char *const expected = frame(net, at);
    const size_t size = (size_t)file_bytes(net);
    unsigned char *const bytes = get_memory((int64_t)size + 1, 1);
    FILE *const file = fopen(path, "rb");

    if (file == NULL)
        fail("%s: %s", path, strerror(errno));
    if (fread(bytes, 1, size + 1, file) != size || memcmp(bytes, expected, sizeof magic + 4) != 0)
        fail("%s is not a network of %d layers and %zu bytes", path, net->layer_count, size);
    fclose(file);
    for (int i = 0; i < net->layer_count; i++) {
        const int64_t first = net->layers[i].first_weight;
        const int64_t end =
            i + 1 < net->layer_count ? net->layers[i + 1].first_weight : net->parameters.count;

        if (memcmp(bytes + at[i] - 4 * LAYER_WORDS, expected + at[i] - 4 * LAYER_WORDS,
                   4 * LAYER_WORDS) != 0)
            fail("%s: layer %d is another than this network's", path, i);
        for (int64_t j = first; j < end; j++) {
            const uint32_t bits = load(bytes + at[i] + 4 * (j - first));

            memcpy(&net->parameters.value[j], &bits, sizeof bits);
        }
    }
    free(bytes);
    free(expected);
}
