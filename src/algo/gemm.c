/*
 * gemm.c - transposed convolution as GEMM and col2im, a tile at a time
 *
 *     cols = w^T x      for one block of weight rows and one tile of inputs
 *     y    = col2im(cols)
 *
 * The tile's columns stay in L2 between the two, the whole column matrix never
 * exists, and each output is written once.  Units of work are tiles in the order
 *
 *     image tile, group, block, tile of each axis, sweep axis innermost
 *
 * so that a worker that takes neighbouring units keeps one block of weights in
 * cache and, along the sweep, the columns that the next tile needs as well.
 * gemm_grid.h says which GEMM calls are made; they depend on the problem alone.
 * Convolutions of a stride above 1 go the other way, im2col and GEMM (gather.h).
 */
#include <stdio.h>
#include <string.h>

#include "algo/cost.h"
#include "algo/gemm_tile.h"
#include "base/checked.h"
#include "blas/gemm.h"

bool tcv_gather_prepare(const struct tcv_problem *p, uint32_t features,
                        const struct tcv_direct_kernels *direct, struct tcv_setup *setup_out,
                        char reason[TCV_REASON_BYTES])
{
    struct tcv_gather_grid *g = &setup_out->gather;

    *g = tcv_gather_grid_of(p, direct);
    setup_out->kernels = tcv_kernels_select(features, p->dtype);
    setup_out->worker_bytes = tcv_gather_worker_bytes(p, g);
    setup_out->packed_bytes = tcv_gather_packed_bytes(p);
    memcpy(setup_out->tile, g->extent, sizeof setup_out->tile);
    setup_out->tile_channels = g->rows;
    return tcv_worker_fits(setup_out->worker_bytes, reason);
}

bool tcv_gemm_prepare(const struct tcv_problem *p, uint32_t features,
                      const struct tcv_setup *like, struct tcv_gemm_means means,
                      struct tcv_setup *setup_out, char reason[TCV_REASON_BYTES])
{
    const enum tcv_gemm_order order = like != NULL ? like->gemm.order : tcv_gemm_best_order(p);
    struct tcv_gemm_grid *g = &setup_out->gemm;

    if (!tcv_gemm_grid_init(p, order, means, g, reason, TCV_REASON_BYTES))
        return false;
    setup_out->kernels = g->order == TCV_GEMM_RUNS
                             ? tcv_kernels_for_runs(features, p->dtype, g->run_block)
                             : tcv_kernels_select(features, p->dtype);
    setup_out->worker_bytes = tcv_gemm_tile_bytes(p, g);
    if (!tcv_worker_fits(setup_out->worker_bytes, reason))
        return false;
    setup_out->packed_bytes = (size_t)(p->groups * tcv_gemm_packed_bytes(p, g));
    for (int a = 0; a < TCV_AXES; a++)
        setup_out->tile[a] = g->axis[a].block;
    setup_out->tile_channels = g->oc_block;
    return true;
}

/* Scratch for packing: tconv.h promises no more than some MiB. */
#define PACK_BYTES_MOST (4 * 1024 * 1024)

bool tcv_gemm_packing_fits(size_t bytes, char reason[TCV_REASON_BYTES])
{
    if (bytes <= PACK_BYTES_MOST)
        return true;
    snprintf(reason, TCV_REASON_BYTES, "packing its weights would need %zu bytes of scratch, over "
             "%d", bytes, PACK_BYTES_MOST);
    return false;
}

bool tcv_gemm_prepare_packed(const struct tcv_problem *p, uint32_t features,
                             const struct tcv_setup *like, struct tcv_gemm_means means,
                             struct tcv_setup *setup_out, char reason[TCV_REASON_BYTES])
{
    const struct tcv_axis *w = &p->axis[TCV_AXES - 1];
    struct tcv_problem image = *p;

    image.batch = 1;
    if (!tcv_gemm_prepare(p, features, like, means, setup_out, reason) &&
        !tcv_gemm_prepare(&image, features, like, means, setup_out, reason))
        return false;
    if (setup_out->gemm.run_block < w->stride && w->kernel < w->stride) {
        snprintf(reason, TCV_REASON_BYTES, "some blocks of its phases have no taps");
        return false;
    }
    setup_out->pack_bytes = (size_t)(setup_out->gemm.rows * setup_out->gemm.ic_block) *
                            tcv_dtype_bytes(p->dtype);
    return tcv_gemm_packing_fits(setup_out->pack_bytes, reason);
}

static bool prepare(const struct tcv_problem *p, uint32_t features,
                    const struct tcv_setup *like, struct tcv_setup *setup_out,
                    char reason[TCV_REASON_BYTES])
{
    const struct tcv_gemm_means blas = {TCV_GEMM_BLAS, 1, 0};

    if (!tcv_axes_are_moderate(p, reason))
        return false;
    setup_out->direct_kernels = tcv_direct_select(features, p->dtype); /* for the cost */
    return tcv_gathers(p) ? tcv_gather_prepare(p, features, NULL, setup_out, reason)
                          : tcv_gemm_prepare(p, features, like, blas, setup_out, reason);
}

static bool pack(const struct tcv_problem *p, const struct tcv_setup *setup, const void *w,
                 void *packed, void *scratch)
{
    const int64_t element = (int64_t)tcv_dtype_bytes(p->dtype);

    if (tcv_gathers(p)) {
        tcv_gather_pack(p, &setup->gather, &setup->kernels, w, packed, scratch);
        return true;
    }
    for (int64_t group = 0; group < p->groups; group++)
        for (int64_t i = 0; i < setup->gemm.blocks; i++) {
            const struct tcv_gemm_block block = tcv_gemm_block_at(p, &setup->gemm, i);

            tcv_gemm_pack_block(p, &setup->gemm, &block, p->ic,
                                (const char *)w + group * p->w.group * element,
                                (char *)packed + group * tcv_gemm_packed_bytes(p, &setup->gemm) +
                                    block.packed_at);
        }
    return true;
}

/* The axes in the order of the units: the sweep axis last. */
static void axis_order(const struct tcv_gemm_grid *g, int order[TCV_AXES])
{
    int n = 0;

    for (int a = 0; a < TCV_AXES; a++)
        if (a != g->sweep)
            order[n++] = a;
    order[n] = g->sweep;
}

int64_t tcv_gemm_units(const struct tcv_problem *p, const struct tcv_setup *setup,
                       const struct tcv_window *window)
{
    const struct tcv_gemm_grid *g = &setup->gemm;
    int64_t count;

    if (tcv_gathers(p))
        return tcv_gather_units(p, &setup->gather, window);
    count = tcv_ceil_div(p->batch, g->images) * p->groups * g->blocks;
    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_gemm_range r =
            tcv_gemm_tiles(p, g, a, window->begin[a], window->end[a]);

        count *= r.last - r.first + 1;
    }
    return count;
}

/* Unit index to tile: the inverse of the order of units. */
static void locate(struct tcv_gemm_tile *t, int64_t unit)
{
    const struct tcv_window *win = &t->run->window;
    int order[TCV_AXES];

    axis_order(t->grid, order);
    for (int i = TCV_AXES - 1; i >= 0; i--) {
        const int a = order[i];
        const struct tcv_gemm_range r =
            tcv_gemm_tiles(t->p, t->grid, a, win->begin[a], win->end[a]);
        const int64_t tiles = r.last - r.first + 1;

        t->tile[a] = r.first + unit % tiles;
        unit /= tiles;
    }
    t->block = tcv_gemm_block_at(t->p, t->grid, unit % t->grid->blocks);
    unit /= t->grid->blocks;
    t->group = unit % t->p->groups;
    t->image = unit / t->p->groups * t->grid->images;
    t->images = tcv_min(t->grid->images, t->p->batch - t->image);
}

/*
 * Columns for the tile, and those its halo needs: handed on by the tile before
 * it on the sweep, or computed anew where the worker has not just done that one.
 */
static void fill(struct tcv_gemm_tile *t, bool follows, const struct tcv_gemm_box *next)
{
    const int s = t->grid->sweep;
    const struct tcv_gemm_axis *sweep = &t->grid->axis[s];
    const int64_t last = t->tile[s];

    if (!sweep->whole && !follows)
        t->tile[s] = last - tcv_ceil_div(sweep->halo, sweep->block);
    for (;; t->tile[s]++) {
        tcv_gemm_tile_place(t);
        if (follows)
            tcv_gemm_carry(t);
        tcv_gemm_columns(t, next);
        if (t->tile[s] == last)
            return;
        follows = true;
    }
}

/* What unit `unit` reads, of a worker at tile t. */
static struct tcv_gemm_box inputs_of(const struct tcv_gemm_tile *t, int64_t unit)
{
    struct tcv_gemm_tile other = *t;

    locate(&other, unit);
    tcv_gemm_tile_place(&other);
    return tcv_gemm_new_inputs(&other);
}

void tcv_gemm_work(const struct tcv_run *run, const struct tcv_setup *setup,
                   struct tcv_worker *worker, void *scratch)
{
    struct tcv_gemm_tile t;
    struct tcv_gemm_box next = {.pixels = 0};

    if (tcv_gathers(run->problem)) {
        tcv_gather_work(run, &setup->gather, &setup->kernels, &setup->direct_kernels, worker,
                        scratch);
        return;
    }
    tcv_gemm_tile_init(&t, run, setup, scratch);
    while (tcv_worker_next(worker)) {
        const int sweep = t.grid->sweep;
        const struct tcv_gemm_range range = tcv_gemm_tiles(
            t.p, t.grid, sweep, run->window.begin[sweep], run->window.end[sweep]);
        bool straight;

        if (worker->unit + 1 < worker->shares->units && t.grid->means.by != TCV_GEMM_BLAS)
            next = inputs_of(&t, worker->unit + 1);
        else
            next.pixels = 0;
        locate(&t, worker->unit);
        straight = tcv_gemm_is_straight(&t);
        if (!straight)
            fill(&t, worker->follows && t.tile[sweep] > range.first, &next);
        tcv_vectors_fill(&t.vectors, run, t.group * t.p->oc + t.block.oc, t.block.oc_count);
        if (t.joined)
            tcv_vectors_repeat(&t.vectors, t.block.oc_count,
                               t.p->axis[TCV_AXES - 1].stride, t.element);
        if (straight)
            tcv_gemm_straight(&t);
        else
            tcv_gemm_gather(&t);
    }
}

static void work(const struct tcv_run *run, const struct tcv_setup *setup,
                 struct tcv_worker *worker, void *scratch)
{
    const int saved = tcv_gemm_enter();

    tcv_gemm_work(run, setup, worker, scratch);
    tcv_gemm_leave(saved);
}

const struct tcv_algo tcv_algo_gemm = {
    .id = TCONV_ALGORITHM_GEMM,
    .name = "gemm",
    .promise = "the same bits for any threads, window and workspace; OpenBLAS may round "
               "otherwise for another batch or layout",
    .prepare = prepare,
    .cost = tcv_gemm_cost,
    .pack = pack,
    .units = tcv_gemm_units,
    .work = work,
};
