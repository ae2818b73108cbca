/*
 * checkerboard.c - what an untrained network draws, enlarging in four ways
 *
 *     checkerboard OUT.png
 *
 * Noise of 8 x 8 is enlarged three times by 2, through random weights and ReLU, as the last layers
 * of a generator do before they have learned anything.  A pattern that is in the picture now is
 * what training has to remove.  The four pictures stand side by side, in the order in which their
 * contrasts are printed: how far apart the means of the pixels (even, even), (even, odd),
 * (odd, even) and (odd, odd) are, over the standard deviation of all pixels.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tconv/extra.h>
#include <tconv/tconv.h>

#include "train/fail.h"
#include "train/picture.h"
#include "train/random.h"

enum { LAYERS = 3, CHANNELS = 32, FIRST = 8, LAST = FIRST << LAYERS, SHOWN = 4, GAP = 8 };

enum way { UNEVEN, EVEN, SUBPIXEL, RESIZED, WAYS };

/* value[channels][size][size]. */
struct field {
    int64_t channels, size;
    float *value;
};

static struct field field_new(int64_t channels, int64_t size)
{
    return (struct field){channels, size, get_memory(channels * size * size, sizeof(float))};
}

static tconv_tensor describe(int64_t n, int64_t c, int64_t h, int64_t w)
{
    const int64_t size[] = {n, c, h, w};
    tconv_tensor tensor;
    tconv_error error;

    must(tconv_tensor_dense(&tensor, TCONV_F32, TCONV_NCX, 4, size, &error), &error);
    return tensor;
}

static tconv_tensor tensor_of(const struct field *field)
{
    return describe(1, field->channels, field->size, field->size);
}

/* One convolution of either kind, its weights drawn; fill_stride is what the filler is told. */
static struct field convolve(const struct field *x, tconv_op op, int64_t kernel, int64_t channels,
                             tconv_filler filler, int64_t fill_stride, uint64_t seed, int last)
{
    const int64_t stride = op == TCONV_CONV ? 1 : 2;
    const int64_t from = op == TCONV_CONV ? channels : x->channels;
    const int64_t to = op == TCONV_CONV ? x->channels : channels;
    const struct field y = field_new(channels, x->size * stride);
    const tconv_tensor weights = describe(from, to, kernel, kernel);
    const tconv_tensor input = tensor_of(x), output = tensor_of(&y);
    float *w = get_memory(from * to * kernel * kernel, sizeof *w);
    tconv_desc desc = tconv_desc_default(2);
    tconv_buffers buffers = tconv_buffers_default();
    tconv_error error;

    desc.op = op;
    for (int a = 0; a < 2; a++) {
        desc.stride[a] = fill_stride;
        desc.pad_begin[a] = 1;
        desc.output_size[a] = y.size;
    }
    must(tconv_fill_weights(filler, &desc, seed, &weights, w, &error), &error);
    desc.stride[0] = desc.stride[1] = stride;
    desc.epilogue.activation = last ? TCONV_ACTIVATION_NONE : TCONV_ACTIVATION_RELU;
    buffers.input = x->value;
    buffers.output = y.value;
    must((op == TCONV_CONV ? tconv_conv : tconv_conv_transpose)(&desc, &input, &weights, &output,
                                                               NULL, w, &buffers, &error),
         &error);
    free(w);
    return y;
}

static struct field resize(const struct field *x, int64_t by)
{
    const struct field y = field_new(x->channels, x->size * by);
    const tconv_tensor input = tensor_of(x), output = tensor_of(&y);
    const int64_t factor[] = {by, by};
    tconv_error error;

    must(tconv_resize(TCONV_RESIZE_NEAREST, &input, &output, factor, x->value, y.value, &error),
         &error);
    return y;
}

static struct field shuffle(const struct field *x)
{
    const struct field y = field_new(x->channels / 4, x->size * 2);
    const tconv_tensor input = tensor_of(x), output = tensor_of(&y);
    const int64_t factor[] = {2, 2};
    tconv_error error;

    must(tconv_pixel_shuffle(&input, &output, factor, x->value, y.value, &error), &error);
    return y;
}

/* Twice the size, by `channels` channels. */
static struct field enlarge(enum way way, const struct field *x, int64_t channels, uint64_t seed,
                            int last)
{
    struct field middle, y;

    switch (way) {
    case UNEVEN:
        return convolve(x, TCONV_CONV_TRANSPOSE, 3, channels, TCONV_FILL_HE, 2, seed, last);
    case EVEN:
        return convolve(x, TCONV_CONV_TRANSPOSE, 4, channels, TCONV_FILL_HE, 2, seed, last);
    case SUBPIXEL:
        middle = convolve(x, TCONV_CONV, 3, 4 * channels, TCONV_FILL_ICNR, 2, seed, last);
        y = shuffle(&middle);
        break;
    default:
        middle = resize(x, 2);
        y = convolve(&middle, TCONV_CONV, 3, channels, TCONV_FILL_HE, 1, seed, last);
        break;
    }
    free(middle.value);
    return y;
}

/* What three layers make of the same noise. */
static struct field draw(enum way way)
{
    struct random random = {1};
    struct field x = field_new(CHANNELS, FIRST);

    for (int64_t i = 0; i < x.channels * x.size * x.size; i++)
        x.value[i] = (float)random_between(&random, 0.0, 1.0);
    for (int i = 0; i < LAYERS; i++) {
        const int last = i == LAYERS - 1;
        const struct field y = enlarge(way, &x, last ? 1 : CHANNELS, 100 + (uint64_t)i, last);

        free(x.value);
        x = y;
    }
    return x;
}

/*
 * The largest distance between the means of two phases, over the deviation of all pixels.  The
 * outermost blocks of 8 are left out: the padding draws there.
 */
static double contrast(const struct field *y)
{
    const double count = (LAST - 16.0) * (LAST - 16.0);
    double phase[4] = {0.0}, sum = 0.0, squares = 0.0, most, least;

    for (int64_t h = 8; h < LAST - 8; h++)
        for (int64_t w = 8; w < LAST - 8; w++) {
            const double v = y->value[h * LAST + w];

            phase[h % 2 * 2 + w % 2] += v;
            sum += v;
            squares += v * v;
        }
    most = fmax(fmax(phase[0], phase[1]), fmax(phase[2], phase[3]));
    least = fmin(fmin(phase[0], phase[1]), fmin(phase[2], phase[3]));
    return (most - least) / (count / 4.0) / sqrt(squares / count - sum * sum / count / count);
}

/* From black to white, SHOWN times as large, as the tile number index of the picture. */
static void show(struct picture *picture, int index, struct field *y)
{
    float low = y->value[0], high = y->value[0];
    struct field large;

    for (int64_t i = 0; i < LAST * LAST; i++) {
        low = fminf(low, y->value[i]);
        high = fmaxf(high, y->value[i]);
    }
    for (int64_t i = 0; i < LAST * LAST; i++)
        y->value[i] = (y->value[i] - low) / (high - low);
    large = resize(y, SHOWN);
    picture_place(picture, 0, index * (LAST * SHOWN + GAP), large.value, large.size, large.size);
    free(large.value);
}

int main(int argc, char **argv)
{
    static const char *const name[WAYS] = {
        [UNEVEN] = "transposed convolution, kernel 3, stride 2",
        [EVEN] = "transposed convolution, kernel 4, stride 2",
        [SUBPIXEL] = "sub-pixel convolution that begins as ICNR",
        [RESIZED] = "resize, then convolution",
    };
    struct picture picture;

    if (argc != 2 || argv[1][0] == '-') {
        fprintf(argc == 2 && strcmp(argv[1], "--help") == 0 ? stdout : stderr,
                "usage: checkerboard OUT.png\n\n"
                "Draws what an untrained network makes of noise, enlarging in four ways, and says\n"
                "how strong a checkerboard each has.\n\n"
                "example: checkerboard networks.png\n"
                "exit status: 0, 2 for a wrong command line, 1 for everything else\n");
        return argc == 2 && strcmp(argv[1], "--help") == 0 ? 0 : 2;
    }
    picture = picture_new(1, LAST * SHOWN, WAYS * (LAST * SHOWN + GAP) - GAP);
    for (int way = 0; way < WAYS; way++) {
        struct field y = draw((enum way)way);

        printf("%-44s contrast %.3f\n", name[way], contrast(&y));
        show(&picture, way, &y);
        free(y.value);
    }
    picture_write(&picture, argv[1]);
    picture_free(&picture);
    return 0;
}
