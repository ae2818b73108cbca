/*
 * cost.c - how long an algorithm would take
 *
 * A cost is the time of one thread on the whole output, in multiply-adds of direct's
 * kernels at full rate.  Each is a sum over what the algorithm goes through - products,
 * inputs, outputs, weights, units of work - with a factor that says how many
 * multiply-adds one of those is worth.
 *
 * The factors are least squares of the relative error over the layers of
 * bench/shapes/networks.txt, both layouts, f32, one thread with AVX-512, rounded where
 * that changed no choice.  docs/decisions/0009 says how; `tconv-bench --algorithms all`
 * counts how often the cheapest is the fastest.
 */
#include "algo/cost.h"

#include "base/checked.h"

#define W (TCV_AXES - 1)

/* A call or a unit of work: finding its way, and what is not worth a factor of its own. */
#define UNIT 1.4e5
/* An element of weights, read from memory. */
#define WEIGHT 14.0

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
    s.columns = p->op == TCONV_CONV ? out * ic * taps : in * oc * taps;
    s.products = p->op == TCONV_CONV ? s.columns * oc : s.columns * ic;
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

double tcv_direct_cost(const struct tcv_problem *p, const struct tcv_setup *setup)
{
    const struct tcv_direct_grid *g = &setup->direct;
    const struct sizes s = sizes_of(p);
    const double groups = (double)tcv_direct_groups(p, &g->family);
    const double blocks = (double)g->family.blocks;
    const double weights =
        groups * ((blocks - 1.0) * (double)g->weights + (double)g->weights_last);
    double units = (double)p->batch * groups * blocks;

    for (int a = 0; a < TCV_AXES; a++)
        units *= (double)tcv_ceil_div(g->axis[a].count, g->axis[a].block);
    return 1.06 * (double)p->batch * positions_of(g) * weights + 16.0 * s.outputs +
           16.0 * s.inputs * (g->ic_chunk < p->ic ? blocks : 1.0) + WEIGHT * weights +
           UNIT * units;
}

/* OpenBLAS 0.3.21 knows few processors and takes AVX2 on the others: half the rate. */
double tcv_gemm_cost(const struct tcv_problem *p, const struct tcv_setup *setup)
{
    const struct sizes s = sizes_of(p);

    (void)setup;
    return 2.1 * s.products + 27.0 * s.columns + 7.0 * s.outputs + 23.0 * s.inputs +
           2.0 * WEIGHT * s.weights + 1.5 * UNIT;
}

/* Transforms along rows alone never leave a row; channels last, they are transposed. */
double tcv_winograd_cost(const struct tcv_problem *p, const struct tcv_setup *setup)
{
    const struct tcv_winograd_grid *g = &setup->winograd;
    const struct tcv_window whole = tcv_window_whole(p);
    const struct sizes s = sizes_of(p);
    const bool rows_only = g->points == g->axis[W].points;
    const bool turns_input = p->x.s[W] != 1, turns_output = p->y.s[W] != 1;
    const double input = turns_input ? (rows_only ? 15.0 : 32.0) : rows_only ? 10.0 : 40.0;
    const double output = turns_output ? (rows_only ? 18.0 : 22.0) : rows_only ? 10.0 : 14.0;
    const double groups = (double)p->groups, ic = (double)p->ic;
    const double rows = (double)p->oc * (double)g->point_phases / (double)g->points;
    const double times = g->ic_chunk < p->ic ? (double)g->blocks : 1.0;
    double tiles = (double)p->batch, elements;

    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_winograd_range r = tcv_winograd_tiles(p, g, a, &whole);

        tiles *= (double)(r.last - r.first + 1);
    }
    elements = groups * (double)g->points * (double)g->positions *
               (double)tcv_ceil_div((int64_t)tiles, g->positions);
    return elements * (1.05 * rows * ic + output * rows + times * input * ic) +
           16.0 * s.outputs + WEIGHT * groups * rows * ic * (double)g->points + UNIT;
}

/* Scalar, in double, every tap tried for every output. */
double tcv_reference_cost(const struct tcv_problem *p, const struct tcv_setup *setup)
{
    (void)setup;
    return 1000.0 * sizes_of(p).products + UNIT;
}
