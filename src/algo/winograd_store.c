/*
 * winograd_store.c - from the products of a unit to finished outputs
 *
 * For a few output channels at a time: the products are transformed back, along the
 * rows last, which puts the outputs of neighbouring tiles in a line; then the phases
 * of each row of outputs are interleaved.  Where the channels are neighbours in y, the
 * lines of all channels are transposed instead, phase by phase.
 */
#include "algo/winograd_tile.h"
#include "base/checked.h"

#define W (TCV_AXES - 1)

/*
 * Along an outer axis: row `row` of the products, or planes, [outer][points][inner], the
 * points of one filter to planes, of which the outputs fill the first.
 */
static const char *inverse_axis(const struct tcv_winograd_tile *t,
                                const struct tcv_winograd_filter *f, int a, const char *from,
                                int64_t step)
{
    const struct tcv_winograd_axis *ax = t->g->axis;
    const int64_t element = (int64_t)t->element, to_step = t->g->plane_step;
    const int64_t outer = a == 0 ? 1 : ax[0].outputs;
    const int64_t inner = a == 0 ? ax[1].points * ax[2].points : ax[2].points;
    const int64_t last = tcv_winograd_points(f->form[W]);
    const int64_t lines = a == 0 ? tcv_winograd_points(f->form[1]) : 1;
    struct tcv_winograd args = {.form = f->form[a], .from_step = inner * step,
                                .to_step = inner * to_step, .count = t->count};

    for (int64_t o = 0; o < outer; o++)
        for (int64_t line = 0; line < lines; line++)
            for (int64_t i = 0; i < last; i++) {
                const int64_t plane = o * ax[a].points * inner +
                                      (a == 0 ? f->point[1] + line : 0) * ax[W].points +
                                      f->point[W] + i;

                args.from = from + (plane + f->point[a] * inner) * step * element;
                args.to = t->planes + plane * to_step * element;
                t->transform->inverse(&args);
            }
    return t->planes;
}

/* The filter of a phase, and which of its phases that is. */
static const struct tcv_winograd_filter *filter_of(const struct tcv_winograd_tile *t,
                                                   int64_t phase, int64_t *rank_out)
{
    const struct tcv_winograd_filter *f = &t->filter[0];
    int64_t r[TCV_AXES], rank = 0;
    int index = 0;

    *rank_out = phase;
    if (f->count == t->g->phases)
        return f;
    for (int a = W; a >= 0; a--) {
        r[a] = phase % t->g->axis[a].stride;
        phase /= t->g->axis[a].stride;
        index |= r[a] >= t->g->axis[a].rest ? 1 << a : 0;
    }
    f = &t->filter[index];
    for (int a = 0; a < TCV_AXES; a++)
        rank = rank * f->phases[a] + r[a] - f->phase[a];
    *rank_out = rank;
    return f;
}

/* The products of channel oc and phase `phase` to their lines of sums. */
static void inverse_row(const struct tcv_winograd_tile *t, int64_t oc, int64_t phase, char *to)
{
    const struct tcv_winograd_axis *ax = t->g->axis;
    const int64_t element = (int64_t)t->element;
    int64_t rank;
    const struct tcv_winograd_filter *f = filter_of(t, phase, &rank);
    const char *from = t->products + (rank * t->oc_count + oc) * t->g->positions * element;
    int64_t step = t->g->product_step, begin[2] = {f->point[0], f->point[1]};
    struct tcv_winograd args = {.form = f->form[W], .count = t->count};

    for (int a = 0; a < W; a++)
        if (f->form[a] != TCV_WINOGRAD_1_1) {
            from = inverse_axis(t, f, a, from, step);
            step = t->g->plane_step;
            begin[a] = 0;
        }
    args.from_step = step;
    for (int64_t d = 0; d < ax[0].outputs; d++)
        for (int64_t h = 0; h < ax[1].outputs; h++) {
            const int64_t plane = ((begin[0] + d) * ax[1].points + begin[1] + h) * ax[W].points;

            args.from = from + (plane + f->point[W]) * step * element;
            args.to = to;
            t->transform->inverse_row(&args);
            to += tcv_winograd_sums_pitch(t->g) * element;
        }
}

/* A row of outputs of one segment: its outer outputs' phases and places in the tile. */
struct row {
    int64_t phase, out; /* [phase 0][phase 1] and [output 0][output 1] of the tile */
    int64_t o[2];
};

/* Line `line` of channel 0, at the outputs of the segment's first tile. */
static const char *line_of(const struct tcv_winograd_tile *t,
                           const struct tcv_winograd_segment *s, int64_t line)
{
    const int64_t at = line * tcv_winograd_sums_pitch(t->g) + s->at * t->g->axis[W].outputs;

    return t->sums + at * (int64_t)t->element;
}

/* Elements between the lines of one channel and the next. */
static int64_t channel_step(const struct tcv_winograd_grid *g)
{
    return g->phases * g->outputs / g->axis[W].outputs * tcv_winograd_sums_pitch(g);
}

/* Pixels [begin, end) of a row of channels, `unit` of them at a time. */
static void finish_pixels(const struct tcv_winograd_tile *t, const struct tcv_interleave *row,
                          int64_t begin, int64_t end, int64_t unit)
{
    const int64_t element = (int64_t)t->element;
    const void *turned = t->turned;
    const struct tcv_sum sum = {
        .source = &turned,
        .sources = 1,
        .first = begin * row->planes,
        .source_step = unit * row->planes,
        .target = (char *)row->target + (begin - row->first) * row->target_step * element,
        .target_step = unit * row->target_step,
        .lanes = unit * row->planes,
        .pixels = (end - begin) / unit,
        .finish = row->finish,
    };

    if (begin < end)
        t->kernels->sum(&sum);
}

/*
 * What the interleaving of a row would do, for planes that are neighbours at y: phase r
 * of b becomes pixel b * stride + r.  Where pixels follow each other in y, those of all
 * phases are finished as one, for vectors fill long runs better.
 */
static void store_channels(const struct tcv_winograd_tile *t,
                           const struct tcv_winograd_segment *s, int64_t line,
                           int64_t line_step, const struct tcv_interleave *row)
{
    const int64_t stride = row->phases, begin = row->first, end = begin + row->count;
    const int64_t whole = t->joined ? tcv_ceil_div(begin, stride) * stride : end;
    const int64_t last = t->joined ? tcv_max(whole, end / stride * stride) : end;

    for (int64_t r = 0; r < stride; r++)
        t->kernels->transpose(&(struct tcv_transpose){
            line_of(t, s, line + r * line_step), channel_step(t->g),
            t->turned + r * row->planes * (int64_t)t->element, stride * row->planes,
            row->planes, tcv_ceil_div(end - r, stride)});
    finish_pixels(t, row, begin, tcv_min(whole, end), 1);
    finish_pixels(t, row, whole, last, stride);
    finish_pixels(t, row, last, end, 1);
}

static void store_row(struct tcv_winograd_tile *t, const struct tcv_winograd_segment *s,
                      const struct row *row, int64_t oc, int64_t count)
{
    const struct tcv_window *win = &t->run->window;
    const struct tcv_winograd_grid *g = t->g;
    const int64_t stride = g->axis[W].stride, m = g->axis[W].outputs;
    const int64_t element = (int64_t)t->element;
    const int64_t lines = g->outputs / m, first = row->phase * stride * lines + row->out;
    const bool turns = win->place.c == 1 && count > 1;
    const int64_t begin = (g->axis[W].first + s->tile[W] * m) * stride - g->axis[W].pad;
    const int64_t lo = tcv_max(begin, win->begin[W]);
    const int64_t hi = tcv_min(begin + s->count * m * stride, win->end[W]);
    const int64_t channel = t->group * t->p->oc + t->oc + oc;
    const int64_t at = s->image * win->place.n + channel * win->place.c +
                       (row->o[0] - win->begin[0]) * win->place.s[0] +
                       (row->o[1] - win->begin[1]) * win->place.s[1] +
                       (lo - win->begin[W]) * win->place.s[W];

    const struct tcv_interleave merge = {
        .row = t->rows_of,
        .row_plane = t->row_step,
        .phases = stride,
        .first = lo - begin,
        .count = hi - lo,
        .target = (char *)t->run->y + at * element,
        .target_step = win->place.s[W],
        .target_plane = win->place.c,
        .planes = count,
        .finish = tcv_finish_of(t->run, &t->vectors, oc, true),
    };

    if (lo >= hi)
        return;
    if (turns) {
        store_channels(t, s, first, lines, &merge);
        return;
    }
    for (int64_t r = 0; r < stride; r++) {
        t->rows_of[r] = line_of(t, s, first + r * lines);
        t->row_step[r] = channel_step(g);
    }
    t->kernels->interleave(&merge);
}

/* All rows of outputs of one segment, for channels [oc, oc + count) of the block. */
static void store_segment(struct tcv_winograd_tile *t, const struct tcv_winograd_segment *s,
                          int64_t oc, int64_t count)
{
    const struct tcv_window *win = &t->run->window;
    const struct tcv_winograd_axis *ax = t->g->axis;
    int64_t first[2], begin[2], end[2];
    struct row row;

    for (int a = 0; a < 2; a++) {
        first[a] = (ax[a].first + s->tile[a] * ax[a].outputs) * ax[a].stride - ax[a].pad;
        begin[a] = tcv_max(first[a], win->begin[a]);
        end[a] = tcv_min(first[a] + ax[a].outputs * ax[a].stride, win->end[a]);
    }
    for (row.o[0] = begin[0]; row.o[0] < end[0]; row.o[0]++)
        for (row.o[1] = begin[1]; row.o[1] < end[1]; row.o[1]++) {
            const int64_t s0 = t->p->axis[0].stride, s1 = t->p->axis[1].stride;
            const int64_t e0 = row.o[0] - first[0], e1 = row.o[1] - first[1];

            row.phase = e0 % s0 * s1 + e1 % s1;
            row.out = e0 / s0 * ax[1].outputs + e1 / s1;
            store_row(t, s, &row, oc, count);
        }
}

void tcv_winograd_store(struct tcv_winograd_tile *t)
{
    const struct tcv_winograd_grid *g = t->g;
    const int64_t lines = g->outputs / g->axis[W].outputs;
    const int64_t row_bytes = lines * tcv_winograd_sums_pitch(g) * (int64_t)t->element;

    for (int64_t oc = 0; oc < t->oc_count; oc += g->store_channels) {
        const int64_t count = tcv_min(g->store_channels, t->oc_count - oc);

        for (int64_t c = 0; c < count; c++)
            for (int64_t phase = 0; phase < g->phases; phase++)
                inverse_row(t, oc + c, phase, t->sums + (c * g->phases + phase) * row_bytes);
        tcv_winograd_patch(t, oc, count);
        for (int64_t s = 0; s < t->segments; s++)
            store_segment(t, &t->segment[s], oc, count);
    }
}
