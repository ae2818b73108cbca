/*
 * direct_input.c - a tile's inputs, packed with zeros where there are none
 *
 * [ic][planes][position], or [planes][position][ic] where the kernel broadcasts single inputs;
 * several images of a tile follow each other.  What it takes most is memory's time, so what is
 * to be copied later is asked for ahead.
 */
#include <string.h>

#include "algo/direct_tile.h"
#include "base/checked.h"
#include "kernels/copy_box.h"

#define W (TCV_AXES - 1)

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

        if (axis->down == 1) /* one plane, and divisions take longer than a short row */
            continue;
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

/* `rows` rows of zeros and nothing behind them; returns their end. */
static char *clear_rows(const struct tcv_direct_tile *t, int64_t rows, char *to)
{
    const size_t bytes = (size_t)(rows * t->box[W].extent) * t->element;

    memset(to, 0, bytes);
    return to + bytes;
}

/*
 * The planes of a channel that differ in their residues along the rows, of which `index` is the
 * first: each row of inputs is read once for all.  Returns the end of the last.
 */
static char *split_planes(const struct tcv_direct_tile *t, int64_t image, int64_t index,
                          int64_t ic, bool more, char *to)
{
    const int64_t element = (int64_t)t->element, planes = t->g->axis[W].planes;
    const int64_t first = (t->box[W].begin - t->box[W].left) * t->p->axis[W].down;
    const struct plane plane = plane_at(t, image, index);
    const struct inside rows = rows_inside(t, 1, plane.residue[1]);
    const struct inside images = rows_inside(t, 0, plane.residue[0]);
    const char *from = channel_of(t, &plane, ic) + (images.from + rows.from + first) * element;
    void *line[TCV_SPLIT_MOST] = {NULL};
    struct tcv_split split = {
        .from_step = rows.step, .begin = tcv_max(0, -first), .end = t->p->axis[W].in - first,
        .line = line, .step = t->p->axis[W].down, .extent = t->box[W].extent,
        .rows = rows.hi - rows.lo,
    };

    for (int64_t d = 0; d < t->box[0].extent; d++) {
        const bool inside = images.lo <= d && d < images.hi;

        for (int64_t i = 0; i < planes; i++) {
            const int64_t r = plane_at(t, image, index + i).residue[W];
            char *const at = to + (i * t->plane + d * t->box[1].extent * split.extent) * element;

            line[r] = clear_rows(t, inside ? rows.lo : t->box[1].extent, at);
            if (inside)
                clear_rows(t, t->box[1].extent - rows.hi,
                           (char *)line[r] + split.rows * split.extent * element);
        }
        if (!inside)
            continue;
        split.from = from + (d - images.lo) * images.step * element;
        for (int64_t h = 0; h < split.rows && more; h++)
            prefetch_row(t, (const char *)split.from +
                                (split.begin + h * rows.step + CHANNELS_AHEAD * t->p->x.c) *
                                    element);
        t->kernels->split(&split);
    }
    return to + planes * t->plane * element;
}

/* One plane of a channel (or of all of them side by side); returns its end. */
static char *input_plane(const struct tcv_direct_tile *t, const struct plane *plane, int64_t ic,
                         int64_t unit, char *to)
{
    const int64_t pitch = t->g->planes ? 1 : t->g->ic_pitch;
    const size_t row_bytes = (size_t)(t->box[W].extent * pitch) * t->element;
    const int64_t later = CHANNELS_AHEAD * t->p->x.c * (int64_t)t->element;
    const bool ahead = t->g->planes && t->p->ic - ic > CHANNELS_AHEAD && t->p->x.s[W] == 1;
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
    const int64_t down = t->p->axis[W].down;
    const bool turned = t->g->planes && t->p->x.c == 1 && count > 1;
    const bool splits = !turned && t->g->planes && t->p->x.s[W] == 1 && t->g->axis[W].planes > 1 &&
                        tcv_splits(down);
    const int64_t step = splits ? t->g->axis[W].planes : 1;

    for (int64_t index = 0; index * t->plane < t->image_inputs; index += step) {
        const struct plane plane = plane_at(t, image, index);

        if (splits)
            to = split_planes(t, image, index, first + i, t->p->ic - first - i > CHANNELS_AHEAD,
                              to);
        else if (!turned)
            to = input_plane(t, &plane, first + i, count - i, to);
        else if (i == 0)
            input_turned(t, &plane, first, count, to + index * t->plane * (int64_t)t->element);
    }
    return turned ? to + t->image_inputs * (int64_t)t->element : to;
}

struct tcv_ask tcv_direct_inputs(const struct tcv_direct_tile *t, int64_t ic, int64_t channels)
{
    const struct tcv_ask none = {NULL, 0, 0, 0};
    const struct tcv_place *x = &t->p->x;
    const int64_t element = (int64_t)t->element;
    int64_t at = t->image * x->n + (t->group * t->p->ic + ic) * x->c, count[TCV_AXES];

    if (t->f->form != TCV_DIRECT_ROWS || !t->run->x_leaves || x->s[W] != 1)
        return none;
    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_direct_axis *ax = &t->g->axis[a];
        const int64_t first = ax->first + t->tile[a] * ax->block, down = t->p->axis[a].down;
        const int64_t lo = tcv_max(0, (first - ax->left) * down);
        const int64_t hi = tcv_min(t->p->axis[a].in, (first + ax->block + ax->right) * down);

        if (lo >= hi)
            return none;
        at += lo * x->s[a];
        count[a] = hi - lo;
    }
    if (count[1] > 1 && count[W] != x->s[1])
        return none;
    return (struct tcv_ask){(const char *)t->run->x + at * element, channels,
                            count[1] * count[W] * element, x->c * element};
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
