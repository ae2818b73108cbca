/*
 * plane.c - planes halved and doubled the classical way
 */
#include "plane.h"

#include <math.h>
#include <string.h>

#include <tconv/tconv.h>

#include "fail.h"

enum { TAPS = 8, BORDER = 4 };

/* Keys' cubic, 1 at 0 and 0 at every other whole number. */
static double cubic(double x)
{
    x = fabs(x);
    if (x < 1.0)
        return (1.5 * x - 2.5) * x * x + 1.0;
    return x < 2.0 ? ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0 : 0.0;
}

/* Tap k lies (k - 3.5) / 2 inputs from the middle.  Per axis the taps sum to 2. */
static void fill_taps(float *w, double sum)
{
    for (int i = 0; i < TAPS * TAPS; i++)
        w[i] = (float)(cubic((i / TAPS - 3.5) / 2.0) * cubic((i % TAPS - 3.5) / 2.0) * (sum / 4.0));
}

struct picture plane_extended(const struct picture *plane, int64_t border)
{
    const int64_t h = plane->height, w = plane->width;
    struct picture wide = picture_new(1, h + 2 * border, w + 2 * border);

    for (int64_t y = 0; y < wide.height; y++) {
        const int64_t from = y < border ? 0 : y - border < h ? y - border : h - 1;
        float *const to = wide.value + y * wide.width;

        for (int64_t x = 0; x < border; x++) {
            to[x] = plane->value[from * w];
            to[border + w + x] = plane->value[from * w + w - 1];
        }
        memcpy(to + border, plane->value + from * w, (size_t)w * sizeof *to);
    }
    return wide;
}

/* The operation with those taps on the extended plane, `pad` cropped from what it yields. */
static struct picture resampled(const struct picture *plane, tconv_op op, double sum, int64_t pad,
                                int64_t height, int64_t width, int32_t threads)
{
    struct picture from = plane_extended(plane, BORDER), to = picture_new(1, height, width);
    const int64_t x_size[] = {1, 1, from.height, from.width}, w_size[] = {1, 1, TAPS, TAPS};
    const int64_t y_size[] = {1, 1, height, width};
    tconv_desc desc = tconv_desc_default(2);
    tconv_options options = tconv_options_default();
    tconv_buffers buffers = tconv_buffers_default();
    tconv_tensor x, w, y;
    tconv_error error;
    float taps[TAPS * TAPS];

    fill_taps(taps, sum);
    desc.op = op;
    for (int a = 0; a < 2; a++) {
        desc.stride[a] = 2;
        desc.pad_begin[a] = pad;
        desc.output_size[a] = y_size[2 + a];
    }
    options.threads = threads;
    buffers.input = from.value;
    buffers.output = to.value;
    must(tconv_tensor_dense(&x, TCONV_F32, TCONV_NCX, 4, x_size, &error), &error);
    must(tconv_tensor_dense(&w, TCONV_F32, TCONV_NCX, 4, w_size, &error), &error);
    must(tconv_tensor_dense(&y, TCONV_F32, TCONV_NCX, 4, y_size, &error), &error);
    must((op == TCONV_CONV ? tconv_conv : tconv_conv_transpose)(&desc, &x, &w, &y, &options, taps,
                                                                &buffers, &error),
         &error);
    picture_free(&from);
    return to;
}

/*
 * Output o of the doubling lies between inputs o/2 - 1/4 and o/2 + 1/4, which a padding of
 * (8 - 2) / 2 = 3 says; the border of 4 inputs makes 8 outputs more to crop.  The halving crops
 * its input instead: without a border it would have a padding of 3.
 */
struct picture plane_doubled(const struct picture *plane, int32_t threads)
{
    return resampled(plane, TCONV_CONV_TRANSPOSE, 4.0, 3 + 2 * BORDER, 2 * plane->height,
                     2 * plane->width, threads);
}

struct picture plane_halved(const struct picture *plane, int32_t threads)
{
    return resampled(plane, TCONV_CONV, 1.0, 3 - BORDER, plane->height / 2, plane->width / 2,
                     threads);
}

double plane_psnr(const struct picture *a, const struct picture *b, int64_t border)
{
    double sum = 0.0;
    int64_t count = 0;

    for (int64_t y = border; y < a->height - border; y++) {
        for (int64_t x = border; x < a->width - border; x++, count++) {
            const double difference =
                (double)a->value[y * a->width + x] - (double)b->value[y * b->width + x];

            sum += difference * difference;
        }
    }
    return 10.0 * log10((double)count / sum);
}
