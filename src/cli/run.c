/*
 * run.c - `tconv run`: one operation on arrays in .npy files
 *
 * Everything that the heads of the files can tell is checked before any data
 * is read, and the output file is created before anything is computed: what
 * must fail fails at once.
 */
#include "cli/run.h"

#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/npy.h"
#include "cli/outfile.h"
#include "cli/problem.h"

static const char help[] =
    "Usage: tconv run --input X.npy --weight W.npy [--bias B.npy] --output Y.npy\n"
    "                 [--op conv] [GEOMETRY] [OPTIONS]\n"
    "       tconv run --op backward-data --grad-output DY.npy --weight W.npy\n"
    "                 --input-size SIZE --output DX.npy [GEOMETRY] [OPTIONS]\n"
    "       tconv run --op backward-weights --input X.npy --grad-output DY.npy\n"
    "                 --kernel-size SIZE --output DW.npy [--bias-output DB.npy]\n"
    "                 [GEOMETRY] [OPTIONS]\n"
    "\n"
    "Computes the transposed convolution of X with W, a plain convolution, or a\n"
    "gradient of the first.  X is (N, C_in, spatial...), W (C_in, C_out / groups,\n"
    "kernel...), in a plain convolution (C_out, C_in / groups, kernel...), and B is\n"
    "(C_out); float32 or float64, C order.  A 2-dimensional X with a 2-dimensional W\n"
    "is one picture of one channel.\n"
    "\n" TCV_GEOMETRY_HELP "\n"
    "Options:\n"
    "  --bias FILE          added to each output channel\n" TCV_PLAN_HELP
    "  --activation NAME    none (default), relu, leaky-relu:SLOPE, clip:MIN,MAX,\n"
    "                       sigmoid or tanh\n"
    "  --accumulate         add to what Y.npy holds\n"
    "  --window B:E[,...]   compute and write outputs B to E - 1 of each axis only\n"
    "  --op NAME            forward (default), conv, backward-data, backward-weights\n"
    "  --grad-output FILE   gradient of a loss with respect to the outputs\n"
    "  --input-size SIZE    spatial size of the inputs whose gradient is wanted\n"
    "  --kernel-size SIZE   spatial size of the weights whose gradient is wanted\n"
    "  --bias-output FILE   receives the gradient of the bias\n"
    "  --help               print this text\n"
    "\n"
    "Examples:\n"
    "  tconv run --input x.npy --weight w.npy --output y.npy --stride 2 --pad 1\n"
    "  tconv run --input x.npy --weight w.npy --bias b.npy --output y.npy \\\n"
    "            --stride 2,1 --output-size 64,33 --activation leaky-relu:0.2\n"
    "  tconv run --input x.npy --weight w.npy --output part.npy --window 0:32,16:48\n"
    "  tconv run --op backward-weights --input x.npy --grad-output dy.npy \\\n"
    "            --kernel-size 4 --output dw.npy --bias-output db.npy --stride 2\n"
    "\n" TCV_EXIT_HELP "The output file is complete or absent.\n";

/* All that one run owns. */
struct run {
    struct tcv_npy input, weight, bias, old; /* old: the output to add to */
    struct tcv_outfile file;
    struct tcv_cli_problem problem;
    struct tcv_shape stored; /* of the output file */
    tconv_window window;
    tconv_plan *plan;
    tconv_weights *packed;
    void *x, *b, *y, *workspace;
    size_t workspace_bytes;
};

static void release(struct run *run)
{
    tcv_outfile_discard(&run->file);
    tcv_npy_close(&run->input);
    tcv_npy_close(&run->weight);
    tcv_npy_close(&run->bias);
    tcv_npy_close(&run->old);
    tconv_weights_destroy(run->packed);
    tconv_plan_destroy(run->plan);
    free(run->x);
    free(run->b);
    free(run->y);
    free(run->workspace);
}

static int check_dtype(const struct tcv_npy *first, const struct tcv_npy *other)
{
    if (other->stream != NULL && first->dtype != other->dtype)
        return tcv_cli_fail("%s holds %s and %s holds %s; they must be of one type",
                            first->shape.name, tcv_cli_dtype_name(first->dtype), other->shape.name,
                            tcv_cli_dtype_name(other->dtype));
    return TCV_EXIT_OK;
}

static int open_files(struct run *run, const struct tcv_run_options *o)
{
    int status;

    if ((status = tcv_npy_open(&run->input, o->input)) != TCV_EXIT_OK ||
        (status = tcv_npy_open(&run->weight, o->weight)) != TCV_EXIT_OK)
        return status;
    if (o->bias != NULL && (status = tcv_npy_open(&run->bias, o->bias)) != TCV_EXIT_OK)
        return status;
    if (o->accumulate && (status = tcv_npy_open(&run->old, o->output)) != TCV_EXIT_OK)
        return status;
    if ((status = check_dtype(&run->input, &run->weight)) != TCV_EXIT_OK ||
        (status = check_dtype(&run->input, &run->bias)) != TCV_EXIT_OK)
        return status;
    return check_dtype(&run->input, &run->old);
}

/* The bias must be exactly (C_out,). */
static int set_epilogue(struct run *run, const struct tcv_run_options *o)
{
    tconv_epilogue *const epilogue = &run->problem.desc.epilogue;
    const int64_t channels = run->problem.output.size[1];
    const struct tcv_shape *const bias = &run->bias.shape;
    char text[TCV_SHAPE_TEXT_BYTES];

    epilogue->accumulate = o->accumulate;
    epilogue->activation = o->activation.kind;
    epilogue->alpha = o->activation.alpha;
    epilogue->beta = o->activation.beta;
    if (o->bias == NULL)
        return TCV_EXIT_OK;
    if (bias->rank != 1 || bias->size[0] != channels)
        return tcv_cli_fail("%s has shape %s; the bias must have shape (%lld,), "
                            "one value per output channel",
                            bias->name, tcv_shape_text(bias, text), (long long)channels);
    epilogue->bias_length = channels;
    return TCV_EXIT_OK;
}

/* Finds which outputs to compute, and their shape in the file. */
static int set_window(struct run *run, const struct tcv_run_options *o)
{
    const struct tcv_ranges *const ranges = &o->window;
    const tconv_tensor *const output = &run->problem.output;
    const int axes = output->rank - 2;
    int64_t size[TCONV_MAX_DIMS];
    tconv_tensor part;
    tconv_error error;

    memcpy(size, output->size, sizeof size);
    if (ranges->count > 1 && ranges->count != axes)
        return tcv_cli_usage("--window has %d ranges; there must be 1 or %d, one per spatial axis",
                             ranges->count, axes);
    for (int a = 0; a < axes; a++) {
        const int from = ranges->count == 1 ? 0 : a;
        const int64_t extent = output->size[2 + a];

        run->window.begin[a] = ranges->count == 0 ? 0 : ranges->begin[from];
        run->window.end[a] = ranges->count == 0 ? extent : ranges->end[from];
        if (run->window.end[a] > extent)
            return tcv_cli_fail("--window asks for outputs up to %lld on spatial axis %d, "
                                "and there are %lld",
                                (long long)run->window.end[a], a, (long long)extent);
        size[2 + a] = run->window.end[a] - run->window.begin[a];
    }
    if (tconv_tensor_dense(&part, output->dtype, run->problem.layout, output->rank, size, &error) !=
        TCONV_OK)
        return tcv_cli_fail("%s: %s", o->output, error.message);
    memcpy(run->window.stride, part.stride, sizeof run->window.stride);
    run->stored = tcv_cli_problem_stored_shape(&run->problem, size, o->output);
    return TCV_EXIT_OK;
}

static int check_old_output(const struct run *run)
{
    const struct tcv_shape *const old = &run->old.shape;
    char is[TCV_SHAPE_TEXT_BYTES];
    char must[TCV_SHAPE_TEXT_BYTES];

    if (run->old.stream == NULL ||
        (old->rank == run->stored.rank &&
         memcmp(old->size, run->stored.size, (size_t)old->rank * sizeof old->size[0]) == 0))
        return TCV_EXIT_OK;
    return tcv_cli_fail("%s has shape %s; to be added to it must have shape %s", old->name,
                        tcv_shape_text(old, is), tcv_shape_text(&run->stored, must));
}

static int make_plan(struct run *run, const struct tcv_run_options *o)
{
    const struct tcv_cli_problem *const p = &run->problem;
    tconv_error error;

    if (tconv_plan_create(&p->desc, &p->input, &p->weights, &p->output, &o->plan.options,
                          &run->plan, &error) != TCONV_OK)
        return tcv_cli_fail("%s with %s: %s", o->input, o->weight, error.message);
    run->workspace_bytes = tconv_plan_workspace_size(run->plan);
    return TCV_EXIT_OK;
}

static int allocate(size_t bytes, const char *what, void **memory_out)
{
    *memory_out = bytes > 0 ? malloc(bytes) : NULL;
    if (bytes > 0 && *memory_out == NULL)
        return tcv_cli_fail("out of memory: %s needs %zu bytes", what, bytes);
    return TCV_EXIT_OK;
}

/* The original weights are freed as soon as they are packed. */
static int pack_weights(struct run *run)
{
    tconv_error error;
    void *w;
    int status = tcv_npy_read(&run->weight, &w);

    if (status == TCV_EXIT_OK && tconv_weights_pack(run->plan, w, &run->packed, &error) != TCONV_OK)
        status = tcv_cli_fail("%s: %s", run->weight.shape.name, error.message);
    free(w);
    return status;
}

static int load(struct run *run)
{
    size_t bytes;
    int status;

    if ((status = pack_weights(run)) != TCV_EXIT_OK ||
        (status = tcv_npy_read(&run->input, &run->x)) != TCV_EXIT_OK ||
        (status = allocate(run->workspace_bytes, "the workspace", &run->workspace)) != TCV_EXIT_OK)
        return status;
    if (run->bias.stream != NULL && (status = tcv_npy_read(&run->bias, &run->b)) != TCV_EXIT_OK)
        return status;
    if (run->old.stream != NULL)
        return tcv_npy_read(&run->old, &run->y);
    status = tcv_shape_bytes(&run->stored, tcv_cli_dtype_bytes(run->input.dtype), &bytes);
    return status != TCV_EXIT_OK ? status : allocate(bytes, run->stored.name, &run->y);
}

static int compute(struct run *run)
{
    tconv_buffers buffers = tconv_buffers_default();
    tconv_error error;

    buffers.input = run->x;
    buffers.output = run->y;
    buffers.bias = run->b;
    buffers.workspace = run->workspace;
    buffers.workspace_bytes = run->workspace_bytes;
    if (tconv_execute(run->plan, run->packed, &buffers, &run->window, &error) != TCONV_OK)
        return tcv_cli_fail("%s with %s: %s", run->input.shape.name, run->weight.shape.name,
                            error.message);
    return TCV_EXIT_OK;
}

static int make_problem(struct run *run, const struct tcv_run_options *o)
{
    if (o->operation == TCV_BACKWARD_DATA)
        return tcv_cli_problem_backward_data(&o->geometry, o->plan.layout, &o->input_size,
                                             run->input.dtype, &run->input.shape,
                                             &run->weight.shape, &run->problem);
    return tcv_cli_problem_make(&o->geometry, o->plan.layout, run->input.dtype, &run->input.shape,
                                &run->weight.shape, &run->problem);
}

static int run_with(struct run *run, const struct tcv_run_options *o)
{
    int status;

    if ((status = open_files(run, o)) != TCV_EXIT_OK ||
        (status = make_problem(run, o)) != TCV_EXIT_OK ||
        (status = set_epilogue(run, o)) != TCV_EXIT_OK ||
        (status = set_window(run, o)) != TCV_EXIT_OK ||
        (status = check_old_output(run)) != TCV_EXIT_OK ||
        (status = make_plan(run, o)) != TCV_EXIT_OK ||
        (status = tcv_outfile_open(&run->file, o->output)) != TCV_EXIT_OK ||
        (status = load(run)) != TCV_EXIT_OK || (status = compute(run)) != TCV_EXIT_OK ||
        (status = tcv_npy_write(&run->file, run->input.dtype, &run->stored, run->y)) != TCV_EXIT_OK)
        return status;
    return tcv_outfile_commit(&run->file);
}

int tcv_cli_run(int argc, char **argv)
{
    struct tcv_run_options options;
    struct run run;
    bool wants_help;
    int status = tcv_run_options_read(argc, argv, &options, &wants_help);

    if (status != TCV_EXIT_OK)
        return status;
    if (wants_help)
        return tcv_cli_print(help);
    if (options.operation == TCV_BACKWARD_WEIGHTS)
        return tcv_cli_run_weights(&options);
    if (options.operation == TCV_BACKWARD_DATA)
        options.input = options.grad_output; /* the input of the operation that is run */
    memset(&run, 0, sizeof run);
    status = run_with(&run, &options);
    release(&run);
    return status;
}
