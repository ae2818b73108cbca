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
 * ones; with others the plan has the reference compute (tcv_plan_algo_for).
 *
 * Units of work: image, group, tile, block of channels, the last innermost, so
 * that the packed input serves all blocks of a worker's turn.
 */
#include <string.h>

#include "algo/direct_tile.h"
#include "algo/finish.h"
#include "base/checked.h"
#include "kernels/copy_box.h"

static bool prepare(const struct tcv_problem *p, uint32_t features,
                    const struct tcv_setup *like, struct tcv_setup *setup_out,
                    char reason[TCV_REASON_BYTES])
{
    struct tcv_direct_grid *g = &setup_out->direct;
    const struct tcv_direct_family family =
        like != NULL ? like->direct.family : tcv_direct_family_init(p, features);

    if (!tcv_direct_grid_init(p, &family, g, reason, TCV_REASON_BYTES))
        return false;
    setup_out->kernels = tcv_kernels_select(features, p->dtype);
    setup_out->direct_kernels = tcv_direct_select(features, p->dtype);
    setup_out->worker_bytes = tcv_direct_tile_bytes(p, g);
    setup_out->packed_bytes = (size_t)(p->groups * tcv_direct_packed_group(p, &family)) *
                              tcv_dtype_bytes(p->dtype);
    for (int a = 0; a < TCV_AXES; a++)
        setup_out->tile[a] = g->axis[a].block;
    setup_out->tile_channels = family.oc_block;
    return true;
}

/* Part `index` of the (padded) rows of one class. */
struct part {
    int64_t first, count;
};

static struct part part_at(const struct tcv_direct_family *f, int64_t rows, int64_t index)
{
    const int64_t parts = tcv_direct_parts(f, rows);

    return (struct part){rows * index / parts, rows * (index + 1) / parts - rows * index / parts};
}

/* Offset in w of tap 0 of row `row` of a class, relative to channel 0 of the block. */
static int64_t weight_row(const struct tcv_problem *p, const struct tcv_direct_family *f,
                          const int64_t index[TCV_AXES], const struct tcv_direct_rows *rows,
                          int64_t oc_count, int64_t row)
{
    const int64_t phases = rows->rows / oc_count;
    int64_t rank = f->channels_inside ? row / oc_count : row % phases;
    int64_t at = (f->channels_inside ? row % oc_count : row / phases) * p->w.c;

    for (int a = TCV_AXES - 1; a >= 0; a--) {
        const struct tcv_direct_class c = tcv_direct_class_at(&p->axis[a], f->merged, index[a]);
        const int64_t r = c.lo + rank % rows->phases[a];

        rank /= rows->phases[a];
        at += tcv_direct_tap_at(&p->axis[a], r, 0).k * p->w.s[a];
    }
    return at;
}

/* Tap t of a class, an index per axis, the innermost running fastest. */
static void tap_index(const struct tcv_problem *p, const struct tcv_direct_family *f,
                      const int64_t index[TCV_AXES], int64_t t, int64_t tap[TCV_AXES])
{
    for (int a = TCV_AXES - 1; a >= 0; a--) {
        const struct tcv_direct_class c = tcv_direct_class_at(&p->axis[a], f->merged, index[a]);

        tap[a] = t % c.taps;
        t /= c.taps;
    }
}

/* Distance in w from tap 0 to tap t, the same for all rows of a class. */
static int64_t weight_tap(const struct tcv_problem *p, const struct tcv_direct_family *f,
                          const int64_t index[TCV_AXES], int64_t t)
{
    int64_t tap[TCV_AXES], at = 0;

    tap_index(p, f, index, t, tap);
    for (int a = 0; a < TCV_AXES; a++) {
        const int64_t r = tcv_direct_class_at(&p->axis[a], f->merged, index[a]).lo;

        at += (tcv_direct_tap_at(&p->axis[a], r, tap[a]).k -
               tcv_direct_tap_at(&p->axis[a], r, 0).k) * p->w.s[a];
    }
    return at;
}

#define LANES_MOST 16

/*
 * One part (ROWS) or vector (LANES) of a class, input channels [ic, ic + count) of
 * the ic_count of a block, whose packed weights are [taps][ic_count][rows] at `to`.
 */
static void pack_part(const struct tcv_problem *p, const struct tcv_direct_family *f,
                      const int64_t index[TCV_AXES], const struct tcv_direct_rows *rows,
                      int64_t oc_count, struct part part, int64_t ic, int64_t count,
                      int64_t ic_count, const char *w, char *to)
{
    const size_t element = tcv_dtype_bytes(p->dtype), row = (size_t)part.count * element;
    const int64_t held = tcv_min(part.count, rows->rows - part.first); /* the rest is padding */
    int64_t at[LANES_MOST];

    for (int64_t m = 0; m < held; m++)
        at[m] = weight_row(p, f, index, rows, oc_count, part.first + m);
    for (int64_t t = 0; t < rows->taps; t++) {
        const char *from = w + weight_tap(p, f, index, t) * (int64_t)element;
        char *line = to + (size_t)(t * ic_count + ic) * row;

        for (int64_t i = ic; i < ic + count; i++, line += row) {
            tcv_gather(held, at, element, from + i * p->w.n * (int64_t)element, line);
            memset(line + (size_t)held * element, 0, row - (size_t)held * element);
        }
    }
}

/* Part i of every class, for some channels of the block that begins at channel ic. */
static void pack_parts(const struct tcv_problem *p, const struct tcv_direct_grid *g,
                       int64_t oc_count, int64_t i, int64_t ic, int64_t first, int64_t count,
                       const char *w, char *packed)
{
    const struct tcv_direct_family *f = &g->family;
    const int64_t element = (int64_t)tcv_dtype_bytes(p->dtype);
    const int64_t ic_count = tcv_min(f->ic_block, p->ic - ic);
    int64_t index[TCV_AXES] = {0};

    do {
        const struct tcv_direct_rows rows = tcv_direct_rows_of(p, f, index, oc_count);

        if (i < tcv_direct_parts(f, rows.padded)) {
            const struct part part = part_at(f, rows.padded, i);

            pack_part(p, f, index, &rows, oc_count, part, first, count, ic_count,
                      w + ic * p->w.n * element,
                      packed + (part.first * rows.taps * p->ic + ic * rows.taps * part.count) *
                                   element);
        }
        packed += rows.padded * rows.taps * p->ic * element;
    } while (tcv_direct_next_class(g, index));
}

/*
 * One block of output channels: its classes one after the other, each
 * [parts][ic blocks][taps][ic][rows of the part].
 *
 * Loop order.  A cache line of w holds taps of several classes, and the rows of a
 * part lie in different lines: CHANNELS_AT_ONCE of those keep L1 from being
 * filled before all classes have had their taps from it.
 */
#define CHANNELS_AT_ONCE 16

static void pack_block(const struct tcv_problem *p, const struct tcv_direct_grid *g,
                       int64_t oc_count, const char *w, char *packed)
{
    const struct tcv_direct_family *f = &g->family;
    int64_t index[TCV_AXES] = {0}, parts = 0;

    do {
        const struct tcv_direct_rows rows = tcv_direct_rows_of(p, f, index, oc_count);

        parts = tcv_max(parts, tcv_direct_parts(f, rows.padded));
    } while (tcv_direct_next_class(g, index));

    for (int64_t ic = 0; ic < p->ic; ic += f->ic_block) {
        const int64_t ic_count = tcv_min(f->ic_block, p->ic - ic);

        for (int64_t first = 0; first < ic_count; first += CHANNELS_AT_ONCE)
            for (int64_t i = 0; i < parts; i++)
                pack_parts(p, g, oc_count, i, ic, first,
                           tcv_min(CHANNELS_AT_ONCE, ic_count - first), w, packed);
    }
}

static void pack(const struct tcv_problem *p, const struct tcv_setup *setup, const void *w,
                 void *packed)
{
    const struct tcv_direct_grid *g = &setup->direct;
    const struct tcv_direct_family *f = &g->family;
    const int64_t element = (int64_t)tcv_dtype_bytes(p->dtype);
    char *to = packed;

    for (int64_t group = 0; group < p->groups; group++)
        for (int64_t block = 0; block < f->blocks; block++) {
            const int64_t oc_count = tcv_direct_oc_count(p, f, block);
            const char *from = (const char *)w + (group * p->ic * p->w.n +
                                                  block * f->oc_block * p->w.c) * element;

            pack_block(p, g, oc_count, from, to);
            to += tcv_direct_packed(p, f, oc_count) * element;
        }
}

/* Tiles [first, last] of an axis that the window falls into. */
struct range {
    int64_t first, last;
};

static struct range tiles(const struct tcv_problem *p, const struct tcv_direct_grid *g, int a,
                          const struct tcv_window *window)
{
    const struct tcv_direct_axis *ax = &g->axis[a];
    const int64_t stride = p->axis[a].stride;

    return (struct range){
        (tcv_floor_div(window->begin[a] + ax->shift, stride) - ax->first) / ax->block,
        (tcv_floor_div(window->end[a] - 1 + ax->shift, stride) - ax->first) / ax->block,
    };
}

static int64_t units(const struct tcv_problem *p, const struct tcv_setup *setup,
                     const struct tcv_window *window)
{
    int64_t count = p->batch * p->groups * setup->direct.family.blocks;

    for (int a = 0; a < TCV_AXES; a++) {
        const struct range r = tiles(p, &setup->direct, a, window);

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
        const struct range r = tiles(t->p, t->g, a, &t->run->window);

        t->tile[a] = r.first + unit % (r.last - r.first + 1);
        unit /= r.last - r.first + 1;
    }
    t->group = unit % t->p->groups;
    t->image = unit / t->p->groups;
}

/* Where in the packed input the taps of a class are, relative to position 0 of c. */
static void find_taps(struct tcv_direct_tile *t, const int64_t index[TCV_AXES], int64_t taps)
{
    const int64_t pixel = t->g->planes ? 1 : t->g->ic_pitch;

    for (int64_t i = 0; i < taps; i++) {
        int64_t tap[TCV_AXES], at = 0;

        tap_index(t->p, t->f, index, i, tap);
        for (int a = 0; a < TCV_AXES; a++) {
            const struct tcv_axis *axis = &t->p->axis[a];
            const int64_t r = tcv_direct_class_at(axis, t->f->merged, index[a]).lo;
            const int64_t carry = t->f->merged ? 0 : tcv_direct_carry(axis, r);

            at = at * t->box[a].extent + carry - tcv_direct_tap_at(axis, r, tap[a]).back;
        }
        t->tap[i] = (t->origin + at) * pixel;
    }
}

/* Adds channels [ic, ic + count) of the packed input to the sums of one class. */
static void sum_class(struct tcv_direct_tile *t, const struct tcv_direct_rows *rows,
                      int64_t row, const char *w, int64_t ic, int64_t count, int64_t ic_first)
{
    const bool lanes = t->f->form == TCV_DIRECT_LANES;
    const int64_t element = (int64_t)t->element;
    const int64_t pixel = t->g->planes ? 1 : t->g->ic_pitch;
    const int64_t channel = t->g->planes ? t->g->inputs : 1;
    struct tcv_direct args = {
        .x = t->x + (ic - ic_first) * channel * element,
        .x_channel = channel,
        .x_pixel = pixel,
        .tap = t->tap,
        .taps = rows->taps,
        .channels = count,
        .add = ic > 0,
        .c_step = lanes ? t->g->c_rows : t->g->positions,
        .positions = t->positions,
        .pair = t->pair,
        .pairs = t->positions / 2,
        .vectors = rows->padded / t->f->width,
        .w_vector = rows->taps * t->p->ic * t->f->width,
    };

    if (lanes) {
        args.w = w + ic * rows->taps * t->f->width * element;
        args.c = t->c + row * element;
        t->direct->lanes(&args);
        return;
    }
    for (int64_t i = 0; i < tcv_direct_parts(t->f, rows->rows); i++) {
        const struct part part = part_at(t->f, rows->rows, i);

        args.rows = part.count;
        args.w = w + (part.first * rows->taps * t->p->ic + ic * rows->taps * part.count) * element;
        args.c = t->c + (row + part.first) * t->g->positions * element;
        t->direct->rows(&args);
    }
}

/* All classes, for the channels of the packed input [first, first + count). */
static void sum_chunk(struct tcv_direct_tile *t, const char *w, int64_t first, int64_t count)
{
    int64_t index[TCV_AXES] = {0}, triple = 0, row = 0;

    do {
        const struct tcv_direct_rows rows = tcv_direct_rows_of(t->p, t->f, index, t->oc_count);

        t->class_row[triple++] = row;
        find_taps(t, index, rows.taps);
        for (int64_t ic = first; ic < first + count; ic += t->f->ic_block)
            sum_class(t, &rows, row, w, ic, tcv_min(t->f->ic_block, first + count - ic), first);
        row += rows.padded;
        w += rows.padded * rows.taps * t->p->ic * (int64_t)t->element;
    } while (tcv_direct_next_class(t->g, index));
}

/* LANES: the positions, two by two along each row. */
static void find_pairs(struct tcv_direct_tile *t)
{
    const int64_t pixel = t->g->planes ? 1 : t->g->ic_pitch;
    int64_t n = 0;

    for (int64_t d = 0; d < t->box[0].end - t->box[0].begin; d++)
        for (int64_t h = 0; h < t->box[1].end - t->box[1].begin; h++)
            for (int64_t w = 0; w < t->box[2].end - t->box[2].begin; w += 2)
                t->pair[n++] = ((d * t->box[1].extent + h) * t->box[2].extent + w) * pixel;
}

static void fold(struct tcv_direct_tile *t)
{
    const size_t at = (size_t)(t->group * t->p->oc + t->oc) * t->element;
    const struct tcv_run *run = t->run;

    t->kernels->fold(&(struct tcv_fold){
        .bias = run->bias != NULL ? (const char *)run->bias + at : NULL,
        .scale = run->scale != NULL ? (const char *)run->scale + at : NULL,
        .shift = run->shift != NULL ? (const char *)run->shift + at : NULL,
        .count = t->oc_count,
        .scale_out = t->scale,
        .offset_out = t->offset,
    });
}

/* The packed weights of the tile's group and block. */
static const char *weights_of(const struct tcv_direct_tile *t)
{
    /* All blocks but the last have the same channels. */
    const int64_t at = t->group * tcv_direct_packed_group(t->p, t->f) +
                       t->block * tcv_direct_packed(t->p, t->f, t->f->oc_block);

    return (const char *)t->run->packed + at * (int64_t)t->element;
}

static void work(const struct tcv_run *run, const struct tcv_setup *setup, int64_t begin,
                 int64_t end, void *scratch)
{
    struct tcv_direct_tile t;

    tcv_direct_tile_init(&t, run, setup, scratch);
    for (int64_t unit = begin; unit < end; unit++) {
        bool packed; /* by the unit before, for another block of channels */

        locate(&t, unit);
        packed = unit > begin && t.block > 0 && t.g->ic_chunk == t.p->ic;
        if (unit == begin || t.block == 0) {
            tcv_direct_tile_place(&t);
            if (t.f->form == TCV_DIRECT_LANES)
                find_pairs(&t);
        }
        for (int64_t ic = 0; ic < t.p->ic; ic += t.g->ic_chunk) {
            const int64_t count = tcv_min(t.g->ic_chunk, t.p->ic - ic);

            if (!packed)
                tcv_direct_input(&t, ic, count);
            sum_chunk(&t, weights_of(&t), ic, count);
        }
        fold(&t);
        tcv_direct_store(&t);
    }
}

const struct tcv_algo tcv_algo_direct = {
    .id = TCONV_ALGORITHM_DIRECT,
    .name = "direct",
    .promise = "the same bits for any threads, window, workspace and batch split",
    .finite_weights = true,
    .prepare = prepare,
    .pack = pack,
    .units = units,
    .work = work,
};
