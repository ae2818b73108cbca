/*
 * test_gradient.c - gradients of weights, bias, data and activations
 *
 * The reference against what a gradient is: the operation is linear in its weights,
 * so dw[j] = <dy, T(x, e_j)> with e_j all zeros but for weight j, T being the naive
 * oracle of tests/support.  direct against the reference, in every type and placement,
 * with the same bits for every number of threads and least workspace.
 */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/generate.h"
#include "support/loops.h"
#include "support/rng.h"
#include "support/sample.h"
#include "support/suite.h"
#include "support/table.h"

enum { SEEDS = 40, WEIGHTS_TRIED = 6 };

struct gradient_case {
    struct problem problem;
    tconv_dtype dtype;
    enum placement placement;
};

static struct sample sample;
static struct field x, dy, dw[2], db[2];
static double *grad; /* dy in double */
static void *scratch;

static int teardown(void **state)
{
    (void)state;
    sample_destroy(&sample);
    field_destroy(&x);
    field_destroy(&dy);
    for (int i = 0; i < 2; i++) {
        field_destroy(&dw[i]);
        field_destroy(&db[i]);
    }
    free(grad);
    free(scratch);
    grad = NULL;
    scratch = NULL;
    return 0;
}

static void prepare(const struct gradient_case *c, int results)
{
    struct problem plain = c->problem;
    const int rank = problem_rank(&plain);
    struct rng rng = {77};

    plain.desc.epilogue = tconv_desc_default(1).epilogue;
    sample_create_with(&sample, &plain, c->dtype, FILL_REAL, 3, NULL);
    grad = calloc((size_t)sample.y_count + 1, sizeof *grad);
    assert_non_null(grad);
    for (int64_t i = 0; i < sample.y_count; i++)
        grad[i] = c->dtype == TCONV_F32 ? rng_float(&rng) : rng_double(&rng);
    field_create(&x, c->dtype, c->placement, 1, rank, plain.input, GUARD_END);
    field_load(&x, sample.x);
    field_create(&dy, c->dtype, c->placement, 2, rank, sample.output, GUARD_BEGIN);
    field_load(&dy, grad);
    for (int i = 0; i < results; i++) {
        const int64_t channels[3] = {1, sample.channels, 1};

        field_create(&dw[i], c->dtype, c->placement, 3, rank, plain.weights, GUARD_END);
        field_create(&db[i], c->dtype, PLACE_NCX, 0, 3, channels, GUARD_END);
    }
}

/* Runs into dw[i], db[i]. */
static void run(int i, tconv_algorithm algorithm, int threads, bool accumulate)
{
    tconv_options options = tconv_options_default();
    tconv_gradient_buffers buffers = tconv_gradient_buffers_default();
    tconv_gradient *gradient;
    tconv_error error = {TCONV_OK, ""};

    options.algorithm = algorithm;
    options.threads = threads;
    if (threads == 3)
        options.parallel_for = loop_reversed;
    if (tconv_gradient_create(&sample.problem.desc, &x.tensor, &dw[i].tensor, &dy.tensor,
                              &options, &gradient, &error) != TCONV_OK)
        fail_msg("refused: %s", error.message);
    buffers.workspace_bytes = tconv_gradient_workspace_size(gradient);
    assert_true(buffers.workspace_bytes <= (size_t)threads * 4u * 1024u * 1024u);
    free(scratch);
    scratch = malloc(buffers.workspace_bytes + 1);
    assert_non_null(scratch);
    memset(scratch, 0xff, buffers.workspace_bytes + 1);
    buffers.workspace = scratch;
    buffers.input = x.data;
    buffers.grad_output = dy.data;
    buffers.grad_weights = dw[i].data;
    buffers.grad_bias = db[i].data;
    buffers.accumulate = accumulate;
    if (tconv_gradient_execute(gradient, &buffers, &error) != TCONV_OK)
        fail_msg("not executed: %s", error.message);
    assert_int_equal(((unsigned char *)scratch)[buffers.workspace_bytes], 0xff);
    assert_true(field_gaps_intact(&dw[i]) && field_gaps_intact(&db[i]));
    tconv_gradient_destroy(gradient);
}

/* Sums of n products, in any order, in the type; and then rounded to it. */
static double bound(const struct gradient_case *c, double n, double magnitude)
{
    const double u = c->dtype == TCONV_F64 ? 0x1p-53 : 0x1p-24;

    return 2.0 * (n + 3.0) * u / (1.0 - (n + 3.0) * u) * magnitude +
           (n + 3.0) * (c->dtype == TCONV_F64 ? DBL_MIN : (double)FLT_MIN);
}

static void reference_is_the_gradient(void **state)
{
    const struct gradient_case *c = *state;
    struct rng rng = {5};
    double *w, *y;

    prepare(c, 1);
    run(0, TCONV_ALGORITHM_REFERENCE, 1, false);
    w = calloc((size_t)sample.w_count + 1, sizeof *w);
    y = calloc((size_t)sample.y_count + 1, sizeof *y);
    assert_true(w != NULL && y != NULL);
    for (int i = 0; i < WEIGHTS_TRIED; i++) {
        const int64_t j = rng_between(&rng, 0, sample.w_count - 1);
        double want = 0.0, magnitude = 0.0;

        w[j] = 1.0;
        naive_run(&sample.problem, sample.x, w, &(struct vectors){NULL, NULL, NULL, NULL}, y);
        w[j] = 0.0;
        for (int64_t o = 0; o < sample.y_count; o++) {
            want += grad[o] * y[o];
            magnitude += fabs(grad[o] * y[o]);
        }
        if (!(fabs(field_get(&dw[0], j) - want) <=
              bound(c, (double)sample.y_count, magnitude)))
            fail_msg("dw[%lld] is %.17g and should be %.17g", (long long)j,
                     field_get(&dw[0], j), want);
    }
    free(w);
    free(y);
    for (int64_t channel = 0; channel < sample.channels; channel++) {
        const int64_t outputs = axes_outputs(&sample.axes);
        double want = 0.0, magnitude = 0.0;

        for (int64_t i = 0; i < sample.y_count; i++)
            if (i / outputs % sample.channels == channel) {
                want += grad[i];
                magnitude += fabs(grad[i]);
            }
        assert_true(fabs(field_get(&db[0], channel) - want) <=
                    bound(c, (double)sample.y_count, magnitude));
    }
}

/* With every factor positive the reference gives the magnitude of each sum. */
static void load_absolute(bool absolute)
{
    for (int64_t i = 0; i < sample.x_count; i++)
        field_set(&x, i, absolute ? fabs(sample.x[i]) : sample.x[i]);
    for (int64_t i = 0; i < sample.y_count; i++)
        field_set(&dy, i, absolute ? fabs(grad[i]) : grad[i]);
}

/*
 * direct into dw[1] against the reference in dw[0], of operands that are as in sample and grad but
 * for what `spoil` did; where the reference is not finite nothing is asked.
 */
static void compare(const struct gradient_case *c, void (*spoil)(void))
{
    double *magnitude = calloc((size_t)sample.w_count + 1, sizeof *magnitude);

    assert_non_null(magnitude);
    load_absolute(true);
    spoil();
    run(0, TCONV_ALGORITHM_REFERENCE, 1, false);
    for (int64_t i = 0; i < sample.w_count; i++)
        magnitude[i] = field_get(&dw[0], i);
    load_absolute(false);
    spoil();
    run(0, TCONV_ALGORITHM_REFERENCE, 1, false);
    run(1, TCONV_ALGORITHM_DIRECT, 1, false);
    for (int64_t i = 0; i < sample.w_count; i++) {
        const double got = field_get(&dw[1], i), want = field_get(&dw[0], i);

        if (isfinite(want) &&
            !(fabs(got - want) <= bound(c, (double)sample.y_count, magnitude[i])))
            fail_msg("dw[%lld] is %.17g and should be %.17g", (long long)i, got, want);
    }
    free(magnitude);
}

static void spoil_nothing(void)
{
}

static void direct_is_close(void **state)
{
    prepare(*state, 2);
    compare(*state, spoil_nothing);
}

static void bits_do_not_depend_on_threads(void **state)
{
    prepare(*state, 2);
    run(0, TCONV_ALGORITHM_AUTO, 1, false);
    run(1, TCONV_ALGORITHM_AUTO, 2, false);
    assert_true(field_same_bits(&dw[0], &dw[1]) && field_same_bits(&db[0], &db[1]));
    run(1, TCONV_ALGORITHM_AUTO, 3, false);
    assert_true(field_same_bits(&dw[0], &dw[1]) && field_same_bits(&db[0], &db[1]));
}

static void accumulating_adds(void **state)
{
    prepare(*state, 2);
    run(0, TCONV_ALGORITHM_AUTO, 1, false);
    run(1, TCONV_ALGORITHM_AUTO, 1, false);
    run(1, TCONV_ALGORITHM_AUTO, 1, true);
    for (int64_t i = 0; i < sample.w_count; i++)
        assert_true(field_get(&dw[1], i) == 2.0 * field_get(&dw[0], i));
    for (int64_t i = 0; i < sample.channels; i++)
        assert_true(fabs(field_get(&db[1], i) - 2.0 * field_get(&db[0], i)) <=
                    0x1p-23 * fabs(field_get(&db[1], i)));
}

static void spoil_one_each(void)
{
    field_set(&x, sample.x_count / 2, (double)INFINITY);
    field_set(&dy, sample.y_count / 3, (double)INFINITY);
}

/* One infinite input and output: the gradient is right wherever the reference is finite. */
static void infinity_does_not_spread(void **state)
{
    prepare(*state, 2);
    if (sample.x_count == 0)
        skip();
    compare(*state, spoil_one_each);
}

/* <y, T(x)> = <A(y), x> to rounding, A being what tconv_desc_adjoint() describes. */
static void adjoint_is_adjoint(void **state)
{
    const struct gradient_case *c = *state;
    struct problem adjoint;
    double *y, *back, left = 0.0, right = 0.0, magnitude = 0.0;
    const struct vectors none = {NULL, NULL, NULL, NULL};
    tconv_error error = {TCONV_OK, ""};
    const int rank = problem_rank(&c->problem);

    prepare(c, 1);
    adjoint = sample.problem;
    if (tconv_desc_adjoint(&sample.problem.desc, &x.tensor, &dw[0].tensor, &adjoint.desc,
                           &error) != TCONV_OK)
        fail_msg("refused: %s", error.message);
    memcpy(adjoint.input, sample.output, (size_t)rank * sizeof adjoint.input[0]);
    y = calloc((size_t)sample.y_count + 1, sizeof *y);
    back = calloc((size_t)sample.x_count + 1, sizeof *back);
    assert_true(y != NULL && back != NULL);
    reference_run(&sample.problem, sample.x, sample.w, &none, y);
    reference_run(&adjoint, grad, sample.w, &none, back);
    for (int64_t i = 0; i < sample.y_count; i++) {
        left += y[i] * grad[i];
        magnitude += fabs(y[i] * grad[i]);
    }
    for (int64_t i = 0; i < sample.x_count; i++) {
        right += back[i] * sample.x[i];
        magnitude += fabs(back[i] * sample.x[i]);
    }
    free(y);
    free(back);
    if (!(fabs(left - right) <= 1e-10 * magnitude + 1e-300))
        fail_msg("<y, T(x)> is %.17g, <A(y), x> is %.17g", left, right);
}

/* dz against (f(z + h) - f(z - h)) / 2h, away from where f has a corner. */
static void activations_are_differentiated(void **state)
{
    const double h = 1e-6, one[1] = {1.0};
    struct problem p = problem_from("mb1ic1oc1_iw1kw1");

    (void)state;
    for (int a = TCONV_ACTIVATION_NONE; a <= TCONV_ACTIVATION_TANH; a++)
        for (int step = -7; step <= 7; step += 2) {
            const double z = step / 4.0, dz_dy = 1.5;
            double at[3] = {z - h, z, z + h}, y[3], dz;

            p.desc.epilogue.activation = (tconv_activation)a;
            p.desc.epilogue.alpha = a == TCONV_ACTIVATION_CLIP ? -0.6 : 0.125;
            p.desc.epilogue.beta = 0.9;
            for (int i = 0; i < 3; i++)
                naive_run(&p, &at[i], one, &(struct vectors){NULL, NULL, NULL, NULL}, &y[i]);
            assert_int_equal(tconv_activation_gradient(&p.desc.epilogue, TCONV_F64, 1, &y[1],
                                                       &dz_dy, &dz, NULL),
                             TCONV_OK);
            if (!(fabs(dz - dz_dy * (y[2] - y[0]) / (2.0 * h)) < 1e-6))
                fail_msg("activation %d at %g: %g", a, z, dz);
        }
}

static struct gradient_case cases[4096];
static size_t case_count;

static void add(struct suite *suite, const struct problem *problem, bool networks)
{
    char text[PROBLEM_TEXT];

    problem_print(problem, text);
    for (int d = TCONV_F32; d <= TCONV_F64; d++)
        for (int place = 0; place < PLACEMENTS; place++) {
            struct gradient_case *c = &cases[case_count++];

            if (case_count > ARRAY_LEN(cases))
                abort();
            *c = (struct gradient_case){*problem, (tconv_dtype)d, (enum placement)place};
#define ADD(test) \
    suite_add(suite, test, NULL, teardown, c, "gradient/" #test "/%s/%s/%s", \
              dtype_name(c->dtype), placement_name(c->placement), text)
            ADD(direct_is_close);
            ADD(bits_do_not_depend_on_threads);
            ADD(infinity_does_not_spread);
            if (networks)
                continue;
            if (place == PLACE_VIEW && d == TCONV_F64) {
                ADD(reference_is_the_gradient);
                ADD(accumulating_adds);
                ADD(adjoint_is_adjoint);
            }
        }
}

int main(int argc, char **argv)
{
    struct suite suite = {.name = "gradient"};
    static const char *const larger[] = {
        "mb3ic40oc33_ih9kh4sh2ph1_iw11kw4sw2pw1",
        "mb2ic300oc9_ih5kh3sh2ph1_iw40kw3sw2pw1",
        "mb5ic7oc50_ih6kh3ph1_iw30kw3pw1+conv",
        "mb2ic20oc280_ih12kh3sh2ph1_iw10kw3sw2pw1+conv",
        "mb1ic3oc2_iw3000kw16sw8pw4",
        "g3mb4ic6oc9_iw700kw7sw2pw3+conv",
        "g40mb2ic40oc40_ih20kh3sh2ph1_iw25kw3sw2pw1",
        "g5mb1ic5oc5_iw900kw4sw4+conv",
        "g19mb2ic19oc19_ih22kh3dh1ph2_iw21kw3dw1pw2",
        "mb2ic17oc1_ih30kh9sh3ph4_iw30kw9sw3pw4",
        "mb2ic2oc30_ih20kh5ph2_iw30kw5pw2+conv",
        "mb1ic40oc3_ih20kh3dh1ph2_iw20kw3dw1pw2",
        "mb1ic30oc3_id4kd4sd2pd1_ih9kh4sh2ph1_iw9kw4sw2pw1",
    };

    for (size_t i = 0; i < nasty_count; i++) {
        const struct problem problem = problem_from(nasty_problems[i]);

        add(&suite, &problem, false);
    }
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        const struct problem problem = generate_problem(seed), conv = generate_conv(seed);

        add(&suite, &problem, false);
        add(&suite, &conv, false);
    }
    for (size_t i = 0; i < ARRAY_LEN(larger); i++) {
        const struct problem problem = problem_from(larger[i]);

        add(&suite, &problem, true);
    }
    suite_add(&suite, activations_are_differentiated, NULL, NULL, NULL,
              "gradient/activations");
    return suite_run(&suite, argc, argv) != 0;
}
