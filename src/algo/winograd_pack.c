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
/* The most taps and points of three axes. */
#define TAPS_MOST 27
#define POINTS_MOST 64

/* The packing of one block of output channels. */
struct packer {
    const struct tcv_problem *p;
    const struct tcv_setup *setup;
    size_t element;
    int64_t rows;
    const char *from; /* w of the group and of the block's first channel */
    char *to;
};

/* Offset in w of tap 0 of a row. */
static int64_t row_offset(const struct packer *k, int64_t row)
{
    const int64_t phases = k->setup->winograd.phases;
    int64_t phase = row % phases, at = row / phases * k->p->w.oc;

    for (int a = W; a >= 0; a--) {
        at += phase % k->p->axis[a].stride * k->p->w.s[a];
        phase /= k->p->axis[a].stride;
    }
    return at;
}

/* Offset in w of tap h of a row's filter, which meets input h of a tile: the last first. */
static int64_t tap_offset(const struct packer *k, int64_t h)
{
    int64_t at = 0;

    for (int a = W; a >= 0; a--) {
        const int64_t taps = k->setup->winograd.axis[a].taps;

        at += (taps - 1 - h % taps) * k->p->axis[a].stride * k->p->w.s[a];
        h /= taps;
    }
    return at;
}

/*
 * The taps of some rows, [taps][PART_MOST] in planes, to points in as many planes:
 * [outer axes' points][this axis][inner axes' taps], from the outermost axis on.
 */
static char *transform(const struct packer *k, char *planes, char *other, int64_t rows)
{
    const struct tcv_winograd_grid *g = &k->setup->winograd;
    const int64_t pitch = TCV_DIRECT_PART_MOST;
    int64_t outer = 1, inner = g->taps;

    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_winograd_axis *ax = &g->axis[a];
        char *const from = planes;

        if (g->family.form[a] == TCV_WINOGRAD_1_1)
            continue;
        inner /= ax->taps;
        for (int64_t o = 0; o < outer; o++)
            for (int64_t i = 0; i < inner; i++)
                k->setup->winograd_kernels.weights(&(struct tcv_winograd){
                    .form = g->family.form[a],
                    .from = from + (size_t)((o * ax->taps * inner + i) * pitch) * k->element,
                    .from_step = inner * pitch,
                    .to = other + (size_t)((o * ax->points * inner + i) * pitch) * k->element,
                    .to_step = inner * pitch,
                    .count = rows,
                });
        outer *= ax->points;
        planes = other;
        other = from;
    }
    return planes;
}

/* One part of the rows for input channels [ic, ic + count). */
static void pack_part(const struct packer *k, struct tcv_winograd_part part, int64_t ic,
                      int64_t count, char *to)
{
    const struct tcv_winograd_grid *g = &k->setup->winograd;
    const size_t row = (size_t)part.count * k->element;
    double buffer[2][POINTS_MOST * TCV_DIRECT_PART_MOST]; /* room for either type */
    int64_t at[TCV_DIRECT_PART_MOST], tap[TAPS_MOST];

    memset(buffer, 0, sizeof buffer);
    for (int64_t m = 0; m < part.count; m++)
        at[m] = row_offset(k, part.first + m);
    for (int64_t h = 0; h < g->taps; h++)
        tap[h] = tap_offset(k, h);
    for (int64_t i = 0; i < count; i++) {
        const char *points;

        for (int64_t h = 0; h < g->taps; h++)
            tcv_gather(part.count, at, k->element,
                       k->from + ((ic + i) * k->p->w.ic + tap[h]) * (int64_t)k->element,
                       (char *)buffer[0] + (size_t)(h * TCV_DIRECT_PART_MOST) * k->element);
        points = transform(k, (char *)buffer[0], (char *)buffer[1], part.count);
        for (int64_t u = 0; u < g->points; u++)
            memcpy(to + (size_t)(u * k->rows * count + part.first * count) * k->element +
                       (size_t)i * row,
                   points + (size_t)(u * TCV_DIRECT_PART_MOST) * k->element, row);
    }
}

static void pack_block(const struct packer *k)
{
    const struct tcv_winograd_family *f = &k->setup->winograd.family;
    char *to = k->to;

    for (int64_t ic = 0; ic < k->p->ic; ic += f->ic_block) {
        const int64_t count = tcv_min(f->ic_block, k->p->ic - ic);

        for (int64_t i = 0; i < tcv_winograd_parts(f, k->rows); i++)
            pack_part(k, tcv_winograd_part_at(f, k->rows, i), ic, count, to);
        to += (size_t)(k->setup->winograd.points * k->rows * count) * k->element;
    }
}

void tcv_winograd_pack(const struct tcv_problem *p, const struct tcv_setup *setup, const void *w,
                       void *packed)
{
    const struct tcv_winograd_grid *g = &setup->winograd;
    const size_t element = tcv_dtype_bytes(p->dtype);
    struct packer k = {.p = p, .setup = setup, .element = element};

    tcv_algo_reference.pack(p, setup, w, packed);
    k.to = (char *)packed + (size_t)(p->groups * p->ic * p->oc * p->taps) * element;
    for (int64_t group = 0; group < p->groups; group++)
        for (int64_t block = 0; block < g->blocks; block++) {
            k.rows = tcv_winograd_oc_count(p, g, block) * g->phases;
            k.from = (const char *)w + (group * p->w.group + block * g->family.oc_block * p->w.oc) *
                                           (int64_t)element;
            pack_block(&k);
            k.to += (size_t)(k.rows * p->ic * g->points) * element;
        }
}
