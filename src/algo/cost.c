/*
 * cost.c - how long an algorithm would take
 *
 * A cost is the time of one thread on the whole output, in multiply-adds of direct's
 * kernels at full rate.  Each is a sum over what the algorithm goes through - products,
 * inputs, outputs, weights, units of work - with a factor that says how many
 * multiply-adds one of those is worth.
 *
 * The factors were fitted to the layers of bench/shapes, both layouts, f32, one thread with
 * AVX-512: docs/decisions/0009 says how.  `tconv-bench --algorithms all` counts how often the
 * cheapest is the fastest.
 */
#include "algo/cost.h"

#include <math.h>

#include "base/checked.h"
#include "base/cpu.h"
#include "blas/gemm.h"

#define W (TCV_AXES - 1)

/* The call: finding its way, and what is not worth a factor of its own. */
#define CALL 8.0e4

struct sizes {
    double inputs, outputs, weights; /* elements */
    double products; /* by the definition */
    double columns;  /* elements of the whole column matrix */
};

static struct sizes sizes_of(const struct tcv_problem *p)
{
    const double images = (double)p->batch * (double)p->groups;
    const double ic = (double)p->ic, oc = (double)p->oc, taps = (double)p->taps;
    double in = images, out = images;
    struct sizes s;

    for (int a = 0; a < TCV_AXES; a++) {
        in *= (double)p->axis[a].in;
        out *= (double)p->axis[a].out;
    }
    s.inputs = in * ic;
    s.outputs = out * oc;
    s.weights = (double)p->groups * ic * oc * taps;
    s.columns = tcv_gathers(p) ? out * ic * taps : in * oc * taps;
    s.products = tcv_gathers(p) ? s.columns * oc : s.columns * ic;
    return s;
}

/* ROWS goes through the positions between rows as well, LANES through pairs. */
static double positions_of(const struct tcv_direct_grid *g)
{
    double positions = 1.0;
    bool outer = false; /* an axis further out has several positions */

    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_direct_axis *ax = &g->axis[a];
        const int64_t between = a == W ? tcv_max(ax->left, ax->right) : ax->left + ax->right;

        positions *= (double)ax->count;
        if (g->family.form == TCV_DIRECT_ROWS && outer)
            positions *= (double)(ax->block + between) / (double)ax->block;
        if (g->family.form != TCV_DIRECT_ROWS && a == W)
            positions *= (double)(ax->block + ax->block % 2) / (double)ax->block;
        outer = outer || ax->count > 1;
    }
    return positions;
}

/* Whether phases of a row are interleaved one by one: col2im's kernels have vectors for few. */
static bool interleaves_slowly(const struct tcv_problem *p)
{
    return p->axis[W].stride > 4 && p->axis[W].stride != 8;
}

/*
 * An output of direct.  LANES stores runs, of channels or of phases, and the shorter they are
 * the more it costs to begin one; so does ROWS of few channels that are neighbours in y.
 */
static double direct_output(const struct tcv_problem *p, const struct tcv_direct_family *f)
{
    const bool joined = f->channels_inside && f->merged && p->groups == 1 && f->blocks == 1;
    double run = (double)p->oc;

    if (!f->channels_inside && (f->form == TCV_DIRECT_ROWS || f->turned))
        return interleaves_slowly(p) ? 96.0 : 13.0;
    if (f->form == TCV_DIRECT_DEPTH)
        run = (double)p->groups;
    else if (!f->channels_inside)
        run = (double)p->axis[W].stride;
    else if (joined)
        run *= (double)p->axis[W].stride;
    return 13.0 + 320.0 / run;
}

/* An input of direct: packed for each block, or once and for all of them, with what tiles share. */
static double direct_input(const struct tcv_problem *p, const struct tcv_direct_grid *g)
{
    double times = g->ic_chunk < p->ic ? (double)g->family.blocks : 1.0;

    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_direct_axis *ax = &g->axis[a];

        times *= (double)(ax->left + ax->block + ax->right) / (double)ax->block;
    }
    return times * (g->family.form == TCV_DIRECT_ROWS && g->family.turned ? 18.0 : 12.5);
}

/*
 * Products, or reading the weights where those come from memory for few of them.  A single
 * position leaves those unread that meet no input.
 */
double tcv_direct_cost(const struct tcv_problem *p, const struct tcv_setup *setup)
{
    const struct tcv_direct_grid *g = &setup->direct;
    const struct sizes s = sizes_of(p);
    const double groups = (double)tcv_direct_groups(p, &g->family);
    const double weights = groups * (double)tcv_direct_group_weights(g);
    const double met = g->skips ? tcv_direct_met(p) : 1.0, positions = positions_of(g);
    const double read = positions > 1.0 ? weights : met * weights;
    double units = (double)tcv_ceil_div(p->batch, g->images) * groups *
                   (double)g->family.blocks;

    for (int a = 0; a < TCV_AXES; a++)
        units *= (double)tcv_ceil_div(g->axis[a].count, g->axis[a].block);
    return fmax(1.12 * met * (double)p->batch * positions * weights, 7.3 * read) +
           direct_output(p, &g->family) * s.outputs + direct_input(p, g) * s.inputs +
           5.5e3 * units + 1.3 * CALL;
}

/* What bf16x3 goes through for all tiles together; the last ones count in part. */
struct tiles_sizes {
    double tiles;     /* of all images and groups */
    double positions; /* of one, as its rows begin tiles of the processor or do not */
    double inputs;    /* packed positions of one */
};

static struct tiles_sizes tiles_of(const struct tcv_problem *p, const struct tcv_direct_grid *g)
{
    struct tiles_sizes t = {(double)p->batch * (double)p->groups, 1.0, 1.0};
    double by_rows = 1.0;
    bool outer = false; /* an axis further out has several positions */

    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_direct_axis *ax = &g->axis[a];
        const int64_t between = a == W ? tcv_max(ax->left, ax->right) : ax->left + ax->right;
        const int64_t width = a == W ? g->family.width : 1;

        t.tiles *= (double)ax->count / (double)ax->block;
        t.inputs *= (double)((ax->left + ax->block + ax->right) * ax->planes);
        t.positions *= (double)(ax->block + (outer ? between : 0));
        by_rows *= (double)(tcv_ceil_div(ax->block, width) * width);
        outer = outer || ax->count > 1;
    }
    t.positions = fmin(t.positions, by_rows);
    return t;
}

/* An output of bf16x3, from rows that are interleaved or stored in runs. */
static double bf16x3_output(const struct tcv_problem *p, const struct tcv_direct_family *f)
{
    const bool joined = f->channels_inside && f->merged && p->groups == 1 && f->blocks == 1;
    double run = (double)(f->channels_inside ? p->oc : p->axis[W].stride);

    if (f->turned)
        return interleaves_slowly(p) ? 100.0 : 18.0;
    return 18.0 + 168.0 / (joined ? run * (double)p->axis[W].stride : run);
}

/* Fitted on a processor with AMX, beside the others' costs there. */
double tcv_bf16x3_cost(const struct tcv_problem *p, const struct tcv_setup *setup)
{
    const struct tcv_direct_grid *g = &setup->direct;
    const struct tiles_sizes t = tiles_of(p, g);
    const double ic = (double)tcv_direct_ic_padded(p, &g->family);
    const double weights = (double)tcv_direct_group_weights(g);
    const double rows = (double)g->c_rows * (double)g->family.blocks;
    const double times = g->ic_chunk < p->ic ? (double)g->family.blocks : 1.0;
    /* Of a weight: from memory if no cache keeps them between executions. */
    const double read = setup->packed_bytes > TCV_STREAM_BYTES ? 40.0 : 19.0;

    return t.tiles * (t.positions * (0.4 * weights + 1.6 * rows) + 33.0 * times * t.inputs * ic +
                      read * weights) +
           bf16x3_output(p, &g->family) * sizes_of(p).outputs + 0.25 * CALL;
}

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
                            const struct sizes *s)
{
    const bool joined = g->blocks == 1 && p->groups == 1 && tcv_gemm_joins(&p->axis[W]);
    const double channels = (double)g->oc_block, phases = (double)p->axis[W].stride;
    const double alone = column_alone(p, g) * s->columns;

    if (g->order == TCV_GEMM_PLANAR)
        return alone + 20.0 * s->columns + (interleaves_slowly(p) ? 105.0 : 0.0) * s->outputs +
               766.0 * s->outputs / (double)p->axis[W].out;
    if (g->order == TCV_GEMM_RUNS)
        return alone + 1.7 * s->columns + 100.0 * s->outputs;
    return alone + 10.5 * s->columns +
           (6.9 + (joined ? 371.0 / (channels * phases) : 216.0 / channels)) * s->outputs;
}

/* im2col by columns, for each block of rows, and products of positions in whole vectors. */
static double gathered_cost(const struct tcv_problem *p, const struct tcv_gather_grid *g)
{
    const double positions = (double)g->positions, width = (double)g->width;
    const double output = p->y.c == 1 && p->oc > 1 ? 40.0 : 5.4; /* one by one, or in rows */
    const struct sizes s = sizes_of(p);

    return fmax(1.2 * ceil(positions / width) * width / positions * s.products, 7.3 * s.weights) +
           (8.3 + 0.033 * gather_step(p) + GATHERED_ROW / (double)g->extent[W]) *
               (double)g->row_blocks * s.columns +
           (output + 120.0 / (double)p->axis[W].out) * s.outputs + 8.5 * s.inputs + 1.9 * CALL;
}

/*
 * Products of pixels in whole vectors (PLANAR) or pairs, or reading the weights; inputs once for
 * each block.
 */
double tcv_columns_cost(const struct tcv_problem *p, const struct tcv_setup *setup)
{
    const struct tcv_gemm_grid *g = &setup->gemm;
    const bool planar = g->order == TCV_GEMM_PLANAR;
    const double unit = planar ? (double)g->means.width : 2.0, pixels = (double)g->pixels;
    const double blocks = (double)g->blocks;
    struct sizes s = sizes_of(p);
    double positions, products; /* of all groups and blocks */

    if (tcv_gathers(p))
        return gathered_cost(p, &setup->gather);
    positions = s.inputs / (double)p->ic * blocks;
    products = columns_again(g) * positions / pixels * ceil(pixels / unit) * unit *
               (double)g->rows * (double)p->ic;
    s.columns *= columns_again(g);
    return (g->order == TCV_GEMM_CHANNELS ? 1.15 : 1.1) * fmax(products, 7.3 * s.weights) +
           columns_store(p, g, &s) +
           (planar ? (g->packs ? 12.5 : 1.0) : 8.0) * positions * (double)p->ic +
           (planar ? 7.5e4 : 0.0) * positions / pixels + 0.8 * CALL;
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
    const bool one_by_one = g->order == TCV_GEMM_PLANAR && interleaves_slowly(p);
    const struct sizes s = sizes_of(p);

    return (small ? 0.76 : 1.3) * slower * s.products + column_cost(p, setup) * s.columns +
           (one_by_one ? 100.0 : 13.5) * s.outputs + 20.0 * s.inputs + 9.0 * s.weights +
           (small ? 1.0 : 1.5) * CALL;
}

/*
 * An output of bf16x3 by columns: a share of what its row costs (PLANAR) or its run of phases
 * (RUNS), and the columns that are added to its first; or its run of channels and, where those
 * can follow each other, phases.
 */
static double columns_output(const struct tcv_problem *p, const struct tcv_gemm_grid *g,
                             const struct sizes *s)
{
    const double channels = (double)g->oc_block, row = (double)p->axis[W].out;
    const double added = 8.0 * fmax(0.0, s->columns / s->outputs - 1.0);
    const bool joined = g->blocks == 1 && p->groups == 1 && tcv_gemm_joins(&p->axis[W]);

    if (g->order == TCV_GEMM_PLANAR)
        return (interleaves_slowly(p) ? 66.0 : 11.0) + 11.0e3 / (row * channels) + added;
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
    const struct sizes s = sizes_of(p);
    double pixels = (double)p->batch;

    for (int a = 0; a < TCV_AXES; a++)
        pixels *= (double)p->axis[a].in;
    return pixels * (rows * (0.5 * ic + 3.4 * ceil(ic / (double)g->ic_block)) +
                     22.0 * blocks * ic) +
           column_alone(p, g) * s.columns + columns_output(p, g, &s) * s.outputs +
           read * rows * ic + 0.66 * CALL;
}

static double tiles_along(const struct tcv_problem *p, const struct tcv_winograd_grid *g, int a)
{
    const struct tcv_window whole = tcv_window_whole(p);
    const struct tcv_winograd_range r = tcv_winograd_tiles(g, a, &whole);

    return (double)(r.last - r.first + 1);
}

/* Points of a unit that are too many for L2 go further away, and come back for each block. */
#define L2_BYTES 1.5e6
#define READ 30.0

/*
 * Beside products and points of inputs there are calls, for each line of inputs and of
 * outputs of a unit, and stores: of few channels, where those lie side by side in y.
 * Transforms along rows alone never leave a row.
 */
double tcv_winograd_cost(const struct tcv_problem *p, const struct tcv_setup *setup)
{
    const struct tcv_winograd_grid *g = &setup->winograd;
    const struct sizes s = sizes_of(p);
    const bool rows_only = g->points == g->axis[W].points;
    const bool inside = p->y.s[W] != 1;
    const bool joined = inside && p->groups == 1 && g->store_channels == p->oc;
    const double run = (double)(g->store_channels * (joined ? p->axis[W].stride : 1));
    const double groups = (double)p->groups, ic = (double)g->channels;
    const double rows = (double)p->oc * (double)g->point_phases / (double)g->points;
    const double times = g->ic_chunk < g->channels ? (double)g->blocks : 1.0;
    const double lines_in = (double)(g->axis[0].inputs * g->axis[1].inputs);
    const double lines_out = (double)(g->axis[0].outputs * g->axis[1].outputs);
    const double lines = (double)p->batch * tiles_along(p, g, 0) * tiles_along(p, g, 1);
    const double tiles = lines * tiles_along(p, g, W);
    const double units = (double)tcv_ceil_div((int64_t)tiles, g->positions);
    const double elements = groups * (double)g->points * (double)g->positions * units;
    const double segments = lines + units; /* which cut some */
    const double kept = (double)g->points * (double)tcv_min(g->ic_chunk, g->channels) *
                        (double)g->positions * (double)tcv_dtype_bytes(p->dtype);
    const double products = fmax(TCV_COST_PRODUCT * rows,
                                 kept > L2_BYTES ? READ * (double)(g->blocks + 1) : 0.0);

    return elements * (products * ic +
                       (rows_only ? 2.6 : TCV_COST_POINT) * times * ic) +
           800.0 * groups * ic * times * segments * lines_in +
           3400.0 * groups * (double)p->oc * (double)g->phases * units * lines_out +
           22.0 * s.inputs +
           (13.7 + (inside ? 327.0 / run : interleaves_slowly(p) ? 46.6 : 0.0)) * s.outputs +
           6.1 * groups * rows * ic * (double)g->points + 0.2 * CALL;
}

/* Scalar, in double, every tap tried for every output. */
double tcv_reference_cost(const struct tcv_problem *p, const struct tcv_setup *setup)
{
    (void)setup;
    return 1000.0 * sizes_of(p).products + CALL;
}
