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

#define W (TCV_AXES - 1)

struct tcv_cost_sizes tcv_cost_sizes_of(const struct tcv_problem *p)
{
    const double images = (double)p->batch * (double)p->groups;
    const double ic = (double)p->ic, oc = (double)p->oc, taps = (double)p->taps;
    double in = images, out = images;
    struct tcv_cost_sizes s;

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

/*
 * ROWS goes through the positions between rows as well, in whole vectors, unless its sums are
 * finished at once, row by row; LANES through pairs.
 */
static double positions_of(const struct tcv_direct_grid *g)
{
    const double width = (double)g->family.width;
    const bool flat = g->family.form == TCV_DIRECT_ROWS && !g->family.at_once;
    double positions = 1.0, tile = 1.0;
    bool outer = false; /* an axis further out has several positions */

    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_direct_axis *ax = &g->axis[a];
        const int64_t between = a == W ? tcv_max(ax->left, ax->right) : ax->left + ax->right;

        positions *= (double)ax->count;
        tile *= (double)(ax->block + (outer ? between : 0));
        if (flat && outer)
            positions *= (double)(ax->block + between) / (double)ax->block;
        if (g->family.form != TCV_DIRECT_ROWS && a == W)
            positions *= (double)(ax->block + ax->block % 2) / (double)ax->block;
        outer = outer || ax->count > 1;
    }
    if (g->family.at_once)
        positions *= (double)tcv_direct_whole(&g->family, g->axis[W].block) /
                     (double)g->axis[W].block;
    if (flat)
        positions *= ceil(tile / width) * width / tile;
    return positions;
}

bool tcv_cost_interleaves_slowly(const struct tcv_problem *p)
{
    return p->axis[W].stride > 8;
}

/*
 * An output of direct.  LANES stores runs, of channels or of phases, and the shorter they are
 * the more it costs to begin one; so does ROWS of few channels that are neighbours in y.  Of rows
 * that are interleaved, be it of one phase, each has a beginning.
 */
static double direct_output(const struct tcv_problem *p, const struct tcv_direct_grid *g)
{
    const struct tcv_direct_family *f = &g->family;
    const bool joined = f->channels_inside && f->merged && p->groups == 1 && f->blocks == 1;
    double run = (double)p->oc;

    if (g->straight)
        return TCV_COST_STRAIGHT;
    if (!f->channels_inside && (f->form == TCV_DIRECT_ROWS || f->turned))
        return (f->at_once ? 1.0 : tcv_cost_interleaves_slowly(p) ? 92.0 : 9.0) +
               650.0 / (double)p->axis[W].out;
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
    const struct tcv_cost_sizes s = tcv_cost_sizes_of(p);
    const double groups = (double)tcv_direct_groups(p, &g->family);
    const double weights = groups * (double)tcv_direct_group_weights(g);
    const double met = g->skips ? tcv_direct_met(p) : 1.0, positions = positions_of(g);
    const double read = positions > 1.0 ? weights : met * weights;
    /* What is finished at once loads its input for each product; others share it. */
    const double product = g->family.at_once ? 2.8 : 1.12;
    double units = (double)tcv_ceil_div(p->batch, g->images) * groups *
                   (double)g->family.blocks;

    for (int a = 0; a < TCV_AXES; a++)
        units *= (double)tcv_ceil_div(g->axis[a].count, g->axis[a].block);
    return fmax(product * met * (double)p->batch * positions * weights, 7.3 * read) +
           direct_output(p, g) * s.outputs + direct_input(p, g) * s.inputs +
           5.5e3 * units + 1.3 * TCV_COST_CALL;
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
        return tcv_cost_interleaves_slowly(p) ? 100.0 : 18.0;
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
           bf16x3_output(p, &g->family) * tcv_cost_sizes_of(p).outputs + 0.25 * TCV_COST_CALL;
}

static double tiles_along(const struct tcv_problem *p, const struct tcv_winograd_grid *g, int a)
{
    const struct tcv_window whole = tcv_window_whole(p);
    const struct tcv_winograd_range r = tcv_winograd_tiles(g, a, &whole);

    return (double)(r.last - r.first + 1);
}

/* Points of a unit that are too many for L2 go further away, and come back for each block. */
#define L2_BYTES 1.5e6

/*
 * Beside products and points of inputs there are calls, for each line of inputs and of
 * outputs of a unit, and stores: of few channels, where those lie side by side in y.
 * Transforms along rows alone never leave a row.
 */
double tcv_winograd_cost(const struct tcv_problem *p, const struct tcv_setup *setup)
{
    const struct tcv_winograd_grid *g = &setup->winograd;
    const struct tcv_cost_sizes s = tcv_cost_sizes_of(p);
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
                                 kept > L2_BYTES ? TCV_COST_READ * (double)(g->blocks + 1) : 0.0);

    return elements * (products * ic +
                       (rows_only ? 2.6 : TCV_COST_POINT) * times * ic) +
           TCV_COST_LINE * groups * ic * times * segments * lines_in +
           3400.0 * groups * (double)p->oc * (double)g->phases * units * lines_out +
           22.0 * s.inputs +
           (inside                           ? 35.0 + 327.0 / run
            : tcv_cost_interleaves_slowly(p) ? 60.3
                                             : 13.7) * s.outputs +
           6.1 * groups * rows * ic * (double)g->points + 0.2 * TCV_COST_CALL;
}

/* Scalar, in double, every tap tried for every output. */
double tcv_reference_cost(const struct tcv_problem *p, const struct tcv_setup *setup)
{
    (void)setup;
    return 1000.0 * tcv_cost_sizes_of(p).products + TCV_COST_CALL;
}
