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
    return b->runs == 1 && (b->lanes == b->run || b->taps[0] * b->taps[1] == 1);
}

/* dw[l * larges_step + i * tap_step] += sums[i * larges + l] for i < taps and l < larges. */
static void add_taps(const struct tcv_correlation_run *run, int64_t at, int64_t tap_step,
                     int64_t taps, int64_t larges, const void *from)
{
    const int64_t large_step = run->of->w_large;

    for (int64_t i = 0; i < taps; i++)
        for (int64_t l = 0; l < larges; l++) {
            const int64_t to = at + l * large_step + i * tap_step;

            if (run->of->dtype == TCONV_F64)
                ((double *)run->dw)[to] = (run->accumulate ? ((double *)run->dw)[to] : 0.0) +
                                          ((const double *)from)[i * larges + l];
            else
                ((float *)run->dw)[to] = (run->accumulate ? ((float *)run->dw)[to] : 0.0F) +
                                         ((const float *)from)[i * larges + l];
        }
}

/* `taps` taps of one row, `larges` apart from `from` on, to dw. */
static void write_taps(const struct tcv_correlation_run *run, const struct tcv_correlate_grid *g,
                       int64_t at, int64_t tap_step, int64_t taps, int64_t larges,
                       const void *from)
{
    const int64_t element = (int64_t)tcv_dtype_bytes(run->of->dtype);

    if (run->accumulate || (tap_step != 1 && taps > 1))
        add_taps(run, at, tap_step, taps, larges, from);
    else if (larges == 1)
        memcpy((char *)run->dw + at * element, from, (size_t)(taps * element));
    else
        g->kernels.transpose(&(struct tcv_transpose){from, larges, (char *)run->dw + at * element,
                                                     run->of->w_large, taps, larges});
}

/* dw (+)= the sums of a block. */
static void write_block(const struct tcv_correlation_run *run, const struct tcv_correlate_grid *g,
                        const struct tcv_correlate_block *b, const void *sums)
{
    const struct tcv_correlation *c = run->of;
    const int64_t element = (int64_t)tcv_dtype_bytes(c->dtype);
    const bool all = taps_adjoin(c, b);
    const int64_t together = all ? b->taps[0] * b->taps[1] * b->taps[W]
                             : b->runs == 1 ? b->taps[W] : 1;
    int64_t tap[TCV_AXES];

    for (int64_t m = 0; m < b->rows; m++)
        for (tap[0] = 0; tap[0] < (all ? 1 : b->taps[0]); tap[0]++)
            for (tap[1] = 0; tap[1] < (all ? 1 : b->taps[1]); tap[1]++)
                for (tap[W] = 0; tap[W] < (all ? 1 : b->taps[W]); tap[W] += together) {
                    int64_t at = b->group * c->w_group + (b->row + m) * c->w_small +
                                 b->large * c->w_large;

                    for (int a = 0; a < TCV_AXES; a++)
                        at += (b->tap[a] + tap[a]) * c->w_tap[a];
                    write_taps(run, g, at, all ? 1 : c->w_tap[W], together, b->larges,
                               (const char *)sums +
                                   (m * b->row_step + tcv_correlate_sum_at(b, tap, 0)) * element);
                }
}

/* sums (+)= the products of the tile. */
static void multiply(const struct tcv_correlate_tile *t, bool add,
                     struct tcv_ask ahead[TCV_CORRELATE_AHEADS], void *sums)
{
    const struct tcv_correlate_block *b = t->b;
    const int64_t element = (int64_t)t->element, positions = t->rows * t->width;
    const struct tcv_parts parts = tcv_correlate_parts(t);
    const int64_t step[TCV_AXES] = {
        tcv_correlate_step(t, 0) * t->c->axis[0].dilation,
        tcv_correlate_step(t, 1) * t->c->axis[1].dilation,
        b->larges * t->c->axis[W].dilation,
    };
    struct tcv_direct call = {
        .x_channel = b->pitch[W] * b->larges, .x_pixel = 1, .tap = t->row_at, .taps = t->rows,
        .channels = t->width, .c_step = b->row_step, .add = add, .positions = b->lanes,
    };
    int64_t tap[TCV_AXES], calls = parts.count * b->taps[0] * b->taps[1] * b->runs;

    for (int64_t i = 0; i < parts.count; i++) {
        const struct tcv_part part = tcv_part_at(&parts, i);

        call.rows = part.count;
        call.w = t->small + part.first * positions * element;
        for (tap[0] = 0; tap[0] < b->taps[0]; tap[0]++)
            for (tap[1] = 0; tap[1] < b->taps[1]; tap[1]++)
                for (tap[W] = 0; tap[W] < b->runs; tap[W]++) {
                    call.x = t->large + (tap[0] * step[0] + tap[1] * step[1] +
                                         tap[W] * step[W]) * element;
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
        tcv_correlate_pack_small(t, tile);
        padded = tcv_correlate_pack_large(t);
        zeros |= padded;
        if (!carefully || !padded || tcv_correlate_small_is_finite(t)) {
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
        {1, 1, b->rows, b->taps[0] * b->taps[1], b->runs, b->run},
        {0, 0, b->row_step, b->runs * b->lanes, b->lanes, 1},
    };

    return tcv_box_is_finite(&box, element, sums);
}

/*
 * The same by the definition.  A zero that met an infinity or NaN left NaN in a sum; so either
 * sums are looked at, or the small operand where that is less.
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
    const struct tcv_correlation *c = run->of;
    const int64_t tiles = g->tiles[0] * g->tiles[1] * g->tiles[2] * g->tiles[3];
    struct tcv_correlate_tile t = {.run = run, .c = c, .g = g,
                                   .element = tcv_dtype_bytes(c->dtype), .small_of = -1};
    struct tcv_arena arena = {scratch, 0};

    tcv_correlate_lay_out(&t, c, g, &arena);
    while (tcv_worker_next(worker)) {
        const int64_t unit = worker->unit;
        const struct tcv_correlate_block b = tcv_correlate_block_at(c, g, unit / g->chunks);
        const int64_t chunk = unit % g->chunks;
        void *sums = g->chunks == 1 ? t.sums
                                    : (char *)shared + (size_t)(unit * g->sums) * t.element;

        t.b = &b;
        sum_tiles(&t, tiles * chunk / g->chunks, tiles * (chunk + 1) / g->chunks, sums);
        if (g->chunks == 1)
            write_block(run, g, &b, sums);
    }
}

void tcv_correlate_join(const struct tcv_correlation_run *run, const struct tcv_correlate_grid *g,
                        int64_t block, void *shared)
{
    const struct tcv_correlation *c = run->of;
    const struct tcv_correlate_block b = tcv_correlate_block_at(c, g, block);
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
