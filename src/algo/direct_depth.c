/*
 * direct_depth.c - tiles whose outputs have one input channel each
 *
 * Their sums are so short that to keep those of a tile would cost more than they do: each
 * is finished in registers by the kernel that makes it.  With channels last (DEPTH) that is
 * kernels/depth_template.h, row by row and phase by phase; rows of planes, whose phases
 * take turns, direct_store.c has interleaved (kernels/interleave_template.h) as others are.
 */
#include "algo/direct_tile.h"
#include "base/checked.h"

#define W (TCV_AXES - 1)

/* Whether taps are at the same places of the packed input, and weights of a block. */
static bool alike(const struct tcv_direct_placed *a, const struct tcv_direct_placed *b)
{
    return a->w != NULL && a->plane == b->plane && a->origin == b->origin &&
           a->extent[0] == b->extent[0] && a->extent[1] == b->extent[1] &&
           a->extent[W] == b->extent[W] && a->oc_count == b->oc_count;
}

void tcv_direct_depth_place(struct tcv_direct_tile *t, const char *w)
{
    const struct tcv_direct_placed placed = {
        w, t->oc_count, t->plane, t->origin,
        {t->box[0].extent, t->box[1].extent, t->box[W].extent}};
    int64_t index[TCV_AXES] = {0}, *tap = t->tap, n = 0;

    if (alike(&t->placed, &placed)) { /* most tiles are: other channels or neighbours */
        for (; n < t->classes; n++)
            t->taps_of[n].w = (const char *)t->taps_of[n].w + (w - t->placed.w);
        t->placed = placed;
        return;
    }
    t->placed = placed;
    do {
        const struct tcv_direct_rows rows =
            tcv_direct_rows_of(&t->tables, t->f, index, t->oc_count);

        t->class_row[n] = n;
        t->taps_of[n++] = (struct tcv_products){.tap = tap, .taps = rows.taps, .w = w};
        tcv_direct_find_taps(t, index, tap);
        tap += rows.taps;
        w += rows.padded * rows.taps * (int64_t)t->element;
    } while (tcv_direct_next_class(t->g, index));
    t->classes = n;
}

/* Output o[] of the tile's image and the block's first channel. */
static char *output_at(const struct tcv_direct_tile *t, const int64_t o[TCV_AXES])
{
    const struct tcv_window *win = &t->run->window;
    int64_t at = t->image * win->place.n + t->oc * win->place.c;

    for (int a = 0; a < TCV_AXES; a++)
        at += (o[a] - win->begin[a]) * win->place.s[a];
    return (char *)t->run->y + at * (int64_t)t->element;
}

/* Pixels of a row of outputs that have one phase. */
static void store_pixels(struct tcv_direct_tile *t, const int64_t o[TCV_AXES], int64_t position,
                         const struct tcv_products *taps, int64_t pixels)
{
    const struct tcv_place *y = &t->run->window.place;
    const struct tcv_finish finish = tcv_finish_of(t->run, &t->vectors, 0, true);
    struct tcv_depth depth = {
        .x = t->x + position * t->g->ic_pitch * (int64_t)t->element,
        .x_pixel = t->g->ic_pitch,
        .tap = taps->tap,
        .taps = taps->taps,
        .w = taps->w,
        .w_vector = taps->taps * t->f->width,
        .target = output_at(t, o),
        .target_pixel = t->p->axis[W].stride * y->s[W],
        .lanes = t->oc_count,
        .pixels = pixels,
        .finish = finish,
    };
    char *target = depth.target;

    if (y->c == 1) {
        t->kernels->depth(&depth);
        return;
    }
    depth.pixels = 1;
    depth.target = t->line;
    depth.finish = tcv_finish_before(&finish);
    for (int64_t p = 0; p < pixels; p++) {
        t->kernels->depth(&depth);
        tcv_finish_scattered(t->kernels, &finish, t->line, t->oc_count, target, y->c,
                             t->p->dtype);
        depth.x = (const char *)depth.x + depth.x_pixel * (int64_t)t->element;
        target += depth.target_pixel * (int64_t)t->element;
    }
}

/* All pixels of a row of outputs. */
static void store_row(struct tcv_direct_tile *t, const int64_t begin[TCV_AXES],
                      const int64_t end[TCV_AXES], int64_t o0, int64_t o1)
{
    static const struct tcv_products none = {0};
    const struct tcv_axis *axis = t->p->axis;
    const int64_t outer[2] = {o0, o1}, stride = axis[W].stride;
    int64_t b[2], index[2];

    for (int a = 0; a < 2; a++) {
        b[a] = tcv_floor_div(outer[a], axis[a].stride); /* not merged: the shift is 0 */
        index[a] = t->class_of[a][tcv_floor_mod(outer[a] + axis[a].pad_begin, axis[a].stride)];
    }
    for (int64_t r = 0; r < stride; r++) {
        const int64_t last = t->class_of[W][tcv_floor_mod(r + axis[W].pad_begin, stride)];
        const int64_t lo = tcv_ceil_div(begin[W] - r, stride);
        const int64_t hi = tcv_ceil_div(end[W] - r, stride);
        const int64_t o[TCV_AXES] = {o0, o1, lo * stride + r};
        const int64_t position =
            ((b[0] - t->box[0].begin) * t->box[1].extent + b[1] - t->box[1].begin) *
                t->box[W].extent + lo - t->box[W].begin;
        const bool any = index[0] >= 0 && index[1] >= 0 && last >= 0;

        if (lo < hi)
            store_pixels(t, o, position,
                         any ? &t->taps_of[(index[0] * t->g->axis[1].classes + index[1]) *
                                              t->g->axis[W].classes + last]
                              : &none,
                         hi - lo);
    }
}

void tcv_direct_depth_store(struct tcv_direct_tile *t)
{
    int64_t begin[TCV_AXES], end[TCV_AXES];

    for (int a = 0; a < TCV_AXES; a++)
        tcv_direct_owned(t, a, &begin[a], &end[a]);
    for (int64_t o0 = begin[0]; o0 < end[0]; o0++)
        for (int64_t o1 = begin[1]; o1 < end[1]; o1++)
            store_row(t, begin, end, o0, o1);
}
