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

int64_t tcv_correlate_packed(const struct tcv_correlate_tile *t, int a)
{
    return (t->end[a + 1] - t->begin[a + 1] - 1) * t->b->pitch[a] + t->b->span[a];
}

int64_t tcv_correlate_step(const struct tcv_correlate_tile *t, int axis)
{
    int64_t step = t->b->pixel;

    for (int a = W; a > axis; a--)
        step *= tcv_correlate_packed(t, a);
    return step;
}

int64_t tcv_correlate_tap_at(const struct tcv_correlate_tile *t, const int64_t tap[TCV_AXES],
                             int64_t large)
{
    const int64_t side = t->b->side;

    return tap[0] * t->c->axis[0].dilation * tcv_correlate_step(t, 0) +
           tap[1] / side * t->c->axis[1].dilation * tcv_correlate_step(t, 1) +
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

    t->index = index;
    tcv_correlate_locate(t, index, t->begin, t->end);
    t->width = t->end[W + 1] - t->begin[W + 1];
    step[0] = tcv_correlate_step(t, 0);
    step[1] = tcv_correlate_step(t, 1);
    image = tcv_correlate_packed(t, 0) * step[0];
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

/* A number of the small operand: blocks of the same rows share it. */
static int64_t operand_of(const struct tcv_correlate_tile *t)
{
    const struct tcv_correlate_grid *g = t->g;
    const int64_t rows = g->depthwise ? t->b->large / g->larges : t->b->row / g->rows;

    return (t->b->group * g->row_blocks + rows) * g->all_tiles + t->index;
}

void tcv_correlate_pack_small(struct tcv_correlate_tile *t)
{
    const int64_t of = operand_of(t);

    if (t->small_of == of)
        return;
    pack_small(t);
    t->small_of = of;
    t->small_known = false;
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
