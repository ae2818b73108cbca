#include "algo/correlate.h"

#include <string.h>

#include "algo/correlate_tile.h"
#include "base/arena.h"
#include "base/checked.h"
#include "kernels/copy_box.h"

#define W (TCV_AXES - 1)

/* Whether the taps of the block, in their order, lie one after the other in dw and the sums. */
static bool taps_adjoin(const struct tcv_correlation *c, const struct tcv_correlate_block *b)
{
    int64_t step = 1;

    for (int a = W; a >= 0; a--) {
        if (b->taps[a] > 1 && c->w_tap[a] != step)
            return false;
        step *= b->taps[a];
    }
    return b->runs == 1 && b->side == 1 && (b->lanes == b->run || b->taps[0] * b->taps[1] == 1);
}

/* Sums of some taps, tap_step apart in dw, and columns, column_step apart; from[tap][column]. */
struct sums {
    const void *from;
    int64_t from_step; /* between taps, elements */
    int64_t at, taps, tap_step, columns, column_step;
};

static void add_sums(const struct tcv_correlation_run *run, const struct sums *s)
{
    for (int64_t i = 0; i < s->taps; i++)
        for (int64_t l = 0; l < s->columns; l++) {
            const int64_t to = s->at + l * s->column_step + i * s->tap_step;
            const int64_t from = i * s->from_step + l;

            if (run->of->dtype == TCONV_F64)
                ((double *)run->dw)[to] = (run->accumulate ? ((double *)run->dw)[to] : 0.0) +
                                          ((const double *)s->from)[from];
            else
                ((float *)run->dw)[to] = (run->accumulate ? ((float *)run->dw)[to] : 0.0F) +
                                         ((const float *)s->from)[from];
        }
}

static void write_sums(const struct tcv_correlation_run *run, const struct tcv_correlate_grid *g,
                       const struct sums *s)
{
    const int64_t element = (int64_t)tcv_dtype_bytes(run->of->dtype);
    char *to = (char *)run->dw + s->at * element;

    if (run->accumulate || (s->tap_step != 1 && s->taps > 1))
        add_sums(run, s);
    else if (s->columns == 1 && s->from_step == 1)
        memcpy(to, s->from, (size_t)(s->taps * element));
    else
        g->kernels.transpose(&(struct tcv_transpose){s->from, s->from_step, to, s->column_step,
                                                     s->taps, s->columns});
}

/* dw (+)= the sums of a block: as many taps and columns at once as lie evenly. */
static void write_block(const struct tcv_correlation_run *run, const struct tcv_correlate_grid *g,
                        const struct tcv_correlate_block *b, const void *sums)
{
    const struct tcv_correlation *c = &g->of;
    const int64_t element = (int64_t)tcv_dtype_bytes(c->dtype);
    const bool all = taps_adjoin(c, b);
    const bool even = b->side == 1 || b->larges == 1 || c->w_large == b->side * c->w_tap[1];
    const int64_t together = b->runs == 1 ? b->taps[W] : 1, larges = even ? b->larges : 1;
    struct sums s = {
        .from_step = b->pixel,
        .taps = all ? b->taps[0] * b->taps[1] * b->taps[W] : together,
        .tap_step = all ? 1 : c->w_tap[W],
        .columns = larges * b->side,
        .column_step = b->side == 1 ? c->w_large : c->w_tap[1],
    };
    int64_t tap[TCV_AXES];

    for (int64_t m = 0; m < b->rows; m++)
        for (tap[0] = 0; tap[0] < (all ? 1 : b->taps[0]); tap[0]++)
            for (tap[1] = 0; tap[1] < (all ? 1 : b->taps[1]); tap[1] += b->side)
                for (tap[W] = 0; tap[W] < (all ? 1 : b->taps[W]); tap[W] += together)
                    for (int64_t l = 0; l < b->larges; l += larges) {
                        s.at = b->group * c->w_group + (b->row + m) * c->w_small +
                               (b->large + l) * c->w_large;
                        for (int a = 0; a < TCV_AXES; a++)
                            s.at += (b->tap[a] + tap[a]) * c->w_tap[a];
                        s.from = (const char *)sums +
                                 (m * b->row_step + tcv_correlate_sum_at(b, tap, l)) * element;
                        write_sums(run, g, &s);
                    }
}

/* sums (+)= the products of the tile. */
static void multiply(const struct tcv_correlate_tile *t, bool add,
                     struct tcv_ask ahead[TCV_CORRELATE_AHEADS], void *sums)
{
    const struct tcv_correlate_block *b = t->b;
    const int64_t element = (int64_t)t->element, positions = t->rows * t->width;
    const struct tcv_parts parts = tcv_correlate_parts(t);
    struct tcv_direct call = {
        .x_channel = b->pitch[W] * b->pixel, .x_pixel = 1, .tap = t->row_at, .taps = t->rows,
        .channels = t->width, .c_step = b->row_step, .add = add, .positions = b->lanes,
    };
    int64_t tap[TCV_AXES], calls = parts.count * b->taps[0] * (b->taps[1] / b->side) * b->runs;

    for (int64_t i = 0; i < parts.count; i++) {
        const struct tcv_part part = tcv_part_at(&parts, i);

        call.rows = part.count;
        call.w = t->small + part.first * positions * element;
        for (tap[0] = 0; tap[0] < b->taps[0]; tap[0]++)
            for (tap[1] = 0; tap[1] < b->taps[1]; tap[1] += b->side)
                for (tap[W] = 0; tap[W] < b->runs; tap[W]++) {
                    call.x = t->large + tcv_correlate_tap_at(t, tap, 0) * element;
                    call.c = (char *)sums +
                             (part.first * b->row_step + tcv_correlate_sum_at(b, tap, 0)) * element;
                    for (int j = 0; j < TCV_CORRELATE_AHEADS; j++)
                        call.ahead[j] = tcv_ask_take(&ahead[j], calls);
                    calls--;
                    t->g->direct.rows(&call);
                }
    }
}

static void clear(const struct tcv_correlate_block *b, size_t element, void *sums)
{
    memset(sums, 0, (size_t)(b->rows * b->row_step) * element);
}

/*
 * The sums over tiles [begin, end), and whether zeros stood for what lies beside the large grid.
 * `carefully`: by the definition where a zero would meet an infinity or NaN.
 */
static bool add_tiles(struct tcv_correlate_tile *t, int64_t begin, int64_t end, bool carefully,
                      void *sums)
{
    bool zeros = false;

    if (begin == end)
        clear(t->b, t->element, sums);
    for (int64_t tile = begin; tile < end; tile++) {
        struct tcv_ask ahead[TCV_CORRELATE_AHEADS];
        bool padded;

        tcv_correlate_place(t, tile);
        tcv_correlate_pack_small(t);
        padded = tcv_correlate_pack_large(t);
        zeros |= padded;
        if (!carefully || !padded || tcv_correlate_small_is_finite(t)) {
            if (t->g->depthwise) {
                tcv_correlate_depth(t, tile > begin, sums);
                continue;
            }
            tcv_correlate_look_ahead(t, tile + 1, end, ahead);
            multiply(t, tile > begin, ahead, sums);
        } else {
            if (tile == begin)
                clear(t->b, t->element, sums);
            tcv_correlate_exactly(t, sums);
        }
    }
    return zeros;
}

static bool sums_are_finite(const struct tcv_correlate_block *b, size_t element, const void *sums)
{
    const struct tcv_box box = {
        {1, 1, b->rows, b->taps[0] * (b->taps[1] / b->side), b->runs, b->run},
        {0, 0, b->row_step, b->runs * b->lanes, b->lanes, 1},
    };

    return tcv_box_is_finite(&box, element, sums);
}

/*
 * The sums over tiles [begin, end) as they are defined.  A zero that met an infinity or NaN left
 * NaN in a sum; so either sums are looked at, or the small operand where that is less.
 */
static void sum_tiles(struct tcv_correlate_tile *t, int64_t begin, int64_t end, void *sums)
{
    const bool few = (end - begin) * t->g->positions < t->b->row_step;

    if (add_tiles(t, begin, end, few, sums) && !few && !sums_are_finite(t->b, t->element, sums))
        (void)add_tiles(t, begin, end, true, sums);
}

void tcv_correlate_work(const struct tcv_correlation_run *run, const struct tcv_correlate_grid *g,
                        struct tcv_worker *worker, void *scratch, void *shared)
{
    const struct tcv_correlation *c = &g->of;
    struct tcv_correlate_tile t = {.run = run, .c = c, .g = g,
                                   .element = tcv_dtype_bytes(c->dtype), .small_of = -1};
    struct tcv_arena arena = {scratch, 0};

    tcv_correlate_lay_out(&t, g, &arena);
    while (tcv_worker_next(worker)) {
        const int64_t unit = worker->unit;
        const struct tcv_correlate_block b = tcv_correlate_block_at(g, unit / g->chunks);
        const int64_t chunk = unit % g->chunks;
        void *sums = g->chunks == 1 ? t.sums
                                    : (char *)shared + (size_t)(unit * g->sums) * t.element;

        t.b = &b;
        sum_tiles(&t, g->all_tiles * chunk / g->chunks,
                  g->all_tiles * (chunk + 1) / g->chunks, sums);
        if (g->chunks == 1)
            write_block(run, g, &b, sums);
    }
}

void tcv_correlate_join(const struct tcv_correlation_run *run, const struct tcv_correlate_grid *g,
                        int64_t block, void *shared)
{
    const struct tcv_correlation *c = &g->of;
    const struct tcv_correlate_block b = tcv_correlate_block_at(g, block);
    char *first = (char *)shared + (size_t)(block * g->chunks * g->sums) *
                                       tcv_dtype_bytes(c->dtype);

    for (int64_t chunk = 1; chunk < g->chunks; chunk++)
        for (int64_t i = 0; i < b.rows * b.row_step; i++) {
            if (c->dtype == TCONV_F64)
                ((double *)(void *)first)[i] += ((double *)(void *)first)[chunk * g->sums + i];
            else
                ((float *)(void *)first)[i] += ((float *)(void *)first)[chunk * g->sums + i];
        }
    write_block(run, g, &b, first);
}
