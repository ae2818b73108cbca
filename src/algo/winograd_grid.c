#include "algo/winograd_grid.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/checked.h"

/* Products of a block of channels, and points of the inputs, in L2 as far as it goes. */
#define PRODUCT_BYTES (512 * 1024)
#define INPUT_BYTES (2304 * 1024)
/* As far as a worker's scratch goes, for two vectors of positions: else points are made anew. */
#define INPUT_BYTES_MOST (3328 * 1024)
/* Sums that are transformed back at once, between L1 and L2. */
#define STORE_BYTES (64 * 1024)
#define POSITIONS_MOST 128
#define POSITIONS_LEAST 64
/* Weights of one call: beside the points of as many channels in L1. */
#define CHANNELS_AT_ONCE 64

static int64_t outputs_of_axis(const struct tcv_axis *axis)
{
    return tcv_floor_div(axis->out - 1 + axis->pad_begin, axis->stride) -
           tcv_floor_div(axis->pad_begin, axis->stride) + 1;
}

/* The most taps of a phase, and how many phases have as many. */
static int64_t taps_of(const struct tcv_axis *axis)
{
    return tcv_ceil_div(axis->kernel, axis->stride);
}

static int64_t rest_of(const struct tcv_axis *axis)
{
    return axis->kernel - (taps_of(axis) - 1) * axis->stride;
}

/* Products of one tile for all phases: F(m, r) and F(m, r - 1). */
static int64_t products_of(const struct tcv_axis *axis, enum tcv_winograd_form form)
{
    return tcv_winograd_points(form) * rest_of(axis) +
           tcv_winograd_points(tcv_winograd_shorter(form)) * (axis->stride - rest_of(axis));
}

/* With two taps F(3, r) or F(2, r), whichever takes fewer products. */
static enum tcv_winograd_form form_of(const struct tcv_axis *axis)
{
    const int64_t count = outputs_of_axis(axis);

    if (taps_of(axis) == 1)
        return TCV_WINOGRAD_1_1;
    if (taps_of(axis) == 3)
        return TCV_WINOGRAD_2_3;
    return products_of(axis, TCV_WINOGRAD_3_2) * tcv_ceil_div(count, 3) <
                   products_of(axis, TCV_WINOGRAD_2_2) * tcv_ceil_div(count, 2)
               ? TCV_WINOGRAD_3_2
               : TCV_WINOGRAD_2_2;
}

/* The sizes that follow from the family. */
static void init_axes(const struct tcv_problem *p, struct tcv_winograd_grid *g)
{
    g->points = g->phases = g->outputs = g->point_phases = g->phases_most = 1;
    for (int a = 0; a < TCV_AXES; a++) {
        const enum tcv_winograd_form form = g->family.form[a];
        const int64_t rest = rest_of(&p->axis[a]), others = p->axis[a].stride - rest;
        const int64_t points = tcv_winograd_points(form);
        const int64_t shorter = others == 0 ? 0 : tcv_winograd_points(tcv_winograd_shorter(form));
        struct tcv_winograd_axis *ax = &g->axis[a];

        *ax = (struct tcv_winograd_axis){
            .taps = tcv_winograd_taps(form),
            .outputs = tcv_winograd_outputs(form),
            .inputs = points,
            .rest = rest,
            .stride = p->axis[a].stride,
            .points = points + shorter,
            .first = tcv_floor_div(p->axis[a].pad_begin, p->axis[a].stride),
        };
        g->points *= ax->points;
        g->outputs *= ax->outputs;
        g->phases *= ax->stride;
        g->point_phases *= points * rest + shorter * others;
        g->phases_most *= tcv_max(rest, others);
    }
}

struct tcv_winograd_filter tcv_winograd_filter_at(const struct tcv_winograd_grid *g, int index)
{
    struct tcv_winograd_filter f = {.taps = 1, .points = 1, .count = 1};

    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_winograd_axis *ax = &g->axis[a];
        const bool shorter = (index >> a & 1) != 0;

        f.form[a] = shorter ? tcv_winograd_shorter(g->family.form[a]) : g->family.form[a];
        f.phase[a] = shorter ? ax->rest : 0;
        f.phases[a] = shorter ? ax->stride - ax->rest : ax->rest;
        f.point[a] = shorter ? ax->inputs : 0;
        f.taps *= tcv_winograd_taps(f.form[a]);
        f.points *= tcv_winograd_points(f.form[a]);
        f.count *= f.phases[a];
    }
    return f;
}

/* Of one axis: `u` points have that many phases, and all of them the last. */
static int64_t phases_of_points(const struct tcv_winograd_axis *ax, int64_t u)
{
    return tcv_min(u, ax->inputs) * ax->rest +
           tcv_max(0, u - ax->inputs) * (ax->stride - ax->rest);
}

int64_t tcv_winograd_phases_before(const struct tcv_winograd_grid *g,
                                   const int64_t u[TCV_AXES])
{
    int64_t before = 0, here = 1; /* phases of the axes so far, at u */

    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_winograd_axis *ax = &g->axis[a];

        before = before * phases_of_points(ax, ax->points) + here * phases_of_points(ax, u[a]);
        here *= phases_of_points(ax, u[a] + 1) - phases_of_points(ax, u[a]);
    }
    return before;
}

bool tcv_winograd_family_init(const struct tcv_problem *p, int64_t rows_most,
                              struct tcv_winograd_family *f, char *reason, size_t reason_bytes)
{
    const int64_t bytes = (int64_t)tcv_dtype_bytes(p->dtype);
    int64_t phases = 1, wanted, blocks;
    bool any = false;

    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_axis *axis = &p->axis[a];

        if (axis->dilation > 1 || axis->down > 1 || axis->kernel < axis->stride ||
            taps_of(axis) > 3) {
            snprintf(reason, reason_bytes,
                     "kernel %" PRId64 " with stride %" PRId64 " and dilation %" PRId64
                     "; it wants a dense kernel of one to three strides",
                     axis->kernel, tcv_max(axis->stride, axis->down), axis->dilation);
            return false;
        }
        f->form[a] = form_of(axis);
        any = any || f->form[a] != TCV_WINOGRAD_1_1;
        phases *= products_of(axis, f->form[a]);
    }
    if (!any) {
        snprintf(reason, reason_bytes, "one tap for each output leaves nothing to save");
        return false;
    }
    f->rows_most = rows_most;
    wanted = PRODUCT_BYTES / (bytes * POSITIONS_LEAST * phases);
    blocks = tcv_ceil_div(p->oc, tcv_max(1, wanted));
    f->oc_block = tcv_ceil_div(p->oc, blocks);
    blocks = tcv_ceil_div(p->ic, CHANNELS_AT_ONCE);
    f->ic_block = tcv_ceil_div(p->ic, blocks);
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
    int64_t tiles = tcv_max(1, p->batch), most, chunks;

    *g = (struct tcv_winograd_grid){.family = *family};
    init_axes(p, g);
    for (int a = 0; a < TCV_AXES; a++) /* more than any unit takes is as good as the number */
        tiles = tcv_min(tiles * tcv_ceil_div(outputs_of_axis(&p->axis[a]), g->axis[a].outputs),
                        INT64_C(1) << 40);
    g->blocks = tcv_ceil_div(p->oc, family->oc_block);

    most = tcv_min(POSITIONS_MOST, PRODUCT_BYTES / (bytes * g->point_phases * family->oc_block));
    most = tcv_min(most, tcv_ceil_div(tiles, width) * width);
    g->ic_chunk = p->ic;
    if (INPUT_BYTES / (bytes * g->points * p->ic) >= tcv_min(most, 2 * width))
        most = tcv_min(most, INPUT_BYTES / (bytes * g->points * p->ic));
    else if (INPUT_BYTES_MOST / (bytes * g->points * p->ic) >= 2 * width)
        most = tcv_min(most, 2 * width);
    else
        g->ic_chunk = tcv_max(1, INPUT_BYTES / (bytes * g->points * tcv_max(most, width) *
                                                family->ic_block)) *
                      family->ic_block;
    g->ic_chunk = tcv_min(g->ic_chunk, p->ic);
    most = tcv_max(width, most / width * width);
    chunks = tcv_ceil_div(tiles, most);
    g->positions = tcv_min(most, tcv_ceil_div(tcv_ceil_div(tiles, chunks), width) * width);
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

int64_t tcv_winograd_oc_count(const struct tcv_problem *p, const struct tcv_winograd_grid *g,
                              int64_t index)
{
    return tcv_min(g->family.oc_block, p->oc - index * g->family.oc_block);
}

int64_t tcv_winograd_parts(const struct tcv_winograd_family *f, int64_t rows)
{
    return tcv_ceil_div(rows, f->rows_most);
}

struct tcv_winograd_part tcv_winograd_part_at(const struct tcv_winograd_family *f, int64_t rows,
                                              int64_t index)
{
    const int64_t parts = tcv_winograd_parts(f, rows);

    return (struct tcv_winograd_part){rows * index / parts,
                                      rows * (index + 1) / parts - rows * index / parts};
}

bool tcv_winograd_packed_bytes(const struct tcv_problem *p, const struct tcv_winograd_grid *g,
                               size_t *bytes_out)
{
    const int64_t weights = p->groups * p->ic * p->oc; /* fits, as do the taps' bytes */
    int64_t total;

    if (!tcv_mul_i64(weights, p->taps + g->point_phases, &total) ||
        !tcv_mul_i64(total, (int64_t)tcv_dtype_bytes(p->dtype), &total) || total >= PTRDIFF_MAX)
        return false;
    *bytes_out = (size_t)total;
    return true;
}

struct tcv_winograd_range tcv_winograd_tiles(const struct tcv_problem *p,
                                             const struct tcv_winograd_grid *g, int a,
                                             const struct tcv_window *window)
{
    const struct tcv_winograd_axis *ax = &g->axis[a];
    const struct tcv_axis *axis = &p->axis[a];
    const int64_t begin = tcv_floor_div(window->begin[a] + axis->pad_begin, axis->stride);
    const int64_t last = tcv_floor_div(window->end[a] - 1 + axis->pad_begin, axis->stride);

    return (struct tcv_winograd_range){(begin - ax->first) / ax->outputs,
                                       (last - ax->first) / ax->outputs};
}

/* The largest row of |A| (|G| 1 * |B| 1), and the roundings of G, B and A. */
static const double growth[TCV_WINOGRAD_FORMS] = {1.0, 4.0, 6.0, 8.0, 1.0, 1.0};
static const double roundings[TCV_WINOGRAD_FORMS] = {0.0, 3.0, 4.0, 5.0, 0.0, 0.0};

/* Of the filter for which it is largest. */
double tcv_winograd_error_ratio(const struct tcv_problem *p, const struct tcv_winograd_grid *g)
{
    double most = 0.0;

    for (int i = 0; i < TCV_WINOGRAD_FILTERS; i++) {
        const struct tcv_winograd_filter f = tcv_winograd_filter_at(g, i);
        double n = (double)p->ic, ratio = 1.0;

        for (int a = 0; a < TCV_AXES; a++) {
            ratio *= growth[f.form[a]];
            n += roundings[f.form[a]];
        }
        ratio *= n / ((double)p->ic * (double)f.taps * (double)f.taps);
        if (f.count > 0 && ratio > most)
            most = ratio;
    }
    return most;
}
