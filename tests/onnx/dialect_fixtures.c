/*
 * dialect_fixtures.c - what other systems say a small problem gives
 *
 * All agree on the scatter full[i * s + t * d] += x[i] * w[t], of length
 * F = (I - 1) s + (k - 1) d + 1.  They differ in the window of it that they
 * call the output: where it begins (pb) and how long it is (O).  A fixture whose
 * rule is one of tconv's own uses that; the others name pb and O outright:
 *
 *   PyTorch        pb = p, O = F - 2p + op, or any output_size of the s from
 *                  F - 2p on
 *   TensorFlow,    SAME: pb = floor(max(F - O, 0) / 2), tconv's same-upper;
 *   Keras          VALID: pb = 0, O of TensorFlow given, of Keras
 *                  (I - 1) s + max(k, s)
 *   ONNX           output_shape: pb by auto_pad and operator set
 *   ONNX Runtime   SAME without output_shape crops max(k - s, 0), so O < I s
 *                  where k < s
 *   OpenVINO       output_shape: SAME_UPPER crops the larger half FIRST;
 *                  SAME without output_shape crops nothing
 *   JAX            SAME: O = I s, pb = floor((k - s) / 2) for s < k; the kernel
 *                  is flipped against all others unless transpose_kernel=True
 *
 * One axis, one channel, x = 1, 2, 3 and w = 1, 10, 100 ...: each digit of an
 * output tells which input met which tap.  Small integers are exact in any
 * order of summation, so every algorithm must give these very numbers.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "support/close.h"
#include "support/suite.h"

#define MAX_ALGORITHMS 16
#define MAX_OUTPUTS 16
#define INPUTS 3

/* What is not named is as in tconv_desc_default(). */
struct fixture {
    const char *name;
    tconv_auto_pad auto_pad;
    int64_t taps; /* w[taps], 1 10 100 ... */
    int64_t stride, dilation;
    int64_t pad_begin, pad_end;
    int64_t output_padding, output_size;
    bool flipped; /* w is ... 100 10 1 */
    int64_t outputs;
    double want[MAX_OUTPUTS];
};

/* The numbers that a fixture gives, with their count. */
#define GIVES(...)                                                              \
    .want = {__VA_ARGS__},                                                      \
    .outputs = (int64_t)(sizeof((double[]){__VA_ARGS__}) / sizeof(double))

static const struct fixture fixtures[] = {
    {"neutral/k3-s2", .taps = 3, .stride = 2, GIVES(1, 10, 102, 20, 203, 30, 300)},
    {"neutral/k3-s2-p1", .taps = 3, .stride = 2, .pad_begin = 1, .pad_end = 1,
     GIVES(10, 102, 20, 203, 30)},
    /* output padding uncovers what the crop at the end took */
    {"neutral/k3-s2-p1-op1", .taps = 3, .stride = 2, .pad_begin = 1, .pad_end = 1,
     .output_padding = 1, GIVES(10, 102, 20, 203, 30, 300)},
    /* and past F there is nothing to uncover */
    {"neutral/k3-s2-op1", .taps = 3, .stride = 2, .output_padding = 1,
     GIVES(1, 10, 102, 20, 203, 30, 300, 0)},
    {"neutral/k3-s1-d2", .taps = 3, .dilation = 2, GIVES(1, 2, 13, 20, 130, 200, 300)},
    {"neutral/k2-s3-gaps", .taps = 2, .stride = 3, GIVES(1, 10, 0, 2, 20, 0, 3, 30)},

    {"pytorch/k3-s2-p1-op1", .taps = 3, .stride = 2, .pad_begin = 1, .pad_end = 1,
     .output_padding = 1, GIVES(10, 102, 20, 203, 30, 300)},
    {"pytorch/k3-s2-p1-output_size5", .taps = 3, .stride = 2, .pad_begin = 1,
     .output_size = 5, GIVES(10, 102, 20, 203, 30)},
    {"pytorch/k3-s2-p1-output_size6", .taps = 3, .stride = 2, .pad_begin = 1,
     .output_size = 6, GIVES(10, 102, 20, 203, 30, 300)},
    {"pytorch/k2-s3", .auto_pad = TCONV_PAD_VALID, .taps = 2, .stride = 3,
     GIVES(1, 10, 0, 2, 20, 0, 3, 30)},

    {"tensorflow/same-k3-s2-O6", .auto_pad = TCONV_PAD_SAME_UPPER, .taps = 3, .stride = 2,
     GIVES(1, 10, 102, 20, 203, 30)},
    {"tensorflow/same-k3-s2-O5", .auto_pad = TCONV_PAD_SAME_UPPER, .taps = 3, .stride = 2,
     .output_size = 5, GIVES(10, 102, 20, 203, 30)},
    {"tensorflow/same-k4-s2-O6", .auto_pad = TCONV_PAD_SAME_UPPER, .taps = 4, .stride = 2,
     GIVES(10, 102, 1020, 203, 2030, 300)},
    {"tensorflow/same-k2-s3-O9", .auto_pad = TCONV_PAD_SAME_UPPER, .taps = 2, .stride = 3,
     GIVES(1, 10, 0, 2, 20, 0, 3, 30, 0)},
    /* two outputs to add, both at the end: halving them would be another rule */
    {"tensorflow/same-k2-s4-O12", .auto_pad = TCONV_PAD_SAME_UPPER, .taps = 2, .stride = 4,
     GIVES(1, 10, 0, 0, 2, 20, 0, 0, 3, 30, 0, 0)},
    {"tensorflow/same-k5-s3-O9", .auto_pad = TCONV_PAD_SAME_UPPER, .taps = 5, .stride = 3,
     GIVES(10, 100, 1002, 10020, 200, 2003, 20030, 300, 3000)},
    {"tensorflow/valid-k3-s2-O7", .auto_pad = TCONV_PAD_VALID, .taps = 3, .stride = 2,
     GIVES(1, 10, 102, 20, 203, 30, 300)},
    {"tensorflow/valid-k3-s2-O8", .taps = 3, .stride = 2, .output_size = 8,
     GIVES(1, 10, 102, 20, 203, 30, 300, 0)},
    {"keras/same-k3-s2-op0", .auto_pad = TCONV_PAD_SAME_UPPER, .taps = 3, .stride = 2,
     .output_size = 5, GIVES(10, 102, 20, 203, 30)},
    {"keras/same-k3-s2-op1", .auto_pad = TCONV_PAD_SAME_UPPER, .taps = 3, .stride = 2,
     .output_size = 6, GIVES(1, 10, 102, 20, 203, 30)},
    {"keras/valid-k2-s3-O9", .taps = 2, .stride = 3, .output_size = 9,
     GIVES(1, 10, 0, 2, 20, 0, 3, 30, 0)},

    {"onnx/opset11-notset-output_shape6", .taps = 3, .stride = 2, .pad_begin = 1,
     .output_size = 6, GIVES(10, 102, 20, 203, 30, 300)},
    {"onnx/opset11-same_lower-output_shape6", .auto_pad = TCONV_PAD_SAME_LOWER, .taps = 3,
     .stride = 2, .output_size = 6, GIVES(10, 102, 20, 203, 30, 300)},
    {"onnx/opset1-notset-output_shape6", .taps = 3, .stride = 2, .output_size = 6,
     GIVES(1, 10, 102, 20, 203, 30)},
    {"onnx/same_upper-k2-s3-text", .auto_pad = TCONV_PAD_SAME_UPPER, .taps = 2, .stride = 3,
     GIVES(1, 10, 0, 2, 20, 0, 3, 30, 0)},
    {"onnxruntime/same_upper-k2-s3", .taps = 2, .stride = 3, .output_size = 8,
     GIVES(1, 10, 0, 2, 20, 0, 3, 30)},

    {"openvino/same_upper-output_shape6", .taps = 3, .stride = 2, .pad_begin = 1,
     .output_size = 6, GIVES(10, 102, 20, 203, 30, 300)},
    {"openvino/same_lower-output_shape6", .taps = 3, .stride = 2, .output_size = 6,
     GIVES(1, 10, 102, 20, 203, 30)},
    {"openvino/same_upper-alone", .taps = 3, .stride = 2,
     GIVES(1, 10, 102, 20, 203, 30, 300)},

    {"jax/same-transpose_kernel", .taps = 3, .stride = 2, .output_size = 6,
     GIVES(1, 10, 102, 20, 203, 30)},
    {"jax/same-default", .taps = 3, .stride = 2, .output_size = 6, .flipped = true,
     GIVES(100, 10, 201, 20, 302, 30)},
};

/* Fixtures that say no more than the size of the output. */
struct size_fixture {
    const char *name;
    int32_t axes;
    int64_t input[TCONV_MAX_SPATIAL], taps[TCONV_MAX_SPATIAL], stride[TCONV_MAX_SPATIAL];
    int64_t pad[TCONV_MAX_SPATIAL]; /* at both ends, at the beginning with output_size */
    int64_t output_padding[TCONV_MAX_SPATIAL], output_size[TCONV_MAX_SPATIAL];
    int64_t dilation; /* of every axis */
    int64_t want[TCONV_MAX_SPATIAL];
};

static const struct size_fixture size_fixtures[] = {
    {"pytorch/22", 1, {4}, {4}, {3}, {1}, {2}, {0}, 4, {22}},
    /* an output padding of 3 is above the stride and below the dilation */
    {"pytorch/22x22", 2, {4, 4}, {4, 5}, {3, 2}, {1, 2}, {2, 3}, {0}, 4, {22, 22}},
    {"pytorch/22x22x19", 3, {4, 4, 4}, {4, 5, 6}, {3, 2, 1}, {1, 2, 3}, {2, 3, 1}, {0}, 4,
     {22, 22, 19}},
    {"openvino/447", 1, {224}, {3}, {2}, {1}, {0}, {0}, 1, {447}},
    {"openvino/8", 1, {2}, {3}, {3}, {0}, {2}, {0}, 1, {8}},
    /* F = 226: 224 outputs are added, half of them before the first */
    {"openvino/450", 1, {224}, {3}, {1}, {-112}, {0}, {450}, 1, {450}},
};

struct fixture_case {
    const struct fixture *fixture;
    tconv_algorithm algorithm;
    tconv_dtype dtype;
    enum placement placement;
    struct sample sample;
    struct arena arena;
};

static struct problem problem_of(const struct fixture *f)
{
    struct problem p = {.desc = tconv_desc_default(1),
                        .input = {1, 1, INPUTS},
                        .weights = {1, 1, f->taps}};

    p.desc.auto_pad = f->auto_pad;
    p.desc.stride[0] = f->stride != 0 ? f->stride : 1;
    p.desc.dilation[0] = f->dilation != 0 ? f->dilation : 1;
    p.desc.pad_begin[0] = f->pad_begin;
    p.desc.pad_end[0] = f->pad_end;
    p.desc.output_padding[0] = f->output_padding;
    p.desc.output_size[0] = f->output_size;
    return p;
}

static void assert_size(const struct problem *p, const int64_t *want)
{
    tconv_tensor x, w;
    int64_t size[TCONV_MAX_DIMS];
    tconv_error error = {TCONV_OK, ""};
    const int rank = problem_rank(p);

    if (tconv_tensor_dense(&x, TCONV_F32, TCONV_NCX, rank, p->input, &error) ||
        tconv_tensor_dense(&w, TCONV_F32, TCONV_NCX, rank, p->weights, &error) ||
        tconv_output_shape(&p->desc, &x, &w, size, &error))
        fail_msg("%s", error.message);
    assert_int_equal(size[0], 1);
    assert_int_equal(size[1], 1);
    for (int i = 2; i < rank; i++)
        assert_int_equal(size[i], want[i - 2]);
}

/* x = 1, 2, 3 and w = 1, 10, 100 ..., or from the last tap to the first. */
static void load_sample(struct fixture_case *c)
{
    const struct fixture *f = c->fixture;
    const struct problem problem = problem_of(f);
    struct sample *s = &c->sample;
    double power = 1.0;

    assert_size(&problem, &f->outputs);
    sample_create(s, &problem, c->dtype, FILL_INTEGER, 1);
    assert_int_equal(s->y_count, f->outputs);
    for (int64_t i = 0; i < INPUTS; i++)
        s->x[i] = (double)(i + 1);
    for (int64_t t = 0; t < f->taps; t++, power *= 10.0)
        s->w[f->flipped ? f->taps - 1 - t : t] = power;
    sample_refresh(s);
    memcpy(s->want, f->want, (size_t)f->outputs * sizeof *f->want);
}

static void gives_these_numbers(void **state)
{
    struct fixture_case *c = *state;
    const struct arena_case how = {
        .algorithm = c->algorithm, .placement = c->placement, .scratch = 0xA5};

    load_sample(c);
    if (arena_create(&c->arena, &c->sample, &how) != TCONV_OK) {
        if (c->arena.error.status != TCONV_ERR_UNSUPPORTED ||
            (c->algorithm != TCONV_ALGORITHM_WINOGRAD && c->algorithm != TCONV_ALGORITHM_BF16X3))
            fail_msg("%s", c->arena.error.message);
        skip();
    }
    arena_execute(&c->arena);
    assert_field_exact(&c->sample, &c->arena.y);
}

static int tear_down(void **state)
{
    struct fixture_case *c = *state;

    arena_destroy(&c->arena);
    sample_destroy(&c->sample);
    return 0;
}

static void has_this_size(void **state)
{
    const struct size_fixture *f = *state;
    struct problem p = {.desc = tconv_desc_default(f->axes), .input = {1, 1}, .weights = {1, 1}};

    for (int32_t i = 0; i < f->axes; i++) {
        p.input[2 + i] = f->input[i];
        p.weights[2 + i] = f->taps[i];
        p.desc.stride[i] = f->stride[i];
        p.desc.dilation[i] = f->dilation;
        p.desc.pad_begin[i] = f->pad[i];
        p.desc.pad_end[i] = f->output_size[i] != 0 ? 0 : f->pad[i];
        p.desc.output_padding[i] = f->output_padding[i];
        p.desc.output_size[i] = f->output_size[i];
    }
    assert_size(&p, f->want);
}

static void add_cases(struct suite *suite, struct fixture_case *first, const struct fixture *f)
{
    static const tconv_dtype dtypes[] = {TCONV_F32, TCONV_F64};
    struct fixture_case *c = first;

    for (int a = 0; a < MAX_ALGORITHMS && tconv_algorithm_name((tconv_algorithm)a) != NULL; a++) {
        for (size_t t = 0; t < ARRAY_LEN(dtypes); t++) {
            for (int place = 0; place < PLACEMENTS; place++, c++) {
                c->fixture = f;
                c->algorithm = (tconv_algorithm)a;
                c->dtype = dtypes[t];
                c->placement = (enum placement)place;
                suite_add(suite, gives_these_numbers, NULL, tear_down, c, "dialect/%s/%s/%s/%s",
                          tconv_algorithm_name(c->algorithm), dtype_name(c->dtype),
                          placement_name(c->placement), f->name);
            }
        }
    }
}

int main(int argc, char **argv)
{
    static struct fixture_case cases[ARRAY_LEN(fixtures)][MAX_ALGORITHMS * 2 * PLACEMENTS];
    struct suite suite = {.name = "dialect"};

    for (size_t i = 0; i < ARRAY_LEN(fixtures); i++)
        add_cases(&suite, cases[i], &fixtures[i]);
    for (size_t i = 0; i < ARRAY_LEN(size_fixtures); i++)
        suite_add(&suite, has_this_size, NULL, NULL, (void *)(uintptr_t)&size_fixtures[i],
                  "dialect/size/%s", size_fixtures[i].name);
    return suite_run(&suite, argc, argv) != 0;
}
