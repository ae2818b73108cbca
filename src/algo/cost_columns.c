/*
 * cost_columns.c - how long the algorithms of columns would take: gemm, columns, bf16x3
 *
 * As cost.c says: sums of factors that were fitted.
 */
#include <math.h>

#include "algo/cost.h"
#include "base/checked.h"
#include "base/cpu.h"
#include "blas/gemm.h"

#define W (TCV_AXES - 1)

/* A row of im2col. */
#define GATHERED_ROW 2000.0

/* Bytes from one input of a row of im2col to the next, as far as it matters. */
static double gather_step(const struct tcv_problem *p)
{
    return fmin(4096.0, fabs((double)p->axis[W].down * (double)p->x.s[W]) *
                            (double)tcv_dtype_bytes(p->dtype));
}

/*
 * What an element of a column costs more because its neighbours go to outputs with other taps: all
 * of them, if the kernel is longer than the row, and none if it is a quarter of it, as then it is
 * few.  Lanes share it.
 */
static double column_alone(const struct tcv_problem *p, const struct tcv_gemm_grid *g)
{
    const struct tcv_axis *w = &p->axis[W];
    const bool joined = g->blocks == 1 && p->groups == 1 && tcv_gemm_joins(w);
    const double taps = ceil((double)w->kernel / (double)w->stride);
    double lanes = 1.0;

    if (g->order == TCV_GEMM_RUNS)
        lanes = (double)g->run_block;
    if (g->order == TCV_GEMM_CHANNELS)
        lanes = (double)(g->oc_block * (joined ? w->stride : 1));
    return 700.0 * fmin(1.0, fmax(0.0, (taps - 1.0) / (double)w->in - 0.25)) / lanes;
}

/*
 * An element of a column: im2col picks them one by one, a row of outputs at a time, from further
 * apart the larger the step from one output to the next; col2im adds runs of them.
 */
static double column_cost(const struct tcv_problem *p, const struct tcv_setup *setup)
{
    const struct tcv_gemm_grid *g = &setup->gemm;

    if (tcv_gathers(p))
        return 25.0 + 0.2 * gather_step(p) + GATHERED_ROW / (double)setup->gather.extent[W];
    if (g->order == TCV_GEMM_PLANAR)
        return 17.4 + column_alone(p, g);
    return 17.4 + column_alone(p, g) +
           51.0 / (double)(g->order == TCV_GEMM_RUNS ? p->axis[W].stride : g->oc_block);
}

/* Pixels of all tiles together over those of the input: halos that are computed twice. */
static double columns_again(const struct tcv_gemm_grid *g)
{
    double again = 1.0;

    for (int a = 0; a < TCV_AXES; a++)
        if (a != g->sweep && !g->axis[a].whole)
            again *= (double)g->axis[a].extent / (double)g->axis[a].block;
    return again;
}

/* A tile of columns' part in the outputs: those of a row are interleaved, or stored in runs. */
static double columns_store(const struct tcv_problem *p, const struct tcv_gemm_grid *g,
                            const struct tcv_cost_sizes *s)
{
    const bool joined = g->blocks == 1 && p->groups == 1 && tcv_gemm_joins(&p->axis[W]);
    const double channels = (double)g->oc_block, phases = (double)p->axis[W].stride;
    const double alone = column_alone(p, g) * s->columns;

    if (g->order == TCV_GEMM_PLANAR)
        return alone + 20.0 * s->columns +
               (tcv_cost_interleaves_slowly(p) ? 105.0 : 0.0) * s->outputs +
               766.0 * s->outputs / (double)p->axis[W].out;
    if (g->order == TCV_GEMM_RUNS)
        return alone + 1.7 * s->columns + 100.0 * s->outputs;
    if (g->straight)
        return TCV_COST_STRAIGHT * s->outputs;
    return alone + 10.5 * s->columns +
           (6.9 + (joined ? 371.0 / (channels * phases) : 216.0 / channels)) * s->outputs;
}

/* im2col by columns, for each block of rows, and products of positions in whole vectors. */
static double gathered_cost(const struct tcv_problem *p, const struct tcv_gather_grid *g)
{
    const double positions = (double)g->positions, width = (double)g->width;
    const double output = p->y.c == 1 && p->oc > 1 ? 40.0 : 5.4; /* one by one, or in rows */
    const struct tcv_cost_sizes s = tcv_cost_sizes_of(p);

    return fmax(1.2 * ceil(positions / width) * width / positions * s.products, 7.3 * s.weights) +
           (8.3 + 0.033 * gather_step(p) + GATHERED_ROW / (double)g->extent[W]) *
               (double)g->row_blocks * s.columns +
           (output + 120.0 / (double)p->axis[W].out) * s.outputs + 8.5 * s.inputs +
           1.9 * TCV_COST_CALL;
}

/*
 * Products of pixels in whole vectors (PLANAR) or pairs, or reading the weights; inputs once for
 * each block.  By pixels, a product was fitted with 32 registers, where it takes the less the fewer
 * the channels are, and so the nearer the weights; with 16 it takes more.
 */
double tcv_columns_cost(const struct tcv_problem *p, const struct tcv_setup *setup)
{
    const struct tcv_gemm_grid *g = &setup->gemm;
    const bool planar = g->order == TCV_GEMM_PLANAR;
    const double unit = planar ? (double)g->means.width : 2.0, pixels = (double)g->pixels;
    const double blocks = (double)g->blocks;
    struct tcv_cost_sizes s = tcv_cost_sizes_of(p);
    const double by_pixels = setup->direct_kernels.registers < 32
                                 ? 1.15
                                 : 1.02 + 0.1 * fmin(1.0, (double)p->ic / 512.0);
    const double product = g->order == TCV_GEMM_CHANNELS ? by_pixels : 1.1;
    double positions, products; /* of all groups and blocks */

    if (tcv_gathers(p))
        return gathered_cost(p, &setup->gather);
    positions = s.inputs / (double)p->ic * blocks;
    products = columns_again(g) * positions / pixels * ceil(pixels / unit) * unit *
               (double)g->rows * (double)p->ic;
    s.columns *= columns_again(g);
    return product * fmax(products, 7.3 * s.weights) +
           columns_store(p, g, &s) +
           (!g->packs ? 1.0 : planar ? 12.5 : 8.0) * positions * (double)p->ic +
           (planar ? 7.5e4 : 0.0) * positions / pixels + 0.8 * TCV_COST_CALL;
}

/* Multiply-adds of one call up to which OpenBLAS 0.3.21 leaves its operands where they are. */
#define SMALL_PRODUCT 1.0e6

/*
 * OpenBLAS 0.3.21 knows few processors and takes AVX2 on the others, half the rate, or less.  Those
 * that it knows have kernels for small products, which are faster.
 */
double tcv_gemm_cost(const struct tcv_problem *p, const struct tcv_setup *setup)
{
    const struct tcv_gemm_grid *g = &setup->gemm;
    const double bytes =
        (double)setup->direct_kernels.width * (double)tcv_dtype_bytes(p->dtype);
    const double slower = fmax(1.0, bytes / (double)tcv_gemm_rate_bytes());
    const bool small = !tcv_gathers(p) && slower <= 1.0 &&
                       (double)g->rows * (double)g->pixels * (double)p->ic <= SMALL_PRODUCT;
    const bool one_by_one = g->order == TCV_GEMM_PLANAR && tcv_cost_interleaves_slowly(p);
    const struct tcv_cost_sizes s = tcv_cost_sizes_of(p);

    return (small ? 0.76 : 1.3) * slower * s.products + column_cost(p, setup) * s.columns +
           (one_by_one ? 100.0 : 13.5) * s.outputs + 20.0 * s.inputs + 9.0 * s.weights +
           (small ? 1.0 : 1.5) * TCV_COST_CALL;
}

/*
 * An output of bf16x3 by columns: a share of what its row costs (PLANAR) or its run of phases
 * (RUNS), and the columns that are added to its first; or its run of channels and, where those
 * can follow each other, phases.
 */
static double columns_output(const struct tcv_problem *p, const struct tcv_gemm_grid *g,
                             const struct tcv_cost_sizes *s)
{
    const double channels = (double)g->oc_block, row = (double)p->axis[W].out;
    const double added = 8.0 * fmax(0.0, s->columns / s->outputs - 1.0);
    const bool joined = g->blocks == 1 && p->groups == 1 && tcv_gemm_joins(&p->axis[W]);

    if (g->order == TCV_GEMM_PLANAR)
        return (tcv_cost_interleaves_slowly(p) ? 66.0 : 11.0) + 11.0e3 / (row * channels) + added;
    if (g->order == TCV_GEMM_RUNS)
        return 11.0 + 620.0 / (double)g->run_block + added;
    return 11.0 + 780.0 / (joined ? channels * (double)p->axis[W].stride : channels);
}

/*
 * Fitted to networks.txt by columns alone, in a slower hour than the others.  So all factors are
 * 0.66 of that: then the cheaper form was the faster one on most layers measured in both.
 */
double tcv_bf16x3_columns_cost(const struct tcv_problem *p, const struct tcv_setup *setup)
{
    const struct tcv_gemm_grid *g = &setup->gemm;
    const double ic = TCV_BF16X3_STEP * ceil((double)p->ic / TCV_BF16X3_STEP);
    const double blocks = (double)p->groups * (double)g->blocks;
    const double rows = blocks * (double)g->rows;
    /* Of a weight: from memory if no cache keeps them between executions. */
    const double read = setup->packed_bytes > TCV_STREAM_BYTES ? 30.0 : 17.0;
    const struct tcv_cost_sizes s = tcv_cost_sizes_of(p);
    double pixels = (double)p->batch;

    for (int a = 0; a < TCV_AXES; a++)
        pixels *= (double)p->axis[a].in;
    return pixels * (rows * (0.5 * ic + 3.4 * ceil(ic / (double)g->ic_block)) +
                     22.0 * blocks * ic) +
           column_alone(p, g) * s.columns + columns_output(p, g, &s) * s.outputs +
           read * rows * ic + 0.66 * TCV_COST_CALL;
}
