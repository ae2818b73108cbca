/*
 * checkerboard.c - what an uneven kernel does to a network's output
 *
 *     checkerboard OUT.png
 *
 * Two generators that have learned nothing yet, alike but for the kernels of their three
 * transposed convolutions of stride 2: 3 on the left, which hits outputs unevenly, and 4 on the
 * right.  Both enlarge the same smooth input by 8.
 */
#include <math.h>
#include <stdio.h>

#include "train/fail.h"
#include "train/network.h"
#include "train/picture.h"

enum { INPUT = 18, CHANNELS = 16, SHOWN = 128 };

/* The middle SHOWN x SHOWN outputs, stretched to the range from black to white. */
static void show(struct picture *picture, int64_t left, const struct field *y)
{
    const int64_t width = y->tensor.size[3], margin = (width - SHOWN) / 2;
    float level[SHOWN * SHOWN], low = INFINITY, high = -INFINITY;

    for (int i = 0; i < SHOWN * SHOWN; i++) {
        level[i] = y->value[(margin + i / SHOWN) * width + margin + i % SHOWN];
        low = fminf(low, level[i]);
        high = fmaxf(high, level[i]);
    }
    for (int i = 0; i < SHOWN * SHOWN; i++)
        level[i] = (level[i] - low) / (high - low);
    picture_place(picture, 0, left, level, SHOWN, SHOWN);
}

static void generate(struct picture *picture, int64_t left, int64_t kernel)
{
    const struct layer_kind doubling = {
        TCONV_CONV_TRANSPOSE, CHANNELS, kernel, 2, 1, TCONV_ACTIVATION_LEAKY_RELU, 0.2};
    const struct layer_kind last = {
        TCONV_CONV_TRANSPOSE, 1, kernel, 2, 1, TCONV_ACTIVATION_NONE, 0.0};
    struct network net;
    struct field *x, *y;

    network_begin(&net, 3, 1, APPLIED);
    x = network_input(&net, 1, CHANNELS, INPUT, INPUT);
    for (int i = 0; i < CHANNELS * INPUT * INPUT; i++) {
        const double row = i / INPUT % INPUT, column = i % INPUT, channel = (double)(i / 324);

        x->value[i] = (float)(1.0 + 0.5 * sin(0.4 * row + channel) * cos(0.3 * column - channel));
    }
    y = network_layer(&net, network_layer(&net, x, &doubling, NULL), &doubling, NULL);
    y = network_layer(&net, y, &last, NULL);
    network_forward(&net);
    show(picture, left, y);
    network_free(&net);
}

int main(int argc, char **argv)
{
    struct picture picture;

    if (argc != 2) {
        fprintf(stderr, "usage: checkerboard OUT.png\n");
        return 2;
    }
    picture = picture_new(1, SHOWN, 2 * SHOWN + 8);
    generate(&picture, 0, 3);
    generate(&picture, SHOWN + 8, 4);
    picture_write(&picture, argv[1]);
    picture_free(&picture);
    return 0;
}
