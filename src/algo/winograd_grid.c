#include "algo/winograd_grid.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "algo/cost.h"
#include "base/checked.h"
#include "base/cpu.h"

/*
 * Products of a block of channels, and points of the inputs, in L2 as far as it goes.  Points
 * beyond it come back for each block, so there are fewer blocks.
 */
#define PRODUCT_BYTES (512 * 1024)
#define PRODUCT_BYTES_MOST (1024 * 1024)
#define INPUT_BYTES (2304 * 1024)
/* As far as a worker's scratch goes, for two vectors of positions: else points are made anew. */
#define INPUT_BYTES_MOST (3328 * 1024)
/* Sums that are transformed back at once, between L1 and L2. */
#define STORE_BYTES (64 * 1024)
#define PRODUCTS_MOST (1 << 20) /* of a tile: more would never fit in a worker's scratch */
#define SUMMED_MOST (INT64_C(1) << 40) /* channels with their planes: of more no size fits */
#define POSITIONS_MOST 128
#define POSITIONS_WANTED 64
#define POSITIONS_LEAST 32
/* Units of which one more or less is no matter. */
#define UNITS_MANY 16
/*
 * Channels of one call, whose sums are then fetched and stored once, while points and weights
 * come from L2; fewer where so many points of two vectors of positions would not fit there.
 */
#define CALL_CHANNELS_MOST 256
#define CALL_CHANNELS_LEAST 64

/* Of the whole output, which has b of [first, ...]. */
static int64_t tiles_of_axis(const struct tcv_axis *axis, const struct tcv_winograd_axis *ax)
{
    return tcv_ceil_div(tcv_floor_div(axis->out - 1 + ax->pad, ax->stride) - ax->first + 1,
                        ax->outputs);
}

/* The most taps of a phase or plane, and how many phases have as many. */
static int64_t taps_of(const struct tcv_axis *axis)
{
    return tcv_ceil_div(axis->kernel, tcv_max(axis->stride, axis->down)); /* one of them is 1 */
}

static int64_t rest_of(const struct tcv_axis *axis)
{
    return axis->down > 1 ? 1 : axis->kernel - (taps_of(axis) - 1) * axis->stride;
}

/* Of the inputs of an axis; without a tap there is none. */
static int64_t planes_of(const struct tcv_axis *axis)
{
    return axis->down > 1 ? tcv_min(axis->down, axis->kernel) : 1;
}

static int64_t all_planes(const struct tcv_problem *p)
{
    int64_t planes = 1; /* at most the taps */

    for (int a = 0; a < TCV_AXES; a++)
        planes *= planes_of(&p->axis[a]);
    return planes;
}

static struct tcv_winograd_axis axis_of(const struct tcv_axis *axis, enum tcv_winograd_form form,
                                        int64_t shift)
{
    const int64_t rest = shift > 0 ? axis->stride - shift : rest_of(axis);
    const enum tcv_winograd_form also = shift > 0              ? form
                                        : rest == axis->stride ? TCV_WINOGRAD_1_1
                                                               : tcv_winograd_shorter(form);
    const bool gathers = axis->down > 1;

    return (struct tcv_winograd_axis){
        .taps = tcv_winograd_taps(form),
        .outputs = tcv_winograd_outputs(form),
        .inputs = tcv_winograd_inputs(form, also),
        .rest = rest,
        .stride = axis->stride,
        .also = also,
        .own = tcv_winograd_points(form),
        .points = tcv_winograd_all_points(form, also),
        .distinct = tcv_winograd_points(form) +
                    (also == TCV_WINOGRAD_1_1 ? 0 : tcv_winograd_distinct(also)),
        .shift = shift,
        .pad = gathers ? 0 : axis->pad_begin - shift,
        .first = gathers ? 0 : tcv_floor_div(axis->pad_begin - shift, axis->stride),
        .down = axis->down,
        .planes = planes_of(axis),
        .offset = gathers ? axis->pad_begin : 0,
    };
}

/* Ways to go for an axis, that with the least error first; one tap has one way. */
#define WAYS 3

static bool way_of(const struct tcv_axis *axis, int way, enum tcv_winograd_form *form_out,
                   int64_t *shift_out)
{
    static const struct {
        int64_t taps;
        enum tcv_winograd_form form;
        bool shifts;
    } ways[][WAYS] = {
        {{1, TCV_WINOGRAD_1_1, false}},
        {{2, TCV_WINOGRAD_2_2, false}, {2, TCV_WINOGRAD_3_2, false}, {2, TCV_WINOGRAD_2_2, true}},
        {{3, TCV_WINOGRAD_2_3, false}, {3, TCV_WINOGRAD_3_3, false}},
    };
    const int64_t taps = taps_of(axis);

    *form_out = ways[taps - 1][way].form;
    *shift_out = ways[taps - 1][way].shifts ? axis->pad_begin % axis->stride : 0;
    return ways[taps - 1][way].taps == taps &&
           (!ways[taps - 1][way].shifts || (*shift_out > 0 && rest_of(axis) == axis->stride));
}

/*
 * Bytes for the products of a block, of `wanted` positions.  Where INPUT_BYTES do not hold the
 * points of POSITIONS_LEAST, there are no more positions than that: PRODUCT_BYTES, and twice as
 * many if each block has to make its points anew.  Elsewhere half as much as the points of all
 * channels take, if that is more than PRODUCT_BYTES.  In the scratch each point has room for as
 * many phases as any has, so only the part that is `used` of it counts, but some is always
 * granted.
 */
static int64_t product_bytes(const struct tcv_problem *p, const struct tcv_winograd_grid *g,
                             int64_t *wanted_out)
{
    const int64_t channels = tcv_min(g->channels, INPUT_BYTES); /* more is no matter */
    const int64_t position = (int64_t)tcv_dtype_bytes(p->dtype) * g->points * channels;
    const double used =
        (double)g->point_phases / ((double)g->points * (double)g->phases_most); /* of that room */
    int64_t least = PRODUCT_BYTES, most;

    *wanted_out = POSITIONS_WANTED;
    if (position * POSITIONS_LEAST > INPUT_BYTES) {
        *wanted_out = POSITIONS_LEAST;
        least = PRODUCT_BYTES / 2;
        most = position * POSITIONS_LEAST > INPUT_BYTES_MOST ? PRODUCT_BYTES_MOST : PRODUCT_BYTES;
    } else {
        most = tcv_min(PRODUCT_BYTES_MOST, position * POSITIONS_WANTED / 2);
    }
    return tcv_max(least, (int64_t)((double)most * used));
}

/* Blocks of which the products, at so many positions, take no more than `budget`. */
static int64_t blocks_within(const struct tcv_problem *p, const struct tcv_winograd_grid *g,
                             int64_t positions, int64_t budget)
{
    const int64_t rows = budget / ((int64_t)tcv_dtype_bytes(p->dtype) * positions);

    return tcv_ceil_div(p->oc, tcv_max(1, rows / g->point_phases));
}

/*
 * Blocks of output channels: evenly many for two threads, and not one where PRODUCT_BYTES would
 * give two.  Where an image has few tiles, a unit has no more positions than those, and more
 * channels; the batch has no part in it either.
 */
static int64_t blocks_of(const struct tcv_problem *p, const struct tcv_winograd_grid *g)
{
    int64_t wanted, positions = 1, blocks;
    const int64_t bytes = product_bytes(p, g, &wanted);

    for (int a = 0; a < TCV_AXES; a++)
        positions *= tcv_min(POSITIONS_MOST, tiles_of_axis(&p->axis[a], &g->axis[a]));
    positions = tcv_max(POSITIONS_LEAST, tcv_min(wanted, positions));
    blocks = blocks_within(p, g, positions, bytes);

    return blocks > 1 ? blocks + blocks % 2
                      : tcv_min(2, blocks_within(p, g, positions, PRODUCT_BYTES));
}

/* The sizes that follow from the family. */
static void init_axes(const struct tcv_problem *p, struct tcv_winograd_grid *g)
{
    g->points = g->phases = g->outputs = g->point_phases = g->weight_phases = 1;
    g->phases_most = 1;
    g->dense = false;
    g->channels = p->ic * all_planes(p);
    for (int a = 0; a < TCV_AXES; a++) {
        struct tcv_winograd_axis *ax = &g->axis[a];

        *ax = axis_of(&p->axis[a], g->family.form[a], g->family.shift[a]);
        g->points *= ax->points;
        g->outputs *= ax->outputs;
        g->phases *= ax->stride;
        g->point_phases *= ax->own * ax->rest +
                           (ax->points - ax->own) * (ax->stride - ax->rest);
        g->weight_phases *= ax->own * ax->rest +
                            (ax->distinct - ax->own) * (ax->stride - ax->rest);
        g->phases_most *= tcv_max(ax->rest, ax->stride - ax->rest);
        g->dense = g->dense || ax->taps > 2;
    }
}

/* Tiles of which it no longer matters how full the last vector is. */
#define MANY_VECTORS 8

/*
 * What one image and input channel take, in whole vectors: products, points, and lines of inputs.
 * What part of a unit's points does not stay in L2 comes back for each block; of which too many
 * are wanted at once, those are made anew.
 */
static double work_of(const struct tcv_problem *p, const struct tcv_winograd_grid *g,
                      int64_t width)
{
    const double position = (double)g->points * (double)g->channels *
                            (double)tcv_dtype_bytes(p->dtype);
    const double blocks = (double)blocks_of(p, g);
    double tiles = 1.0, lines = 1.0, kept, inputs, again;

    for (int a = 0; a < TCV_AXES; a++) {
        const double along = (double)tiles_of_axis(&p->axis[a], &g->axis[a]);

        tiles *= along;
        lines *= a < TCV_AXES - 1 ? along * (double)g->axis[a].inputs : 1.0;
    }
    if (tiles < (double)(MANY_VECTORS * width))
        tiles = (double)(tcv_ceil_div((int64_t)tiles, width) * width);
    kept = position * fmin(tiles, POSITIONS_WANTED);
    again = blocks * fmax(0.0, 1.0 - (double)INPUT_BYTES / kept);
    inputs = TCV_COST_POINT * (double)g->points * tiles + TCV_COST_LINE * lines;
    if (position * fmin(tiles, (double)(2 * width)) > (double)INPUT_BYTES_MOST)
        inputs *= blocks;
    return tiles * (TCV_COST_PRODUCT * (double)g->point_phases * (double)p->oc +
                    TCV_COST_READ * (double)g->points * again) + inputs;
}

/*
 * Chooses the ways of all axes that take the least work, of those that auto may take if
 * there are any, or the first, which take the least memory; returns the products of a tile.
 */
static int64_t choose_ways(const struct tcv_problem *p, int64_t width, bool frugal,
                           struct tcv_winograd_family *f)
{
    struct tcv_winograd_grid g = {.family = *f};
    int64_t products = 0;
    double least = 0.0;

    for (int way = 0; way < (frugal ? 1 : WAYS * WAYS * WAYS); way++) {
        bool exists = true;
        double work;

        for (int a = 0, left = way; a < TCV_AXES; a++, left /= WAYS)
            exists = exists && way_of(&p->axis[a], left % WAYS, &g.family.form[a],
                                      &g.family.shift[a]);
        if (!exists)
            continue;
        init_axes(p, &g);
        work = work_of(p, &g, width);
        if (products == 0 || (work < least && tcv_winograd_error_ratio(p, &g) <=
                                                  TCV_WINOGRAD_RATIO_MOST)) {
            *f = g.family;
            products = g.point_phases;
            least = work;
        }
    }
    return products;
}

bool tcv_winograd_family_init(const struct tcv_problem *p, int64_t rows_most, int64_t width,
                              bool frugal, struct tcv_winograd_family *f, char *reason,
                              size_t reason_bytes)
{
    struct tcv_winograd_grid g;
    int64_t products, channels, most;
    bool any = false;

    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_axis *axis = &p->axis[a];

        if (axis->dilation > 1 || axis->kernel < axis->stride || taps_of(axis) > 3) {
            snprintf(reason, reason_bytes,
                     "kernel %" PRId64 " with stride %" PRId64 " and dilation %" PRId64
                     "; it wants a dense kernel of one to three strides",
                     axis->kernel, tcv_max(axis->stride, axis->down), axis->dilation);
            return false;
        }
        any = any || taps_of(axis) > 1;
    }
    if (!any) {
        snprintf(reason, reason_bytes, "one tap for each output leaves nothing to save");
        return false;
    }
    f->rows_most = rows_most;
    products = choose_ways(p, width, frugal, f);
    if (products > PRODUCTS_MOST) { /* so sizes do not overflow */
        snprintf(reason, reason_bytes, "one tile has %" PRId64 " products, over %d", products,
                 PRODUCTS_MOST);
        return false;
    }
    g.family = *f;
    init_axes(p, &g);
    f->oc_block = tcv_ceil_div(p->oc, blocks_of(p, &g));
    channels = p->ic * all_planes(p);
    if (channels > SUMMED_MOST) {
        snprintf(reason, reason_bytes, "%" PRId64 " channels with all planes, over %" PRId64,
                 channels, SUMMED_MOST);
        return false;
    }
    most = INPUT_BYTES / ((int64_t)tcv_dtype_bytes(p->dtype) * g.points * 2 * width);
    most = tcv_max(CALL_CHANNELS_LEAST, tcv_min(CALL_CHANNELS_MOST, most));
    f->ic_block = tcv_ceil_div(channels, tcv_ceil_div(channels, most));
    return true;
}

/*
 * As many positions as products and points allow.  If the points of all channels
 * leave room for too few, only some channels are kept, and each block of output
 * channels computes them again.
 */
void tcv_winograd_grid_init(const struct tcv_problem *p,
                            const struct tcv_winograd_family *family, int64_t width,
                            struct tcv_winograd_grid *g)
{
    const int64_t bytes = (int64_t)tcv_dtype_bytes(p->dtype);
    int64_t tiles = tcv_max(1, p->batch), wanted, most, chunks, position, units;

    *g = (struct tcv_winograd_grid){.family = *family};
    init_axes(p, g);
    for (int a = 0; a < TCV_AXES; a++) /* more than any unit takes is as good as the number */
        tiles = tcv_min(tiles * tiles_of_axis(&p->axis[a], &g->axis[a]), INT64_C(1) << 40);
    g->blocks = tcv_ceil_div(p->oc, family->oc_block);

    most = product_bytes(p, g, &wanted) / (bytes * g->point_phases * family->oc_block);
    most = tcv_min(most, POSITIONS_MOST);
    most = tcv_min(most, tcv_ceil_div(tiles, width) * width);
    position = bytes * g->points * g->channels;
    g->ic_chunk = g->channels;
    if (INPUT_BYTES / position >= tcv_min(most, 2 * width)) {
        most = tcv_min(most, INPUT_BYTES / position);
    } else if (INPUT_BYTES_MOST / position >= 2 * width) {
        most = tcv_min(most, 2 * width);
    } else {
        most = tcv_min(most, INPUT_BYTES / (bytes * g->points * family->ic_block));
        most = tcv_max(width, most / width * width);
        g->ic_chunk = tcv_max(1, INPUT_BYTES / (bytes * g->points * most * family->ic_block)) *
                      family->ic_block;
    }
    g->ic_chunk = tcv_min(g->ic_chunk, g->channels);
    most = tcv_max(width, most / width * width);
    chunks = tcv_ceil_div(tiles, most);
    units = chunks * g->blocks * tcv_min(p->groups, UNITS_MANY);
    if (units < UNITS_MANY && units % 2 == 1 && tiles / (chunks + 1) >= 2 * width)
        chunks++;
    g->positions = tcv_min(most, tcv_ceil_div(tcv_ceil_div(tiles, chunks), width) * width);
    g->leaves = g->ic_chunk > TCV_KEPT_BYTES / bytes / (g->points * g->positions +
                                                        g->weight_phases * family->oc_block);
    /*
     * Segments are written in whole vectors, up to one past the end; an odd number of
     * lines apart the points do not fall into one set of the caches.
     */
    g->plane_step = g->positions + width;
    g->points_pitch = family->form[0] == TCV_WINOGRAD_1_1 && family->form[1] == TCV_WINOGRAD_1_1
                          ? g->plane_step
                          : g->positions;
    g->point_step = g->ic_chunk * g->points_pitch + 5 * width;
    g->product_step = family->oc_block * g->phases_most * g->positions + 5 * width;
    g->store_channels = tcv_max(1, STORE_BYTES / (bytes * g->phases * g->outputs * g->positions));
    if (p->y.c == 1) /* side by side in y: two vectors of them */
        g->store_channels = tcv_max(g->store_channels, 2 * width);
    g->store_channels = tcv_min(g->store_channels, family->oc_block);
}

int64_t tcv_winograd_dense(const struct tcv_problem *p, const struct tcv_winograd_grid *g)
{
    return g->dense ? p->groups * p->ic * p->oc * p->taps : 0;
}

bool tcv_winograd_packed_bytes(const struct tcv_problem *p, const struct tcv_winograd_grid *g,
                               size_t *bytes_out)
{
    const int64_t weights = p->groups * p->ic * p->oc; /* fits, as do the taps' bytes */
    int64_t points, total;

    if (!tcv_mul_i64(g->channels / p->ic, g->weight_phases, &points) ||
        !tcv_mul_i64(weights, (g->dense ? p->taps : 0) + points, &total) ||
        !tcv_mul_i64(total, (int64_t)tcv_dtype_bytes(p->dtype), &total) || total >= PTRDIFF_MAX)
        return false;
    *bytes_out = (size_t)total;
    return true;
}
