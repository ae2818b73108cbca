/*
 * test_zero_signs.c - a sum that is zero has the same sign in any batch
 *
 * Products that underflow can leave -0, and a zero that is added +0.  direct adds more or fewer
 * of those, as images and positions are taken together; a bias and a shift of -0 would show it.
 */
#include <string.h>

#include <tconv/tconv.h>

#include "support/rng.h"
#include "support/suite.h"

enum { IMAGES = 5, IC = 40, OC = 24, IN = 2, KERNEL = 3, OUT = 2 };

static float x[IMAGES][IC * IN * IN], w[IC * OC * KERNEL * KERNEL];
static float y[IMAGES][OC * OUT * OUT], z[IMAGES][OC * OUT * OUT];
static float zeros[OC];

/* Channels first. */
static tconv_tensor tensor_of(int64_t n, int64_t c, int64_t size)
{
    const int64_t sizes[] = {n, c, size, size};
    tconv_tensor tensor;

    assert_int_equal(tconv_tensor_dense(&tensor, TCONV_F32, TCONV_NCX, 4, sizes, NULL), TCONV_OK);
    return tensor;
}

static void compute(int64_t images, const float *input, float *output)
{
    const tconv_tensor input_tensor = tensor_of(images, IC, IN);
    const tconv_tensor weights_tensor = tensor_of(IC, OC, KERNEL);
    const tconv_tensor output_tensor = tensor_of(images, OC, OUT);
    tconv_options options = tconv_options_default();
    tconv_buffers buffers = tconv_buffers_default();
    tconv_desc desc = tconv_desc_default(2);

    for (int a = 0; a < 2; a++)
        desc.pad_begin[a] = desc.pad_end[a] = 1;
    desc.epilogue.bias_length = desc.epilogue.shift_length = OC;
    options.algorithm = TCONV_ALGORITHM_DIRECT;
    buffers.input = input;
    buffers.output = output;
    buffers.bias = buffers.shift = zeros;
    assert_int_equal(tconv_conv_transpose(&desc, &input_tensor, &weights_tensor, &output_tensor,
                                          &options, w, &buffers, NULL),
                     TCONV_OK);
}

static void images_alone_and_together(void **state)
{
    struct rng rng = {31};

    (void)state;
    for (int i = 0; i < OC; i++)
        zeros[i] = -0.0F;
    for (int trial = 0; trial < 20; trial++) {
        for (int n = 0; n < IMAGES; n++)
            for (int i = 0; i < IC * IN * IN; i++)
                x[n][i] = rng_chance(&rng, 30) ? -1e-30F : 1e-30F;
        for (int i = 0; i < IC * OC * KERNEL * KERNEL; i++)
            w[i] = rng_chance(&rng, 50) ? -1e-30F : 1e-30F;
        compute(IMAGES, x[0], y[0]);
        for (int n = 0; n < IMAGES; n++)
            compute(1, x[n], z[n]);
        assert_memory_equal(y, z, sizeof y);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(images_alone_and_together),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
