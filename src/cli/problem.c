/*
 * problem.c - from shapes and options to what the library wants
 */
#include "cli/problem.h"

#include <string.h>

#include "cli/cli.h"

static int check_ranks(const struct tcv_shape *input, const struct tcv_shape *weights)
{
    char x[TCV_SHAPE_TEXT_BYTES];
    char w[TCV_SHAPE_TEXT_BYTES];

    if (input->rank != weights->rank)
        return tcv_cli_fail("%s has shape %s and %s has shape %s; "
                            "they must have the same number of dimensions",
                            input->name, tcv_shape_text(input, x), weights->name,
                            tcv_shape_text(weights, w));
    if (input->rank < 2 || input->rank > TCONV_MAX_DIMS)
        return tcv_cli_fail("%s has shape %s; it must have 3 to 5 dimensions (N, C and 1 to 3 "
                            "spatial axes), or 2 for one picture of one channel",
                            input->name, tcv_shape_text(input, x));
    return TCV_EXIT_OK;
}

/* Spreads a list over the spatial axes; a list that was not given stays out. */
static int spread(const char *option, const struct tcv_list *list, int axes, int64_t *values)
{
    if (list->count == 0)
        return TCV_EXIT_OK;
    if (list->count != 1 && list->count != axes)
        return tcv_cli_usage("--%s has %d values; there must be 1 or %d, one per spatial axis",
                             option, list->count, axes);
    for (int a = 0; a < axes; a++)
        values[a] = list->value[list->count == 1 ? 0 : a];
    return TCV_EXIT_OK;
}

static int fill_desc(const struct tcv_geometry_options *g, int axes, tconv_desc *desc)
{
    const bool both_ends = g->output_size.count == 0;
    int status;

    *desc = tconv_desc_default(axes);
    desc->op = g->op;
    desc->auto_pad = g->auto_pad;
    desc->groups = g->groups;
    if ((status = spread("stride", &g->stride, axes, desc->stride)) != TCV_EXIT_OK ||
        (status = spread("dilation", &g->dilation, axes, desc->dilation)) != TCV_EXIT_OK ||
        (status = spread("pad", &g->pad, axes, desc->pad_begin)) != TCV_EXIT_OK ||
        (status = spread("pad-begin", &g->pad_begin, axes, desc->pad_begin)) != TCV_EXIT_OK ||
        (status = spread("pad-end", &g->pad_end, axes, desc->pad_end)) != TCV_EXIT_OK ||
        (status = spread("output-padding", &g->output_padding, axes, desc->output_padding)) !=
            TCV_EXIT_OK ||
        (status = spread("output-size", &g->output_size, axes, desc->output_size)) != TCV_EXIT_OK)
        return status;
    /* With an output size, what is cropped at the end follows from it. */
    return both_ends ? spread("pad", &g->pad, axes, desc->pad_end) : TCV_EXIT_OK;
}

/* The logical size of an array that is stored as shape. */
static void logical_size(const struct tcv_shape *shape, tconv_layout layout, int64_t *size)
{
    const int spatial = shape->rank - 2;

    if (shape->rank == 2) {
        size[0] = size[1] = 1;
        size[2] = shape->size[0];
        size[3] = shape->size[1];
        return;
    }
    memcpy(size, shape->size, sizeof shape->size);
    if (layout == TCONV_NXC) {
        size[1] = shape->size[shape->rank - 1];
        for (int a = 0; a < spatial; a++)
            size[2 + a] = shape->size[1 + a];
    }
}

struct tcv_shape tcv_cli_problem_stored_shape(const struct tcv_cli_problem *problem,
                                              const int64_t *size, const char *name)
{
    const int spatial = problem->desc.spatial_rank;
    const int first = problem->layout == TCONV_NXC ? 1 : 2; /* of the spatial axes */
    struct tcv_shape shape = {name, spatial + 2, {0}};

    if (problem->is_picture) {
        shape.rank = 2;
        memcpy(shape.size, size + 2, 2 * sizeof *size);
        return shape;
    }
    shape.size[0] = size[0];
    shape.size[problem->layout == TCONV_NXC ? spatial + 1 : 1] = size[1];
    for (int a = 0; a < spatial; a++)
        shape.size[first + a] = size[2 + a];
    return shape;
}

int tcv_cli_problem_make(const struct tcv_geometry_options *geometry, tconv_layout layout,
                         tconv_dtype dtype, const struct tcv_shape *input,
                         const struct tcv_shape *weights, struct tcv_cli_problem *problem_out)
{
    struct tcv_cli_problem p;
    tconv_error error;
    int64_t size[TCONV_MAX_DIMS];
    int32_t rank;
    int status = check_ranks(input, weights);

    if (status != TCV_EXIT_OK)
        return status;
    p.is_picture = input->rank == 2;
    p.layout = layout;
    rank = p.is_picture ? 4 : input->rank;
    status = fill_desc(geometry, rank - 2, &p.desc);
    if (status != TCV_EXIT_OK)
        return status;

    logical_size(input, layout, size);
    if (tconv_tensor_dense(&p.input, dtype, layout, rank, size, &error) != TCONV_OK)
        return tcv_cli_fail("%s: %s", input->name, error.message);
    logical_size(weights, TCONV_NCX, size);
    if (tconv_tensor_dense(&p.weights, dtype, TCONV_NCX, rank, size, &error) != TCONV_OK)
        return tcv_cli_fail("%s: %s", weights->name, error.message);
    if (tconv_output_shape(&p.desc, &p.input, &p.weights, size, &error) != TCONV_OK ||
        tconv_tensor_dense(&p.output, dtype, layout, rank, size, &error) != TCONV_OK)
        return tcv_cli_fail("%s with %s: %s", input->name, weights->name, error.message);
    *problem_out = p;
    return TCV_EXIT_OK;
}

static bool same_size(const tconv_tensor *a, const int64_t *size)
{
    return memcmp(a->size, size, (size_t)a->rank * sizeof *size) == 0;
}

/* A forward problem must give outputs of the gradient's shape. */
static int check_gradient(const struct tcv_cli_problem *p, const struct tcv_shape *gradient)
{
    const struct tcv_shape want = tcv_cli_problem_stored_shape(p, p->output.size, "");
    char is[TCV_SHAPE_TEXT_BYTES];
    char must[TCV_SHAPE_TEXT_BYTES];
    int64_t size[TCONV_MAX_DIMS];

    logical_size(gradient, p->layout, size);
    if (same_size(&p->output, size))
        return TCV_EXIT_OK;
    return tcv_cli_fail("%s has shape %s; the operation gives outputs of shape %s",
                        gradient->name, tcv_shape_text(gradient, is), tcv_shape_text(&want, must));
}

/* An array of the command line's sizes, stored as the files are. */
static struct tcv_shape shape_of(const int64_t *size, int rank, tconv_layout layout,
                                 const char *name)
{
    struct tcv_cli_problem like = {.layout = layout};

    like.desc.spatial_rank = rank - 2;
    return tcv_cli_problem_stored_shape(&like, size, name);
}

int tcv_cli_problem_backward_data(const struct tcv_geometry_options *geometry, tconv_layout layout,
                                  const struct tcv_list *input_size, tconv_dtype dtype,
                                  const struct tcv_shape *gradient,
                                  const struct tcv_shape *weights,
                                  struct tcv_cli_problem *problem_out)
{
    struct tcv_cli_problem p;
    struct tcv_shape input;
    tconv_error error;
    int64_t size[TCONV_MAX_DIMS];
    int status = check_ranks(gradient, weights);

    if (status != TCV_EXIT_OK)
        return status;
    if (gradient->rank == 2)
        return tcv_cli_fail("%s has 2 dimensions; a gradient must have 3 to 5", gradient->name);
    logical_size(gradient, layout, size);
    size[1] = weights->size[0];
    status = spread("input-size", input_size, gradient->rank - 2, size + 2);
    if (status != TCV_EXIT_OK)
        return status;
    input = shape_of(size, gradient->rank, layout, "--input-size");
    status = tcv_cli_problem_make(geometry, layout, dtype, &input, weights, &p);
    if (status == TCV_EXIT_OK)
        status = check_gradient(&p, gradient);
    if (status != TCV_EXIT_OK)
        return status;

    *problem_out = p;
    problem_out->input = p.output;
    problem_out->output = p.input;
    if (tconv_desc_adjoint(&p.desc, &p.input, &p.weights, &problem_out->desc, &error) != TCONV_OK)
        return tcv_cli_fail("%s with %s: %s", gradient->name, weights->name, error.message);
    return TCV_EXIT_OK;
}

int tcv_cli_problem_backward_weights(const struct tcv_geometry_options *geometry,
                                     tconv_layout layout, const struct tcv_list *kernel_size,
                                     tconv_dtype dtype, const struct tcv_shape *input,
                                     const struct tcv_shape *gradient,
                                     struct tcv_cli_problem *problem_out)
{
    struct tcv_shape weights;
    int64_t size[TCONV_MAX_DIMS], dy[TCONV_MAX_DIMS];
    int status = check_ranks(input, gradient);

    if (status != TCV_EXIT_OK)
        return status;
    if (input->rank == 2)
        return tcv_cli_fail("%s has 2 dimensions; it must have 3 to 5", input->name);
    logical_size(input, layout, size);
    logical_size(gradient, layout, dy);
    if (dy[1] % geometry->groups != 0)
        return tcv_cli_fail("%s has %lld channels; %lld groups must divide them", gradient->name,
                            (long long)dy[1], (long long)geometry->groups);
    size[0] = size[1];
    size[1] = dy[1] / geometry->groups;
    status = spread("kernel-size", kernel_size, input->rank - 2, size + 2);
    if (status != TCV_EXIT_OK)
        return status;
    weights = shape_of(size, input->rank, TCONV_NCX, "--kernel-size");
    status = tcv_cli_problem_make(geometry, layout, dtype, input, &weights, problem_out);
    return status != TCV_EXIT_OK ? status : check_gradient(problem_out, gradient);
}
