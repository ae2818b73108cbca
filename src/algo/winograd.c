/*
 * winograd.c - fewer multiplications for kernels of up to three strides
 *
 * For one unit (winograd_grid.h)
 *
 *     points    the inputs of its tiles, transformed, for all input channels
 *     products  for each point a matrix product with the transformed weights
 *     y         products transformed back, phases interleaved, finished
 *
 * Outputs of tiles with infinite, NaN or huge inputs are sums by the definition
 * (winograd_patch.c).  With such weights the plan has the reference compute
 * (tcv_plan_pack): zeros around the input meet every weight.
 *
 * Units of work: group, run of tiles, block of channels, the last innermost, so
 * that the points serve all blocks of a worker's turn.
 */
#include <stdio.h>

#include "algo/cost.h"
#include "algo/winograd_tile.h"
#include "base/checked.h"

#define W (TCV_AXES - 1)

/* Fills what follows from the family; false if a worker's scratch would not fit. */
static bool lay_out(const struct tcv_problem *p, const struct tcv_winograd_family *family,
                    struct tcv_setup *setup, char reason[TCV_REASON_BYTES])
{
    tcv_winograd_grid_init(p, family, setup->winograd_kernels.width, &setup->winograd);
    setup->worker_bytes = tcv_winograd_tile_bytes(p, &setup->winograd);
    return tcv_worker_fits(setup->worker_bytes, reason);
}

/* A new family: the fastest filters whose scratch fits. */
static bool choose(const struct tcv_problem *p, struct tcv_setup *setup,
                   char reason[TCV_REASON_BYTES])
{
    struct tcv_winograd_family family;

    for (int frugal = 0; frugal < 2; frugal++) {
        if (!tcv_winograd_family_init(p, setup->direct_kernels.rows_most,
                                      setup->winograd_kernels.width, frugal == 1, &family,
                                      reason, TCV_REASON_BYTES))
            return false;
        if (lay_out(p, &family, setup, reason))
            return true;
    }
    return false;
}

static bool prepare(const struct tcv_problem *p, uint32_t features,
                    const struct tcv_setup *like, struct tcv_setup *setup_out,
                    char reason[TCV_REASON_BYTES])
{
    const struct tcv_winograd_grid *g = &setup_out->winograd;

    if (!tcv_axes_are_moderate(p, reason))
        return false;
    setup_out->kernels = tcv_kernels_select(features, p->dtype);
    setup_out->direct_kernels = tcv_direct_select(features, p->dtype);
    setup_out->winograd_kernels = tcv_winograd_select(features, p->dtype);
    if (like != NULL ? !lay_out(p, &like->winograd.family, setup_out, reason)
                     : !choose(p, setup_out, reason))
        return false;
    if (!tcv_winograd_packed_bytes(p, g, &setup_out->packed_bytes)) {
        snprintf(reason, TCV_REASON_BYTES, "its weights would take more than PTRDIFF_MAX bytes");
        return false;
    }
    setup_out->pack_bytes = tcv_winograd_pack_bytes(p, setup_out);
    for (int a = 0; a < TCV_AXES; a++)
        setup_out->tile[a] = g->axis[a].outputs;
    setup_out->tile[W] *= g->positions;
    setup_out->tile_channels = g->family.oc_block;
    return true;
}

/* Rows whose elements are neighbours, or else channels. */
static bool is_dense(const struct tcv_problem *p)
{
    return (p->x.s[W] == 1 || p->x.c == 1) && (p->y.s[W] == 1 || p->y.c == 1);
}

static bool recommended(const struct tcv_problem *p, const struct tcv_setup *setup,
                        char reason[TCV_REASON_BYTES])
{
    const double ratio = tcv_winograd_error_ratio(p, &setup->winograd);

    if (ratio > TCV_WINOGRAD_RATIO_MOST)
        snprintf(reason, TCV_REASON_BYTES, "its error bound is %.1f times that of a direct sum",
                 ratio);
    else if (!is_dense(p))
        snprintf(reason, TCV_REASON_BYTES, "rows whose elements lie apart are slow to transform");
    else
        return true;
    return false;
}

/* Tiles that the window falls into, of all images. */
static int64_t tiles_of(const struct tcv_problem *p, const struct tcv_winograd_grid *g,
                        const struct tcv_window *window)
{
    int64_t count = p->batch;

    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_winograd_range r = tcv_winograd_tiles(g, a, window);

        count *= r.last - r.first + 1;
    }
    return count;
}

static int64_t units(const struct tcv_problem *p, const struct tcv_setup *setup,
                     const struct tcv_window *window)
{
    const struct tcv_winograd_grid *g = &setup->winograd;

    return p->groups * g->blocks * tcv_ceil_div(tiles_of(p, g, window), g->positions);
}

/* Unit index to unit; true if it takes other tiles than the one before. */
static bool locate(struct tcv_winograd_tile *t, int64_t unit, int64_t tiles)
{
    const struct tcv_winograd_grid *g = t->g;
    const int64_t runs = tcv_ceil_div(tiles, g->positions), run = unit / g->blocks % runs;

    t->block = unit % g->blocks;
    t->group = unit / g->blocks / runs;
    t->oc = t->block * g->family.oc_block;
    t->oc_count = tcv_winograd_oc_count(t->p, g, t->block);
    t->first = run * g->positions;
    t->count = tcv_min(g->positions, tiles - t->first);
    return t->block == 0;
}

/*
 * The products of one point, of rows of which w are the weights.  Where those of all points leave
 * L2, each call asks for the weights of the next one, and for its share of the `next` point's
 * inputs.
 */
static void multiply_point(const struct tcv_winograd_tile *t, struct tcv_direct *args,
                           const struct tcv_parts *rows, const char *w, char *products,
                           const char *next)
{
    const struct tcv_winograd_grid *g = t->g;
    const int64_t element = (int64_t)t->element;
    const int64_t share = tcv_ceil_div(args->channels * args->x_channel * element, rows->count);

    for (int64_t i = 0; i < rows->count; i++) {
        const struct tcv_part part = tcv_part_at(rows, i);
        const int64_t bytes = part.count * args->channels * element;

        args->rows = part.count;
        args->w = w;
        args->c = products + part.first * g->positions * element;
        w += bytes;
        if (g->leaves) {
            args->ahead[0] = (struct tcv_ask){w, 1, bytes, 0};
            args->ahead[1] = (struct tcv_ask){next + i * share, 1, share, 0};
        }
        t->direct->rows(args);
    }
}

/* Adds the products of channels [ic, ic + count) with their planes, points from `first` on. */
static void multiply(struct tcv_winograd_tile *t, const char *w, int64_t ic, int64_t count,
                     int64_t first)
{
    static const int64_t here = 0;
    const struct tcv_winograd_grid *g = t->g;
    const struct tcv_winograd_axis *ax = g->axis;
    const int64_t element = (int64_t)t->element;
    const char *points = t->points + (ic - first) * g->points_pitch * element;
    /* After the last point: the first one, of the next channels or for the next block if any. */
    const bool more = ic + count < tcv_min(first + g->ic_chunk, g->channels);
    const char *const after =
        more ? points + count * g->points_pitch * element : (const char *)t->points;
    char *products = t->products;
    struct tcv_parts rows[TCV_WINOGRAD_FILTERS];
    struct tcv_direct args = {
        .x_channel = g->points_pitch,
        .x_pixel = 1,
        .tap = &here,
        .taps = 1,
        .channels = count,
        .add = ic > 0,
        .c_step = g->positions,
        .positions = tcv_ceil_div(t->count, t->direct->width) * t->direct->width,
    };
    int64_t left = g->points;

    for (int f = 0; f < TCV_WINOGRAD_FILTERS; f++)
        rows[f] = tcv_parts_of(t->oc_count * t->filter[f].count, g->family.rows_most);
    for (int64_t u0 = 0; u0 < ax[0].points; u0++)
        for (int64_t u1 = 0; u1 < ax[1].points; u1++)
            for (int64_t u2 = 0; u2 < ax[W].points; u2++) {
                const int64_t u[TCV_AXES] = {u0, u1, u2};
                const int64_t before = tcv_winograd_weights_before(g, u) * t->oc_count * count;
                const int filter = (u0 >= ax[0].own ? 1 : 0) + (u1 >= ax[1].own ? 2 : 0) +
                                   (u2 >= ax[W].own ? 4 : 0);
                const char *next = --left > 0 ? points + g->point_step * element : after;

                args.x = points;
                multiply_point(t, &args, &rows[filter], w + before * element, products, next);
                points = next;
                products += g->product_step * element;
            }
}

/* The points of the unit's group and block. */
static const char *weights_of(const struct tcv_winograd_tile *t)
{
    const struct tcv_problem *p = t->p;
    const int64_t dense = tcv_winograd_dense(p, t->g);
    const int64_t before = (t->group * p->oc + t->oc) * t->g->channels * t->g->weight_phases;

    return (const char *)t->run->packed + (dense + before) * (int64_t)t->element;
}

static void work(const struct tcv_run *run, const struct tcv_setup *setup,
                 struct tcv_worker *worker, void *scratch)
{
    const int64_t tiles = tiles_of(run->problem, &setup->winograd, &run->window);
    struct tcv_winograd_tile t;

    tcv_winograd_tile_init(&t, run, setup, scratch);
    while (tcv_worker_next(worker)) {
        const bool other = locate(&t, worker->unit, tiles) || !worker->follows;
        const bool kept = !other && t.g->ic_chunk == t.g->channels; /* the points */

        if (other)
            tcv_winograd_tile_place(&t);
        for (int64_t ic = 0; ic < t.g->channels; ic += t.g->ic_chunk) {
            const int64_t count = tcv_min(t.g->ic_chunk, t.g->channels - ic);

            if (!kept)
                tcv_winograd_input(&t, ic, count);
            for (int64_t i = ic; i < ic + count; i += t.g->family.ic_block)
                multiply(&t,
                         weights_of(&t) + i * t.oc_count * t.g->weight_phases * (int64_t)t.element,
                         i, tcv_min(t.g->family.ic_block, ic + count - i), ic);
        }
        tcv_winograd_mark(&t);
        tcv_vectors_fill(&t.vectors, run, t.group * t.p->oc + t.oc, t.oc_count);
        if (t.joined)
            tcv_vectors_repeat(&t.vectors, t.oc_count, t.p->axis[W].stride, t.element);
        tcv_winograd_store(&t);
    }
}

const struct tcv_algo tcv_algo_winograd = {
    .id = TCONV_ALGORITHM_WINOGRAD,
    .name = "winograd",
    .promise = "the same bits for any threads, window, workspace and batch split",
    .prepare = prepare,
    .recommended = recommended,
    .cost = tcv_winograd_cost,
    .pack = tcv_winograd_pack,
    .units = units,
    .work = work,
};
