/*
 * winograd_input.c - from the inputs of a unit to points
 *
 * For each channel (or plane of a channel) and segment the rows of inputs are found: read
 * where they lie if they can be, else copied with zeros around them, or transposed with their
 * neighbours where channels are side by side in x.  They are transformed along the rows
 * first, for all segments, and then along the outer axes.
 */
#include <string.h>

#include "algo/winograd_tile.h"
#include "base/checked.h"

#define W (TCV_AXES - 1)

/* Elements [lo, hi) of `count` of a row of a plane that begins at input `in` exist. */
static void find_existing(const struct tcv_winograd_tile *t, int64_t in, int64_t count,
                          int64_t *lo_out, int64_t *hi_out)
{
    const int64_t down = t->g->axis[W].down;

    *lo_out = tcv_min(tcv_max(0, tcv_ceil_div(-in, down)), count);
    *hi_out = tcv_max(*lo_out, tcv_min(count, tcv_ceil_div(t->p->axis[W].in - in, down)));
}

void tcv_winograd_place_inputs(const struct tcv_winograd_tile *t, struct tcv_winograd_segment *s)
{
    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_winograd_axis *ax = &t->g->axis[a];

        s->in[a] = (ax->first + s->tile[a] * ax->outputs - (ax->taps - 1)) * ax->down + ax->offset;
    }
    s->elements = tcv_winograd_line_elements(t->g, s->count, 1);
    find_existing(t, s->in[W], s->elements, &s->lo, &s->hi);
}

/* Where the rows [d][h] lie that a segment reads of a channel's plane. */
struct rows {
    const char *channel;
    int64_t in[TCV_AXES]; /* input that the first element of the first row is */
    int64_t count;
    int64_t lo, hi;       /* elements of a row that exist */
};

static struct rows rows_of(const struct tcv_winograd_tile *t,
                           const struct tcv_winograd_segment *s,
                           const struct tcv_winograd_channel *c)
{
    const struct tcv_place *x = &t->p->x;
    const int64_t at = s->image * x->n + (t->group * t->p->ic + c->ic) * x->c;
    struct rows r = {(const char *)t->run->x + at * (int64_t)t->element,
                     {s->in[0] - c->rho[0], s->in[1] - c->rho[1], s->in[W] - c->rho[W]},
                     s->elements, s->lo, s->hi};

    if (c->rho[W] > 0)
        find_existing(t, r.in[W], r.count, &r.lo, &r.hi);
    return r;
}

/* Input 0 of row (d, h), or NULL where there is no such row. */
static const char *row_at(const struct tcv_winograd_tile *t, const struct rows *r, int64_t d,
                          int64_t h)
{
    const struct tcv_place *x = &t->p->x;

    d = r->in[0] + d * t->g->axis[0].down;
    h = r->in[1] + h * t->g->axis[1].down;
    if (d < 0 || d >= t->p->axis[0].in || h < 0 || h >= t->p->axis[1].in)
        return NULL;
    return r->channel + (d * x->s[0] + h * x->s[1]) * (int64_t)t->element;
}

/* Where the first element of a row that exists lies. */
static const char *first_of(const struct tcv_winograd_tile *t, const struct rows *r,
                            const char *row)
{
    return row + (r->in[W] + r->lo * t->g->axis[W].down) * t->p->x.s[W] * (int64_t)t->element;
}

/*
 * One row with zeros where there are no inputs, in `whole` vectors of tiles: where the row
 * itself goes on, they are read where they lie, else from a copy at `line`.
 */
static const void *line_of(const struct tcv_winograd_tile *t, const struct rows *r,
                           const char *row, int64_t whole, char *line)
{
    const int64_t element = (int64_t)t->element, step = t->p->x.s[W] * t->g->axis[W].down;

    if (row == NULL || r->lo == r->hi)
        return t->zeros;
    if (step == 1 && r->in[W] >= 0 && r->in[W] + whole <= t->p->axis[W].in)
        return row + r->in[W] * element;
    memset(line, 0, (size_t)(r->lo * element));
    t->kernels->pick(&(struct tcv_pick){first_of(t, r, row), step, line + r->lo * element,
                                        r->hi - r->lo});
    memset(line + r->hi * element, 0, (size_t)((whole - r->hi) * element));
    return line;
}

/*
 * Asks for what the next channel has where this one's row is read: rows are too
 * short and channels too far apart for the hardware to run ahead by itself.
 */
static void prefetch_row(const struct tcv_winograd_tile *t, const struct rows *r,
                         const char *row)
{
    const struct tcv_place *x = &t->p->x;
    const int64_t lo = tcv_max(0, r->in[W]);
    const int64_t hi = tcv_min(r->in[W] + r->count * t->g->axis[W].down, t->p->axis[W].in);

    if (row == NULL || x->s[W] != 1)
        return;
    row += x->c * (int64_t)t->element;
    for (int64_t at = lo * (int64_t)t->element; at < hi * (int64_t)t->element; at += 64)
        __builtin_prefetch(row + at);
}

/* Finds the rows [d][h] of inputs of one segment, those that are copied at `lines`. */
static void find_lines(const struct tcv_winograd_tile *t, const struct tcv_winograd_segment *s,
                       const struct tcv_winograd_channel *c, char *lines, const void **line_out)
{
    const struct tcv_winograd_axis *ax = t->g->axis;
    const struct rows r = rows_of(t, s, c);
    const int64_t whole = tcv_winograd_line_elements(t->g, s->count, t->transform->width);

    for (int64_t d = 0; d < ax[0].inputs; d++)
        for (int64_t h = 0; h < ax[1].inputs; h++) {
            const char *row = row_at(t, &r, d, h);

            if (c->run > 1)
                prefetch_row(t, &r, row);
            *line_out++ = line_of(t, &r, row, whole, lines);
            lines += whole * (int64_t)t->element;
        }
}

/*
 * Finds the rows [plane][d][h] of channel c and the planes after it: each row of inputs is read
 * once for all.  Rows that exist follow each other, so one call does those of a d.
 */
static void split_lines(const struct tcv_winograd_tile *t, const struct tcv_winograd_segment *s,
                        const struct tcv_winograd_channel *c, char *lines, const void **line_out)
{
    const struct tcv_winograd_axis *ax = t->g->axis;
    const struct rows r = rows_of(t, s, c);
    const int64_t whole = tcv_winograd_line_elements(t->g, s->count, t->transform->width);
    const int64_t element = (int64_t)t->element, rows = ax[0].inputs * ax[1].inputs;
    const int64_t planes = t->together, first = r.in[W] - (planes - 1); /* of the last plane */
    void *line[TCV_SPLIT_MOST];
    struct tcv_split split = {
        .from_step = ax[1].down * t->p->x.s[1], .begin = tcv_max(0, -first),
        .end = t->p->axis[W].in - first, .line = line, .step = planes, .extent = whole,
    };

    for (int64_t d = 0; d < ax[0].inputs; d++) {
        split.rows = 0;
        for (int64_t h = 0; h < ax[1].inputs; h++) {
            const char *row = row_at(t, &r, d, h);

            if (c->run > 1)
                prefetch_row(t, &r, row);
            for (int64_t k = 0; k < planes; k++) {
                const int64_t at = k * rows + d * ax[1].inputs + h;

                line_out[at] = row == NULL ? t->zeros : lines + at * whole * element;
                if (row != NULL && split.rows == 0)
                    line[planes - 1 - k] = lines + at * whole * element;
            }
            if (row != NULL && split.rows++ == 0)
                split.from = row + first * element;
        }
        if (split.rows > 0)
            t->kernels->split(&split);
    }
}

/* Transforms one segment along the rows: to[d][h][point], as points lie, of its positions. */
static void forward_rows(const struct tcv_winograd_tile *t,
                         const struct tcv_winograd_segment *s, const void *const *line, char *to,
                         int64_t step)
{
    const struct tcv_winograd_axis *ax = t->g->axis;
    struct tcv_winograd args = {.form = t->g->family.form[W], .also = ax[W].also,
                                .to_step = step, .count = s->count, .watch = t->watch};

    for (int64_t i = 0; i < ax[0].inputs * ax[1].inputs; i++) {
        const int64_t d = i / ax[1].inputs, h = i % ax[1].inputs;

        args.from = line[i];
        args.to = to + ((d * ax[1].points + h) * ax[W].points * step + s->at) *
                           (int64_t)t->element;
        t->transform->forward_row(&args);
    }
}

/*
 * All segments of channel c and the planes after it, each to_plane bytes after the one before.
 * Their lines are found first, as many as there is room for: a line that was written a moment ago,
 * otherwise aligned, is slow to read.
 */
static void forward_segments(const struct tcv_winograd_tile *t,
                             const struct tcv_winograd_channel *c, int64_t planes, char *to,
                             int64_t to_plane, int64_t step)
{
    const int64_t rows = t->g->axis[0].inputs * t->g->axis[1].inputs;
    const int64_t width = t->transform->width, room = t->room;

    for (int64_t s = 0, next; s < t->segments; s = next) {
        int64_t used = 0;

        for (next = s; next < t->segments; next++) {
            const int64_t wanted =
                planes * rows * tcv_winograd_line_elements(t->g, t->segment[next].count, width);

            if (used + wanted > room)
                break;
            (planes > 1 ? split_lines : find_lines)(t, &t->segment[next], c,
                                                    t->lines + used * (int64_t)t->element,
                                                    t->line_of + (next - s) * planes * rows);
            used += wanted;
        }
        for (int64_t k = 0; k < planes; k++)
            for (int64_t i = s; i < next; i++)
                forward_rows(t, &t->segment[i], t->line_of + ((i - s) * planes + k) * rows,
                             to + k * to_plane, step);
    }
}

/*
 * Transposes the rows [d][h] of inputs of all segments, for `count` channels from c on that
 * are neighbours: for each a run of turned_pitch elements.  False if that is too few.
 */
static bool turn_inputs(const struct tcv_winograd_tile *t, const struct tcv_winograd_channel *c,
                        int64_t count)
{
    const struct tcv_winograd_axis *ax = t->g->axis;
    const int64_t element = (int64_t)t->element, pitch = t->turned_pitch * element;
    const int64_t slack = tcv_winograd_line_elements(t->g, 1, t->transform->width);
    int64_t total = 0;
    char *to = t->inputs;

    for (int64_t s = 0; s < t->segments; s++)
        total += ax[0].inputs * ax[1].inputs * t->segment[s].elements;
    if (total + slack > t->turned_pitch)
        return false;
    for (int64_t s = 0; s < t->segments; s++) {
        const struct rows r = rows_of(t, &t->segment[s], c);

        for (int64_t i = 0; i < ax[0].inputs * ax[1].inputs; i++, to += r.count * element) {
            const char *row = row_at(t, &r, i / ax[1].inputs, i % ax[1].inputs);
            const int64_t lo = row == NULL ? r.count : r.lo, hi = row == NULL ? lo : r.hi;

            for (int64_t k = 0; k < count && hi - lo < r.count; k++) {
                memset(to + k * pitch, 0, (size_t)(lo * element));
                memset(to + k * pitch + hi * element, 0, (size_t)((r.count - hi) * element));
            }
            if (lo < hi)
                t->kernels->transpose(&(struct tcv_transpose){
                    first_of(t, &r, row), t->p->x.s[W] * ax[W].down, to + lo * element,
                    t->turned_pitch, hi - lo, count});
        }
    }
    for (int64_t k = 0; k < count; k++)
        memset(to + k * pitch, 0, (size_t)(slack * element));
    return true;
}

/* All segments of channel c of those that were transposed. */
static void forward_turned(const struct tcv_winograd_tile *t, int64_t c, char *to, int64_t step)
{
    const int64_t rows = t->g->axis[0].inputs * t->g->axis[1].inputs;
    const char *line = t->inputs + c * t->turned_pitch * (int64_t)t->element;

    for (int64_t s = 0; s < t->segments; s++) {
        for (int64_t i = 0; i < rows; i++) {
            t->line_of[i] = line;
            line += t->segment[s].elements * (int64_t)t->element;
        }
        forward_rows(t, &t->segment[s], t->line_of, to, step);
    }
}

/*
 * Along an outer axis: planes [outer][points][inner], of which the inputs fill the first,
 * in place or, on the last axis, to the points of a channel.
 */
static void forward_axis(const struct tcv_winograd_tile *t, int a, const char *planes, char *to,
                         int64_t step)
{
    const struct tcv_winograd_axis *ax = t->g->axis;
    const int64_t element = (int64_t)t->element, from_step = t->g->plane_step;
    const int64_t outer = a == 0 ? 1 : ax[0].inputs;
    const int64_t inner = a == 0 ? ax[1].points * ax[2].points : ax[2].points;
    struct tcv_winograd args = {.form = t->g->family.form[a], .also = ax[a].also,
                                .from_step = inner * from_step, .to_step = inner * step,
                                .count = t->count};

    for (int64_t o = 0; o < outer; o++)
        for (int64_t i = 0; i < inner; i++) {
            const int64_t plane = o * ax[a].points * inner + i;

            args.from = planes + plane * from_step * element;
            args.to = to + plane * step * element;
            t->transform->forward(&args);
        }
}

/*
 * Planes that are transformed with the i-th of `count` channels: all that share its rows with the
 * first of them, none with the others.  Where not all are among the channels, each goes alone.
 */
static int64_t planes_at(const struct tcv_winograd_tile *t, const struct tcv_winograd_channel *c,
                         int64_t i, int64_t count)
{
    const int64_t first = i - c->rho[W] * c->next;

    if (t->together == 1 || first < 0 || first + (t->together - 1) * c->next >= count)
        return 1;
    return c->rho[W] == 0 ? t->together : 0;
}

void tcv_winograd_input(struct tcv_winograd_tile *t, int64_t ic, int64_t count)
{
    const enum tcv_winograd_form *form = t->g->family.form;
    const int64_t near = t->g->plane_step, far = t->g->point_step;
    const int64_t element = (int64_t)t->element, plane_bytes = t->g->points * near * element;
    const int64_t pitch = t->g->points_pitch * element;
    const int last = form[0] != TCV_WINOGRAD_1_1 ? 0 : form[1] != TCV_WINOGRAD_1_1 ? 1 : W;

    int64_t first = 0, end = 0; /* channels that were transposed */
    bool turned = false;

    memset(t->watch, 0, TCV_ALIGNMENT);
    for (int64_t i = 0; i < count; i++) {
        struct tcv_winograd_channel c = tcv_winograd_channel_at(t->p, t->g, ic + i);
        const int64_t planes = planes_at(t, &c, i, count);
        char *points = t->points + i * pitch;
        char *to = last == W ? points : t->planes;

        c.run = tcv_min(c.run, count - i);
        if (t->turned_pitch > 0 && i == end) {
            first = i;
            end = i + tcv_min(TCV_WINOGRAD_TURNED, c.run);
            turned = turn_inputs(t, &c, end - first);
        }
        if (turned)
            forward_turned(t, i - first, to, last == W ? far : near);
        else if (planes > 0)
            forward_segments(t, &c, planes, to, last == W ? c.next * pitch : plane_bytes,
                             last == W ? far : near);
        for (int64_t k = 0; k < planes; k++, points += c.next * pitch) {
            char *const from = t->planes + k * plane_bytes;

            if (form[1] != TCV_WINOGRAD_1_1)
                forward_axis(t, 1, from, last == 1 ? points : from, last == 1 ? far : near);
            if (form[0] != TCV_WINOGRAD_1_1)
                forward_axis(t, 0, from, points, far);
        }
    }
    for (size_t i = 0; i < TCV_ALIGNMENT; i++) /* 0 has no bits */
        t->wild = t->wild || t->watch[i] != 0;
}
