#include "support/sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/check.h"
#include "support/rng.h"

static double *array(int64_t count)
{
    double *memory = calloc((size_t)count + 1, sizeof *memory);

    assert_non_null(memory);
    return memory;
}

static void dense(tconv_tensor *tensor, int rank, const int64_t *size)
{
    assert_int_equal(tconv_tensor_dense(tensor, TCONV_F64, TCONV_NCX, rank, size, NULL),
                     TCONV_OK);
}

void reference_run(const struct problem *problem, const double *x, const double *w,
                   const struct vectors *vectors, double *y)
{
    const int rank = problem_rank(problem);
    tconv_options options = tconv_options_default();
    tconv_buffers buffers = tconv_buffers_default();
    tconv_tensor input, weights, output;
    int64_t size[TCONV_MAX_DIMS];
    tconv_error error = {TCONV_OK, ""};
    tconv_status status;
    struct axes g;

    assert_true(axes_of(problem, &g));
    axes_output_size(problem, &g, size);
    dense(&input, rank, problem->input);
    dense(&weights, rank, problem->weights);
    dense(&output, rank, size);
    if (vectors->before != NULL)
        memcpy(y, vectors->before, (size_t)elements(size, rank) * sizeof *y);
    options.algorithm = TCONV_ALGORITHM_REFERENCE;
    options.threads = 1;
    buffers.input = x;
    buffers.output = y;
    buffers.bias = vectors->bias;
    buffers.scale = vectors->scale;
    buffers.shift = vectors->shift;
    status = problem->desc.op == TCONV_CONV
                 ? tconv_conv(&problem->desc, &input, &weights, &output, &options, w, &buffers,
                              &error)
                 : tconv_conv_transpose(&problem->desc, &input, &weights, &output, &options, w,
                                        &buffers, &error);
    if (status != TCONV_OK)
        fail_msg("the reference refuses: %s", error.message);
}

static struct vectors vectors_of(const struct sample *s)
{
    const tconv_epilogue *e = &s->problem.desc.epilogue;

    return (struct vectors){
        .bias = e->bias_length != 0 ? s->bias : NULL,
        .scale = e->scale_length != 0 ? s->scale : NULL,
        .shift = e->shift_length != 0 ? s->shift : NULL,
        .before = e->accumulate ? s->before : NULL,
    };
}

static double *absolute(const double *values, int64_t count)
{
    double *copy = array(count);

    for (int64_t i = 0; i < count; i++)
        copy[i] = fabs(values[i]);
    return copy;
}

/* The magnitude is the same problem on absolute values, unactivated. */
static void run_absolute(struct sample *s)
{
    struct problem plain = s->problem;
    double *x = absolute(s->x, s->x_count), *w = absolute(s->w, s->w_count);
    double *bias = absolute(s->bias, s->channels);
    double *scale = absolute(s->scale, s->channels);
    double *shift = absolute(s->shift, s->channels);
    double *before = absolute(s->before, s->y_count);
    struct vectors v = vectors_of(s);

    v.bias = v.bias != NULL ? bias : NULL;
    v.scale = v.scale != NULL ? scale : NULL;
    v.shift = v.shift != NULL ? shift : NULL;
    v.before = v.before != NULL ? before : NULL;
    plain.desc.epilogue.activation = TCONV_ACTIVATION_NONE;
    s->oracle(&plain, x, w, &v, s->magnitude);
    free(x);
    free(w);
    free(bias);
    free(scale);
    free(shift);
    free(before);
}

void sample_refresh(struct sample *s)
{
    const struct vectors v = vectors_of(s);

    if (s->oracle == NULL)
        return;
    s->oracle(&s->problem, s->x, s->w, &v, s->want);
    run_absolute(s);
}

static void fill_array(struct rng *rng, double *values, int64_t count, tconv_dtype dtype,
                       enum fill fill)
{
    for (int64_t i = 0; i < count; i++)
        values[i] = fill == FILL_INTEGER    ? (double)rng_between(rng, -4, 4)
                    : dtype == TCONV_F32 ? rng_float(rng)
                                         : rng_double(rng);
}

/*
 * One rounding per product and per addition of a sum of C_in / groups * taps
 * products (the first is added to zero, exactly), and one per operation of the
 * epilogue; the slope of a leaky ReLU may be rounded too.
 */
static double count_roundings(const struct sample *s)
{
    const tconv_epilogue *e = &s->problem.desc.epilogue;
    const int64_t ic = s->problem.input[1] / s->problem.desc.groups;

    return (double)(ic * axes_taps(&s->axes)) + (e->bias_length != 0) +
           (e->scale_length != 0) + (e->shift_length != 0) + (e->accumulate != 0) +
           (e->activation == TCONV_ACTIVATION_LEAKY_RELU ? 2.0 : 0.0);
}

void sample_create_with(struct sample *s, const struct problem *problem,
                        tconv_dtype dtype, enum fill fill, uint64_t seed,
                        oracle_run *oracle)
{
    struct rng rng = {seed};

    memset(s, 0, sizeof *s);
    s->problem = *problem;
    s->dtype = dtype;
    s->oracle = oracle;
    assert_true(axes_of(problem, &s->axes));
    axes_output_size(problem, &s->axes, s->output);
    s->x_count = elements(problem->input, problem_rank(problem));
    s->w_count = elements(problem->weights, problem_rank(problem));
    s->y_count = elements(s->output, problem_rank(problem));
    s->channels = problem_out_channels(problem);
    s->bound_terms = count_roundings(s);
    s->x = array(s->x_count);
    s->w = array(s->w_count);
    s->bias = array(s->channels);
    s->scale = array(s->channels);
    s->shift = array(s->channels);
    s->before = array(s->y_count);
    s->want = array(s->y_count);
    s->magnitude = array(s->y_count);
    fill_array(&rng, s->x, s->x_count, dtype, fill);
    fill_array(&rng, s->w, s->w_count, dtype, fill);
    fill_array(&rng, s->bias, s->channels, dtype, fill);
    fill_array(&rng, s->scale, s->channels, dtype, fill);
    fill_array(&rng, s->shift, s->channels, dtype, fill);
    fill_array(&rng, s->before, s->y_count, dtype, fill);
    sample_refresh(s);
}

void sample_create(struct sample *s, const struct problem *problem, tconv_dtype dtype,
                   enum fill fill, uint64_t seed)
{
    sample_create_with(s, problem, dtype, fill, seed, reference_run);
}

void sample_destroy(struct sample *s)
{
    free(s->x);
    free(s->w);
    free(s->bias);
    free(s->scale);
    free(s->shift);
    free(s->before);
    free(s->want);
    free(s->magnitude);
    memset(s, 0, sizeof *s);
}
