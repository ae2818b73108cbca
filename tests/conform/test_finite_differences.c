/*
 * test_finite_differences.c - every gradient against (L(v + h) - L(v - h)) / 2h, in double
 *
 * L = <g, activation(op(x, w) + b)> with random g.  Its gradients by x, w and b are put together
 * as a training does it, from the public functions alone: activation, then weights and bias, then
 * the adjoint operation.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/generate.h"
#include "support/rng.h"
#include "support/suite.h"

enum { SEEDS = 150, TRIED = 5 };

struct difference_case {
    struct problem problem;
    tconv_layout layout;
};

/* All that one case computes with. */
struct setting {
    tconv_desc desc;
    tconv_tensor x, w, y;
    int64_t x_count, w_count, y_count, b_count;
    double *input, *weights, *bias, *output, *loss_slope, *before;
    double *grad_input, *grad_weights, *grad_bias;
};

static double *numbers(int64_t count, struct rng *rng)
{
    double *const values = calloc((size_t)count + 1, sizeof *values);

    assert_non_null(values);
    for (int64_t i = 0; rng != NULL && i < count; i++)
        values[i] = rng_double(rng);
    return values;
}

static struct setting begin(const struct difference_case *c, tconv_activation activation)
{
    const struct problem *const p = &c->problem;
    const int rank = problem_rank(p);
    struct setting s = {.desc = p->desc, .b_count = problem_out_channels(p)};
    struct rng rng = {99};
    int64_t y_size[TCONV_MAX_DIMS];

    s.desc.epilogue = tconv_desc_default(1).epilogue;
    s.desc.epilogue.bias_length = s.b_count;
    s.desc.epilogue.activation = activation;
    assert_int_equal(tconv_tensor_dense(&s.x, TCONV_F64, c->layout, rank, p->input, NULL), 0);
    assert_int_equal(tconv_tensor_dense(&s.w, TCONV_F64, TCONV_NCX, rank, p->weights, NULL), 0);
    assert_int_equal(tconv_output_shape(&s.desc, &s.x, &s.w, y_size, NULL), 0);
    assert_int_equal(tconv_tensor_dense(&s.y, TCONV_F64, c->layout, rank, y_size, NULL), 0);
    s.x_count = elements(p->input, rank);
    s.w_count = elements(p->weights, rank);
    s.y_count = elements(y_size, rank);
    s.input = numbers(s.x_count, &rng);
    s.weights = numbers(s.w_count, &rng);
    s.bias = numbers(s.b_count, &rng);
    s.loss_slope = numbers(s.y_count, &rng);
    s.output = numbers(s.y_count, NULL);
    s.before = numbers(s.y_count, NULL);
    s.grad_input = numbers(s.x_count, NULL);
    s.grad_weights = numbers(s.w_count, NULL);
    s.grad_bias = numbers(s.b_count, NULL);
    return s;
}

static void end(struct setting *s)
{
    double *const all[] = {s->input,  s->weights,    s->bias,         s->loss_slope, s->output,
                           s->before, s->grad_input, s->grad_weights, s->grad_bias};

    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        free(all[i]);
}

static void apply(const tconv_desc *desc, const tconv_tensor *x, const tconv_tensor *w,
                  const tconv_tensor *y, const double *weights, const double *bias,
                  const double *from, double *to)
{
    tconv_buffers buffers = tconv_buffers_default();

    buffers.input = from;
    buffers.output = to;
    buffers.bias = bias;
    assert_int_equal((desc->op == TCONV_CONV ? tconv_conv : tconv_conv_transpose)(
                         desc, x, w, y, NULL, weights, &buffers, NULL),
                     TCONV_OK);
}

static double loss(const struct setting *s)
{
    double sum = 0.0;

    apply(&s->desc, &s->x, &s->w, &s->y, s->weights, s->bias, s->input, s->output);
    for (int64_t i = 0; i < s->y_count; i++)
        sum += s->loss_slope[i] * s->output[i];
    return sum;
}

static void weight_gradients(struct setting *s)
{
    tconv_gradient_buffers buffers = tconv_gradient_buffers_default();
    tconv_gradient *gradient;

    assert_int_equal(tconv_gradient_create(&s->desc, &s->x, &s->w, &s->y, NULL, &gradient, NULL),
                     TCONV_OK);
    buffers.input = s->input;
    buffers.grad_output = s->before;
    buffers.grad_weights = s->grad_weights;
    buffers.grad_bias = s->grad_bias;
    buffers.workspace_bytes = tconv_gradient_workspace_size(gradient);
    buffers.workspace = malloc(buffers.workspace_bytes + 1);
    assert_non_null(buffers.workspace);
    assert_int_equal(tconv_gradient_execute(gradient, &buffers, NULL), TCONV_OK);
    free(buffers.workspace);
    tconv_gradient_destroy(gradient);
}

static void gradients(struct setting *s)
{
    tconv_desc adjoint;

    (void)loss(s);
    assert_int_equal(tconv_activation_gradient(&s->desc.epilogue, TCONV_F64, s->y_count, s->output,
                                               s->loss_slope, s->before, NULL),
                     TCONV_OK);
    weight_gradients(s);
    assert_int_equal(tconv_desc_adjoint(&s->desc, &s->x, &s->w, &adjoint, NULL), TCONV_OK);
    apply(&adjoint, &s->y, &s->w, &s->x, s->weights, NULL, s->before, s->grad_input);
}

/*
 * Some elements of one gradient.  The error of a central difference is h^2 / 6 times a third
 * derivative, of a sum of tanh of magnitude at most `scale`, and rounding of L divided by h: with
 * h = 1e-5 both are below 1e-9 of it.
 */
static void compare(struct setting *s, const char *what, double *at, const double *told,
                    int64_t count, double scale)
{
    const double h = 1e-5;
    struct rng rng = {17};

    for (int i = 0; i < TRIED && count > 0; i++) {
        const int64_t j = rng_between(&rng, 0, count - 1);
        const double kept = at[j];
        double above, below;

        at[j] = kept + h;
        above = loss(s);
        at[j] = kept - h;
        below = loss(s);
        at[j] = kept;
        if (!(fabs(told[j] - (above - below) / (2.0 * h)) <= 1e-8 * scale))
            fail_msg("%s[%lld] is %.12g, the difference %.12g", what, (long long)j, told[j],
                     (above - below) / (2.0 * h));
    }
}

static void gradients_are_slopes(void **state)
{
    static const tconv_activation activations[] = {TCONV_ACTIVATION_NONE, TCONV_ACTIVATION_TANH,
                                                   TCONV_ACTIVATION_SIGMOID};

    for (size_t a = 0; a < ARRAY_LEN(activations); a++) {
        struct setting s = begin(*state, activations[a]);
        const double scale = 1.0 + (double)s.y_count;

        gradients(&s);
        compare(&s, "dx", s.input, s.grad_input, s.x_count, scale);
        compare(&s, "dw", s.weights, s.grad_weights, s.w_count, scale);
        compare(&s, "db", s.bias, s.grad_bias, s.b_count, scale);
        end(&s);
    }
}

int main(int argc, char **argv)
{
    static struct difference_case cases[2 * SEEDS];
    struct suite suite = {.name = "conform_finite_differences"};

    for (int i = 0; i < 2 * SEEDS; i++) {
        char text[PROBLEM_TEXT];

        cases[i].problem = i % 2 == 0 ? generate_problem((uint64_t)i) : generate_conv((uint64_t)i);
        cases[i].layout = i % 4 < 2 ? TCONV_NCX : TCONV_NXC;
        problem_print(&cases[i].problem, text);
        suite_add(&suite, gradients_are_slopes, NULL, NULL, &cases[i], "differences/%s/%s#%d",
                  i % 4 < 2 ? "ncx" : "nxc", text, i);
    }
    return suite_run(&suite, argc, argv) != 0;
}
