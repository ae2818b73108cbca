#include "algo/gather.h"

#include <string.h>

#include "algo/finish.h"
#include "base/checked.h"
#include "blas/gemm.h"
#include "kernels/copy_box.h"

#define W (TCV_AXES - 1)

/*
 * Columns in a 1 MiB L2, enough of them for OpenBLAS to repack at little cost.  They are made
 * (and by OpenBLAS repacked) for each block of rows, so blocks are large, as far as that
 * leaves some units for threads.
 */
#define POSITIONS_MOST 256
#define ROWS_LEAST 256
#define ROWS_MOST 1024
#define UNITS_WANTED 16
#define COLUMN_BYTES (512 * 1024)

/* `positions` of columns and of c, in whole vectors. */
static int64_t pitch_of(const struct tcv_gather_grid *g, int64_t positions)
{
    return tcv_ceil_div(positions, g->width) * g->width;
}

bool tcv_gathers(const struct tcv_problem *p)
{
    return p->axis[0].down > 1 || p->axis[1].down > 1 || p->axis[2].down > 1;
}

struct tcv_gather_grid tcv_gather_grid_of(const struct tcv_problem *p,
                                          const struct tcv_direct_kernels *direct)
{
    const int64_t bytes = (int64_t)tcv_dtype_bytes(p->dtype);
    struct tcv_gather_grid g = {.positions = 1, .width = 1};
    int64_t left = POSITIONS_MOST, tiles = tcv_min(UNITS_WANTED, p->batch * p->groups), rows;

    for (int a = W; a >= 0; a--) {
        const int64_t cuts = tcv_ceil_div(p->axis[a].out, tcv_max(1, left));

        g.extent[a] = tcv_ceil_div(p->axis[a].out, cuts);
        g.positions *= g.extent[a];
        left /= g.extent[a];
        tiles = tcv_min(UNITS_WANTED, tiles * cuts);
    }
    rows = tcv_ceil_div(tiles * p->oc, UNITS_WANTED);
    g.row_blocks = tcv_ceil_div(p->oc, tcv_min(tcv_max(rows, ROWS_LEAST), ROWS_MOST));
    g.row_blocks += g.row_blocks > 1 ? g.row_blocks % 2 : 0; /* evenly many for two threads */
    g.rows = tcv_ceil_div(p->oc, g.row_blocks);
    if (direct != NULL) {
        g.width = direct->width;
        g.part = tcv_ceil_div(p->oc, tcv_ceil_div(p->oc, direct->rows_most));
        g.rows = tcv_ceil_div(g.rows, g.part) * g.part;
    }
    g.row_blocks = tcv_ceil_div(p->oc, g.rows);
    g.depth = tcv_min(p->ic * p->taps, COLUMN_BYTES / (bytes * pitch_of(&g, g.positions)));
    return g;
}

struct tile {
    const struct tcv_run *run;
    const struct tcv_problem *p;
    const struct tcv_gather_grid *g;
    const struct tcv_kernels *kernels;
    const struct tcv_direct_kernels *direct;
    size_t element;
    int64_t image, group, oc, oc_count;
    int64_t begin[TCV_AXES], end[TCV_AXES]; /* outputs */
    int64_t positions, pitch;
    char *columns; /* scratch: [depth][pitch] */
    char *c;       /* scratch: [rows][pitch] */
    struct tcv_vectors vectors;
};

static void lay_out(struct tile *t, const struct tcv_problem *p, const struct tcv_gather_grid *g,
                    struct tcv_arena *arena)
{
    const size_t element = tcv_dtype_bytes(p->dtype);

    t->columns = tcv_arena_take(arena, g->depth * pitch_of(g, g->positions), element);
    t->c = tcv_arena_take(arena, g->rows * pitch_of(g, g->positions), element);
    tcv_vectors_lay_out(&t->vectors, g->rows, element, arena);
}

size_t tcv_gather_worker_bytes(const struct tcv_problem *p, const struct tcv_gather_grid *g)
{
    struct tile t;
    struct tcv_arena arena = {NULL, 0};

    lay_out(&t, p, g, &arena);
    return arena.used;
}

size_t tcv_gather_packed_bytes(const struct tcv_problem *p)
{
    return TCV_ALIGNMENT +
           (size_t)(p->groups * p->ic * p->oc * p->taps) * tcv_dtype_bytes(p->dtype);
}

size_t tcv_gather_pack_bytes(const struct tcv_problem *p, const struct tcv_gather_grid *g)
{
    return (size_t)(g->part * p->ic * p->taps) * tcv_dtype_bytes(p->dtype);
}

void tcv_gather_pack(const struct tcv_problem *p, const struct tcv_gather_grid *g,
                     const struct tcv_kernels *kernels, const void *w, void *packed,
                     void *scratch)
{
    const struct tcv_weights_place *at = &p->w;
    struct tcv_box box = {
        {p->groups, p->oc, p->ic, p->axis[0].kernel, p->axis[1].kernel, p->axis[2].kernel},
        {at->group, at->oc, at->ic, at->s[0], at->s[1], at->s[2]},
    };
    const size_t element = tcv_dtype_bytes(p->dtype);
    const bool finite = tcv_box_is_finite(&box, element, w);
    const int64_t all = p->ic * p->taps;
    char *to = (char *)packed + TCV_ALIGNMENT;

    memset(packed, 0, TCV_ALIGNMENT);
    memcpy(packed, &finite, sizeof finite);
    if (g->part == 0) {
        tcv_copy_box(&box, element, w, to);
        return;
    }
    box.size[0] = 1;
    for (int64_t group = 0; group < p->groups; group++)
        for (int64_t oc = 0; oc < p->oc; oc += g->part) {
            const int64_t rows = tcv_min(g->part, p->oc - oc);

            box.size[1] = rows;
            tcv_copy_box(&box, element,
                         (const char *)w + (group * at->group + oc * at->oc) * (int64_t)element,
                         scratch);
            kernels->transpose(&(struct tcv_transpose){scratch, all, to, rows, rows, all});
            to += (size_t)(rows * all) * element;
        }
}

/* Tiles [first, last] of an axis that the window falls into. */
struct range {
    int64_t first, last;
};

static struct range tiles(const struct tcv_gather_grid *g, int a, const struct tcv_window *window)
{
    return (struct range){window->begin[a] / g->extent[a], (window->end[a] - 1) / g->extent[a]};
}

int64_t tcv_gather_units(const struct tcv_problem *p, const struct tcv_gather_grid *g,
                         const struct tcv_window *window)
{
    int64_t count = p->batch * p->groups * g->row_blocks;

    for (int a = 0; a < TCV_AXES; a++) {
        const struct range r = tiles(g, a, window);

        count *= r.last - r.first + 1;
    }
    return count;
}

/* The order of units: image, group, tile, block of channels. */
static void locate(struct tile *t, int64_t unit)
{
    t->oc = unit % t->g->row_blocks * t->g->rows;
    t->oc_count = tcv_min(t->g->rows, t->p->oc - t->oc);
    unit /= t->g->row_blocks;
    t->positions = 1;
    for (int a = W; a >= 0; a--) {
        const struct range r = tiles(t->g, a, &t->run->window);
        const int64_t index = r.first + unit % (r.last - r.first + 1);

        t->begin[a] = index * t->g->extent[a];
        t->end[a] = tcv_min(t->begin[a] + t->g->extent[a], t->p->axis[a].out);
        t->positions *= t->end[a] - t->begin[a];
        unit /= r.last - r.first + 1;
    }
    t->pitch = pitch_of(t->g, t->positions);
    t->group = unit % t->p->groups;
    t->image = unit / t->p->groups;
}

/* The input that tap k of output o reads, inside or not. */
static int64_t input_of(const struct tcv_axis *axis, int64_t o, int64_t k)
{
    return o * axis->down + axis->pad_begin - k * axis->dilation;
}

static bool is_inside(const struct tcv_axis *axis, int64_t i)
{
    return i >= 0 && i < axis->in;
}

static void tap_of(const struct tcv_problem *p, int64_t m, int64_t k[TCV_AXES])
{
    const int64_t tap = m % p->taps;

    k[2] = tap % p->axis[2].kernel;
    k[1] = tap / p->axis[2].kernel % p->axis[1].kernel;
    k[0] = tap / p->axis[2].kernel / p->axis[1].kernel;
}

/* Column m of the tile; whether zeros stand for what is outside. */
static bool column(const struct tile *t, int64_t m, char *to)
{
    const struct tcv_problem *p = t->p;
    const struct tcv_axis *ax = &p->axis[W];
    const int64_t element = (int64_t)t->element, width = t->end[W] - t->begin[W];
    int64_t k[TCV_AXES], lo, hi;
    bool padded;

    tap_of(p, m, k);
    lo = tcv_ceil_div(-input_of(ax, 0, k[W]), ax->down);
    hi = tcv_floor_div(ax->in - 1 - input_of(ax, 0, k[W]), ax->down) + 1;
    lo = tcv_min(tcv_max(lo, t->begin[W]), t->end[W]);
    hi = tcv_max(tcv_min(hi, t->end[W]), lo);
    padded = hi - lo < width;
    for (int64_t d = t->begin[0]; d < t->end[0]; d++)
        for (int64_t h = t->begin[1]; h < t->end[1]; h++, to += width * element) {
            const int64_t id = input_of(&p->axis[0], d, k[0]);
            const int64_t ih = input_of(&p->axis[1], h, k[1]);
            const int64_t at = t->image * p->x.n + (t->group * p->ic + m / p->taps) * p->x.c +
                               id * p->x.s[0] + ih * p->x.s[1] +
                               input_of(ax, lo, k[W]) * p->x.s[W];

            if (lo == hi || !is_inside(&p->axis[0], id) || !is_inside(&p->axis[1], ih)) {
                memset(to, 0, (size_t)(width * element));
                padded = true;
                continue;
            }
            memset(to, 0, (size_t)((lo - t->begin[W]) * element));
            t->kernels->pick(&(struct tcv_pick){(const char *)t->run->x + at * element,
                                                ax->down * p->x.s[W],
                                                to + (lo - t->begin[W]) * element, hi - lo});
            memset(to + (hi - t->begin[W]) * element, 0, (size_t)((t->end[W] - hi) * element));
        }
    memset(to, 0, (size_t)((t->pitch - t->positions) * element));
    return padded;
}

static bool has_input(const struct tile *t, int64_t position, const int64_t k[TCV_AXES])
{
    for (int a = W; a >= 0; a--) {
        const int64_t extent = t->end[a] - t->begin[a];

        if (!is_inside(&t->p->axis[a],
                       input_of(&t->p->axis[a], t->begin[a] + position % extent, k[a])))
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

/* The weight of channel oc of the block and of m. */
static double weight(const struct tile *t, int64_t oc, int64_t m)
{
    const int64_t all = t->p->ic * t->p->taps, row = t->oc + oc;
    const int64_t first = t->g->part == 0 ? row : row / t->g->part * t->g->part;
    const int64_t rows = t->g->part == 0 ? 1 : tcv_min(t->g->part, t->p->oc - first);

    return value((const char *)t->run->packed + TCV_ALIGNMENT,
                 (t->group * t->p->oc + first) * all + m * rows + row - first, t->element);
}

/* The product as it is defined: zeros beside the input do not meet infinite weights. */
static void multiply_exactly(const struct tile *t, int64_t first, int64_t depth)
{
    for (int64_t oc = 0; oc < t->oc_count; oc++)
        for (int64_t pos = 0; pos < t->positions; pos++) {
            const int64_t at = oc * t->pitch + pos;
            double sum = first > 0 ? value(t->c, at, t->element) : 0.0;

            for (int64_t m = 0; m < depth; m++) {
                int64_t k[TCV_AXES];

                tap_of(t->p, first + m, k);
                if (has_input(t, pos, k))
                    sum += weight(t, oc, first + m) *
                           value(t->columns, m * t->pitch + pos, t->element);
            }
            if (t->element == sizeof(double))
                ((double *)(void *)t->c)[at] = sum;
            else
                ((float *)(void *)t->c)[at] = (float)sum;
        }
}

/* By direct's kernels, a part of the rows at a time. */
static void multiply_parts(const struct tile *t, const char *w, int64_t first, int64_t depth)
{
    const int64_t all = t->p->ic * t->p->taps, element = (int64_t)t->element, tap = 0;

    for (int64_t oc = 0; oc < t->oc_count; oc += t->g->part) {
        const int64_t rows = tcv_min(t->g->part, t->oc_count - oc);

        t->direct->rows(&(struct tcv_direct){
            .x = t->columns, .x_channel = t->pitch, .tap = &tap, .taps = 1, .channels = depth,
            .w = w + (oc * all + first * rows) * element,
            .c = t->c + oc * t->pitch * element, .c_step = t->pitch, .add = first > 0,
            .rows = rows, .positions = t->pitch,
        });
    }
}

/* c of the tile; `ready` if the columns, all in one block, are there already. */
static void multiply(struct tile *t, bool ready, bool *padded)
{
    const int64_t all = t->p->ic * t->p->taps;
    const char *w = (const char *)t->run->packed + TCV_ALIGNMENT +
                    ((t->group * t->p->oc + t->oc) * all) * (int64_t)t->element;
    bool finite;

    memcpy(&finite, t->run->packed, sizeof finite);
    for (int64_t first = 0; first < all; first += t->g->depth) {
        const int64_t depth = tcv_min(t->g->depth, all - first);

        if (!ready) {
            *padded = false;
            for (int64_t m = 0; m < depth; m++)
                *padded |= column(t, first + m,
                                  t->columns + (size_t)(m * t->pitch) * t->element);
        }
        if (*padded && !finite)
            multiply_exactly(t, first, depth);
        else if (t->g->part > 0)
            multiply_parts(t, w, first, depth);
        else
            tcv_gemm(t->p->dtype, t->oc_count, t->positions, depth,
                     (struct tcv_operand){w + first * (int64_t)t->element, all, false},
                     (struct tcv_operand){t->columns, t->positions, false}, first > 0, t->c,
                     t->positions);
    }
}

/* The outputs of the window that the tile has, finished. */
static void store(const struct tile *t)
{
    const struct tcv_window *win = &t->run->window;
    const int64_t width = t->end[W] - t->begin[W], height = t->end[1] - t->begin[1];
    const int64_t lo = tcv_max(t->begin[W], win->begin[W]), hi = tcv_min(t->end[W], win->end[W]);
    const int64_t channel = t->group * t->p->oc + t->oc;

    for (int64_t d = tcv_max(t->begin[0], win->begin[0]); d < tcv_min(t->end[0], win->end[0]); d++)
        for (int64_t h = tcv_max(t->begin[1], win->begin[1]);
             h < tcv_min(t->end[1], win->end[1]); h++) {
            const int64_t row = ((d - t->begin[0]) * height + h - t->begin[1]) * width;
            const int64_t at = t->image * win->place.n + channel * win->place.c +
                               (d - win->begin[0]) * win->place.s[0] +
                               (h - win->begin[1]) * win->place.s[1] +
                               (lo - win->begin[W]) * win->place.s[W];
            const void *from = t->c + row * (int64_t)t->element;

            t->kernels->interleave(&(struct tcv_interleave){
                .row = &from,
                .row_plane = &t->pitch,
                .phases = 1,
                .first = lo - t->begin[W],
                .count = hi - lo,
                .target = (char *)t->run->y + at * (int64_t)t->element,
                .target_step = win->place.s[W],
                .target_plane = win->place.c,
                .planes = t->oc_count,
                .finish = tcv_finish_of(t->run, &t->vectors, 0, true),
            });
        }
}

void tcv_gather_work(const struct tcv_run *run, const struct tcv_gather_grid *g,
                     const struct tcv_kernels *kernels, const struct tcv_direct_kernels *direct,
                     struct tcv_worker *worker, void *scratch)
{
    struct tile t = {.run = run, .p = run->problem, .g = g, .kernels = kernels,
                     .direct = direct, .element = tcv_dtype_bytes(run->problem->dtype)};
    struct tcv_arena arena = {scratch, 0};
    bool padded = false;

    lay_out(&t, t.p, g, &arena);
    while (tcv_worker_next(worker)) {
        locate(&t, worker->unit);
        multiply(&t, worker->follows && t.oc > 0 && g->depth == t.p->ic * t.p->taps, &padded);
        tcv_vectors_fill(&t.vectors, run, t.group * t.p->oc + t.oc, t.oc_count);
        store(&t);
    }
}
