/*
 * test_extra.c - what stands beside the operation, against worked values and loops
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <tconv/extra.h>

#include "support/rng.h"
#include "support/suite.h"

enum { MOST = 4096 };

static double x[MOST], y[MOST], z[MOST], w[MOST], s[MOST];

static tconv_tensor dense(tconv_layout layout, int rank, const int64_t *size)
{
    tconv_tensor tensor;

    assert_int_equal(tconv_tensor_dense(&tensor, TCONV_F64, layout, rank, size, NULL), TCONV_OK);
    return tensor;
}
#define DENSE(layout, ...) \
    dense(layout, (int)ARRAY_LEN(((int64_t[]){__VA_ARGS__})), (const int64_t[]){__VA_ARGS__})

static void fill(double *to, uint64_t seed)
{
    struct rng rng = {seed};

    for (int i = 0; i < MOST; i++)
        to[i] = (double)rng_between(&rng, -4, 4);
}

/* PyTorch's order: channel c * 4 + 2 * dh + dw goes to row dh, column dw of the block. */
static void shuffle_is_pytorchs(void **state)
{
    const tconv_tensor in = DENSE(TCONV_NCX, 1, 4, 1, 2), out = DENSE(TCONV_NCX, 1, 1, 2, 4);
    static const double want[8] = {0, 2, 1, 3, 4, 6, 5, 7};
    const int64_t factor[2] = {2, 2};

    (void)state;
    for (int i = 0; i < 8; i++)
        x[i] = i; /* x[c][0][w] = 2 c + w */
    assert_int_equal(tconv_pixel_shuffle(&in, &out, factor, x, y, NULL), TCONV_OK);
    assert_memory_equal(y, want, sizeof want);
}

static void unshuffle_is_the_inverse(void **state)
{
    const int64_t factor[3] = {2, 1, 3};
    const tconv_tensor small = DENSE(TCONV_NXC, 2, 12, 2, 3, 4);
    const tconv_tensor large = DENSE(TCONV_NCX, 2, 2, 4, 3, 12);
    const tconv_tensor back = DENSE(TCONV_NXC, 2, 12, 2, 3, 4);

    (void)state;
    fill(x, 1);
    assert_int_equal(tconv_pixel_shuffle(&small, &large, factor, x, y, NULL), TCONV_OK);
    assert_int_equal(tconv_pixel_unshuffle(&large, &back, factor, y, z, NULL), TCONV_OK);
    assert_memory_equal(x, z, 2 * 12 * 24 * sizeof *x);
}

static void resizing(void **state)
{
    const tconv_tensor in = DENSE(TCONV_NCX, 1, 1, 3), out = DENSE(TCONV_NCX, 1, 1, 6);
    const int64_t two[1] = {2};
    static const double from[3] = {0, 4, 8}, nearest[6] = {0, 0, 4, 4, 8, 8};
    static const double linear[6] = {0, 1, 3, 5, 7, 8};

    (void)state;
    assert_int_equal(tconv_resize(TCONV_RESIZE_NEAREST, &in, &out, two, from, y, NULL), TCONV_OK);
    assert_memory_equal(y, nearest, sizeof nearest);
    assert_int_equal(tconv_resize(TCONV_RESIZE_LINEAR, &in, &out, two, from, y, NULL), TCONV_OK);
    assert_memory_equal(y, linear, sizeof linear);
}

static void run(tconv_op op, const tconv_desc *desc, const tconv_tensor *in,
                const tconv_tensor *weights, const tconv_tensor *out, const double *from,
                const double *with, double *to)
{
    tconv_buffers buffers = tconv_buffers_default();
    tconv_error error = {TCONV_OK, ""};

    buffers.input = from;
    buffers.output = to;
    if ((op == TCONV_CONV ? tconv_conv(desc, in, weights, out, NULL, with, &buffers, &error)
                          : tconv_conv_transpose(desc, in, weights, out, NULL, with, &buffers,
                                                 &error)) != TCONV_OK)
        fail_msg("%s", error.message);
}

/* T(x, w) = shuffle(conv(x, s)), exactly, with kernels of 2 and 3 strides and groups. */
static void subpixel_is_the_same(void **state)
{
    const int64_t stride[2] = {2, 3};
    const tconv_tensor in = DENSE(TCONV_NCX, 2, 4, 3, 5);
    const tconv_tensor weights = DENSE(TCONV_NCX, 4, 3, 4, 9);
    const tconv_tensor sub = DENSE(TCONV_NCX, 36, 2, 2, 3);
    const tconv_tensor out = DENSE(TCONV_NCX, 2, 6, 8, 21);
    const tconv_tensor middle = DENSE(TCONV_NCX, 2, 36, 4, 7);
    tconv_desc t = tconv_desc_default(2), c = tconv_desc_default(2);

    (void)state;
    fill(x, 2);
    fill(w, 3);
    t.groups = c.groups = 2;
    for (int a = 0; a < 2; a++) {
        t.stride[a] = stride[a];
        c.pad_begin[a] = c.pad_end[a] = a == 0 ? 1 : 2;
    }
    run(TCONV_CONV_TRANSPOSE, &t, &in, &weights, &out, x, w, y);
    assert_int_equal(tconv_weights_to_subpixel(stride, 2, &weights, w, &sub, s, NULL), TCONV_OK);
    c.op = TCONV_CONV;
    run(TCONV_CONV, &c, &in, &sub, &middle, x, s, z);
    assert_int_equal(tconv_pixel_shuffle(&middle, &out, stride, z, x, NULL), TCONV_OK);
    for (int i = 0; i < 2 * 6 * 8 * 21; i++)
        assert_true(x[i] == y[i]);
    assert_int_equal(tconv_weights_from_subpixel(stride, 2, &sub, s, &weights, z, NULL),
                     TCONV_OK);
    assert_memory_equal(z, w, 4 * 3 * 36 * sizeof *w);
}

/* norm(T(x, w) + b) = T(x, w') + b' for both operations. */
static void batch_norm_folds(void **state)
{
    static const tconv_op ops[] = {TCONV_CONV_TRANSPOSE, TCONV_CONV};
    static const double gamma[4] = {1, 2, -1, 0.5}, beta[4] = {0, 1, 2, 3};
    static const double mean[4] = {1, 0, -1, 2}, variance[4] = {1, 4, 0.25, 9};
    const tconv_batch_norm norm = {gamma, beta, mean, variance, 1e-3};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(ops); i++) {
        const tconv_tensor in = DENSE(TCONV_NCX, 1, 4, 6), weights = DENSE(TCONV_NCX, 4, 2, 3);
        const tconv_tensor out = DENSE(TCONV_NCX, 1, 4, ops[i] == TCONV_CONV ? 4 : 8);
        const int outputs = (int)out.size[2];
        tconv_desc desc = tconv_desc_default(1);
        double bias[4] = {1, 2, 3, 4};

        fill(x, 5);
        fill(w, 6);
        desc.op = ops[i];
        desc.groups = 2;
        run(ops[i], &desc, &in, &weights, &out, x, w, y);
        assert_int_equal(tconv_fold_batch_norm(ops[i], 2, &norm, &weights, w, bias, NULL),
                         TCONV_OK);
        run(ops[i], &desc, &in, &weights, &out, x, w, z);
        for (int j = 0; j < 4 * outputs; j++) {
            const int c = j / outputs;
            const double want = gamma[c] * (y[j] + (c + 1) - mean[c]) / sqrt(variance[c] + 1e-3) +
                                beta[c];

            assert_true(fabs(z[j] + bias[c] - want) < 1e-12 * (1.0 + fabs(want)));
        }
    }
}

/* In the interior a bilinear filler and tconv_resize() give the same. */
static void bilinear_interpolates(void **state)
{
    const tconv_tensor in = DENSE(TCONV_NCX, 1, 2, 5, 6), out = DENSE(TCONV_NCX, 1, 2, 10, 12);
    const tconv_tensor weights = DENSE(TCONV_NCX, 2, 1, 4, 4);
    const int64_t two[2] = {2, 2};
    tconv_desc desc = tconv_desc_default(2);

    (void)state;
    fill(x, 8);
    desc.groups = 2;
    for (int a = 0; a < 2; a++) {
        desc.stride[a] = 2;
        desc.pad_begin[a] = desc.pad_end[a] = 1;
    }
    assert_int_equal(tconv_fill_weights(TCONV_FILL_BILINEAR, &desc, 0, &weights, w, NULL),
                     TCONV_OK);
    run(TCONV_CONV_TRANSPOSE, &desc, &in, &weights, &out, x, w, y);
    assert_int_equal(tconv_resize(TCONV_RESIZE_LINEAR, &in, &out, two, x, z, NULL), TCONV_OK);
    for (int i = 0; i < 2 * 10 * 12; i++) {
        const int h = i / 12 % 10, v = i % 12;

        if (h > 0 && h < 9 && v > 0 && v < 11)
            assert_true(fabs(y[i] - z[i]) < 1e-12);
    }
}

/* Alike for all offsets of a pixel; bounded; and the bits of these seeds. */
static void random_fillers(void **state)
{
    const tconv_tensor weights = DENSE(TCONV_NCX, 8, 3, 3, 3);
    const tconv_tensor last = DENSE(TCONV_NXC, 8, 3, 3, 3);
    tconv_desc desc = tconv_desc_default(2);
    const double limit = sqrt(6.0 / 27.0);
    double sum = 0.0;

    (void)state;
    desc.op = TCONV_CONV;
    assert_int_equal(tconv_fill_weights(TCONV_FILL_HE, &desc, 1, &weights, w, NULL), TCONV_OK);
    assert_int_equal(tconv_fill_weights(TCONV_FILL_HE, &desc, 1, &last, s, NULL), TCONV_OK);
    for (int i = 0; i < 216; i++) {
        assert_true(fabs(w[i]) <= limit);
        sum += w[i];
        /* The layout does not matter: (a, b, k) of NCX is (a, k, b) of NXC. */
        assert_true(w[i] == s[i / 27 * 27 + i % 9 * 3 + i / 9 % 3]);
    }
    assert_true(fabs(sum / 216.0) < limit / 4.0);
    assert_int_equal(tconv_fill_weights(TCONV_FILL_HE, &desc, 2, &weights, s, NULL), TCONV_OK);
    assert_true(memcmp(w, s, 216 * sizeof *w) != 0);
    desc.stride[0] = desc.stride[1] = 2;
    assert_int_equal(tconv_fill_weights(TCONV_FILL_ICNR, &desc, 1, &weights, w, NULL), TCONV_OK);
    for (int i = 0; i < 216; i++)
        assert_true(w[i] == w[i / 108 * 108 + i % 27]);
    assert_int_equal(tconv_fill_weights(TCONV_FILL_XAVIER, &desc, 1, &weights, w, NULL),
                     TCONV_OK);
}

/* Hits counted one by one, from every input of a long row. */
static int64_t brute(int64_t kernel, int64_t stride, int64_t dilation, int64_t pad, int64_t o)
{
    int64_t count = 0;

    for (int64_t i = -200; i <= 200; i++)
        for (int64_t k = 0; k < kernel; k++)
            count += i * stride - pad + k * dilation == o;
    return count;
}

static void overlap_is_counted(void **state)
{
    struct rng rng = {12};

    (void)state;
    for (int round = 0; round < 300; round++) {
        const int64_t kernel = rng_between(&rng, 1, 9);
        tconv_desc desc = tconv_desc_default(1);
        tconv_overlap overlap = {.struct_size = sizeof overlap};
        int64_t least = INT64_MAX, most = 0;

        desc.stride[0] = rng_between(&rng, 1, 6);
        desc.dilation[0] = rng_between(&rng, 1, 4);
        desc.pad_begin[0] = rng_between(&rng, -5, 5);
        assert_int_equal(tconv_overlap_of(&desc, &kernel, &overlap, NULL), TCONV_OK);
        for (int64_t o = 0; o < desc.stride[0]; o++) {
            const int64_t want = brute(kernel, desc.stride[0], desc.dilation[0],
                                       desc.pad_begin[0], o);

            assert_int_equal(tconv_overlap_count(&desc, &kernel, 0, o), want);
            least = want < least ? want : least;
            most = want > most ? want : most;
        }
        assert_int_equal(overlap.least, least);
        assert_int_equal(overlap.most, most);
        assert_int_equal(overlap.even, least == most);
    }
}

static void overlap_of_k3_s2(void **state)
{
    const int64_t three[2] = {3, 3}, four[2] = {4, 4};
    tconv_desc desc = tconv_desc_default(2);
    tconv_overlap overlap = {.struct_size = sizeof overlap};
    char text[512];
    int seen[5] = {0};

    (void)state;
    desc.stride[0] = desc.stride[1] = 2;
    for (int h = 0; h < 2; h++)
        for (int v = 0; v < 2; v++)
            seen[tconv_overlap_count(&desc, three, 0, h) *
                 tconv_overlap_count(&desc, three, 1, v)]++;
    assert_true(seen[1] == 1 && seen[2] == 2 && seen[4] == 1);
    assert_int_equal(tconv_overlap_of(&desc, three, &overlap, NULL), TCONV_OK);
    assert_true(!overlap.even && overlap.least == 1 && overlap.most == 4);
    assert_true(overlap.contrast == 0.6);
    assert_true(tconv_overlap_describe(&desc, three, text, sizeof text) == strlen(text));
    assert_non_null(strstr(text, "uneven"));
    assert_non_null(strstr(text, "4 x 4"));
    assert_int_equal(tconv_overlap_of(&desc, four, &overlap, NULL), TCONV_OK);
    assert_true(overlap.even && overlap.most == 4);
    (void)tconv_overlap_describe(&desc, four, text, sizeof text);
    assert_non_null(strstr(text, "even, every output is hit 4 times"));
}

static void expect(tconv_status got, tconv_status want, const tconv_error *error,
                   const char *word)
{
    assert_int_equal(got, want);
    if (strstr(error->message, word) == NULL)
        fail_msg("\"%s\" does not say %s", error->message, word);
}

static void misuse(void **state)
{
    const tconv_tensor in = DENSE(TCONV_NCX, 1, 4, 2, 2), out = DENSE(TCONV_NCX, 1, 1, 4, 4);
    const tconv_tensor other = DENSE(TCONV_NCX, 1, 1, 4), weights = DENSE(TCONV_NCX, 4, 1, 4, 4);
    const tconv_tensor sub = DENSE(TCONV_NCX, 4, 4, 2, 2);
    const int64_t two[2] = {2, 2}, zero[2] = {0, 2}, huge[2] = {INT64_MAX, 1};
    tconv_tensor shared = out;
    tconv_desc desc = tconv_desc_default(2);
    tconv_overlap overlap = {.struct_size = 1};
    static const double bad[1] = {-1.0};
    tconv_batch_norm norm = {NULL, NULL, bad, bad, 1e-5};
    tconv_error e;

    (void)state;
#define NULLS TCONV_ERR_NULL_POINTER, &e
#define WRONG TCONV_ERR_INVALID_ARGUMENT, &e
    expect(tconv_pixel_shuffle(NULL, &out, two, x, y, &e), NULLS, "input");
    expect(tconv_pixel_shuffle(&in, NULL, two, x, y, &e), NULLS, "output");
    expect(tconv_pixel_shuffle(&in, &out, NULL, x, y, &e), NULLS, "factor");
    expect(tconv_pixel_shuffle(&in, &out, two, NULL, y, &e), NULLS, "x is NULL");
    expect(tconv_pixel_shuffle(&in, &out, two, x, NULL, &e), NULLS, "y is NULL");
    expect(tconv_pixel_shuffle(&in, &other, two, x, y, &e), WRONG, "rank");
    expect(tconv_pixel_shuffle(&in, &out, zero, x, y, &e), WRONG, "factor[0]");
    expect(tconv_pixel_shuffle(&in, &out, huge, x, y, &e), WRONG, "factor");
    expect(tconv_pixel_unshuffle(&in, &out, two, x, y, &e), WRONG, "spatial size");
    shared.stride[3] = 0;
    expect(tconv_pixel_shuffle(&in, &shared, two, x, y, &e), WRONG, "share a place");
    expect(tconv_resize((tconv_resize_mode)7, &in, &out, two, x, y, &e), WRONG, "mode");
    expect(tconv_resize(TCONV_RESIZE_LINEAR, &in, &out, two, x, y, &e), WRONG, "channels");
    expect(tconv_weights_to_subpixel(NULL, 1, &weights, w, &sub, s, &e), NULLS, "stride");
    expect(tconv_weights_to_subpixel(two, 3, &weights, w, &sub, s, &e), WRONG, "groups");
    expect(tconv_weights_to_subpixel(two, 2, &weights, w, &sub, s, &e), WRONG, "size[0]");
    expect(tconv_weights_from_subpixel(zero, 1, &sub, s, &weights, w, &e), WRONG, "stride[0]");
    expect(tconv_weights_from_subpixel(huge, 1, &sub, s, &weights, w, &e), WRONG, "stride");
    expect(tconv_fold_batch_norm(TCONV_CONV, 1, NULL, &weights, w, y, &e), NULLS, "norm");
    expect(tconv_fold_batch_norm((tconv_op)5, 1, &norm, &weights, w, y, &e), WRONG, "op");
    expect(tconv_fold_batch_norm(TCONV_CONV, 3, &norm, &weights, w, y, &e), WRONG, "groups");
    expect(tconv_fold_batch_norm(TCONV_CONV_TRANSPOSE, 1, &norm, &weights, w, y, &e), WRONG,
           "variance[0]");
    expect(tconv_fill_weights(TCONV_FILL_HE, NULL, 1, &weights, w, &e), NULLS, "desc");
    expect(tconv_fill_weights((tconv_filler)9, &desc, 1, &weights, w, &e), WRONG, "filler");
    expect(tconv_fill_weights(TCONV_FILL_ICNR, &desc, 1, &weights, w, &e), WRONG, "ICNR");
    expect(tconv_fill_weights(TCONV_FILL_HE, &desc, 1, &other, w, &e), WRONG, "spatial_rank");
    desc.op = TCONV_CONV;
    expect(tconv_fill_weights(TCONV_FILL_BILINEAR, &desc, 1, &weights, w, &e), WRONG, "bilinear");
    expect(tconv_overlap_of(NULL, two, &overlap, &e), NULLS, "desc");
    expect(tconv_overlap_of(&desc, two, &overlap, &e), WRONG, "struct_size");
    overlap.struct_size = sizeof overlap;
    expect(tconv_overlap_of(&desc, two, &overlap, &e), WRONG, "only a transposed");
    desc.op = TCONV_CONV_TRANSPOSE;
    expect(tconv_overlap_of(&desc, zero, &overlap, &e), WRONG, "kernel[0]");
    expect(tconv_overlap_of(&desc, huge, &overlap, &e), TCONV_ERR_TOO_LARGE, &e, "kernel[0]");
    assert_int_equal(tconv_overlap_count(&desc, two, 2, 0), 0);
    assert_int_equal(tconv_overlap_describe(&desc, zero, NULL, 0), 0);
}

int main(int argc, char **argv)
{
    struct suite suite = {.name = "extra"};

#define ADD(test) suite_add(&suite, test, NULL, NULL, NULL, "extra/" #test)
    ADD(shuffle_is_pytorchs);
    ADD(unshuffle_is_the_inverse);
    ADD(resizing);
    ADD(subpixel_is_the_same);
    ADD(batch_norm_folds);
    ADD(bilinear_interpolates);
    ADD(random_fillers);
    ADD(overlap_is_counted);
    ADD(overlap_of_k3_s2);
    ADD(misuse);
    return suite_run(&suite, argc, argv) != 0;
}
