/*
 * direct_store.c - from a tile's sums to finished outputs
 *
 * Each output has one sum, in the row of its channel and phases; all that is left
 * is to interleave the phases of rows (ROWS) or to copy runs of lanes (LANES).
 * Lanes that are channels of planes make no runs: c is transposed, and then the
 * rows are interleaved too.
 */
#include "algo/direct_tile.h"
#include "base/checked.h"

#define W (TCV_AXES - 1)

/* The phase of one output (or of the r-th output of a period) of an axis. */
static int64_t phase_of(const struct tcv_direct_tile *t, int a, int64_t r)
{
    const struct tcv_axis *axis = &t->p->axis[a];

    return t->f->merged ? r : tcv_floor_mod(r + axis->pad_begin, axis->stride);
}

/*
 * For each of the stride outputs of a period of a row, whose phases on the outer
 * axes are r[]: the row of c of channel 0, or -1 if there are no taps, and how many
 * rows on the next channel's is.
 */
static void find_rows(struct tcv_direct_tile *t, const int64_t outer[2])
{
    const struct tcv_direct_class *c[TCV_AXES];
    int64_t index[TCV_AXES];

    for (int a = 0; a < 2; a++)
        index[a] = t->class_of[a][outer[a]];
    for (int64_t r = 0; r < t->p->axis[W].stride; r++) {
        const int64_t phase[TCV_AXES] = {outer[0], outer[1], phase_of(t, W, r)};
        int64_t rank = 0, phases = 1, triple = 0;

        t->first_row[r] = -1;
        index[W] = t->class_of[W][phase[W]];
        if (index[0] < 0 || index[1] < 0 || index[W] < 0)
            continue;
        for (int a = 0; a < TCV_AXES; a++) {
            c[a] = &t->tables.of[a][index[a]];
            triple = triple * t->g->axis[a].classes + index[a];
            rank = rank * (c[a]->hi - c[a]->lo) + phase[a] - c[a]->lo;
            phases *= c[a]->hi - c[a]->lo;
        }
        t->first_row[r] = t->class_row[triple] +
                          (t->f->channels_inside ? rank * t->oc_count : rank);
        t->row_step[r] = t->f->channels_inside ? 1 : phases;
    }
}

static int64_t row_at(const struct tcv_direct_tile *t, int64_t oc, int64_t r)
{
    return t->first_row[r] < 0 ? -1 : t->first_row[r] + oc * t->row_step[r];
}

/* A row of outputs, whose rows of c are found, and where it goes. */
struct row {
    int64_t position;   /* of c, for the tile's first b of the innermost axis */
    int64_t begin, end; /* outputs of the innermost axis */
    char *y;            /* output `begin` of the block's channel 0 */
};

/* Positions of c, or of c turned, from one position of an image to the next. */
static int64_t position_step(const struct tcv_direct_tile *t)
{
    return t->f->turned ? 1 : t->side;
}

/* Elements from a row of outputs to the next one of its phase. */
static int64_t period(const struct tcv_direct_tile *t)
{
    return t->p->axis[1].stride * t->run->window.place.s[1];
}

/* Of sums that are finished at once: the packed input, and what it is multiplied by. */
static void find_products(struct tcv_direct_tile *t, const struct row *row)
{
    for (int64_t r = 0; r < t->p->axis[W].stride; r++) {
        const int64_t class = row_at(t, 0, r);

        t->rows[r] = t->x + row->position * (int64_t)t->element;
        t->row_pitch[r] = t->row_width;
        t->products[r] = class < 0 ? (struct tcv_products){0} : t->taps_of[class];
    }
}

/*
 * Sums by rows, their phases interleaved, as `planes` planes: down, the row and those of its
 * phase below it, of channel oc; else the row, of channels oc ...
 */
static void interleave(struct tcv_direct_tile *t, const struct row *row, int64_t oc, bool down,
                       int64_t planes)
{
    const int64_t stride = t->p->axis[W].stride, shift = t->g->axis[W].shift;
    const int64_t element = (int64_t)t->element, pitch = t->g->positions;
    const char *c = t->f->turned ? t->turned : t->c;
    struct tcv_interleave merge = {
        .row = t->rows,
        .row_plane = t->row_pitch,
        .phases = stride,
        .first = row->begin + shift - t->box[W].begin * stride,
        .count = row->end - row->begin,
        .target = row->y + oc * t->run->window.place.c * element,
        .target_step = t->run->window.place.s[W],
        .target_plane = down ? period(t) : t->run->window.place.c,
        .planes = planes,
        .finish = tcv_finish_of(t->run, &t->vectors, oc, !down),
    };
    bool gaps = !t->f->at_once; /* no phase has taps */

    if (t->f->at_once) {
        find_products(t, row);
        merge.products = t->products;
    }
    for (int64_t r = 0; r < stride && !t->f->at_once; r++) {
        const int64_t at = row_at(t, oc, r);

        t->rows[r] = at < 0 ? t->zeros : c + (at * pitch + row->position) * element;
        t->row_pitch[r] = at < 0 ? 0 : down ? t->row_width : t->row_step[r] * pitch;
        gaps = gaps && at < 0;
    }
    if (gaps) { /* one row of zeros will do */
        merge.phases = 1;
        merge.first = 0;
    }
    t->kernels->interleave(&merge);
}

/*
 * The same for pixels that follow each other in c turned and in y: a few of them are as many
 * lanes of one, of which whole vectors are full.
 */
static void sum_together(const struct tcv_direct_tile *t, const struct tcv_sum *sum)
{
    const int64_t whole = sum->pixels / t->together;
    struct tcv_sum some = *sum, rest = *sum;

    some.pixels = whole;
    some.lanes = some.source_step = some.target_step = sum->lanes * t->together;
    rest.pixels = sum->pixels % t->together;
    rest.first += whole * some.source_step;
    rest.target = (char *)sum->target + whole * some.target_step * (int64_t)t->element;
    t->kernels->sum(&some);
    t->kernels->sum(&rest);
}

/*
 * LANES: for b in [b, end), `lanes` lanes from row `at` of c on (none if -1), the first of
 * channel oc, to target, whose lanes lie lane_step apart.
 */
static void copy_lanes(struct tcv_direct_tile *t, const struct row *row, int64_t oc, int64_t at,
                       int64_t b, int64_t end, int64_t lanes, int64_t lane_step, char *target)
{
    const void *source = t->f->turned ? t->turned : t->c;
    const int64_t width = t->c_width, part = width < t->g->c_rows ? at / width * width : 0;
    const struct tcv_sum sum = {
        .source = &source,
        .sources = at < 0 ? 0 : 1,
        .first = part * t->g->positions + at - part +
                 (row->position + (b - t->box[W].begin) * position_step(t)) * width,
        .source_step = position_step(t) * width,
        .target = target,
        .target_step = t->p->axis[W].stride * t->run->window.place.s[W],
        .lanes = lanes,
        .pixels = end - b,
        /* Channels' vectors are repeated for each phase that is stored with them. */
        .finish = tcv_finish_of(t->run, &t->vectors, oc, t->f->channels_inside),
    };

    if (b >= end || lanes == 0)
        return;
    if (t->together > 1 && lanes == width && at >= 0)
        sum_together(t, &sum);
    else
        tcv_sum_scattered(t->kernels, &sum, lane_step, t->line, t->p->dtype);
}

/* Channels inside: phase by phase, all channels of the block at once. */
static void channels_row(struct tcv_direct_tile *t, const struct row *row)
{
    const struct tcv_place *y = &t->run->window.place;
    const int64_t stride = t->p->axis[W].stride, shift = t->g->axis[W].shift;

    for (int64_t r = 0; r < stride; r++) {
        const int64_t b = tcv_ceil_div(row->begin + shift - r, stride);
        const int64_t end = tcv_ceil_div(row->end + shift - r, stride);

        copy_lanes(t, row, 0, row_at(t, 0, r), b, end, t->oc_count, y->c,
                   row->y + (b * stride + r - shift - row->begin) * y->s[W] *
                                (int64_t)t->element);
    }
}

/*
 * Phases [lo, hi) for b in [b, end), in runs of neighbouring lanes: of channel oc, or
 * of all channels where those lie inside and follow each other in y.
 */
static void copy_runs(struct tcv_direct_tile *t, const struct row *row, int64_t oc, int64_t b,
                      int64_t end, int64_t lo, int64_t hi)
{
    const struct tcv_place *y = &t->run->window.place;
    const int64_t stride = t->p->axis[W].stride, shift = t->g->axis[W].shift;
    const int64_t unit = t->f->channels_inside ? t->oc_count : 1;
    const int64_t lane_step = t->f->channels_inside ? y->c : y->s[W];

    for (int64_t r = lo, next; r < hi; r = next) {
        const int64_t index = t->class_of[W][phase_of(t, W, r)];

        /* Merged phases of a class are neighbours, and so are those without taps. */
        next = r + 1;
        if (t->f->merged)
            while (next < hi && t->class_of[W][next] == index)
                next++;
        copy_lanes(t, row, oc, row_at(t, oc, r), b, end, (next - r) * unit, lane_step,
                   row->y + (oc * y->c + (b * stride + r - shift - row->begin) * y->s[W]) *
                                (int64_t)t->element);
    }
}

/* One channel's row: whole periods in one go, the first and last that are cut apart. */
static void runs_row(struct tcv_direct_tile *t, const struct row *row, int64_t oc)
{
    const int64_t stride = t->p->axis[W].stride, shift = t->g->axis[W].shift;
    const int64_t q0 = row->begin + shift, q1 = row->end + shift;
    int64_t b = tcv_floor_div(q0, stride);

    while (b * stride < q1) {
        const int64_t lo = tcv_max(0, q0 - b * stride);
        const int64_t hi = tcv_min(stride, q1 - b * stride);
        const int64_t next = lo == 0 && hi == stride ? tcv_floor_div(q1, stride) : b + 1;

        copy_runs(t, row, oc, b, next, lo, hi);
        b = next;
    }
}

static void store_row(struct tcv_direct_tile *t, const struct row *row)
{
    if (t->f->channels_inside && !t->joined) {
        channels_row(t, row);
    } else {
        for (int64_t oc = 0; oc < (t->joined ? 1 : t->oc_count); oc++)
            runs_row(t, row, oc);
    }
}

/*
 * Whether rows of `count` outputs of one phase follow each other in c, or c turned, and in y: then
 * they are one.  Those of a phase without taps are the same row of zeros, again and again.
 */
static bool rows_join(const struct tcv_direct_tile *t, int64_t count)
{
    return t->p->axis[W].stride == 1 && t->row_width == count && position_step(t) == 1 &&
           t->run->window.place.s[W] == 1 && period(t) == count;
}

/* `rows` rows of one phase.  One kernel call takes the rows or the channels, whichever are more. */
static void store_rows(struct tcv_direct_tile *t, const struct row *first, int64_t rows)
{
    const bool interleaves = (t->f->form == TCV_DIRECT_ROWS) != t->f->turned;

    if (interleaves && t->first_row[0] >= 0 && rows_join(t, first->end - first->begin)) {
        struct row all = *first;

        all.end += (rows - 1) * t->row_width;
        interleave(t, &all, 0, false, t->oc_count);
        return;
    }
    if (interleaves && rows > t->oc_count) {
        for (int64_t oc = 0; oc < t->oc_count; oc++)
            interleave(t, first, oc, true, rows);
        return;
    }
    for (int64_t i = 0; i < rows; i++) {
        struct row row = *first;

        row.position += i * t->row_width * position_step(t);
        row.y += i * period(t) * (int64_t)t->element;
        if (interleaves)
            interleave(t, &row, 0, false, t->oc_count);
        else
            store_row(t, &row);
    }
}

void tcv_direct_owned(const struct tcv_direct_tile *t, int a, int64_t *begin_out,
                      int64_t *end_out)
{
    const int64_t stride = t->p->axis[a].stride, shift = t->g->axis[a].shift;

    *begin_out = tcv_max(t->run->window.begin[a], t->box[a].begin * stride - shift);
    *end_out = tcv_min(t->run->window.end[a], t->box[a].end * stride - shift);
}

/*
 * c[row][position] from c[position][row]; or the other way round, and then the rows that make one
 * row of outputs apart from others.
 */
static void turn(struct tcv_direct_tile *t)
{
    const int64_t rows = t->g->c_rows, positions = t->g->positions;
    const int64_t element = (int64_t)t->element;

    if (t->f->form == TCV_DIRECT_ROWS)
        for (int64_t row = 0; row < rows; row += t->c_width)
            t->kernels->transpose(&(struct tcv_transpose){
                t->c + row * positions * element, positions,
                t->turned + row * positions * element, t->c_width, t->c_width, t->positions});
    else
        for (int64_t i = 0; i < t->images; i++)
            t->kernels->transpose(&(struct tcv_transpose){
                t->c + i * rows * element, t->side * rows,
                t->turned + i * (t->positions / t->side) * element, positions,
                t->positions / t->side, rows});
}

/*
 * The outputs of a tile of whole rows or of a single one, of the first image and outermost b, in
 * each channel of the block.
 */
struct tcv_ask tcv_direct_outputs(const struct tcv_direct_tile *t)
{
    const struct tcv_ask none = {NULL, 0, 0, 0};
    const struct tcv_window *win = &t->run->window;
    const struct tcv_place *y = &win->place;
    const int64_t element = (int64_t)t->element;
    int64_t begin[TCV_AXES], end[TCV_AXES], at, count, rows;
    const char *from;

    if (t->f->form != TCV_DIRECT_ROWS || !t->run->y_leaves || y->s[W] != 1)
        return none;
    at = t->image * y->n + (t->group * t->p->oc + t->oc) * y->c;
    for (int a = 0; a < TCV_AXES; a++) {
        tcv_direct_owned(t, a, &begin[a], &end[a]);
        at += (begin[a] - win->begin[a]) * y->s[a];
    }
    count = end[W] - begin[W];
    rows = end[1] - begin[1];
    if (rows > 1 && y->s[1] != count)
        return none;
    from = (const char *)t->run->y + at * element;
    if (t->run->streams && tcv_rows_stream(from, (rows_join(t, count) ? rows : 1) * count * element,
                                           y->c * element))
        return none;
    return (struct tcv_ask){from, t->oc_count, rows * count * element, y->c * element};
}

/* All rows of outputs of image `image` of the tile. */
static void store_image(struct tcv_direct_tile *t, int64_t image)
{
    const struct tcv_window *win = &t->run->window;
    const int64_t channel = t->group * t->p->oc + t->oc, stride = t->p->axis[1].stride;
    const int64_t first = image * (t->f->turned ? t->positions / t->side : 1);
    int64_t begin[TCV_AXES], end[TCV_AXES], o[2];
    struct row row;

    for (int a = 0; a < TCV_AXES; a++)
        tcv_direct_owned(t, a, &begin[a], &end[a]);
    row.begin = begin[W];
    row.end = end[W];
    for (o[0] = begin[0]; o[0] < end[0]; o[0]++)
        for (o[1] = begin[1]; o[1] < tcv_min(begin[1] + stride, end[1]); o[1]++) {
            const int64_t at = (t->image + image) * win->place.n + channel * win->place.c +
                               (o[0] - win->begin[0]) * win->place.s[0] +
                               (o[1] - win->begin[1]) * win->place.s[1] +
                               (begin[W] - win->begin[W]) * win->place.s[W];
            int64_t b[2], r[2];

            for (int a = 0; a < 2; a++) {
                const int64_t q = o[a] + t->g->axis[a].shift;

                b[a] = tcv_floor_div(q, t->p->axis[a].stride);
                r[a] = phase_of(t, a, q - b[a] * t->p->axis[a].stride);
            }
            find_rows(t, r);
            row.position = ((b[0] - t->box[0].begin) * t->plane_rows + b[1] - t->box[1].begin) *
                               t->row_width * position_step(t) +
                           first;
            row.y = (char *)t->run->y + at * (int64_t)t->element;
            store_rows(t, &row, tcv_ceil_div(end[1] - o[1], stride));
        }
}

void tcv_direct_store(struct tcv_direct_tile *t)
{
    if (t->f->turned)
        turn(t);
    for (int64_t image = 0; image < t->images; image++)
        store_image(t, image);
}
