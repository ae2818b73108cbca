/*
 * run_weights.c - `tconv run --op backward-weights`: gradients of weights and bias
 */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/npy.h"
#include "cli/outfile.h"
#include "cli/problem.h"
#include "cli/run.h"

/* All that one run owns. */
struct run {
    struct tcv_npy input, grad;
    struct tcv_outfile file; /* one at a time */
    struct tcv_cli_problem problem;
    struct tcv_shape weights, bias; /* as stored */
    tconv_gradient *gradient;
    void *x, *dy, *dw, *db, *workspace;
};

static void release(struct run *run)
{
    tcv_outfile_discard(&run->file);
    tcv_npy_close(&run->input);
    tcv_npy_close(&run->grad);
    tconv_gradient_destroy(run->gradient);
    free(run->x);
    free(run->dy);
    free(run->dw);
    free(run->db);
    free(run->workspace);
}

static int open_files(struct run *run, const struct tcv_run_options *o)
{
    int status;

    if ((status = tcv_npy_open(&run->input, o->input)) != TCV_EXIT_OK ||
        (status = tcv_npy_open(&run->grad, o->grad_output)) != TCV_EXIT_OK)
        return status;
    if (run->input.dtype != run->grad.dtype)
        return tcv_cli_fail("%s holds %s and %s holds %s; they must be of one type",
                            run->input.shape.name, tcv_cli_dtype_name(run->input.dtype),
                            run->grad.shape.name, tcv_cli_dtype_name(run->grad.dtype));
    return TCV_EXIT_OK;
}

static int prepare(struct run *run, const struct tcv_run_options *o)
{
    const struct tcv_cli_problem *const p = &run->problem;
    tconv_error error;

    if (tconv_gradient_create(&p->desc, &p->input, &p->weights, &p->output, &o->plan.options,
                              &run->gradient, &error) != TCONV_OK)
        return tcv_cli_fail("%s with %s: %s", o->input, o->grad_output, error.message);
    run->weights = (struct tcv_shape){o->output, p->weights.rank, {0}};
    memcpy(run->weights.size, p->weights.size, sizeof run->weights.size);
    run->bias = (struct tcv_shape){o->bias_output, 1, {p->output.size[1]}};
    return TCV_EXIT_OK;
}

static int allocate(const struct tcv_shape *shape, tconv_dtype dtype, void **memory_out)
{
    size_t bytes;
    const int status = tcv_shape_bytes(shape, tcv_cli_dtype_bytes(dtype), &bytes);

    if (status != TCV_EXIT_OK)
        return status;
    *memory_out = malloc(bytes > 0 ? bytes : 1);
    return *memory_out != NULL
               ? TCV_EXIT_OK
               : tcv_cli_fail("out of memory: %s needs %zu bytes", shape->name, bytes);
}

static int compute(struct run *run, const struct tcv_run_options *o)
{
    tconv_gradient_buffers buffers = tconv_gradient_buffers_default();
    tconv_error error;
    int status;

    if ((status = tcv_npy_read(&run->input, &run->x)) != TCV_EXIT_OK ||
        (status = tcv_npy_read(&run->grad, &run->dy)) != TCV_EXIT_OK ||
        (status = allocate(&run->weights, run->input.dtype, &run->dw)) != TCV_EXIT_OK ||
        (o->bias_output != NULL &&
         (status = allocate(&run->bias, run->input.dtype, &run->db)) != TCV_EXIT_OK))
        return status;
    buffers.workspace_bytes = tconv_gradient_workspace_size(run->gradient);
    run->workspace = malloc(buffers.workspace_bytes + 1);
    if (run->workspace == NULL)
        return tcv_cli_fail("out of memory: the workspace needs %zu bytes",
                            buffers.workspace_bytes);
    buffers.input = run->x;
    buffers.grad_output = run->dy;
    buffers.grad_weights = run->dw;
    buffers.grad_bias = run->db;
    buffers.workspace = run->workspace;
    if (tconv_gradient_execute(run->gradient, &buffers, &error) != TCONV_OK)
        return tcv_cli_fail("%s with %s: %s", o->input, o->grad_output, error.message);
    return TCV_EXIT_OK;
}

static int write(const char *path, tconv_dtype dtype, const struct tcv_shape *shape,
                 const void *data, struct tcv_outfile *file)
{
    int status = tcv_outfile_open(file, path);

    if (status == TCV_EXIT_OK)
        status = tcv_npy_write(file, dtype, shape, data);
    return status != TCV_EXIT_OK ? status : tcv_outfile_commit(file);
}

/* One file after the other: of the two, the bias is the one that can be had again at once. */
static int run_with(struct run *run, const struct tcv_run_options *o)
{
    const tconv_dtype *const dtype = &run->input.dtype;
    int status;

    if ((status = open_files(run, o)) != TCV_EXIT_OK ||
        (status = tcv_cli_problem_backward_weights(&o->geometry, o->plan.layout, &o->kernel_size,
                                                   *dtype, &run->input.shape, &run->grad.shape,
                                                   &run->problem)) != TCV_EXIT_OK ||
        (status = prepare(run, o)) != TCV_EXIT_OK || (status = compute(run, o)) != TCV_EXIT_OK ||
        (status = write(o->output, *dtype, &run->weights, run->dw, &run->file)) != TCV_EXIT_OK)
        return status;
    return o->bias_output == NULL
               ? TCV_EXIT_OK
               : write(o->bias_output, *dtype, &run->bias, run->db, &run->file);
}

int tcv_cli_run_weights(const struct tcv_run_options *options)
{
    struct run run;
    int status;

    memset(&run, 0, sizeof run);
    status = run_with(&run, options);
    release(&run);
    return status;
}
