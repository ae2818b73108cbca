/*
 * direct.c - each phase a convolution of stride 1, its sums held in registers
 *
 * For one tile of positions and one block of output channels
 *
 *     x        packed once, with zeros around
 *     c[row]   the sums of each class of phases, one kernel call per part of the
 *              rows and block of input channels
 *     y        c finished and interleaved
 *
 * Zeros around the input multiply weights, which is harmless only for finite
 * ones; with others the plan has the reference compute (tcv_plan_pack).
 *
 * Units of work: image (or several small ones), group, tile, block of channels, the last
 * innermost, so that the packed input serves all blocks of a worker's turn.
 */
#include <stdio.h>

#include "algo/cost.h"
#include "algo/direct_pack.h"
#include "algo/direct_tile.h"
#include "base/checked.h"

bool tcv_direct_prepare(const struct tcv_problem *p, uint32_t features,
                        const struct tcv_direct_family *family, struct tcv_setup *setup_out,
                        char reason[TCV_REASON_BYTES])
{
    struct tcv_direct_grid *g = &setup_out->direct;
    int64_t weights;
    bool runs;

    if (!tcv_direct_grid_init(p, family, g, reason, TCV_REASON_BYTES))
        return false;
    runs = family->form != TCV_DIRECT_ROWS && family->merged && !family->channels_inside &&
           !family->turned;
    setup_out->kernels =
        runs ? tcv_kernels_for_runs(features, p->dtype, p->axis[TCV_AXES - 1].stride)
             : tcv_kernels_select(features, p->dtype);
    setup_out->direct_kernels = tcv_direct_select(features, p->dtype);
    setup_out->bf16x3_kernels = tcv_bf16x3_select(features);
    setup_out->worker_bytes = tcv_direct_tile_bytes(p, g);
    if (!tcv_worker_fits(setup_out->worker_bytes, reason))
        return false;
    if (!tcv_mul_i64(tcv_direct_groups(p, family), tcv_direct_group_weights(g), &weights) ||
        weights > INT64_MAX / 2 / tcv_direct_number_bytes(p, family)) {
        snprintf(reason, TCV_REASON_BYTES, "its packed weights would exceed an int64_t in bytes");
        return false;
    }
    setup_out->packed_bytes = tcv_direct_tables_bytes(p, family) +
                              (size_t)(weights * tcv_direct_number_bytes(p, family));
    for (int a = 0; a < TCV_AXES; a++)
        setup_out->tile[a] = g->axis[a].block;
    setup_out->tile_channels = family->oc_block;
    return true;
}

static bool prepare(const struct tcv_problem *p, uint32_t features,
                    const struct tcv_setup *like, struct tcv_setup *setup_out,
                    char reason[TCV_REASON_BYTES])
{
    struct tcv_direct_family family;

    if (!tcv_axes_are_moderate(p, reason))
        return false;
    family = like != NULL ? like->direct.family : tcv_direct_family_init(p, features);
    return tcv_direct_prepare(p, features, &family, setup_out, reason);
}

static struct tcv_direct_range range_of(const struct tcv_problem *p,
                                        const struct tcv_direct_grid *g, int a,
                                        const struct tcv_window *window)
{
    const struct tcv_direct_axis *ax = &g->axis[a];
    const int64_t stride = p->axis[a].stride;

    return (struct tcv_direct_range){
        (tcv_floor_div(window->begin[a] + ax->shift, stride) - ax->first) / ax->block,
        (tcv_floor_div(window->end[a] - 1 + ax->shift, stride) - ax->first) / ax->block,
    };
}

int64_t tcv_direct_units(const struct tcv_problem *p, const struct tcv_setup *setup,
                         const struct tcv_window *window)
{
    const struct tcv_direct_family *f = &setup->direct.family;
    int64_t count = tcv_ceil_div(p->batch, setup->direct.images) * tcv_direct_groups(p, f) *
                    f->blocks;

    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_direct_range r = range_of(p, &setup->direct, a, window);

        count *= r.last - r.first + 1;
    }
    return count;
}

/* Unit index to tile: the inverse of the order of units. */
static void locate(struct tcv_direct_tile *t, int64_t unit)
{
    t->block = unit % t->f->blocks;
    t->oc = t->block * t->f->oc_block;
    t->oc_count = tcv_direct_oc_count(t->p, t->f, t->block);
    unit /= t->f->blocks;
    for (int a = TCV_AXES - 1; a >= 0; a--) {
        const struct tcv_direct_range r = t->tiles[a];

        t->tile[a] = r.first + unit % (r.last - r.first + 1);
        unit /= r.last - r.first + 1;
    }
    t->group = unit % tcv_direct_groups(t->p, t->f);
    t->image = unit / tcv_direct_groups(t->p, t->f) * t->g->images;
    t->images = tcv_min(t->g->images, t->p->batch - t->image);
}

void tcv_direct_find_taps(const struct tcv_direct_tile *t, const int64_t index[TCV_AXES],
                          int64_t *to)
{
    /* TILES: positions. */
    const int64_t pixel =
        t->g->planes || t->f->form == TCV_DIRECT_TILES ? 1 : t->g->ic_pitch;
    const struct tcv_direct_class *c[TCV_AXES];
    int64_t first[TCV_AXES], tap[TCV_AXES];

    for (int a = 0; a < TCV_AXES; a++) {
        c[a] = &t->tables.of[a][index[a]];
        first[a] = tcv_direct_first_input(&t->p->axis[a], t->f, c[a]);
    }
    for (tap[0] = 0; tap[0] < c[0]->taps; tap[0]++)
        for (tap[1] = 0; tap[1] < c[1]->taps; tap[1]++)
            for (tap[2] = 0; tap[2] < c[2]->taps; tap[2]++) {
                int64_t at = 0, plane = 0;

                for (int a = 0; a < TCV_AXES; a++) {
                    const struct tcv_axis *axis = &t->p->axis[a];
                    const int64_t planes = t->g->axis[a].planes;

                    plane = plane * planes + tap[a] % planes;
                    at = at * t->box[a].extent +
                         (axis->down == 1
                              ? first[a] - tap[a] * c[a]->back_step
                              : tcv_floor_div(tcv_direct_tap_input(axis, tap[a]), axis->down));
                }
                *to++ = (t->origin + plane * t->plane + at) * pixel;
            }
}

/* Where the rows of a class begin that adds to those of class 0. */
static void find_added_rows(struct tcv_direct_tile *t, const struct tcv_direct_rows *rows)
{
    const int64_t phases = rows->rows / t->oc_count;
    int64_t all = 1;

    for (int a = 0; a < TCV_AXES; a++)
        all *= t->tables.of[a][0].hi;
    for (int64_t row = 0; row < rows->rows; row++) {
        const int64_t oc = t->f->channels_inside ? row % t->oc_count : row / phases;
        int64_t left = t->f->channels_inside ? row / t->oc_count : row % phases;
        int64_t rank = 0, step = 1;

        for (int a = TCV_AXES - 1; a >= 0; a--) {
            rank += left % rows->phases[a] * step;
            left /= rows->phases[a];
            step *= t->tables.of[a][0].hi;
        }
        t->c_row[row] = (t->f->channels_inside ? rank * t->oc_count + oc : oc * all + rank) *
                        t->g->positions;
    }
}

/* Weights of a part of the rows of a class, for channels [ic, ic + count). */
static struct tcv_ask part_weights(const struct tcv_direct_tile *t, const char *w,
                                   const struct tcv_direct_rows *rows, struct tcv_part part,
                                   int64_t ic, int64_t count)
{
    const int64_t each = rows->taps * (int64_t)t->element;

    return (struct tcv_ask){
        .from = w + (part.first * t->p->ic + part.count * ic) * each,
        .rows = 1,
        .row_bytes = part.count * count * each,
    };
}

/*
 * Adds channels [ic, ic + count) of the packed input to the sums of one class.  Of weights from
 * beyond L2 those of the next part or, after the last, of this class's next channels are asked for,
 * and so is what the tile wants `soon`; LANES fetches those of the next class, `after`.
 */
static void sum_class(struct tcv_direct_tile *t, const int64_t index[TCV_AXES],
                      const struct tcv_direct_rows *rows, int64_t row, const char *w, int64_t ic,
                      int64_t count, int64_t ic_first, const char *after,
                      struct tcv_ask soon[TCV_DIRECT_SOON])
{
    const bool lanes = t->f->form != TCV_DIRECT_ROWS;
    const int64_t element = (int64_t)t->element;
    const int64_t channel = t->g->planes ? t->g->inputs : 1;
    const int64_t next_count = tcv_min(count, t->p->ic - ic - count);
    const struct tcv_parts parts = tcv_direct_parts(t->f, rows->padded);
    struct tcv_direct args = {
        .x = t->x + (ic - ic_first) * channel * element,
        .x_channel = channel,
        .tap = t->tap,
        .taps = rows->taps,
        .channels = count,
        .add = ic > 0,
        .c_step = lanes ? t->g->c_rows : t->g->positions,
        .positions = t->positions,
        .vectors = rows->padded / t->f->width,
        .w_vector = rows->taps * t->p->ic * t->f->width,
    };

    if (lanes) {
        args.w = w + ic * rows->taps * t->f->width * element;
        args.w_after = after;
        args.c = t->c + row * element;
        if (t->straight)
            tcv_direct_sum_straight(t, index, &args);
        else
            tcv_direct_sum_lanes(t, index, &args);
        return;
    }
    if (tcv_direct_adds(t->p, t->f, index)) {
        args.add = true;
        args.c_row = t->c_row;
        find_added_rows(t, rows);
    }
    for (int64_t i = 0; i < parts.count; i++) {
        const struct tcv_part part = tcv_part_at(&parts, i);

        args.rows = part.count;
        args.w = part_weights(t, w, rows, part, ic, count).from;
        if (t->g->weights_leave)
            args.ahead[0] = i + 1 < parts.count
                                ? part_weights(t, w, rows, tcv_part_at(&parts, i + 1), ic, count)
                                : part_weights(t, w, rows, tcv_part_at(&parts, 0), ic + count,
                                               next_count);
        for (int j = 0; j < TCV_DIRECT_SOON; j++)
            args.ahead[1 + j] = tcv_ask_take(&soon[j], parts.count - i);
        args.c = t->c + (row + (args.c_row == NULL ? part.first : 0)) * t->g->positions * element;
        t->direct->rows(&args);
        if (args.c_row != NULL)
            args.c_row += part.count;
    }
}

/*
 * All classes, for input channels [ic, ic + count) of those packed from `first` on.
 * The classes are inside, so that they all find this piece of x in L2.  After the last one
 * there is the first of the next channels or, after those, of the next block.
 */
static void sum_channels(struct tcv_direct_tile *t, const char *w, int64_t ic, int64_t count,
                         int64_t first)
{
    const int64_t each = t->f->width * (int64_t)t->element, all = t->p->ic;
    const char *const next =
        ic + count < all ? w : w + t->g->weights * (int64_t)t->element;
    int64_t index[TCV_AXES] = {0}, triple = 0, row = 0, classes = 1;
    const struct tcv_direct_rows of_first =
        tcv_direct_rows_of(&t->tables, t->f, index, t->oc_count);
    struct tcv_direct_rows rows = of_first;
    const bool last = ic + count == tcv_min(first + t->g->ic_chunk, all); /* of those packed */
    bool more;

    for (int a = 0; a < TCV_AXES; a++)
        classes *= t->g->axis[a].classes;
    do {
        const struct tcv_direct_rows these = rows;
        struct tcv_ask soon[TCV_DIRECT_SOON] = {{NULL, 0, 0, 0}};
        const int64_t here[TCV_AXES] = {index[0], index[1], index[2]};
        const bool adds = tcv_direct_adds(t->p, t->f, index);
        const char *const begin = w;

        t->class_row[triple++] = row;
        w += rows.padded * rows.taps * all * (int64_t)t->element;
        more = tcv_direct_next_class(t->g, index);
        rows = more ? tcv_direct_rows_of(&t->tables, t->f, index, t->oc_count) : of_first;
        tcv_direct_find_taps(t, here, t->tap);
        for (int j = 0; j < TCV_DIRECT_SOON && last; j++)
            soon[j] = tcv_ask_take(&t->soon[j], classes - (triple - 1));
        sum_class(t, here, &these, adds ? 0 : row, begin, ic, count, first,
                  more ? w + ic * rows.taps * each
                       : next + (ic + count) % all * rows.taps * each,
                  soon);
        row += adds ? 0 : these.padded;
    } while (more);
}

/* The packed weights of the tile's group and block. */
static const char *weights_of(const struct tcv_direct_tile *t)
{
    return t->weights +
           (t->group * tcv_direct_group_weights(t->g) + t->block * t->g->weights) *
               tcv_direct_number_bytes(t->p, t->f);
}

/* What is packed after channels up to `ic`: others of the tile, or the next unit's. */
static struct tcv_ask next_inputs(const struct tcv_direct_tile *t, int64_t ic, int64_t unit,
                                  int64_t units)
{
    const int64_t all = t->p->ic, most = t->g->ic_chunk;
    const bool stays = t->block + 1 < t->f->blocks && most >= all; /* packed for other blocks */
    struct tcv_direct_tile next;

    if (ic < all)
        return tcv_direct_inputs(t, ic, tcv_min(most, all - ic));
    if (t->f->form != TCV_DIRECT_ROWS || stays || unit + 1 >= units)
        return (struct tcv_ask){NULL, 0, 0, 0};
    next = *t;
    locate(&next, unit + 1);
    return tcv_direct_inputs(&next, 0, tcv_min(most, all));
}

void tcv_direct_work(const struct tcv_run *run, const struct tcv_setup *setup,
                     struct tcv_worker *worker, void *scratch)
{
    const enum tcv_direct_form form = setup->direct.family.form;
    const bool depth = form == TCV_DIRECT_DEPTH, tiles = form == TCV_DIRECT_TILES;
    const bool keeps = !depth && !setup->direct.family.at_once; /* sums, in c */
    const int64_t units = tcv_direct_units(run->problem, setup, &run->window);
    const struct tcv_ask none = {NULL, 0, 0, 0};
    struct tcv_direct_tile t;

    tcv_direct_tile_init(&t, run, setup, scratch);
    for (int a = 0; a < TCV_AXES; a++)
        t.tiles[a] = range_of(t.p, t.g, a, &run->window);
    while (tcv_worker_next(worker)) {
        bool packed; /* by the unit before, for another block of channels */

        locate(&t, worker->unit);
        packed = worker->follows && t.block > 0 && t.g->ic_chunk >= t.p->ic;
        if (!worker->follows || t.block == 0) {
            tcv_direct_tile_place(&t);
            t.straight = tcv_direct_is_straight(&t);
            if (form == TCV_DIRECT_LANES)
                (t.straight ? tcv_direct_find_straight : tcv_direct_find_pairs)(&t);
            else if (tiles)
                tcv_bf16x3_find_tiles(&t);
        }
        tcv_vectors_fill(&t.vectors, run, t.group * t.p->oc + t.oc, t.oc_count);
        if (t.joined)
            tcv_vectors_repeat(&t.vectors, t.oc_count,
                               t.p->axis[TCV_AXES - 1].stride * t.together, t.element);
        t.wild = packed && t.wild;
        for (int64_t ic = 0; ic < t.p->ic; ic += t.g->ic_chunk) {
            const int64_t count = tcv_min(t.g->ic_chunk, t.p->ic - ic);

            if (keeps) {
                t.soon[0] = ic + count < t.p->ic ? none : tcv_direct_outputs(&t);
                t.soon[1] = next_inputs(&t, ic + count, worker->unit, units);
            }
            if (depth)
                tcv_direct_input(&t, t.oc, t.oc_count);
            else if (!packed)
                (tiles ? tcv_bf16x3_input : tcv_direct_input)(&t, ic, count);
            for (int64_t i = ic; i < ic + count && keeps; i += t.f->ic_block)
                (tiles ? tcv_bf16x3_sum : sum_channels)(
                    &t, weights_of(&t), i, tcv_min(t.f->ic_block, ic + count - i), ic);
        }
        if (t.wild)
            tcv_bf16x3_add_wild(&t, weights_of(&t));
        if (!keeps)
            tcv_direct_depth_place(&t, weights_of(&t));
        if (!t.straight)
            (depth ? tcv_direct_depth_store : tcv_direct_store)(&t);
    }
}

const struct tcv_algo tcv_algo_direct = {
    .id = TCONV_ALGORITHM_DIRECT,
    .name = "direct",
    .promise = "the same bits for any threads, window, workspace and batch split",
    .prepare = prepare,
    .cost = tcv_direct_cost,
    .pack = tcv_direct_pack,
    .units = tcv_direct_units,
    .work = tcv_direct_work,
};
