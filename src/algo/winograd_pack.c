/*
 * winograd_pack.c - weights as points, in the order in which they multiply
 *
 *     a dense copy as the reference keeps it, then per group and block of output
 *     channels [blocks of input channels][points][parts][ic][rows of the part]
 */
#include <string.h>

#include "algo/winograd_tile.h"
#include "base/checked.h"
#include "kernels/copy_box.h"

#define W (TCV_AXES - 1)
/* The most points of three axes, and bytes of the rows of some input channels for each. */
#define POINTS_MOST (TCV_WINOGRAD_POINTS * TCV_WINOGRAD_POINTS * TCV_WINOGRAD_POINTS)
#define PLANE_BYTES (16 * TCV_DIRECT_PART_MOST)
#define CHANNELS_MOST (PLANE_BYTES / TCV_DIRECT_PART_MOST / (int64_t)sizeof(float))
#define TAPS_MOST 27
#define NO_TAP INT64_MIN

/* A filter, and for each of its points how many phases the points before it have. */
struct placed {
    struct tcv_winograd_filter filter;
    int64_t before[POINTS_MOST];
};

/* The packing of one block of output channels. */
struct packer {
    const struct tcv_problem *p;
    const struct tcv_setup *setup;
    struct placed placed[TCV_WINOGRAD_FILTERS];
    size_t element;
    int64_t oc_count;
    const char *from; /* w of the group and of the block's first channel */
    char *to;
};

/* Offset in w of tap 0 of one of the phases of a filter. */
static int64_t phase_offset(const struct packer *k, const struct tcv_winograd_filter *f,
                            const int64_t rank[TCV_AXES])
{
    int64_t at = 0;

    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_winograd_axis *ax = &k->setup->winograd.axis[a];
        const int64_t phase = f->phase[a] + rank[a] + ax->shift;

        at += (phase < ax->stride ? phase : phase - ax->stride) * k->p->w.s[a];
    }
    return at;
}

/* Offsets in w of tap 0 of the rows [first, first + count) of a filter: [oc][its phases]. */
static void find_rows(const struct packer *k, const struct tcv_winograd_filter *f, int64_t first,
                      int64_t count, int64_t *to)
{
    int64_t rank[TCV_AXES], oc = first / f->count, left = first % f->count, at;

    for (int a = W; a >= 0; a--) {
        rank[a] = left % f->phases[a];
        left /= f->phases[a];
    }
    at = phase_offset(k, f, rank);
    for (int64_t i = 0; i < count; i++) {
        int a = W;

        to[i] = oc * k->p->w.oc + at;
        while (a >= 0 && ++rank[a] == f->phases[a])
            rank[a--] = 0;
        oc += a < 0;
        if (f->count > 1)
            at = phase_offset(k, f, rank);
    }
}

/*
 * Offset in w of tap h of a row's filter, which meets input h of a tile: the last first.
 * The channel's plane may have no such tap.
 */
static int64_t tap_offset(const struct packer *k, const struct tcv_winograd_filter *f, int64_t h,
                          const struct tcv_winograd_channel *c)
{
    int64_t at = c->ic * k->p->w.ic;
    bool exists = true;

    for (int a = W; a >= 0; a--) {
        const struct tcv_axis *axis = &k->p->axis[a];
        const int64_t taps = tcv_winograd_taps(f->form[a]);
        const int64_t tap = c->rho[a] + (taps - 1 - h % taps) * axis->stride * axis->down;

        exists = exists && tap < axis->kernel;
        at += tap * k->p->w.s[a];
        h /= taps;
    }
    return exists ? at : NO_TAP;
}

/* Finds the places of a filter's points. */
static void place(const struct tcv_winograd_grid *g, int index, struct placed *placed)
{
    const struct tcv_winograd_filter f = tcv_winograd_filter_at(g, index);

    placed->filter = f;
    for (int64_t i = 0; i < f.points; i++) {
        int64_t u[TCV_AXES], left = i;

        for (int a = W; a >= 0; a--) {
            const int64_t points = tcv_winograd_points(f.form[a]);

            u[a] = f.point[a] + left % points;
            left /= points;
        }
        placed->before[i] = tcv_winograd_phases_before(g, u);
    }
}

/*
 * The taps of some rows, in planes of `pitch` elements, to points in as many planes:
 * [outer axes' points][this axis][inner axes' taps], from the outermost axis on.
 */
static char *transform(const struct packer *k, const struct tcv_winograd_filter *f, char *planes,
                       char *other, int64_t pitch)
{
    int64_t outer = 1, inner = f->taps;

    for (int a = 0; a < TCV_AXES; a++) {
        const int64_t taps = tcv_winograd_taps(f->form[a]);
        const int64_t points = tcv_winograd_points(f->form[a]);
        char *const from = planes;

        if (f->form[a] == TCV_WINOGRAD_1_1)
            continue;
        inner /= taps;
        for (int64_t o = 0; o < outer; o++)
            for (int64_t i = 0; i < inner; i++)
                k->setup->winograd_kernels.weights(&(struct tcv_winograd){
                    .form = f->form[a],
                    .from = from + (size_t)((o * taps * inner + i) * pitch) * k->element,
                    .from_step = inner * pitch,
                    .to = other + (size_t)((o * points * inner + i) * pitch) * k->element,
                    .to_step = inner * pitch,
                    .count = pitch,
                });
        outer *= points;
        planes = other;
        other = from;
    }
    return planes;
}

/*
 * Some input channels, [first, first + count) of the block of ic_count that begins at ic, and
 * where each has the taps of the filters.
 */
struct channels {
    int64_t ic, ic_count, first, count;
    int64_t tap[TCV_WINOGRAD_FILTERS][CHANNELS_MOST][TAPS_MOST]; /* offset in w, or NO_TAP */
};

static void find_taps(const struct packer *k, int filter, struct channels *c)
{
    const struct tcv_winograd_filter *f = &k->placed[filter].filter;

    for (int64_t i = 0; i < c->count; i++) {
        const struct tcv_winograd_channel channel =
            tcv_winograd_channel_at(k->p, &k->setup->winograd, c->ic + c->first + i);

        for (int64_t h = 0; h < f->taps; h++)
            c->tap[filter][i][h] = tap_offset(k, f, h, &channel);
    }
}

/*
 * Asks for the last tap, which is the first in w and always there, `ahead` channels later: an
 * address that may not exist and is no pointer.
 */
static void prefetch_rows(const struct packer *k, const int64_t *at, int64_t count, int64_t ahead,
                          int64_t tap)
{
    const uintptr_t later = (uintptr_t)ahead * (uintptr_t)k->p->w.oc * k->element;

    for (int64_t m = 0; m < count; m++)
        __builtin_prefetch((const void *)((uintptr_t)(k->from + (at[m] + tap) *
                                                                    (int64_t)k->element) +
                                          later));
}

/*
 * One part of the rows for a few input channels: their rows stand side by side in the
 * planes as they will in the packed weights.  A plane is padded to whole vectors.
 */
static void pack_part(const struct packer *k, int filter, struct tcv_part part,
                      const struct channels *c, char *to)
{
    const struct placed *placed = &k->placed[filter];
    const struct tcv_winograd_filter *f = &placed->filter;
    const int64_t used = c->count * part.count, width = k->setup->winograd_kernels.width;
    const int64_t pitch = tcv_ceil_div(used, width) * width;
    double buffer[2][POINTS_MOST * PLANE_BYTES / sizeof(double)]; /* of either type */
    int64_t at[TCV_DIRECT_PART_MOST];
    const char *points;

    find_rows(k, f, part.first, part.count, at);
    memset(buffer[0], 0, (size_t)(f->taps * pitch) * k->element);
    for (int64_t i = 0; i < c->count; i++)
        prefetch_rows(k, at, part.count, part.count / f->count, c->tap[filter][i][f->taps - 1]);
    for (int64_t i = 0; i < c->count; i++)
        for (int64_t h = 0; h < f->taps; h++)
            if (c->tap[filter][i][h] != NO_TAP)
                tcv_gather(part.count, at, k->element,
                           k->from + c->tap[filter][i][h] * (int64_t)k->element,
                           (char *)buffer[0] +
                               (size_t)(h * pitch + i * part.count) * k->element);
    points = transform(k, f, (char *)buffer[0], (char *)buffer[1], pitch);
    to += (size_t)(part.first * c->ic_count + c->first * part.count) * k->element;
    for (int64_t i = 0; i < f->points; i++)
        memcpy(to + (size_t)(placed->before[i] * k->oc_count * c->ic_count) * k->element,
               points + (size_t)(i * pitch) * k->element, (size_t)used * k->element);
}

/*
 * All parts of the rows of all filters for a few input channels.  The filters are inside: the
 * lines of w that they share are in L1.
 */
static void pack_channels(const struct packer *k, struct channels *c, char *to)
{
    const int64_t rows_most = k->setup->winograd.family.rows_most;
    struct tcv_parts rows[TCV_WINOGRAD_FILTERS];
    int64_t parts = 0;

    for (int f = 0; f < TCV_WINOGRAD_FILTERS; f++) {
        if (k->placed[f].filter.count > 0)
            find_taps(k, f, c);
        rows[f] = tcv_parts_of(k->oc_count * k->placed[f].filter.count, rows_most);
        parts = tcv_max(parts, rows[f].count);
    }
    for (int64_t i = 0; i < parts; i++)
        for (int f = 0; f < TCV_WINOGRAD_FILTERS; f++)
            if (i < rows[f].count)
                pack_part(k, f, tcv_part_at(&rows[f], i), c, to);
}

static void pack_block(const struct packer *k)
{
    const struct tcv_winograd_grid *g = &k->setup->winograd;
    const int64_t ic_block = g->family.ic_block;
    const int64_t at_once = PLANE_BYTES / (TCV_DIRECT_PART_MOST * (int64_t)k->element);
    char *to = k->to;

    for (int64_t ic = 0; ic < g->channels; ic += ic_block) {
        struct channels c = {.ic = ic, .ic_count = tcv_min(ic_block, g->channels - ic)};

        for (; c.first < c.ic_count; c.first += at_once) {
            c.count = tcv_min(at_once, c.ic_count - c.first);
            pack_channels(k, &c, to);
        }
        to += (size_t)(k->oc_count * g->point_phases * c.ic_count) * k->element;
    }
}

/* The weights as they are, [groups][ic][oc][taps], for sums by the definition. */
static void pack_dense(const struct tcv_problem *p, const void *w, void *to)
{
    const struct tcv_box box = tcv_weights_box(p);

    tcv_copy_box(&box, tcv_dtype_bytes(p->dtype), w, to);
}

bool tcv_winograd_pack(const struct tcv_problem *p, const struct tcv_setup *setup, const void *w,
                       void *packed)
{
    const struct tcv_winograd_grid *g = &setup->winograd;
    const size_t element = tcv_dtype_bytes(p->dtype);
    struct packer k = {.p = p, .setup = setup, .element = element};

    if (!tcv_weights_are_finite(p, w))
        return false;
    for (int i = 0; i < TCV_WINOGRAD_FILTERS; i++)
        place(g, i, &k.placed[i]);
    pack_dense(p, w, packed);
    k.to = (char *)packed + (size_t)(p->groups * p->ic * p->oc * p->taps) * element;
    for (int64_t group = 0; group < p->groups; group++)
        for (int64_t block = 0; block < g->blocks; block++) {
            k.oc_count = tcv_winograd_oc_count(p, g, block);
            k.from = (const char *)w + (group * p->w.group + block * g->family.oc_block * p->w.oc) *
                                           (int64_t)element;
            pack_block(&k);
            k.to += (size_t)(k.oc_count * g->channels * g->point_phases) * element;
        }
    return true;
}
