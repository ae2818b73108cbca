/*
 * bands.c - a picture enlarged in bands of rows
 *
 * Math.  Bilinear interpolation by the whole number s is a transposed
 * convolution of stride s with one kernel for every channel (depthwise): each
 * pixel is stamped as a triangle that reaches to its neighbours' centres, per
 * axis
 *
 *     w[i] = 1 - |i - (k - 1) / 2| / s,    k = 2 s - s mod 2 taps.
 *
 * An odd s has one tap at the top, an even s one on either side of it; taps of
 * weight 0 are left out.  With a padding of ceil((s - 1) / 2) the stamp of
 * pixel i is centred on outputs i s to i s + s - 1, the area of that pixel.
 *
 * Picture.  One axis, s = 2, two pixels a b.  The stamps sum to 1 only between
 * the outermost centres, so the picture gets a border (a) (b) that repeats its
 * edge, and the window between the bars leaves out what lies on the border:
 *
 *     output   0    1  |  2    3    4    5  |  6    7
 *      (a)    .75  .75 | .25                |
 *       a          .25 | .75  .75  .25      |
 *       b              |      .25  .75  .75 | .25
 *      (b)             |                .25 | .75  .75
 *
 * The nearest pixel is the same with a stamp of s ones.  The network adds to a
 * bicubic enlargement by 2, whose stamp is Keys' cubic (1981, a = -1/2),
 *
 *     w[i] = h((i - 7/2) / 2),    k = 8, padding 3,
 *
 * what that lacks in luminance, the same to each colour, so that hues stay.
 *
 * Memory.  A band takes at most BAND_BYTES of output, with the network of what
 * its widest layer yields, or LEAST_ROWS of the picture's rows where that is
 * more; the input is a 1/(s s) of that and the border.  The pixels stay as they
 * lie in the file, channels last.
 *
 * Checked by tests/cli/test_upscale.c and test_methods.c.
 */
#include "cli/bands.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/network.h"
#include "cli/samples.h"
#include "cli/shape.h"

/* Enough that threads have work and starting a band costs nothing. */
#define BAND_BYTES ((int64_t)16 << 20)
/* With the network, which computes the border of every band anew. */
#define LEAST_ROWS 16

/* Floats that the network's widest layer yields for a pixel. */
#define NETWORK_WIDTH 56

/* The stamp of a pixel, and how far from it the picture must be known. */
struct stamp {
    double (*at)(double distance); /* in pixels, per axis */
    int64_t taps, padding, border;
};

struct tcv_bands {
    const struct tcv_png *picture;
    int64_t scale;
    int64_t rows; /* of the picture in a full band */
    struct stamp stamp;
    tconv_plan *plan;
    tconv_weights *packed;
    float *input;  /* [rows + 2 border][width + 2 border][channels] */
    float *output; /* [rows * scale][width * scale][channels] */
    void *workspace;
    size_t workspace_bytes;
    struct tcv_network *network; /* NULL without one, and so are these */
    float *luminance;            /* [rows + 2 border][width + 2 border] */
    float *residual;             /* [rows * scale][width * scale] */
};

static double constant(double distance)
{
    (void)distance;
    return 1.0;
}

static double triangle(double distance)
{
    return 1.0 - fabs(distance);
}

static double cubic(double distance)
{
    const double x = fabs(distance);

    if (x < 1.0)
        return (1.5 * x - 2.5) * x * x + 1.0;
    return ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0;
}

static struct stamp stamp_of(enum tcv_method method, int64_t scale)
{
    switch (method) {
    case TCV_METHOD_NEAREST: return (struct stamp){constant, scale, 0, 1};
    case TCV_METHOD_DEFAULT:
    case TCV_METHOD_BILINEAR: break;
    case TCV_METHOD_NETWORK: return (struct stamp){cubic, 8, 3, TCV_NETWORK_HALO};
    }
    return (struct stamp){triangle, 2 * scale - scale % 2, scale / 2, 1};
}

static int64_t band_rows(const struct tcv_png *picture, enum tcv_method method, int64_t scale)
{
    const int network = method == TCV_METHOD_NETWORK;
    const int64_t floats = network ? NETWORK_WIDTH : picture->channels * scale * scale;
    const int64_t rows = BAND_BYTES / ((int64_t)picture->width * floats * (int64_t)sizeof(float));
    const int64_t least = network ? LEAST_ROWS : 1;

    return rows < least ? least : rows < picture->height ? rows : picture->height;
}

/* The same kernel for every channel: w[channels][1][k][k]. */
static void fill_kernel(float *w, int channels, const struct stamp *stamp, int64_t scale)
{
    const int64_t k = stamp->taps;
    const double middle = 0.5 * (double)(k - 1);

    for (int c = 0; c < channels; c++) {
        for (int64_t i = 0; i < k; i++) {
            const double row = stamp->at(((double)i - middle) / (double)scale);

            for (int64_t j = 0; j < k; j++, w++)
                *w = (float)(row * stamp->at(((double)j - middle) / (double)scale));
        }
    }
}

/* Memory for floats in a shape. */
static int allocate(const struct tcv_shape *shape, float **memory_out)
{
    size_t bytes;
    const int status = tcv_shape_bytes(shape, sizeof(float), &bytes);

    if (status != TCV_EXIT_OK)
        return status;
    *memory_out = malloc(bytes);
    if (*memory_out == NULL)
        return tcv_cli_fail("out of memory: %s needs %zu bytes", shape->name, bytes);
    return TCV_EXIT_OK;
}

static int make_plan(struct tcv_bands *b, int32_t threads, tconv_tensor *weights)
{
    const int64_t channels = b->picture->channels;
    const int64_t k = b->stamp.taps, around = 2 * b->stamp.border;
    const int64_t x_size[] = {1, channels, b->rows + around, (int64_t)b->picture->width + around};
    const int64_t w_size[] = {channels, 1, k, k};
    int64_t y_size[TCONV_MAX_DIMS];
    tconv_desc desc = tconv_desc_default(2);
    tconv_options options = tconv_options_default();
    tconv_tensor x, y;
    tconv_error error;

    desc.groups = channels;
    for (int a = 0; a < 2; a++) {
        desc.stride[a] = b->scale;
        desc.pad_begin[a] = desc.pad_end[a] = b->stamp.padding;
    }
    options.threads = threads;
    if (tconv_tensor_dense(&x, TCONV_F32, TCONV_NXC, 4, x_size, &error) != TCONV_OK ||
        tconv_tensor_dense(weights, TCONV_F32, TCONV_NCX, 4, w_size, &error) != TCONV_OK ||
        tconv_output_shape(&desc, &x, weights, y_size, &error) != TCONV_OK ||
        tconv_tensor_dense(&y, TCONV_F32, TCONV_NXC, 4, y_size, &error) != TCONV_OK ||
        tconv_plan_create(&desc, &x, weights, &y, &options, &b->plan, &error) != TCONV_OK)
        return tcv_cli_fail("upscaling: %s", error.message);
    return TCV_EXIT_OK;
}

static int pack_kernel(struct tcv_bands *b, const tconv_tensor *weights)
{
    struct tcv_shape shape = {"the kernel", 4, {0}};
    tconv_error error;
    float *w = NULL;
    int status;

    memcpy(shape.size, weights->size, sizeof shape.size);
    status = allocate(&shape, &w);
    if (status == TCV_EXIT_OK) {
        fill_kernel(w, b->picture->channels, &b->stamp, b->scale);
        if (tconv_weights_pack(b->plan, w, &b->packed, &error) != TCONV_OK)
            status = tcv_cli_fail("upscaling: %s", error.message);
    }
    free(w);
    return status;
}

static int allocate_band(struct tcv_bands *b)
{
    const int64_t width = b->picture->width;
    const int64_t channels = b->picture->channels, around = 2 * b->stamp.border;
    const struct tcv_shape input = {
        "a band of the input", 3, {b->rows + around, width + around, channels}};
    const struct tcv_shape output = {
        "a band of the output", 3, {b->rows * b->scale, width * b->scale, channels}};
    int status;

    if ((status = allocate(&input, &b->input)) != TCV_EXIT_OK ||
        (status = allocate(&output, &b->output)) != TCV_EXIT_OK)
        return status;
    b->workspace_bytes = tconv_plan_workspace_size(b->plan);
    b->workspace = b->workspace_bytes > 0 ? malloc(b->workspace_bytes) : NULL;
    if (b->workspace_bytes > 0 && b->workspace == NULL)
        return tcv_cli_fail("out of memory: the workspace needs %zu bytes", b->workspace_bytes);
    return TCV_EXIT_OK;
}

static int make_network(struct tcv_bands *b, int32_t threads)
{
    const int64_t width = b->picture->width, around = 2 * b->stamp.border;
    const struct tcv_shape plane = {"a band of luminance", 2, {b->rows + around, width + around}};
    const struct tcv_shape residual = {
        "a band of the network's output", 2, {b->rows * b->scale, width * b->scale}};
    int status;

    if ((status = allocate(&plane, &b->luminance)) != TCV_EXIT_OK ||
        (status = allocate(&residual, &b->residual)) != TCV_EXIT_OK)
        return status;
    return tcv_network_create(&b->network, plane.size[0], plane.size[1], threads);
}

int tcv_bands_create(struct tcv_bands **bands_out, const struct tcv_png *picture,
                     enum tcv_method method, int64_t scale, int32_t threads)
{
    struct tcv_bands *const b = calloc(1, sizeof *b);
    tconv_tensor weights;
    int status;

    *bands_out = NULL;
    if (b == NULL)
        return tcv_cli_fail("out of memory: upscaling needs %zu bytes", sizeof *b);
    b->picture = picture;
    b->scale = scale;
    b->rows = band_rows(picture, method, scale);
    b->stamp = stamp_of(method, scale);
    if ((status = make_plan(b, threads, &weights)) != TCV_EXIT_OK ||
        (status = pack_kernel(b, &weights)) != TCV_EXIT_OK ||
        (status = allocate_band(b)) != TCV_EXIT_OK ||
        (method == TCV_METHOD_NETWORK && (status = make_network(b, threads)) != TCV_EXIT_OK)) {
        tcv_bands_free(b);
        return status;
    }
    *bands_out = b;
    return TCV_EXIT_OK;
}

/* Fills the input with rows first - border to first + rows + border - 1, edges repeated. */
static void fill_input(struct tcv_bands *b, int64_t first)
{
    const struct tcv_png *const picture = b->picture;
    const int64_t border = b->stamp.border;
    const size_t channels = (size_t)picture->channels;
    const size_t side = (size_t)border * channels;
    const size_t row = picture->width * channels + 2 * side;
    const int64_t last = (int64_t)picture->height - 1;

    for (int64_t i = 0; i < b->rows + 2 * border; i++) {
        const int64_t y = first - border + i;
        const size_t from = (size_t)(y < 0 ? 0 : y > last ? last : y);
        float *const to = b->input + (size_t)i * row;

        tcv_samples_to_floats(picture->samples + from * picture->row_bytes, picture->width,
                              picture->channels, picture->bits, to + side);
        for (size_t j = 0; j < side; j += channels) {
            memcpy(to + j, to + side, channels * sizeof *to);
            memcpy(to + row - side + j, to + row - side - channels, channels * sizeof *to);
        }
    }
}

/* Adds what the network finds to the colours of the band. */
static int add_residual(struct tcv_bands *b, int64_t rows)
{
    const int channels = b->picture->channels, colours = channels - (channels + 1) % 2;
    const float most = b->picture->bits == 16 ? 65535.0f : 255.0f;
    const int64_t around = 2 * b->stamp.border, width = b->picture->width;
    const int64_t pixels = (b->rows + around) * (width + around);
    const int64_t outputs = rows * b->scale * width * b->scale;
    int status;

    for (int64_t i = 0; i < pixels; i++) {
        const float *const v = b->input + i * channels;

        b->luminance[i] =
            (colours == 1 ? v[0] : 0.299f * v[0] + 0.587f * v[1] + 0.114f * v[2]) / most;
    }
    status = tcv_network_run(b->network, b->luminance, b->residual);
    for (int64_t i = 0; status == TCV_EXIT_OK && i < outputs; i++) {
        for (int c = 0; c < colours; c++)
            b->output[i * channels + c] += most * b->residual[i];
    }
    return status;
}

int tcv_bands_compute(struct tcv_bands *bands, int64_t first, int64_t *rows_out)
{
    const int64_t left = (int64_t)bands->picture->height - first;
    const int64_t rows = left < bands->rows ? left : bands->rows;
    const int64_t width = bands->picture->width * bands->scale;
    const int64_t channels = bands->picture->channels;
    tconv_buffers buffers = tconv_buffers_default();
    tconv_window window = {{0}, {0}, {0}};
    tconv_error error;

    fill_input(bands, first);
    window.begin[0] = window.begin[1] = bands->stamp.border * bands->scale;
    window.end[0] = window.begin[0] + rows * bands->scale;
    window.end[1] = window.begin[1] + width;
    window.stride[0] = rows * bands->scale * width * channels;
    window.stride[1] = 1;
    window.stride[2] = width * channels;
    window.stride[3] = channels;
    buffers.input = bands->input;
    buffers.output = bands->output;
    buffers.workspace = bands->workspace;
    buffers.workspace_bytes = bands->workspace_bytes;
    if (tconv_execute(bands->plan, bands->packed, &buffers, &window, &error) != TCONV_OK)
        return tcv_cli_fail("upscaling: %s", error.message);
    *rows_out = rows;
    return bands->network == NULL ? TCV_EXIT_OK : add_residual(bands, rows);
}

void tcv_bands_row(const struct tcv_bands *bands, int64_t y, unsigned char *row)
{
    const size_t width = bands->picture->width * (size_t)bands->scale;
    const size_t channels = (size_t)bands->picture->channels;

    tcv_samples_from_floats(bands->output + (size_t)y * width * channels, width,
                            bands->picture->channels, bands->picture->bits, row);
}

void tcv_bands_free(struct tcv_bands *bands)
{
    if (bands == NULL)
        return;
    tconv_weights_destroy(bands->packed);
    tconv_plan_destroy(bands->plan);
    free(bands->input);
    free(bands->output);
    free(bands->workspace);
    tcv_network_free(bands->network);
    free(bands->luminance);
    free(bands->residual);
    free(bands);
}
