/*
 * gemm_gather.c - col2im: from a tile's columns to finished outputs
 *
 * Output o of an axis is a * stride + phase - pad_begin, and tap k of that phase
 * brings it the column of input a - back, back = floor(k * dilation / stride).
 * Which taps exist changes with a only where a - back enters or leaves the
 * input, so a row falls into a few segments with the same taps throughout, and
 * each is one call of the kernel.  The terms are added in rising (kd, kh, kw).
 */
#include "algo/gemm_tile.h"
#include "base/checked.h"

#define W (TCV_AXES - 1) /* the innermost axis */

/* A row of outputs: one image, od, oh and channel (RUNS) or all channels of the block. */
struct row {
    int64_t oc;         /* within the block; 0 for all */
    int64_t begin, end; /* outputs of the innermost axis */
    int64_t outers;     /* (kd, kh) that reach it; their columns are in t->outer */
    char *y;            /* output `begin` */
};

/* Taps of one phase, or of neighbouring phases that are lanes of one sum. */
struct phase {
    const struct tcv_gemm_tap *taps;
    int64_t count;
};

/* RUNS go channel by channel, the others take those of a block at once. */
static struct tcv_finish finish_of(const struct tcv_gemm_tile *t, const struct row *row)
{
    return tcv_finish_of(t->run, &t->vectors, row->oc, t->grid->order != TCV_GEMM_RUNS);
}

/* How many of a phase's taps, whose backs rise, are at most `back` behind. */
static int64_t taps_within(const struct phase *phase, int64_t back)
{
    int64_t lo = 0, hi = phase->count;

    while (lo < hi) {
        const int64_t middle = lo + (hi - lo) / 2;

        if (phase->taps[middle].back <= back)
            lo = middle + 1;
        else
            hi = middle;
    }
    return lo;
}

/*
 * Fills t->source with the columns that reach a, and returns the first greater a
 * (at most end) for which they are others: a tap enters the input or leaves it.
 */
static int64_t segment(struct tcv_gemm_tile *t, const struct row *row, const struct phase *phase,
                       int64_t a, int64_t end, int64_t *sources_out)
{
    const int64_t in = t->p->axis[W].in, origin = t->origin[W];
    const int64_t step = t->grid->order == TCV_GEMM_CHANNELS ? t->block.oc_count : t->row_step;
    const int64_t first = taps_within(phase, a - in), last = taps_within(phase, a);
    int64_t n = 0;

    if (last < phase->count)
        end = tcv_min(end, phase->taps[last].back);
    if (first < last)
        end = tcv_min(end, phase->taps[first].back + in);
    for (int64_t i = 0; i < row->outers; i++)
        for (int64_t j = first; j < last; j++)
            t->source[n++] = t->outer[i] + (phase->taps[j].index * step +
                                            (a - phase->taps[j].back - origin) * t->pixel_step) *
                                               (int64_t)t->element;
    *sources_out = n;
    return end;
}

/* Pixel-major columns: lanes of outputs a * stride + phase for a in [a, end). */
static void sum_lanes(struct tcv_gemm_tile *t, const struct row *row, const struct phase *phase,
                      int64_t a, int64_t end, int64_t lanes, int64_t lane_step, char *target)
{
    const int64_t step = t->p->axis[W].stride * t->run->window.place.s[W];
    struct tcv_sum sum = {.source = t->source, .source_step = t->pixel_step, .lanes = lanes,
                          .target_step = step, .finish = finish_of(t, row)};

    while (a < end) {
        const int64_t next = segment(t, row, phase, a, end, &sum.sources);

        sum.pixels = next - a;
        sum.target = target;
        target += sum.pixels * step * (int64_t)t->element;
        a = next;
        tcv_sum_scattered(t->kernels, &sum, lane_step, t->line, t->p->dtype);
    }
}

static void channels_row(struct tcv_gemm_tile *t, const struct row *row)
{
    const struct tcv_axis *w = &t->p->axis[W];
    const struct tcv_place *y = &t->run->window.place;
    const int64_t q0 = row->begin + w->pad_begin, q1 = row->end + w->pad_begin;

    for (int64_t r = 0; r < w->stride; r++) {
        const struct phase phase = {t->taps + t->first_tap[r],
                                    t->first_tap[r + 1] - t->first_tap[r]};
        const int64_t a = tcv_ceil_div(q0 - r, w->stride), end = tcv_ceil_div(q1 - r, w->stride);

        sum_lanes(t, row, &phase, a, end, t->block.oc_count, y->c,
                  row->y + (a * w->stride + r - q0) * y->s[W] * (int64_t)t->element);
    }
}

/*
 * RUNS or joined, phases [lo, hi) for a in [a, end).  With kernel = J * stride + rest the
 * first `rest` phases have J + 1 taps and the others J.
 */
static void run_phases(struct tcv_gemm_tile *t, const struct row *row, int64_t a, int64_t end,
                       int64_t lo, int64_t hi)
{
    const struct tcv_axis *w = &t->p->axis[W];
    const struct tcv_place *y = &t->run->window.place;
    const int64_t step = y->s[W], rest = w->kernel % w->stride;
    const int64_t channels = t->joined ? t->block.oc_count : 1;
    const int64_t q0 = row->begin + w->pad_begin;

    lo = tcv_max(lo, t->block.run);
    hi = tcv_min(hi, t->block.run + t->block.run_count);
    while (lo < hi) {
        const int64_t cut = lo < rest ? tcv_min(hi, rest) : hi;
        const struct phase phase = {t->taps, w->kernel / w->stride + (lo < rest)};

        for (int64_t j = 0; j < phase.count; j++)
            t->taps[j] = (struct tcv_gemm_tap){j * t->block.run_count + lo - t->block.run, j};
        sum_lanes(t, row, &phase, a, end, (cut - lo) * channels, t->joined ? y->c : step,
                  row->y + (a * w->stride + lo - q0) * step * (int64_t)t->element);
        lo = cut;
    }
}

/* Whole runs in one go; a first or last run that the row cuts is apart. */
static void runs_row(struct tcv_gemm_tile *t, const struct row *row)
{
    const struct tcv_axis *w = &t->p->axis[W];
    const int64_t q0 = row->begin + w->pad_begin, q1 = row->end + w->pad_begin;
    const int64_t whole_end = tcv_floor_div(q1, w->stride);
    int64_t a = tcv_floor_div(q0, w->stride);

    while (a * w->stride < q1) {
        const int64_t lo = tcv_max(0, q0 - a * w->stride);
        const int64_t hi = tcv_min(w->stride, q1 - a * w->stride);
        const int64_t next = lo == 0 && hi == w->stride ? whole_end : a + 1;

        run_phases(t, row, a, next, lo, hi);
        a = next;
    }
}

/*
 * PLANAR, one phase of the row in every channel of the block: sums for a in
 * [a, end), side by side.  Sets where channel 0's are and how far on the next
 * channel's.  A single tap needs no sum: its columns are what is wanted.
 */
static void sum_pixels(struct tcv_gemm_tile *t, const struct row *row, int64_t r, int64_t a,
                       int64_t end, char *line, int64_t line_plane)
{
    const struct phase phase = {t->taps + t->first_tap[r], t->first_tap[r + 1] - t->first_tap[r]};
    struct tcv_sum sum = {
        .source = t->source,
        .source_step = t->block.rows / t->block.oc_count * t->row_step,
        .target_step = line_plane,
        .pixels = t->block.oc_count,
        .finish = tcv_finish_none(t->p->dtype),
    };
    const int64_t first = a;

    if (phase.count == 0) {
        t->rows[r] = t->zeros;
        t->row_plane[r] = 0;
        return;
    }
    t->rows[r] = line;
    t->row_plane[r] = line_plane;
    while (a < end) {
        const int64_t next = segment(t, row, &phase, a, end, &sum.sources);

        if (sum.sources == 1 && a == first && next == end) {
            t->rows[r] = t->source[0];
            t->row_plane[r] = sum.source_step;
            return;
        }
        sum.lanes = next - a;
        sum.target = line + (a - first) * (int64_t)t->element;
        t->kernels->sum(&sum);
        a = next;
    }
}

/* PLANAR, outputs [begin, end) of the row whose phases fit in t->line. */
static void planar_piece(struct tcv_gemm_tile *t, const struct row *row, int64_t begin,
                         int64_t end)
{
    const struct tcv_axis *w = &t->p->axis[W];
    const int64_t step = t->run->window.place.s[W];
    const int64_t a = tcv_gemm_newest(w, begin), last = tcv_gemm_newest(w, end - 1);
    const int64_t width = last + 1 - a;
    struct tcv_interleave merge = {
        .row = t->rows,
        .row_plane = t->row_plane,
        .phases = w->stride,
        .first = begin + w->pad_begin - a * w->stride,
        .count = end - begin,
        .target = row->y + (begin - row->begin) * step * (int64_t)t->element,
        .target_step = step,
        .target_plane = t->run->window.place.c,
        .planes = t->block.oc_count,
        .finish = finish_of(t, row),
    };

    if (row->outers == 0) { /* a row of gaps is one row of zeros */
        t->rows[0] = t->zeros;
        t->row_plane[0] = 0;
        merge.phases = 1;
        merge.first = 0;
    } else {
        for (int64_t r = 0; r < w->stride; r++)
            sum_pixels(t, row, r, a, last + 1, t->line + (size_t)(r * width) * t->element,
                       w->stride * width);
    }
    t->kernels->interleave(&merge);
}

static void planar_row(struct tcv_gemm_tile *t, const struct row *row)
{
    const struct tcv_axis *w = &t->p->axis[W];
    const int64_t most = t->grid->axis[W].extent * w->stride;

    for (int64_t begin = row->begin; begin < row->end; begin += most)
        planar_piece(t, row, begin, tcv_min(begin + most, row->end));
}

/* The columns of every (kd, kh) that reaches (od, oh), at position 0 of the row. */
static int64_t find_outer(struct tcv_gemm_tile *t, int64_t image, const int64_t o[2], int64_t oc)
{
    const struct tcv_axis *ax = t->p->axis;
    const int64_t outer = ax[0].kernel * ax[1].kernel;
    const bool channels = t->grid->order == TCV_GEMM_CHANNELS;
    const int64_t rows = t->block.rows / outer / (channels ? 1 : t->block.oc_count);
    int64_t n = 0;

    for (int64_t kd = 0; kd < ax[0].kernel; kd++) {
        const int64_t qd = o[0] + ax[0].pad_begin - kd * ax[0].dilation;
        const int64_t id = tcv_floor_div(qd, ax[0].stride);

        if (id * ax[0].stride != qd || id < 0 || id >= ax[0].in)
            continue;
        for (int64_t kh = 0; kh < ax[1].kernel; kh++) {
            const int64_t qh = o[1] + ax[1].pad_begin - kh * ax[1].dilation;
            const int64_t ih = tcv_floor_div(qh, ax[1].stride);
            const int64_t row = (oc * outer + kd * ax[1].kernel + kh) * rows;

            if (ih * ax[1].stride != qh || ih < 0 || ih >= ax[1].in)
                continue;
            t->outer[n++] =
                t->columns + (row * t->row_step +
                              (((image * t->extent[0] + id - t->origin[0]) * t->extent[1] + ih -
                                t->origin[1]) * t->extent[2]) * t->pixel_step) *
                                 (int64_t)t->element;
        }
    }
    return n;
}

/* Outputs of the window along one axis that the tile owns. */
static void owned(const struct tcv_gemm_tile *t, int a, int64_t *begin_out, int64_t *end_out)
{
    const struct tcv_axis *axis = &t->p->axis[a];
    const struct tcv_gemm_axis *cut = &t->grid->axis[a];

    *begin_out = t->run->window.begin[a];
    *end_out = t->run->window.end[a];
    if (!cut->whole) {
        const int64_t first = t->tile[a] * cut->block * axis->stride - axis->pad_begin;

        *begin_out = tcv_max(*begin_out, first);
        *end_out = tcv_min(*end_out, first + cut->block * axis->stride);
    }
}

/* All rows of one image and one channel (RUNS) or all channels of the block. */
static void gather_plane(struct tcv_gemm_tile *t, int64_t image, int64_t oc)
{
    const struct tcv_window *win = &t->run->window;
    const int64_t channel = t->group * t->p->oc + t->block.oc + oc;
    int64_t begin[TCV_AXES], end[TCV_AXES], o[2];

    for (int a = 0; a < TCV_AXES; a++)
        owned(t, a, &begin[a], &end[a]);
    for (o[0] = begin[0]; o[0] < end[0]; o[0]++)
        for (o[1] = begin[1]; o[1] < end[1]; o[1]++) {
            const int64_t at = (t->image + image) * win->place.n + channel * win->place.c +
                               (o[0] - win->begin[0]) * win->place.s[0] +
                               (o[1] - win->begin[1]) * win->place.s[1] +
                               (begin[W] - win->begin[W]) * win->place.s[W];
            const struct row row = {
                .oc = oc,
                .begin = begin[W],
                .end = end[W],
                .outers = find_outer(t, image, o, oc),
                .y = (char *)t->run->y + at * (int64_t)t->element,
            };

            switch (t->grid->order) {
            case TCV_GEMM_PLANAR: planar_row(t, &row); break;
            case TCV_GEMM_RUNS: runs_row(t, &row); break;
            case TCV_GEMM_CHANNELS: (t->joined ? runs_row : channels_row)(t, &row); break;
            }
        }
}

void tcv_gemm_gather(struct tcv_gemm_tile *t)
{
    const int64_t planes = t->grid->order == TCV_GEMM_RUNS ? t->block.oc_count : 1;

    for (int64_t image = 0; image < t->images; image++)
        for (int64_t oc = 0; oc < planes; oc++)
            gather_plane(t, image, oc);
}
