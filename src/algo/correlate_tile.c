#include "algo/correlate_tile.h"

#include <string.h>

#include "base/checked.h"
#include "kernels/copy_box.h"

#define W (TCV_AXES - 1)

/* Elements of packed small from a position to the next, in a part of `rows` rows. */
static int64_t small_step(const struct tcv_correlate_tile *t, int64_t rows)
{
    return t->g->depthwise ? t->g->direct.width : rows;
}

void tcv_correlate_lay_out(struct tcv_correlate_tile *t, const struct tcv_correlate_grid *g,
                           struct tcv_arena *arena)
{
    const size_t element = tcv_dtype_bytes(g->of.dtype);

    t->small = tcv_arena_take(arena, (g->depthwise ? g->direct.width : g->rows) * g->positions,
                              element);
    t->large = tcv_arena_take(arena, g->large_elements, element);
    t->sums = tcv_arena_take(arena, g->chunks == 1 ? g->sums : 0, element);
    t->row_at = tcv_arena_take(arena, g->positions, sizeof *t->row_at);
    t->position_at = tcv_arena_take(arena, g->depthwise ? g->positions : 0,
                                    sizeof *t->position_at);
}

/* Packed indices of an axis. */
static int64_t packed(const struct tcv_correlate_tile *t, int a)
{
    return (t->end[a + 1] - t->begin[a + 1] - 1) * t->b->pitch[a] + t->b->span[a];
}

/* Elements from one packed index of an axis to the next. */
static int64_t step_of(const struct tcv_correlate_tile *t, int axis)
{
    int64_t step = t->b->pixel;

    for (int a = W; a > axis; a--)
        step *= packed(t, a);
    return step;
}

int64_t tcv_correlate_tap_at(const struct tcv_correlate_tile *t, const int64_t tap[TCV_AXES],
                             int64_t large)
{
    const int64_t side = t->b->side;

    return tap[0] * t->c->axis[0].dilation * step_of(t, 0) +
           tap[1] / side * t->c->axis[1].dilation * step_of(t, 1) +
           tap[W] * t->c->axis[W].dilation * t->b->pixel + large * side + tap[1] % side;
}

void tcv_correlate_locate(const struct tcv_correlate_tile *t, int64_t index,
                          int64_t begin[TCV_TILE_DIMS], int64_t end[TCV_TILE_DIMS])
{
    for (int d = TCV_TILE_DIMS - 1; d >= 0; d--) {
        const int64_t all = d == 0 ? t->c->batch : t->c->axis[d - 1].small;

        begin[d] = index % t->g->tiles[d] * t->g->extent[d];
        end[d] = tcv_min(begin[d] + t->g->extent[d], all);
        index /= t->g->tiles[d];
    }
}

void tcv_correlate_place(struct tcv_correlate_tile *t, int64_t index)
{
    const struct tcv_correlate_block *b = t->b;
    int64_t image, step[2], *to = t->row_at;

    tcv_correlate_locate(t, index, t->begin, t->end);
    t->width = t->end[W + 1] - t->begin[W + 1];
    step[0] = step_of(t, 0);
    step[1] = step_of(t, 1);
    image = packed(t, 0) * step[0];
    for (int64_t n = 0; n < t->end[0] - t->begin[0]; n++)
        for (int64_t d = 0; d < t->end[1] - t->begin[1]; d++)
            for (int64_t h = 0; h < t->end[2] - t->begin[2]; h++)
                *to++ = n * image + d * b->pitch[0] * step[0] + h * b->pitch[1] * step[1];
    t->rows = to - t->row_at;
    if (t->g->depthwise)
        for (int64_t r = 0; r < t->rows; r++)
            for (int64_t i = 0; i < t->width; i++)
                t->position_at[r * t->width + i] = t->row_at[r] + i * b->pitch[W] * b->pixel;
}

/* `count` positions of `rows` channels: [position][row] at `to`. */
static void pack_positions(const struct tcv_correlate_tile *t, const char *from, int64_t rows,
                           int64_t count, char *to)
{
    const int64_t from_step = t->c->s.s[W], element = (int64_t)t->element;
    const int64_t to_step = small_step(t, rows);

    if (from_step == 1)
        t->g->kernels.transpose(
            &(struct tcv_transpose){from, t->c->s.c, to, to_step, rows, count});
    else if (t->c->s.c == 1)
        t->g->kernels.copy(&(struct tcv_copy){from, from_step, to, to_step, rows, count});
    else
        for (int64_t i = 0; i < count; i++)
            tcv_copy_row(rows, t->c->s.c, t->element, from + i * from_step * element,
                         to + i * to_step * element);
}

/* `channels` channels from `channel` on, of all positions; where they end. */
static char *pack_channels(const struct tcv_correlate_tile *t, int64_t channel, int64_t channels,
                           char *to)
{
    const struct tcv_place *s = &t->c->s;
    const int64_t element = (int64_t)t->element, heights = t->end[2] - t->begin[2];
    /* Whole rows that adjoin are one. */
    const bool whole = t->width == t->c->axis[W].small && s->s[1] == t->width * s->s[W];
    const int64_t rows = whole ? 1 : heights, count = whole ? heights * t->width : t->width;
    const int64_t row_bytes = count * small_step(t, channels) * element;

    for (int64_t n = t->begin[0]; n < t->end[0]; n++)
        for (int64_t d = t->begin[1]; d < t->end[1]; d++)
            for (int64_t h = 0; h < rows; h++, to += row_bytes) {
                const int64_t at = n * s->n + channel * s->c + d * s->s[0] +
                                   (t->begin[2] + h) * s->s[1] + t->begin[3] * s->s[W];

                pack_positions(t, (const char *)t->run->s + at * element, channels, count, to);
            }
    return to;
}

static void pack_small(const struct tcv_correlate_tile *t)
{
    const struct tcv_correlate_block *b = t->b;
    const struct tcv_parts parts = tcv_correlate_parts(t);
    char *to = t->small;

    if (t->g->depthwise) {
        if (b->larges < t->g->direct.width) /* lanes without a group */
            memset(to, 0, (size_t)(t->rows * t->width * t->g->direct.width) * t->element);
        (void)pack_channels(t, b->large, b->larges, to);
        return;
    }
    for (int64_t i = 0; i < parts.count; i++) {
        const struct tcv_part part = tcv_part_at(&parts, i);

        to = pack_channels(t, b->group * t->c->small + b->row + part.first, part.count, to);
    }
}

/* A number of the operand: blocks of the same rows share it. */
static int64_t small_of(const struct tcv_correlate_tile *t, int64_t index)
{
    const struct tcv_correlate_grid *g = t->g;
    const int64_t tiles = g->tiles[0] * g->tiles[1] * g->tiles[2] * g->tiles[3];
    const int64_t rows = g->depthwise ? t->b->large / g->larges : t->b->row / g->rows;

    return (t->b->group * g->row_blocks + rows) * tiles + index;
}

void tcv_correlate_pack_small(struct tcv_correlate_tile *t, int64_t index)
{
    const int64_t of = small_of(t, index);

    if (t->small_of == of)
        return;
    pack_small(t);
    t->small_of = of;
    t->small_known = false;
}

/* Taps of axis 1, `count` of those of a pixel, whose rows exist; 0: 1 where side is 1. */
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
    const char *from = row + (first + lo) * t->c->l.s[W] * (int64_t)t->element;

    if (rows.count < t->b->side) {
        memset(to, 0, (size_t)(count * pixel));
    } else {
        memset(to, 0, (size_t)(lo * pixel));
        memset(to + hi * pixel, 0, (size_t)((count - hi) * pixel));
    }
    if (lo < hi && t->b->side > 1)
        pack_sides(t, from, hi - lo, rows, to + lo * pixel);
    else if (lo < hi)
        pack_pixels(t, from, hi - lo, to + lo * pixel);
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
    const int64_t all = packed(t, W), pitch = t->b->pitch[W];
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

bool tcv_correlate_pack_large(struct tcv_correlate_tile *t)
{
    const struct tcv_place *l = &t->c->l;
    const int64_t channel = t->b->group * t->c->large + t->b->large;
    const int64_t bytes = step_of(t, 1) * (int64_t)t->element;
    char *to = t->large;
    bool padded = false;

    for (int64_t n = t->begin[0]; n < t->end[0]; n++)
        for (int64_t d = 0; d < packed(t, 0); d++)
            for (int64_t h = 0; h < packed(t, 1); h++, to += bytes) {
                const int64_t od = unpacked(t, 0, d), oh = unpacked(t, 1, h);
                const bool exists = od >= 0 && od < t->c->axis[0].large;
                const struct inside rows = exists ? taps_inside(t, oh) : (struct inside){0, 0};
                const int64_t at = n * l->n + channel * l->c + od * l->s[0] +
                                   (oh + rows.first * t->c->axis[1].dilation) * l->s[1];

                padded |= pack_row(
                    t, rows.count > 0 ? (const char *)t->run->l + at * (int64_t)t->element : NULL,
                    rows, to);
            }
    return padded;
}

bool tcv_correlate_small_is_finite(struct tcv_correlate_tile *t)
{
    const struct tcv_box box = {
        {1, 1, 1, 1, 1, small_step(t, t->b->rows) * t->rows * t->width}, {0, 0, 0, 0, 0, 1}};

    if (!t->small_known)
        t->small_finite = tcv_box_is_finite(&box, t->element, t->small);
    t->small_known = true;
    return t->small_finite;
}

static double get(const char *data, int64_t at, size_t element)
{
    return element == sizeof(double) ? ((const double *)(const void *)data)[at]
                                     : (double)((const float *)(const void *)data)[at];
}

static void set(void *data, int64_t at, size_t element, double value)
{
    if (element == sizeof(double))
        ((double *)data)[at] = value;
    else
        ((float *)data)[at] = (float)value;
}

/* Whether position i of row r of the tile has a large element for the tap. */
static bool exists(const struct tcv_correlate_tile *t, int64_t r, int64_t i,
                   const int64_t k[TCV_AXES])
{
    const int64_t heights = t->end[2] - t->begin[2], depths = t->end[1] - t->begin[1];

    return tcv_large_of(&t->c->axis[0], t->begin[1] + r / heights % depths, k[0]) >= 0 &&
           tcv_large_of(&t->c->axis[1], t->begin[2] + r % heights, k[1]) >= 0 &&
           tcv_large_of(&t->c->axis[W], t->begin[3] + i, k[W]) >= 0;
}

/* sum + the products of one tap over the tile; m is packed small of the row. */
static double add_products(const struct tcv_correlate_tile *t, const char *m, int64_t m_step,
                           const int64_t tap[TCV_AXES], int64_t large, double sum)
{
    const int64_t k[TCV_AXES] = {t->b->tap[0] + tap[0], t->b->tap[1] + tap[1],
                                 t->b->tap[W] + tap[W]};
    const int64_t at = tcv_correlate_tap_at(t, tap, large);

    for (int64_t r = 0; r < t->rows; r++)
        for (int64_t i = 0; i < t->width; i++)
            if (exists(t, r, i, k))
                sum += get(m, (r * t->width + i) * m_step, t->element) *
                       get(t->large, at + t->row_at[r] + i * t->b->pitch[W] * t->b->pixel,
                           t->element);
    return sum;
}

/* All taps and large channels of one row. */
static void add_row(const struct tcv_correlate_tile *t, const char *m, int64_t m_step,
                    int64_t first, void *sums)
{
    const struct tcv_correlate_block *b = t->b;
    int64_t tap[TCV_AXES];

    for (tap[0] = 0; tap[0] < b->taps[0]; tap[0]++)
        for (tap[1] = 0; tap[1] < b->taps[1]; tap[1]++)
            for (tap[W] = 0; tap[W] < b->taps[W]; tap[W]++)
                for (int64_t l = 0; l < b->larges; l++) {
                    const int64_t at = first + tcv_correlate_sum_at(b, tap, l);

                    set(sums, at, t->element,
                        add_products(t, m + (t->g->depthwise ? l : 0) * (int64_t)t->element,
                                     m_step, tap, l, get(sums, at, t->element)));
                }
}

void tcv_correlate_exactly(const struct tcv_correlate_tile *t, void *sums)
{
    const int64_t positions = t->rows * t->width;
    const struct tcv_parts parts = tcv_correlate_parts(t);

    for (int64_t i = 0; i < parts.count; i++) {
        const struct tcv_part part = tcv_part_at(&parts, i);

        for (int64_t m = 0; m < part.count; m++)
            add_row(t, t->small + (part.first * positions + m) * (int64_t)t->element,
                    small_step(t, part.count), (part.first + m) * t->b->row_step, sums);
    }
}
