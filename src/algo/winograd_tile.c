#include "algo/winograd_tile.h"

#include <string.h>

#include "base/arena.h"
#include "base/checked.h"

#define W (TCV_AXES - 1)
/* Elements of inputs that are found before they are transformed: a small part of L1. */
#define LINE_ELEMENTS 1536
/* Channels that are neighbours in x are transposed together: these many, into so many elements. */
#define CHANNELS_TURNED 16
#define TURNED_ELEMENTS (128 * 1024)
/* Rows of one segment. */
#define LINES_MOST (TCV_WINOGRAD_POINTS * TCV_WINOGRAD_POINTS)

/* Inputs of one row that `count` tiles read in whole vectors of `width`. */
static int64_t line_elements(const struct tcv_winograd_grid *g, int64_t count, int64_t width)
{
    const struct tcv_winograd_axis *ax = &g->axis[W];

    return ax->outputs * tcv_ceil_div(count, width) * width + ax->inputs - ax->outputs;
}

/* Room for the rows of the largest segment, or of several small ones. */
static int64_t lines_room(const struct tcv_winograd_grid *g)
{
    return tcv_max(LINE_ELEMENTS, g->axis[0].inputs * g->axis[1].inputs *
                                      line_elements(g, g->positions, 1));
}

/*
 * Elements for the inputs of a unit of one channel, where channels are neighbours in x, or
 * 0: units of the whole output have this many, as far as TURNED_ELEMENTS goes.  Behind the
 * last row whole vectors of tiles are read.
 */
static int64_t turned_pitch(const struct tcv_problem *p, const struct tcv_winograd_grid *g)
{
    const struct tcv_window whole = tcv_window_whole(p);
    const struct tcv_winograd_range range = tcv_winograd_tiles(g, W, &whole);
    const int64_t segments = g->positions / (range.last - range.first + 1) + 2;
    const int64_t rows = g->axis[0].inputs * g->axis[1].inputs;
    const int64_t wanted = rows * (g->axis[W].outputs * g->positions +
                                   segments * (g->axis[W].inputs - g->axis[W].outputs));

    if (p->x.c != 1 || p->x.s[W] == 1 || p->ic == 1)
        return 0;
    return tcv_min(tcv_ceil_div(wanted + line_elements(g, 1, 16), 32) * 32 + 16,
                   TURNED_ELEMENTS / CHANNELS_TURNED);
}

int64_t tcv_winograd_sums_pitch(const struct tcv_winograd_grid *g)
{
    return g->axis[W].outputs * g->positions;
}

static void lay_out(struct tcv_winograd_tile *t, const struct tcv_problem *p,
                    const struct tcv_winograd_grid *g, struct tcv_arena *arena)
{
    const size_t element = tcv_dtype_bytes(p->dtype);
    const int64_t stride = p->axis[W].stride;
    const int64_t outer = g->outputs / g->axis[W].outputs;

    t->segment = tcv_arena_take(arena, g->positions, sizeof *t->segment);
    t->points = tcv_arena_take(arena, g->points * g->point_step, element);
    t->products = tcv_arena_take(arena, g->points * g->product_step, element);
    t->planes = tcv_arena_take(arena, g->points * g->plane_step, element);
    t->lines = tcv_arena_take(arena, lines_room(g), element);
    t->line_of = tcv_arena_take(arena, LINES_MOST * g->positions, sizeof *t->line_of);
    t->turned_pitch = turned_pitch(p, g);
    t->inputs = tcv_arena_take(arena, CHANNELS_TURNED * t->turned_pitch, element);
    t->zeros = tcv_arena_take(arena, line_elements(g, g->positions, 1), element);
    t->watch = tcv_arena_take(arena, TCV_ALIGNMENT, 1);
    t->sums = tcv_arena_take(arena,
                             g->store_channels * g->phases * outer * tcv_winograd_sums_pitch(g),
                             element);
    t->turned = tcv_arena_take(arena, g->store_channels * tcv_winograd_sums_pitch(g) * stride,
                               element);
    t->bad = tcv_arena_take(arena, g->positions, sizeof *t->bad);
    t->rows_of = tcv_arena_take(arena, stride, sizeof *t->rows_of);
    t->row_step = tcv_arena_take(arena, stride, sizeof *t->row_step);
    tcv_vectors_lay_out(&t->vectors, g->family.oc_block * stride, element, arena);
}

size_t tcv_winograd_tile_bytes(const struct tcv_problem *p, const struct tcv_winograd_grid *g)
{
    struct tcv_winograd_tile tile;
    struct tcv_arena arena = {NULL, 0};

    lay_out(&tile, p, g, &arena);
    return arena.used;
}

void tcv_winograd_tile_init(struct tcv_winograd_tile *t, const struct tcv_run *run,
                            const struct tcv_setup *setup, void *scratch)
{
    struct tcv_arena arena = {scratch, 0};

    *t = (struct tcv_winograd_tile){.run = run, .p = run->problem, .g = &setup->winograd,
                                    .kernels = &setup->kernels,
                                    .direct = &setup->direct_kernels,
                                    .transform = &setup->winograd_kernels,
                                    .element = tcv_dtype_bytes(run->problem->dtype)};
    for (int i = 0; i < TCV_WINOGRAD_FILTERS; i++)
        t->filter[i] = tcv_winograd_filter_at(t->g, i);
    lay_out(t, t->p, t->g, &arena);
    t->joined = run->window.place.c == 1 && run->window.place.s[W] == t->p->oc &&
                t->g->store_channels == t->p->oc;
    memset(t->zeros, 0, (size_t)line_elements(t->g, t->g->positions, 1) * t->element);
}

void tcv_winograd_tile_place(struct tcv_winograd_tile *t)
{
    struct tcv_winograd_range range[TCV_AXES];
    int64_t done = 0;

    for (int a = 0; a < TCV_AXES; a++)
        range[a] = tcv_winograd_tiles(t->g, a, &t->run->window);
    t->segments = 0;
    t->wild = t->marked = false;
    while (done < t->count) {
        struct tcv_winograd_segment *s = &t->segment[t->segments++];
        int64_t index = t->first + done;

        for (int a = W; a >= 0; a--) {
            const int64_t tiles = range[a].last - range[a].first + 1;

            s->tile[a] = range[a].first + index % tiles;
            index /= tiles;
        }
        s->image = index;
        s->at = done;
        s->count = tcv_min(t->count - done, range[W].last - s->tile[W] + 1);
        done += s->count;
    }
}

/* The input that element m of a plane is. */
static int64_t input_of(const struct tcv_winograd_tile *t, int a,
                        const struct tcv_winograd_channel *c, int64_t m)
{
    const struct tcv_winograd_axis *ax = &t->g->axis[a];

    return m * ax->down + ax->offset - c->rho[a];
}

/* Elements [lo, hi) of `count` of a row of a plane, the first of which is input `in`, exist. */
struct existing {
    int64_t lo, hi;
};

static struct existing existing_of(const struct tcv_winograd_tile *t, int64_t in, int64_t count)
{
    const int64_t down = t->g->axis[W].down;
    const int64_t lo = tcv_min(tcv_max(0, -tcv_floor_div(in, down)), count);
    const int64_t end = tcv_floor_div(t->p->axis[W].in - 1 - in, down) + 1;

    return (struct existing){lo, tcv_max(lo, tcv_min(count, end))};
}

/*
 * `count` elements of one row of a plane, from input `in` on, zeros where there are none, in
 * whole vectors of tiles: where the row itself goes on, they are read where they lie, else
 * from a copy at `line`.
 */
static const void *line_of(const struct tcv_winograd_tile *t, const char *row, int64_t in,
                           int64_t count, int64_t whole, char *line)
{
    const struct existing e = existing_of(t, in, count);
    const int64_t down = t->g->axis[W].down, step = t->p->x.s[W];
    const int64_t element = (int64_t)t->element;

    if (row == NULL || e.lo == e.hi)
        return t->zeros;
    if (step * down == 1 && in >= 0 && in + whole <= t->p->axis[W].in)
        return row + in * element;
    memset(line, 0, (size_t)(e.lo * element));
    t->kernels->pick(&(struct tcv_pick){row + (in + e.lo * down) * step * element, step * down,
                                        line + e.lo * element, e.hi - e.lo});
    memset(line + e.hi * element, 0, (size_t)((whole - e.hi) * element));
    return line;
}

/* Row (d, h) of a channel's plane in the image, or NULL where there is none. */
static const char *input_row(const struct tcv_winograd_tile *t, int64_t image,
                             const struct tcv_winograd_channel *c, int64_t d, int64_t h)
{
    const struct tcv_place *x = &t->p->x;

    d = input_of(t, 0, c, d);
    h = input_of(t, 1, c, h);
    if (d < 0 || d >= t->p->axis[0].in || h < 0 || h >= t->p->axis[1].in)
        return NULL;
    return (const char *)t->run->x + (image * x->n + (t->group * t->p->ic + c->ic) * x->c +
                                      d * x->s[0] + h * x->s[1]) * (int64_t)t->element;
}

/*
 * Asks for what the next channel has where this one's row is read: rows are too
 * short and channels too far apart for the hardware to run ahead by itself.
 */
static void prefetch_row(const struct tcv_winograd_tile *t, const char *row, int64_t in,
                         int64_t count)
{
    const struct tcv_place *x = &t->p->x;
    const int64_t lo = tcv_max(0, in);
    const int64_t hi = tcv_min(in + count * t->g->axis[W].down, t->p->axis[W].in);

    if (row == NULL || x->s[W] != 1)
        return;
    row += x->c * (int64_t)t->element;
    for (int64_t at = lo * (int64_t)t->element; at < hi * (int64_t)t->element; at += 64)
        __builtin_prefetch(row + at);
}

/* Element of a plane with which tile `tile` of an axis begins. */
static int64_t tile_begin(const struct tcv_winograd_tile *t, int a, int64_t tile)
{
    const struct tcv_winograd_axis *ax = &t->g->axis[a];

    return ax->first + tile * ax->outputs - (ax->taps - 1);
}

/* Finds the rows [d][h] of inputs of one segment, those that are copied at `lines`. */
static void find_lines(const struct tcv_winograd_tile *t, const struct tcv_winograd_segment *s,
                       const struct tcv_winograd_channel *c, char *lines, const void **line_out)
{
    const struct tcv_winograd_axis *ax = t->g->axis;
    const int64_t in = input_of(t, W, c, tile_begin(t, W, s->tile[W]));
    const int64_t count = line_elements(t->g, s->count, 1);
    const int64_t whole = line_elements(t->g, s->count, t->transform->width);

    for (int64_t d = 0; d < ax[0].inputs; d++)
        for (int64_t h = 0; h < ax[1].inputs; h++) {
            const char *row = input_row(t, s->image, c, tile_begin(t, 0, s->tile[0]) + d,
                                        tile_begin(t, 1, s->tile[1]) + h);

            if (c->run > 1)
                prefetch_row(t, row, in, count);
            *line_out++ = line_of(t, row, in, count, whole, lines);
            lines += whole * (int64_t)t->element;
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
 * All segments of one channel.  Their lines are found first, as many as there is
 * room for: a line that was written a moment ago, otherwise aligned, is slow to read.
 */
static void forward_segments(const struct tcv_winograd_tile *t,
                             const struct tcv_winograd_channel *c, char *to, int64_t step)
{
    const int64_t rows = t->g->axis[0].inputs * t->g->axis[1].inputs;
    const int64_t width = t->transform->width, room = lines_room(t->g);

    for (int64_t s = 0, next; s < t->segments; s = next) {
        int64_t used = 0;

        for (next = s; next < t->segments; next++) {
            const int64_t wanted = rows * line_elements(t->g, t->segment[next].count, width);

            if (used + wanted > room)
                break;
            find_lines(t, &t->segment[next], c, t->lines + used * (int64_t)t->element,
                       t->line_of + (next - s) * rows);
            used += wanted;
        }
        for (int64_t i = s; i < next; i++)
            forward_rows(t, &t->segment[i], t->line_of + (i - s) * rows, to, step);
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
    const int64_t slack = line_elements(t->g, 1, t->transform->width), step = t->p->x.s[W];
    int64_t total = 0;
    char *to = t->inputs;

    for (int64_t s = 0; s < t->segments; s++)
        total += ax[0].inputs * ax[1].inputs * line_elements(t->g, t->segment[s].count, 1);
    if (total + slack > t->turned_pitch)
        return false;
    for (int64_t s = 0; s < t->segments; s++) {
        const struct tcv_winograd_segment *seg = &t->segment[s];
        const int64_t in = input_of(t, W, c, tile_begin(t, W, seg->tile[W]));
        const int64_t n = line_elements(t->g, seg->count, 1);

        for (int64_t i = 0; i < ax[0].inputs * ax[1].inputs; i++, to += n * element) {
            const char *row = input_row(t, seg->image, c,
                                        tile_begin(t, 0, seg->tile[0]) + i / ax[1].inputs,
                                        tile_begin(t, 1, seg->tile[1]) + i % ax[1].inputs);
            const struct existing e = row == NULL ? (struct existing){n, n}
                                                  : existing_of(t, in, n);

            for (int64_t k = 0; k < count && e.hi - e.lo < n; k++) {
                memset(to + k * pitch, 0, (size_t)(e.lo * element));
                memset(to + k * pitch + e.hi * element, 0, (size_t)((n - e.hi) * element));
            }
            if (e.lo < e.hi)
                t->kernels->transpose(&(struct tcv_transpose){
                    row + (in + e.lo * ax[W].down) * step * element, step * ax[W].down,
                    to + e.lo * element, t->turned_pitch, e.hi - e.lo, count});
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
            line += line_elements(t->g, t->segment[s].count, 1) * (int64_t)t->element;
        }
        forward_rows(t, &t->segment[s], t->line_of, to, step);
    }
}

/*
 * Along an outer axis: planes [outer][points][inner], of which the inputs fill the first,
 * in place or, on the last axis, to the points of a channel.
 */
static void forward_axis(const struct tcv_winograd_tile *t, int a, char *to, int64_t step)
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

            args.from = t->planes + plane * from_step * element;
            args.to = to + plane * step * element;
            t->transform->forward(&args);
        }
}

void tcv_winograd_input(struct tcv_winograd_tile *t, int64_t ic, int64_t count)
{
    const enum tcv_winograd_form *form = t->g->family.form;
    const int64_t near = t->g->plane_step, far = t->g->point_step;
    const int last = form[0] != TCV_WINOGRAD_1_1 ? 0 : form[1] != TCV_WINOGRAD_1_1 ? 1 : W;

    int64_t first = 0, end = 0; /* channels that were transposed */
    bool turned = false;

    memset(t->watch, 0, TCV_ALIGNMENT);
    for (int64_t i = 0; i < count; i++) {
        char *points = t->points + (size_t)(i * t->g->points_pitch) * t->element;
        char *to = last == W ? points : t->planes;
        struct tcv_winograd_channel c;

        c = tcv_winograd_channel_at(t->p, t->g, ic + i);
        c.run = tcv_min(c.run, count - i);
        if (t->turned_pitch > 0 && i == end) {
            first = i;
            end = i + tcv_min(CHANNELS_TURNED, c.run);
            turned = turn_inputs(t, &c, end - first);
        }
        if (turned)
            forward_turned(t, i - first, to, last == W ? far : near);
        else
            forward_segments(t, &c, to, last == W ? far : near);
        if (form[1] != TCV_WINOGRAD_1_1)
            forward_axis(t, 1, last == 1 ? points : t->planes, last == 1 ? far : near);
        if (form[0] != TCV_WINOGRAD_1_1)
            forward_axis(t, 0, points, far);
    }
    for (size_t i = 0; i < TCV_ALIGNMENT; i++) /* 0 has no bits */
        t->wild = t->wild || t->watch[i] != 0;
}
