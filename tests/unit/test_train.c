/*
 * test_train.c - docs/examples/train: losses, layers and optimisers against finite differences
 * and against steps worked by hand
 */
#include <math.h>
#include <string.h>

#include "support/suite.h"
#include "train/loss.h"
#include "train/optimizer.h"
#include "train/random.h"

static const float targets[24] = {0.3f, -0.2f, 1.0f, 0.0f, 0.6f, -1.0f};
static const uint8_t labels[8] = {0, 2, 1, 1, 0, 2, 2, 0};

static double squared(const struct field *y)
{
    return loss_squared(y, targets);
}

static double absolute(const struct field *y)
{
    return loss_absolute(y, targets);
}

static double cross_entropy(const struct field *y)
{
    return loss_cross_entropy(y, labels);
}

static double binary(const struct field *y)
{
    return loss_binary(y, 0.3);
}

typedef double loss_function(const struct field *y);

static void randomise(float *values, int64_t count, double most, uint64_t seed)
{
    struct random random = {seed};

    for (int64_t i = 0; i < count; i++)
        values[i] = (float)random_between(&random, -most, most);
}

/* d loss / d *at by a central difference; floats leave it about 1e-3 of relative error. */
static double slope_at(float *at, struct network *net, const struct field *y, loss_function *loss)
{
    const float kept = *at, step = 0x1p-7f;
    double above, below;

    *at = kept + step;
    if (net != NULL)
        network_forward(net);
    above = loss(y);
    *at = kept - step;
    if (net != NULL)
        network_forward(net);
    below = loss(y);
    *at = kept;
    return (above - below) / (2.0 * (double)step);
}

static void loss_has_its_gradient(loss_function *loss)
{
    float value[24], gradient[24] = {0}, told[24];
    const struct field y = {
        .tensor = {TCONV_F32, 4, {2, 3, 2, 2}, {12, 4, 2, 1}},
        .value = value,
        .gradient = gradient,
    };

    randomise(value, 24, 2.0, 1);
    loss(&y);
    memcpy(told, gradient, sizeof told);
    for (int i = 0; i < 24; i++) {
        const double slope = slope_at(&value[i], NULL, &y, loss);

        assert_true(fabs((double)told[i] - slope) < 2e-4);
    }
}

static void losses_have_their_gradients(void **state)
{
    (void)state;
    loss_has_its_gradient(squared);
    loss_has_its_gradient(absolute);
    loss_has_its_gradient(cross_entropy);
    loss_has_its_gradient(binary);
}

static void losses_are_what_they_say(void **state)
{
    float value[4] = {1.0f, 2.0f, -1.0f, 0.5f}, gradient[4] = {0};
    const float target[4] = {0.0f, 2.0f, 1.0f, 0.0f};
    const struct field y = {
        .tensor = {TCONV_F32, 4, {1, 2, 1, 2}, {4, 2, 2, 1}},
        .value = value,
        .gradient = gradient,
    };
    const uint8_t label[2] = {0, 1};

    (void)state;
    assert_true(fabs(loss_squared(&y, target) - (1.0 + 0.0 + 4.0 + 0.25) / 4.0) < 1e-12);
    assert_true(fabs(loss_absolute(&y, target) - (1.0 + 0.0 + 2.0 + 0.5) / 4.0) < 1e-12);
    /* Channels 1, -1 and label 0, then 2, 0.5 and label 1. */
    assert_true(fabs(loss_cross_entropy(&y, label) -
                     0.5 * (log(1.0 + exp(-2.0)) + log(1.0 + exp(1.5)))) < 1e-12);
    assert_true(fabs(loss_binary(&y, 1.0) - 0.25 * (log(1.0 + exp(-1.0)) + log(1.0 + exp(-2.0)) +
                                                    log(1.0 + exp(1.0)) + log(1.0 + exp(-0.5)))) <
                1e-12);
}

/* Down by 2 and up again beside what was kept, so that one field has two readers. */
static void network_has_its_gradient(void **state)
{
    const struct layer_kind wide = {TCONV_CONV, 2, 3, 1, 1, TCONV_ACTIVATION_TANH, 0.0};
    const struct layer_kind down = {TCONV_CONV, 3, 2, 2, 0, TCONV_ACTIVATION_SIGMOID, 0.0};
    const struct layer_kind up = {TCONV_CONV_TRANSPOSE, 2, 2, 2, 0, TCONV_ACTIVATION_NONE, 0.0};
    const struct layer_kind last = {TCONV_CONV, 1, 1, 1, 0, TCONV_ACTIVATION_NONE, 0.0};
    static float told[256];
    struct network net;
    struct field *x, *joined, *kept, *y;

    (void)state;
    network_begin(&net, 5, 1, TRAINED);
    x = network_input(&net, 1, 1, 4, 6);
    joined = network_field(&net, 1, 4, 4, 6);
    kept = network_layer(&net, x, &wide, network_channels(&net, joined, 0, 2));
    network_layer(&net, network_layer(&net, kept, &down, NULL), &up,
                  network_channels(&net, joined, 2, 2));
    y = network_layer(&net, joined, &last, NULL);
    randomise(x->value, 24, 1.0, 2);
    network_forward(&net);
    squared(y);
    network_backward(&net);
    assert_true(net.parameters.count < 256);
    memcpy(told, net.parameters.gradient, (size_t)net.parameters.count * sizeof *told);
    for (int64_t i = 0; i < net.parameters.count; i++) {
        const double slope = slope_at(&net.parameters.value[i], &net, y, squared);

        assert_true(fabs((double)told[i] - slope) < 1e-3 * (1.0 + fabs(slope)));
    }
    network_free(&net);
}

/* Two steps with gradients 1 and 3. */
static void optimizers_step(void **state)
{
    float value = 1.0f, gradient = 1.0f, mean = 0.0f, square = 0.0f;
    struct parameters p = {1, &value, &gradient, &mean, &square};
    struct optimizer sgd = {OPTIMIZER_SGD, 0.1, 0.5, 0.0, 0};
    struct optimizer adam = {OPTIMIZER_ADAM, 0.1, 0.9, 0.99, 0};

    (void)state;
    optimizer_step(&sgd, &p);
    assert_true(fabs((double)value - 0.9) < 1e-6 && gradient == 0.0f);
    gradient = 3.0f;
    optimizer_step(&sgd, &p);
    assert_true(fabs((double)value - (0.9 - 0.1 * 3.5)) < 1e-6);

    value = 1.0f, gradient = 1.0f, mean = 0.0f;
    optimizer_step(&adam, &p); /* the first step of Adam is the rate, whatever the gradient */
    assert_true(fabs((double)value - 0.9) < 1e-6);
    gradient = 3.0f;
    optimizer_step(&adam, &p);
    assert_true(fabs((double)value - (0.9 - 0.1 * ((0.09 + 0.3) / 0.19) /
                                                sqrt((0.0099 + 0.09) / 0.0199))) < 1e-5);
    assert_int_equal(adam.steps, 2);
}

int main(int argc, char **argv)
{
    struct suite suite = {.name = "train"};

#define ADD(test) suite_add(&suite, test, NULL, NULL, NULL, "train/" #test)
    ADD(losses_have_their_gradients);
    ADD(losses_are_what_they_say);
    ADD(network_has_its_gradient);
    ADD(optimizers_step);
    return suite_run(&suite, argc, argv) != 0;
}
