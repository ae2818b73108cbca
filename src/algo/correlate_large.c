/* correlate_large.c - the large operand of a tile, packed with zeros beside its grid */
#include <string.h>

#include "algo/correlate_tile.h"
#include "base/checked.h"
#include "kernels/copy_box.h"

#define W (TCV_AXES - 1)

/* Of the taps side by side in a pixel those whose rows exist; where side is 1, the one or none. */
struct inside {
    int64_t first, count;
};

/* `count` large indices of the last axis, their taps side by side. */
static void pack_sides(const struct tcv_correlate_tile *t, const char *from, int64_t count,
                       struct inside rows, char *to)
{
    const struct tcv_place *l = &t->c->l;
    const int64_t larges = t->b->larges, side = t->b->side, element = (int64_t)t->element;
    const int64_t step = t->c->axis[1].dilation * l->s[1];
    /* Channels of a pixel are neighbours in both, as are pixels. */
    const bool together = l->s[W] == larges && l->c == 1;

    to += rows.first * element;
    if (together || l->s[W] == 1) {
        for (int64_t i = 0; i < (together ? 1 : larges); i++)
            t->g->kernels.transpose(&(struct tcv_transpose){
                from + i * l->c * element, step, to + i * side * element,
                together ? side : t->b->pixel, rows.count, together ? count * larges : count});
    } else {
        for (int64_t i = 0; i < count; i++)
            for (int64_t j = 0; j < larges; j++)
                tcv_copy_row(rows.count, step, t->element,
                             from + (i * l->s[W] + j * l->c) * element,
                             to + (i * larges + j) * side * element);
    }
}

/* `count` large indices of the last axis, their channels innermost. */
static void pack_pixels(const struct tcv_correlate_tile *t, const char *from, int64_t count,
                        char *to)
{
    const struct tcv_place *l = &t->c->l;
    const int64_t larges = t->b->larges, element = (int64_t)t->element;

    if (l->s[W] == larges && (larges == 1 || l->c == 1)) {
        memcpy(to, from, (size_t)(count * larges) * t->element);
    } else if (l->s[W] == 1) {
        t->g->kernels.transpose(
            &(struct tcv_transpose){from, l->c, to, larges, larges, count});
    } else if (l->c == 1) {
        t->g->kernels.copy(&(struct tcv_copy){from, l->s[W], to, larges, larges, count});
    } else {
        for (int64_t i = 0; i < count; i++)
            tcv_copy_row(larges, l->c, t->element, from + i * l->s[W] * element,
                         to + i * larges * element);
    }
}

/* `count` large indices from `first` on, zeros for those outside; whether there are such. */
static bool pack_segment(const struct tcv_correlate_tile *t, const char *row, struct inside rows,
                         int64_t first, int64_t count, char *to)
{
    const int64_t pixel = t->b->pixel * (int64_t)t->element;
    const int64_t lo = tcv_min(count, tcv_max(0, -first));
    const int64_t hi = tcv_max(lo, tcv_min(count, t->c->axis[W].large - first));

    if (rows.count < t->b->side) {
        memset(to, 0, (size_t)(count * pixel));
    } else {
        memset(to, 0, (size_t)(lo * pixel));
        memset(to + hi * pixel, 0, (size_t)((count - hi) * pixel));
    }
    if (lo < hi) {
        const char *from = row + (first + lo) * t->c->l.s[W] * (int64_t)t->element;

        if (t->b->side > 1)
            pack_sides(t, from, hi - lo, rows, to + lo * pixel);
        else
            pack_pixels(t, from, hi - lo, to + lo * pixel);
    }
    return hi - lo < count || rows.count < t->b->side;
}

/* The large index of packed index q of an axis; it may lie outside. */
static int64_t unpacked(const struct tcv_correlate_tile *t, int a, int64_t q)
{
    const struct tcv_correlation_axis *axis = &t->c->axis[a];
    const int64_t pitch = t->b->pitch[a];

    return (t->begin[a + 1] + q / pitch) * axis->stride + q % pitch - axis->pad +
           t->b->tap[a] * axis->dilation;
}

/* One packed row: of the row at `row` and, side by side, others. */
static bool pack_row(const struct tcv_correlate_tile *t, const char *row, struct inside rows,
                     char *to)
{
    const int64_t all = tcv_correlate_packed(t, W), pitch = t->b->pitch[W];
    const int64_t pixel = t->b->pixel * (int64_t)t->element;
    bool padded = false;

    if (rows.count == 0) {
        memset(to, 0, (size_t)(all * pixel));
        return true;
    }
    if (pitch == t->c->axis[W].stride)
        return pack_segment(t, row, rows, unpacked(t, W, 0), all, to);
    for (int64_t q = 0; q < all; q += pitch)
        padded |= pack_segment(t, row, rows, unpacked(t, W, q), pitch, to + q * pixel);
    return padded;
}

/* Of the taps side by side, of which the first reaches large index `at` of axis 1. */
static struct inside taps_inside(const struct tcv_correlate_tile *t, int64_t at)
{
    const struct tcv_correlation_axis *axis = &t->c->axis[1];
    const int64_t side = t->b->side, d = axis->dilation;
    const int64_t first = at < 0 ? tcv_min(side, tcv_ceil_div(-at, d)) : 0;
    const int64_t end = at < axis->large ? tcv_min(side, tcv_ceil_div(axis->large - at, d)) : 0;

    return (struct inside){first, tcv_max(0, end - first)};
}

/* Packed row (d, h) of image n. */
static bool pack_row_at(const struct tcv_correlate_tile *t, int64_t n, int64_t d, int64_t h,
                        char *to)
{
    const struct tcv_place *l = &t->c->l;
    const int64_t od = unpacked(t, 0, d), oh = unpacked(t, 1, h);
    const struct inside rows = taps_inside(t, oh), none = {0, 0};
    int64_t at;

    if (od < 0 || od >= t->c->axis[0].large || rows.count == 0)
        return pack_row(t, NULL, none, to);
    at = n * l->n + (t->b->group * t->c->large + t->b->large) * l->c + od * l->s[0] +
         (oh + rows.first * t->c->axis[1].dilation) * l->s[1];
    return pack_row(t, (const char *)t->run->l + at * (int64_t)t->element, rows, to);
}

bool tcv_correlate_pack_large(const struct tcv_correlate_tile *t)
{
    const int64_t bytes = tcv_correlate_step(t, 1) * (int64_t)t->element;
    char *to = t->large;
    bool padded = false;

    for (int64_t n = t->begin[0]; n < t->end[0]; n++)
        for (int64_t d = 0; d < tcv_correlate_packed(t, 0); d++)
            for (int64_t h = 0; h < tcv_correlate_packed(t, 1); h++, to += bytes)
                padded |= pack_row_at(t, n, d, h, to);
    return padded;
}
