#include "algo/correlate_tile.h"

#include <string.h>

#include "base/checked.h"
#include "kernels/copy_box.h"

#define W (TCV_AXES - 1)

void tcv_correlate_lay_out(struct tcv_correlate_tile *t, const struct tcv_correlation *c,
                           const struct tcv_correlate_grid *g, struct tcv_arena *arena)
{
    const size_t element = tcv_dtype_bytes(c->dtype);

    t->small = tcv_arena_take(arena, g->rows * g->positions, element);
    t->columns = tcv_arena_take(arena, g->columns * g->positions, element);
    t->sums = tcv_arena_take(arena, g->chunks == 1 ? g->rows * g->columns : 0, element);
}

void tcv_correlate_place(struct tcv_correlate_tile *t, int64_t index)
{
    t->positions = 1;
    for (int d = TCV_TILE_DIMS - 1; d >= 0; d--) {
        const int64_t all = d == 0 ? t->c->batch : t->c->axis[d - 1].small;

        t->begin[d] = index % t->g->tiles[d] * t->g->extent[d];
        t->end[d] = tcv_min(t->begin[d] + t->g->extent[d], all);
        t->positions *= t->end[d] - t->begin[d];
        index /= t->g->tiles[d];
    }
}

void tcv_correlate_small(struct tcv_correlate_tile *t, int64_t group, int64_t row, int64_t count)
{
    const struct tcv_place *s = &t->c->s;
    const struct tcv_box box = {
        {1, count, t->end[0] - t->begin[0], t->end[1] - t->begin[1], t->end[2] - t->begin[2],
         t->end[3] - t->begin[3]},
        {0, s->c, s->n, s->s[0], s->s[1], s->s[2]},
    };
    const int64_t at = t->begin[0] * s->n + (group * t->c->small + row) * s->c +
                       t->begin[1] * s->s[0] + t->begin[2] * s->s[1] + t->begin[3] * s->s[2];

    t->group = group;
    tcv_copy_box(&box, t->element, (const char *)t->run->s + at * (int64_t)t->element, t->small);
}

/* Small indices [lo, hi) of a tile's axis whose tap k lies inside the large grid. */
struct inside {
    int64_t lo, hi;
};

static struct inside inside_of(const struct tcv_correlation_axis *axis, int64_t k, int64_t begin,
                               int64_t end)
{
    const int64_t shift = axis->pad - k * axis->dilation; /* large = i * stride - shift */
    const int64_t lo = tcv_max(begin, tcv_ceil_div(shift, axis->stride));
    const int64_t hi = tcv_min(end, tcv_floor_div(axis->large - 1 + shift, axis->stride) + 1);

    return (struct inside){tcv_min(lo, end), tcv_max(tcv_min(lo, end), hi)};
}

/* One column (a large channel and tap) of a tile: [positions] at `to`. */
static bool column(const struct tcv_correlate_tile *t, int64_t large, const int64_t k[TCV_AXES],
                   char *to)
{
    const struct tcv_correlation *c = t->c;
    const struct tcv_correlation_axis *ax = c->axis;
    const int64_t element = (int64_t)t->element, width = t->end[3] - t->begin[3];
    const struct inside in = inside_of(&ax[W], k[W], t->begin[3], t->end[3]);
    bool padded = in.hi - in.lo < width;

    for (int64_t n = t->begin[0]; n < t->end[0]; n++)
        for (int64_t d = t->begin[1]; d < t->end[1]; d++)
            for (int64_t h = t->begin[2]; h < t->end[2]; h++, to += width * element) {
                const int64_t od = tcv_large_of(&ax[0], d, k[0]);
                const int64_t oh = tcv_large_of(&ax[1], h, k[1]);
                const int64_t ow = in.lo * ax[W].stride - ax[W].pad + k[W] * ax[W].dilation;
                const int64_t at = n * c->l.n + (t->group * c->large + large) * c->l.c +
                                   od * c->l.s[0] + oh * c->l.s[1] + ow * c->l.s[2];

                if (od < 0 || oh < 0 || in.lo == in.hi) {
                    memset(to, 0, (size_t)(width * element));
                    padded = true;
                    continue;
                }
                memset(to, 0, (size_t)((in.lo - t->begin[3]) * element));
                tcv_copy_row(in.hi - in.lo, ax[W].stride * c->l.s[2], t->element,
                             (const char *)t->run->l + at * element,
                             to + (in.lo - t->begin[3]) * element);
                memset(to + (in.hi - t->begin[3]) * element, 0,
                       (size_t)((t->end[3] - in.hi) * element));
            }
    return padded;
}

static void tap_of(const struct tcv_correlation *c, int64_t index, int64_t k[TCV_AXES])
{
    k[2] = index % c->axis[2].kernel;
    index /= c->axis[2].kernel;
    k[1] = index % c->axis[1].kernel;
    k[0] = index / c->axis[1].kernel;
}

bool tcv_correlate_columns(struct tcv_correlate_tile *t, int64_t group, int64_t first,
                           int64_t count)
{
    bool padded = false;
    int64_t k[TCV_AXES];

    t->group = group;
    for (int64_t n = first; n < first + count; n++) {
        tap_of(t->c, n % t->c->taps, k);
        padded |= column(t, n / t->c->taps, k,
                         t->columns + (size_t)((n - first) * t->positions) * t->element);
    }
    return padded;
}

bool tcv_correlate_small_is_finite(const struct tcv_correlate_tile *t, int64_t rows)
{
    const struct tcv_box box = {{1, 1, 1, 1, 1, rows * t->positions}, {0, 0, 0, 0, 0, 1}};

    return tcv_box_is_finite(&box, t->element, t->small);
}

/* Whether the position has a large element for the tap. */
static bool exists(const struct tcv_correlate_tile *t, int64_t position, const int64_t k[TCV_AXES])
{
    for (int a = W; a >= 0; a--) {
        const int64_t extent = t->end[a + 1] - t->begin[a + 1];

        if (tcv_large_of(&t->c->axis[a], t->begin[a + 1] + position % extent, k[a]) < 0)
            return false;
        position /= extent;
    }
    return true;
}

static double value(const char *data, int64_t at, size_t element)
{
    return element == sizeof(double) ? ((const double *)(const void *)data)[at]
                                     : (double)((const float *)(const void *)data)[at];
}

void tcv_correlate_exactly(const struct tcv_correlate_tile *t, int64_t rows, int64_t first,
                           int64_t columns, bool add, void *sums)
{
    int64_t k[TCV_AXES];

    for (int64_t n = 0; n < columns; n++) {
        tap_of(t->c, (first + n) % t->c->taps, k);
        for (int64_t m = 0; m < rows; m++) {
            double sum = add ? value(sums, m * columns + n, t->element) : 0.0;

            for (int64_t p = 0; p < t->positions; p++)
                if (exists(t, p, k))
                    sum += value(t->small, m * t->positions + p, t->element) *
                           value(t->columns, n * t->positions + p, t->element);
            if (t->element == sizeof(double))
                ((double *)sums)[m * columns + n] = sum;
            else
                ((float *)sums)[m * columns + n] = (float)sum;
        }
    }
}
