/*
 * network.h - convolutions and transposed ones behind each other, forwards and backwards
 *
 *     network_begin(&net, seed, threads, TRAINED);
 *     x = network_input(&net, 16, 3, 64, 64);
 *     y = network_layer(&net, x, &(struct layer_kind){...}, NULL);
 *
 *     write x->value;  network_forward(&net);  read y->value
 *     add dL/dy to y->gradient;  network_backward(&net);  optimizer_step()
 *
 * A field is read by any number of layers and written by one.  Its gradient is set to 0 where
 * it is written, and every reader adds its share on the way back.
 */
#ifndef TRAIN_NETWORK_H
#define TRAIN_NETWORK_H

#include <stddef.h>
#include <stdint.h>

#include <tconv/tconv.h>

enum { MOST_LAYERS = 32, MOST_FIELDS = 64 };

/* Values between layers, value[n][c][h][w], and the loss's gradient with respect to them. */
struct field {
    tconv_tensor tensor;
    float *value;
    float *gradient; /* laid out as value; NULL: nobody asks for it */
    float *memory;   /* both, if they are this field's own */
};

/* One layer: y = activation(op(x, w) + b). */
struct layer_kind {
    tconv_op op;
    int64_t channels;                /* of the output */
    int64_t kernel, stride, padding; /* of both axes and all sides */
    tconv_activation activation;
    double slope; /* of leaky ReLU */
};

struct layer {
    tconv_desc desc;
    const struct field *in, *out;
    tconv_tensor weights;
    int64_t first_weight, first_bias; /* in the network's parameters */
    tconv_plan *forward;
    tconv_plan *backward; /* NULL if nobody asks for the input's gradient */
    tconv_gradient *gradient;
};

/* All that is learned, layer by layer: weights, then bias. */
struct parameters {
    int64_t count;
    float *value, *gradient;
    float *mean, *square; /* what an optimiser remembers of gradients and of their squares */
};

enum network_use { TRAINED, APPLIED /* forwards only, half the memory */ };

struct network {
    enum network_use use;
    uint64_t seed;
    int32_t threads;
    int layer_count, field_count;
    struct layer layers[MOST_LAYERS];
    struct field *fields[MOST_FIELDS];
    struct parameters parameters;
    void *workspace; /* the largest that a layer needs */
    size_t workspace_bytes;
};

void network_begin(struct network *net, uint64_t seed, int32_t threads, enum network_use use);
void network_free(struct network *net);

/* A field that the program writes; no gradient is computed for it. */
struct field *network_input(struct network *net, int64_t n, int64_t c, int64_t h, int64_t w);

/* A field for layers to write to, part by part: how skip connections are joined. */
struct field *network_field(struct network *net, int64_t n, int64_t c, int64_t h, int64_t w);

/* Channels first to first + count - 1 of a field: a view, which needs no copy. */
struct field *network_channels(struct network *net, const struct field *whole, int64_t first,
                               int64_t count);

/*
 * Adds a layer from in to into, or to a new field if that is NULL; returns where it writes.
 * Weights begin as He proposed, biases at 0.
 */
struct field *network_layer(struct network *net, const struct field *in,
                            const struct layer_kind *kind, struct field *into);

void network_forward(struct network *net);

/* Adds to the parameters' gradients, and to those of the fields that have one. */
void network_backward(struct network *net);

/* Elements of a field. */
int64_t field_count(const struct field *field);

#endif
