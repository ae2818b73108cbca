#include "algo/direct_tile.h"

#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/checked.h"
#include "kernels/copy_box.h"

#define W (TCV_AXES - 1)

/* Lanes of one b of a row: of a channel block, and of all phases where those can be joined. */
static int64_t lanes_of(const struct tcv_problem *p, const struct tcv_direct_family *f)
{
    return f->oc_block * (f->channels_inside && f->merged ? p->axis[W].stride : 1);
}

/* At least the taps of a class: of neighbours there are dilation / gcd(stride, dilation) in one. */
static int64_t taps_most(const struct tcv_axis *axis)
{
    if (axis->dilation >= axis->kernel)
        return axis->kernel;
    return tcv_min(axis->kernel, tcv_ceil_div(axis->kernel, axis->stride) * axis->dilation);
}

static void lay_out(struct tcv_direct_tile *t, const struct tcv_problem *p,
                    const struct tcv_direct_grid *g, struct tcv_arena *arena)
{
    const size_t element = tcv_dtype_bytes(p->dtype);
    const int64_t pixel = g->planes ? g->ic_chunk : g->ic_pitch;
    const bool depth = g->family.form == TCV_DIRECT_DEPTH;
    int64_t taps = 1, classes = 1;

    for (int a = 0; a < TCV_AXES; a++) {
        taps *= taps_most(&p->axis[a]);
        classes *= g->axis[a].classes;
        t->class_of[a] = tcv_arena_take(arena, p->axis[a].stride, sizeof *t->class_of[a]);
    }
    t->x = tcv_arena_take(arena, g->inputs * pixel, element);
    t->c = tcv_arena_take(arena, depth ? 0 : g->c_rows * g->positions, element);
    t->turned = tcv_arena_take(arena, g->family.turned ? g->c_rows * g->positions : 0,
                               element);
    t->line = tcv_arena_take(arena, g->c_rows, element);
    t->zeros = tcv_arena_take(arena, g->axis[W].block * p->axis[W].stride, element);
    tcv_vectors_lay_out(&t->vectors, lanes_of(p, &g->family), element, arena);
    t->rows = tcv_arena_take(arena, p->axis[W].stride, sizeof *t->rows);
    t->first_row = tcv_arena_take(arena, p->axis[W].stride, sizeof *t->first_row);
    t->row_step = tcv_arena_take(arena, p->axis[W].stride, sizeof *t->row_step);
    t->row_pitch = tcv_arena_take(arena, p->axis[W].stride, sizeof *t->row_pitch);
    t->pair = tcv_arena_take(arena, g->positions / 2 + 1, sizeof *t->pair);
    /* DEPTH keeps those of all classes: each tap is of one. */
    t->tap = tcv_arena_take(arena, depth ? p->taps : taps, sizeof *t->tap);
    t->w_tap = tcv_arena_take(arena, taps, sizeof *t->w_tap);
    t->some_tap = tcv_arena_take(arena, taps, sizeof *t->some_tap);
    t->some_w = tcv_arena_take(arena, taps, sizeof *t->some_w);
    t->taps_of = tcv_arena_take(arena, depth ? classes : 0, sizeof *t->taps_of);
    t->c_row = tcv_arena_take(arena, g->c_rows, sizeof *t->c_row);
    t->class_row = tcv_arena_take(arena, classes, sizeof *t->class_row);
}

size_t tcv_direct_tile_bytes(const struct tcv_problem *p, const struct tcv_direct_grid *g)
{
    struct tcv_direct_tile tile;
    struct tcv_arena arena = {NULL, 0};

    lay_out(&tile, p, g, &arena);
    return arena.used;
}

void tcv_direct_tile_init(struct tcv_direct_tile *t, const struct tcv_run *run,
                          const struct tcv_setup *setup, void *scratch)
{
    struct tcv_arena arena = {scratch, 0};

    *t = (struct tcv_direct_tile){.run = run, .p = run->problem, .g = &setup->direct,
                                  .f = &setup->direct.family, .kernels = &setup->kernels,
                                  .direct = &setup->direct_kernels,
                                  .element = tcv_dtype_bytes(run->problem->dtype)};
    lay_out(t, t->p, t->g, &arena);
    t->joined = t->f->channels_inside && t->f->merged && t->f->blocks == 1 &&
                t->p->groups == 1 && run->window.place.c == 1 &&
                run->window.place.s[W] == t->p->oc;
    t->tables = tcv_direct_tables_at(t->p, t->f, run->packed);
    for (int a = 0; a < TCV_AXES; a++) {
        for (int64_t r = 0; r < t->p->axis[a].stride; r++)
            t->class_of[a][r] = -1;
        for (int64_t i = t->g->axis[a].classes - 1; i >= 0; i--) /* 0 may have all */
            for (int64_t r = t->tables.of[a][i].lo; r < t->tables.of[a][i].hi; r++)
                t->class_of[a][r] = i;
    }
    memset(t->zeros, 0, (size_t)(t->g->axis[W].block * t->p->axis[W].stride) * t->element);
}

/*
 * Right of a row's inputs lie the zeros left of the next row's, so where the row
 * is whole those serve both sides.
 */
void tcv_direct_tile_place(struct tcv_direct_tile *t)
{
    const struct tcv_window *win = &t->run->window;
    const bool rows = t->f->form == TCV_DIRECT_ROWS;
    int64_t size[TCV_AXES], planes = 1;

    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_direct_axis *ax = &t->g->axis[a];
        const struct tcv_axis *axis = &t->p->axis[a];
        const int64_t first = ax->first + t->tile[a] * ax->block;
        struct tcv_direct_box *box = &t->box[a];

        box->begin = tcv_max(first, tcv_floor_div(win->begin[a] + ax->shift, axis->stride));
        box->end = tcv_min(first + ax->block,
                           tcv_floor_div(win->end[a] - 1 + ax->shift, axis->stride) + 1);
        size[a] = box->end - box->begin;
        planes *= ax->planes;
        box->left = ax->left;
        box->extent = box->left + size[a] + ax->right;
        if (a == W && rows && box->begin <= 0 && axis->in <= box->end * axis->down) {
            box->left = tcv_max(ax->left, ax->right);
            box->extent = box->left + size[a];
        }
    }
    t->plane = t->box[0].extent * t->box[1].extent * t->box[W].extent;
    t->origin = (t->box[0].left * t->box[1].extent + t->box[1].left) * t->box[W].extent +
                t->box[W].left;
    t->image_inputs = planes * t->plane;
    t->side = t->images > 1 ? t->images + t->images % 2 : 1;
    t->row_width = rows ? t->box[W].extent : t->side > 1 ? size[W] : size[W] + size[W] % 2;
    t->plane_rows = rows ? t->box[1].extent : size[1];
    t->positions = ((size[0] - 1) * t->plane_rows + size[1]) * t->row_width * t->side;
    if (rows) /* from position 0 to the last output, in whole vectors */
        t->positions = tcv_ceil_div(t->positions - t->row_width + size[W], t->f->width) *
                       t->f->width;
}

/*
 * Zeros at `to`.  A few are written as 32 bytes, for rows are short and calls are
 * not: what follows is written afterwards, or is the slack behind the last row.
 */
static inline void zero(char *to, size_t bytes)
{
    if (bytes == 0)
        return;
    if (bytes <= 32)
        memset(to, 0, 32);
    else
        memset(to, 0, bytes);
}

/* Positions [lo, hi) of a row lie inside the input, `step` elements apart from `from` on. */
struct inside {
    int64_t lo, hi, from, step;
};

/* Position j of a row is input (first + j) * down + residue. */
static struct inside inside_of(const struct tcv_direct_tile *t, int64_t residue)
{
    const struct tcv_direct_box *box = &t->box[W];
    const int64_t first = box->begin - box->left, down = t->p->axis[W].down;
    const int64_t rest = t->p->axis[W].in - residue;
    const int64_t inputs = down == 1 ? rest : tcv_ceil_div(rest, down);
    struct inside in = {.step = down * t->p->x.s[W]};

    in.lo = tcv_min(tcv_max(0, -first), box->extent);
    in.hi = tcv_max(in.lo, tcv_min(box->extent, inputs - first));
    in.from = (first + in.lo) * in.step + residue * t->p->x.s[W];
    return in;
}

/*
 * One row of one channel, or of all channels side by side: `unit` elements a position.
 * `from` is the input of position 0, or NULL where there is none.
 */
static inline void input_row(const struct tcv_direct_tile *t, const struct inside *in,
                             const char *from, int64_t unit, char *to)
{
    const int64_t extent = t->box[W].extent;
    const int64_t pitch = t->g->planes ? 1 : t->g->ic_pitch;
    const size_t step = (size_t)pitch * t->element;

    if (from == NULL || in->lo == in->hi) {
        zero(to, (size_t)extent * step);
        return;
    }
    zero(to, (size_t)in->lo * step);
    from += in->from * (int64_t)t->element;
    if (t->g->planes) {
        t->kernels->pick(&(struct tcv_pick){from, in->step, to + (size_t)in->lo * step,
                                            in->hi - in->lo});
    } else if (t->p->x.c != 1 && in->step == 1) {
        t->kernels->transpose(&(struct tcv_transpose){from, t->p->x.c, to + (size_t)in->lo * step,
                                                      pitch, unit, in->hi - in->lo});
    } else {
        for (int64_t i = in->lo; i < in->hi; i++)
            tcv_copy_row(unit, t->p->x.c, t->element,
                         from + (i - in->lo) * in->step * (int64_t)t->element,
                         to + (size_t)i * step);
    }
    zero(to + (size_t)in->hi * step, (size_t)(extent - in->hi) * step);
}

/* One plane of packed input: its image, and the residues of its inputs. */
struct plane {
    int64_t image, residue[TCV_AXES];
};

static struct plane plane_at(const struct tcv_direct_tile *t, int64_t image, int64_t index)
{
    struct plane plane = {.image = image};

    for (int a = TCV_AXES - 1; a >= 0; a--) {
        const struct tcv_axis *axis = &t->p->axis[a];
        const int64_t planes = t->g->axis[a].planes;

        plane.residue[a] =
            tcv_floor_mod(tcv_direct_tap_input(axis, index % planes), axis->down);
        index /= planes;
    }
    return plane;
}

/* Channel ic of the plane's image and the tile's group. */
static const char *channel_of(const struct tcv_direct_tile *t, const struct plane *plane,
                              int64_t ic)
{
    const struct tcv_place *x = &t->p->x;

    return (const char *)t->run->x +
           (plane->image * x->n + (t->group * t->p->ic + ic) * x->c) * (int64_t)t->element;
}

/* Row (d, h) of a plane of a channel in the input, or NULL where there is none. */
static inline const char *row_of(const struct tcv_direct_tile *t, const struct plane *plane,
                                 const char *channel, int64_t d, int64_t h)
{
    const struct tcv_place *x = &t->p->x;
    const int64_t id = (t->box[0].begin - t->box[0].left + d) * t->p->axis[0].down +
                       plane->residue[0];
    const int64_t ih = (t->box[1].begin - t->box[1].left + h) * t->p->axis[1].down +
                       plane->residue[1];

    if (id < 0 || id >= t->p->axis[0].in || ih < 0 || ih >= t->p->axis[1].in)
        return NULL;
    return channel + (id * x->s[0] + ih * x->s[1]) * (int64_t)t->element;
}

/* Channels by which rows are asked for ahead: memory is that many of them away. */
#define CHANNELS_AHEAD 4

/*
 * Asks for the same row of a later channel while this one is copied: rows of one
 * channel are too short for the hardware to run ahead by itself.  To L2: L1 has what
 * is copied, and four channels of a tile would drive each other out of it.
 */
static void prefetch_row(const struct tcv_direct_tile *t, const char *from)
{
    const int64_t bytes = tcv_min(t->box[W].extent * t->p->axis[W].down, t->p->axis[W].in) *
                          (int64_t)t->element;

    for (int64_t at = 0; at < bytes; at += 64)
        __builtin_prefetch(from + at, 0, 2);
}

/*
 * Asks for `count` channels of each pixel of a row while the row before is transposed, which
 * takes them a vector at a time.  Of few channels the hardware does so by itself.
 */
static void prefetch_pixels(const struct tcv_direct_tile *t, const struct inside *in,
                            const char *from, int64_t count)
{
    const int64_t element = (int64_t)t->element;

    if (from == NULL || count < 2 * t->f->width)
        return;
    for (int64_t i = 0; i < in->hi - in->lo; i++)
        for (int64_t at = 0; at < count * element; at += 64)
            __builtin_prefetch(from + (in->from + i * in->step) * element + at, 0, 2);
}

/*
 * Packs planes of `count` channels that are contiguous in x: each row of positions and
 * channels is transposed into all planes at once.
 */
static void input_turned(const struct tcv_direct_tile *t, const struct plane *plane, int64_t ic,
                         int64_t count, char *to)
{
    const struct tcv_direct_box *box = &t->box[W];
    const struct inside in = inside_of(t, plane->residue[W]);
    const int64_t element = (int64_t)t->element, channel = t->g->inputs * element;
    const char *const first = channel_of(t, plane, ic);

    for (int64_t d = 0; d < t->box[0].extent; d++)
        for (int64_t h = 0; h < t->box[1].extent; h++, to += box->extent * element) {
            const char *from = row_of(t, plane, first, d, h);
            const int64_t lo = from == NULL ? box->extent : in.lo;
            const int64_t hi = tcv_max(lo, in.hi);

            for (int64_t i = 0; i < count; i++) {
                zero(to + i * channel, (size_t)(lo * element));
                zero(to + i * channel + hi * element, (size_t)((box->extent - hi) * element));
            }
            if (h + 1 < t->box[1].extent)
                prefetch_pixels(t, &in, row_of(t, plane, first, d, h + 1), count);
            if (lo < hi)
                t->kernels->transpose(&(struct tcv_transpose){
                    from + in.from * element, in.step, to + lo * element, t->g->inputs, hi - lo,
                    count});
        }
}

/* Positions [lo, hi) of axis a of the box whose inputs, of one residue, exist. */
static struct inside rows_inside(const struct tcv_direct_tile *t, int a, int64_t residue)
{
    const struct tcv_direct_box *box = &t->box[a];
    const int64_t first = box->begin - box->left, down = t->p->axis[a].down;
    struct inside in = {.step = down * t->p->x.s[a]};

    in.lo = tcv_min(box->extent, tcv_max(0, tcv_ceil_div(-residue, down) - first));
    in.hi = tcv_ceil_div(t->p->axis[a].in - residue, down) - first;
    in.hi = tcv_max(in.lo, tcv_min(box->extent, in.hi));
    in.from = ((first + in.lo) * down + residue) * t->p->x.s[a];
    return in;
}

/* `rows` rows of zeros; returns their end. */
static char *pad_zeros(const struct tcv_direct_tile *t, int64_t rows, char *to)
{
    const int64_t elements = rows * t->box[W].extent;

    if (elements > 0)
        t->kernels->pad(&(struct tcv_pad){.to = to, .extent = elements, .rows = 1});
    return to + elements * (int64_t)t->element;
}

/* One plane of a channel whose elements are neighbours in x along the rows; returns its end. */
static char *pad_plane(const struct tcv_direct_tile *t, const struct plane *plane, int64_t ic,
                       bool more, char *to)
{
    const int64_t element = (int64_t)t->element;
    const struct inside in = inside_of(t, plane->residue[W]);
    const struct inside rows = rows_inside(t, 1, plane->residue[1]);
    const struct inside images = rows_inside(t, 0, plane->residue[0]);
    const char *const from = channel_of(t, plane, ic) + (rows.from + images.from) * element;
    struct tcv_pad pad = {.from_step = rows.step, .before = in.lo, .count = in.hi - in.lo,
                          .extent = t->box[W].extent, .rows = rows.hi - rows.lo};

    if (pad.count == pad.extent && pad.from_step == pad.extent) { /* one run of memory */
        pad.count = pad.extent = pad.rows * pad.extent;
        pad.rows = 1;
    }
    to = pad_zeros(t, images.lo * t->box[1].extent, to);
    for (int64_t d = images.lo; d < images.hi; d++) {
        const char *row = from + (d - images.lo) * images.step * element;

        for (int64_t h = 0; h < rows.hi - rows.lo && more; h++)
            prefetch_row(t, row + (h * rows.step + CHANNELS_AHEAD * t->p->x.c) * element);
        pad.from = row + in.from * element;
        pad.to = pad_zeros(t, rows.lo, to);
        t->kernels->pad(&pad);
        to = pad_zeros(t, t->box[1].extent - rows.hi,
                       (char *)pad.to + pad.rows * pad.extent * element);
    }
    return pad_zeros(t, (t->box[0].extent - images.hi) * t->box[1].extent, to);
}

/* One plane of a channel (or of all of them side by side); returns its end. */
static char *input_plane(const struct tcv_direct_tile *t, const struct plane *plane, int64_t ic,
                         int64_t unit, char *to)
{
    const int64_t pitch = t->g->planes ? 1 : t->g->ic_pitch;
    const size_t row_bytes = (size_t)(t->box[W].extent * pitch) * t->element;
    const int64_t later = CHANNELS_AHEAD * t->p->x.c * (int64_t)t->element;
    const bool ahead = t->g->planes && unit > CHANNELS_AHEAD && t->p->x.s[W] == 1;
    const struct inside in = inside_of(t, plane->residue[W]);
    const char *const channel = channel_of(t, plane, ic);

    if (t->g->planes && in.step == 1)
        return pad_plane(t, plane, ic, ahead, to);
    for (int64_t d = 0; d < t->box[0].extent; d++)
        for (int64_t h = 0; h < t->box[1].extent; h++, to += row_bytes) {
            const char *from = row_of(t, plane, channel, d, h);

            if (ahead && from != NULL)
                prefetch_row(t, from + later);
            input_row(t, &in, from, unit, to);
        }
    return to;
}

/* All planes of one image: of channel `first + i`, or where they are packed together of all. */
static char *input_image(const struct tcv_direct_tile *t, int64_t image, int64_t first, int64_t i,
                         int64_t count, char *to)
{
    const int64_t planes = t->image_inputs / t->plane;
    const bool turned = t->g->planes && t->p->x.c == 1 && count > 1;
    struct plane plane = plane_at(t, image, 0);

    for (int64_t index = 0; index < planes; index++) {
        if (planes > 1) /* else it is there, and divisions cost more than short rows */
            plane = plane_at(t, image, index);
        if (!turned)
            to = input_plane(t, &plane, first + i, count - i, to);
        else if (i == 0)
            input_turned(t, &plane, first, count, to + index * t->plane * (int64_t)t->element);
    }
    return turned ? to + t->image_inputs * (int64_t)t->element : to;
}

void tcv_direct_input(struct tcv_direct_tile *t, int64_t ic, int64_t count)
{
    const int64_t pitch = t->g->planes ? 1 : t->g->ic_pitch;

    for (int64_t i = 0; i < (t->g->planes ? count : 1); i++) {
        char *to = t->x + (size_t)(i * t->g->inputs) * t->element;
        const char *end = to + (size_t)(t->g->inputs * pitch) * t->element;

        for (int64_t image = t->image; image < t->image + t->images; image++)
            to = input_image(t, image, ic, i, count, to);
        /* What whole vectors read past the last row. */
        memset(to, 0, (size_t)tcv_min(end - to, tcv_direct_slack(t->g) * pitch *
                                                    (int64_t)t->element));
    }
}
