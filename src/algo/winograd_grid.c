#include "algo/winograd_grid.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/checked.h"

/* Products of a block of channels, and points of the inputs, in L2 as far as it goes. */
#define PRODUCT_BYTES (512 * 1024)
#define INPUT_BYTES (2304 * 1024)
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

/* F(3, 2) takes 4 products for 3 values of b and F(2, 2) 3 for 2. */
static enum tcv_winograd_form form_of(const struct tcv_axis *axis)
{
    const int64_t count = outputs_of_axis(axis);

    if (axis->kernel == axis->stride)
        return TCV_WINOGRAD_1_1;
    if (axis->kernel == 3)
        return TCV_WINOGRAD_2_3;
    return 4 * tcv_ceil_div(count, 3) < 3 * tcv_ceil_div(count, 2) ? TCV_WINOGRAD_3_2
                                                                   : TCV_WINOGRAD_2_2;
}

bool tcv_winograd_family_init(const struct tcv_problem *p, int64_t rows_most,
                              struct tcv_winograd_family *f, char *reason, size_t reason_bytes)
{
    const int64_t bytes = (int64_t)tcv_dtype_bytes(p->dtype);
    int64_t points = 1, phases = 1, wanted, blocks;
    bool any = false;

    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_axis *axis = &p->axis[a];

        if (axis->dilation > 1 || axis->down > 1 ||
            (axis->kernel != axis->stride && axis->kernel != 2 * axis->stride &&
             (axis->kernel != 3 || axis->stride != 1))) {
            snprintf(reason, reason_bytes,
                     "kernel %" PRId64 " with stride %" PRId64 " and dilation %" PRId64
                     "; it wants a dense kernel of one or two strides, or of 3 with stride 1",
                     axis->kernel, tcv_max(axis->stride, axis->down), axis->dilation);
            return false;
        }
        f->form[a] = form_of(axis);
        any = any || f->form[a] != TCV_WINOGRAD_1_1;
        points *= tcv_winograd_points(f->form[a]);
        phases *= axis->stride;
    }
    if (!any) {
        snprintf(reason, reason_bytes, "one tap for each output leaves nothing to save");
        return false;
    }
    f->rows_most = rows_most;
    wanted = PRODUCT_BYTES / (bytes * points * POSITIONS_LEAST * phases);
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

    *g = (struct tcv_winograd_grid){
        .family = *family, .points = 1, .phases = 1, .outputs = 1, .taps = 1};
    for (int a = 0; a < TCV_AXES; a++) {
        const enum tcv_winograd_form form = family->form[a];
        struct tcv_winograd_axis *ax = &g->axis[a];

        ax->taps = tcv_winograd_taps(form);
        ax->outputs = tcv_winograd_outputs(form);
        ax->points = tcv_winograd_points(form);
        ax->first = tcv_floor_div(p->axis[a].pad_begin, p->axis[a].stride);
        g->points *= ax->points;
        g->outputs *= ax->outputs;
        g->taps *= ax->taps;
        g->phases *= p->axis[a].stride;
        /* More than any unit takes is as good as the whole number. */
        tiles = tcv_min(tiles * tcv_ceil_div(outputs_of_axis(&p->axis[a]), ax->outputs),
                        INT64_C(1) << 40);
    }
    g->blocks = tcv_ceil_div(p->oc, family->oc_block);

    most = tcv_min(POSITIONS_MOST, PRODUCT_BYTES / (bytes * g->points * g->phases *
                                                    family->oc_block));
    most = tcv_min(most, tcv_ceil_div(tiles, width) * width);
    g->ic_chunk = p->ic;
    if (INPUT_BYTES / (bytes * g->points * p->ic) >= tcv_min(most, 2 * width))
        most = tcv_min(most, INPUT_BYTES / (bytes * g->points * p->ic));
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
    g->product_step = family->oc_block * g->phases * g->positions + 5 * width;
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

    if (!tcv_mul_i64(weights, p->taps + g->points * g->phases, &total) ||
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

double tcv_winograd_error_ratio(const struct tcv_problem *p, const struct tcv_winograd_grid *g)
{
    /* The largest row of |A| (|G| 1 * |B| 1), and the roundings of G, B and A. */
    static const double growth[TCV_WINOGRAD_FORMS] = {1.0, 4.0, 6.0, 8.0};
    static const double roundings[TCV_WINOGRAD_FORMS] = {0.0, 3.0, 4.0, 5.0};
    double n = (double)p->ic, ratio = 1.0;

    for (int a = 0; a < TCV_AXES; a++) {
        ratio *= growth[g->family.form[a]];
        n += roundings[g->family.form[a]];
    }
    return ratio * n / ((double)p->ic * (double)g->taps * (double)g->taps);
}
