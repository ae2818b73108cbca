#include "algo/correlate.h"

#include <string.h>

#include "algo/correlate_tile.h"
#include "base/arena.h"
#include "base/checked.h"
#include "blas/gemm.h"

/* Sums of a block of dw: 256 KiB of float, half of it side by side with its operands in L2. */
#define BLOCK_ELEMENTS (64 * 1024)
#define ROWS_MOST 256
#define COLUMNS_MOST 1024
/* Enough for OpenBLAS to repack its operands at little cost. */
#define POSITIONS_MOST 256
/* Units of work that a few threads can share. */
#define UNITS_WANTED 8

struct tcv_correlate_grid tcv_correlate_grid_of(const struct tcv_correlation *c)
{
    const int64_t wide = c->dtype == TCONV_F64 ? 2 : 1, all = c->large * c->taps;
    const int64_t extent[TCV_TILE_DIMS] = {c->batch, c->axis[0].small, c->axis[1].small,
                                           c->axis[2].small};
    struct tcv_correlate_grid g = {.positions = 1};
    int64_t left = POSITIONS_MOST, tiles = 1, blocks;
    struct tcv_correlate_tile tile;
    struct tcv_arena arena = {NULL, 0};

    g.row_blocks = tcv_ceil_div(c->small, ROWS_MOST / wide);
    g.rows = tcv_ceil_div(c->small, g.row_blocks);
    g.column_blocks = tcv_ceil_div(all, tcv_min(COLUMNS_MOST / wide,
                                                BLOCK_ELEMENTS / wide / g.rows));
    g.columns = tcv_ceil_div(all, g.column_blocks);
    g.column_blocks = tcv_ceil_div(all, g.columns);
    g.row_blocks = tcv_ceil_div(c->small, g.rows);
    for (int d = TCV_TILE_DIMS - 1; d >= 0; d--) {
        const int64_t cuts = tcv_ceil_div(extent[d], tcv_max(1, left));

        g.extent[d] = tcv_max(1, tcv_ceil_div(extent[d], tcv_max(1, cuts)));
        g.tiles[d] = tcv_ceil_div(extent[d], g.extent[d]);
        g.positions *= g.extent[d];
        left /= g.extent[d];
        tiles *= g.tiles[d];
    }
    blocks = c->groups * g.row_blocks * g.column_blocks;
    g.chunks = tcv_max(1, tcv_min(UNITS_WANTED / blocks, tiles));
    tcv_correlate_lay_out(&tile, c, &g, &arena);
    g.worker_bytes = arena.used;
    if (g.chunks > 1) {
        arena.used = 0;
        tcv_arena_take(&arena, blocks * g.chunks * g.rows * g.columns, tcv_dtype_bytes(c->dtype));
        g.shared_bytes = arena.used;
    }
    return g;
}

int64_t tcv_correlate_units(const struct tcv_correlation *c, const struct tcv_correlate_grid *g)
{
    return c->groups * g->row_blocks * g->column_blocks * g->chunks;
}

/* One block of dw: rows [row, row + rows) and columns [column, column + columns) of a group. */
struct block {
    int64_t group, row, rows, column, columns;
};

static struct block block_at(const struct tcv_correlation *c, const struct tcv_correlate_grid *g,
                             int64_t index)
{
    struct block b;

    b.column = index % g->column_blocks * g->columns;
    index /= g->column_blocks;
    b.row = index % g->row_blocks * g->rows;
    b.group = index / g->row_blocks;
    b.rows = tcv_min(g->rows, c->small - b.row);
    b.columns = tcv_min(g->columns, c->large * c->taps - b.column);
    return b;
}

/* Whether the columns (large channel, tap) of a row of dw lie one after the other. */
static bool columns_adjoin(const struct tcv_correlation *c)
{
    int64_t step = 1;

    for (int a = TCV_AXES - 1; a >= 0; a--) {
        if (c->axis[a].kernel > 1 && c->w_tap[a] != step)
            return false;
        step *= c->axis[a].kernel;
    }
    return c->w_large == step;
}

static int64_t place_of_column(const struct tcv_correlation *c, int64_t n)
{
    const int64_t kh = c->axis[1].kernel, kw = c->axis[2].kernel;
    const int64_t tap = n % c->taps;

    return n / c->taps * c->w_large + tap / (kh * kw) * c->w_tap[0] + tap / kw % kh * c->w_tap[1] +
           tap % kw * c->w_tap[2];
}

/* dw[m * dw_step + i] (+)= sums[m * sums_step + i] for m < rows and i < count. */
static void write_run(const struct tcv_correlation_run *run, int64_t at, int64_t rows,
                      int64_t dw_step, int64_t count, const char *from, int64_t sums_step)
{
    for (int64_t m = 0; m < rows; m++) {
        if (run->of->dtype == TCONV_F64) {
            double *const dw = (double *)run->dw + at + m * dw_step;
            const double *const sums = (const double *)(const void *)from + m * sums_step;

            for (int64_t i = 0; i < count; i++)
                dw[i] = run->accumulate ? dw[i] + sums[i] : sums[i];
        } else {
            float *const dw = (float *)run->dw + at + m * dw_step;
            const float *const sums = (const float *)(const void *)from + m * sums_step;

            for (int64_t i = 0; i < count; i++)
                dw[i] = run->accumulate ? dw[i] + sums[i] : sums[i];
        }
    }
}

/* dw[m][n] (+)= sums, for every element of the block, in runs of columns that adjoin. */
static void write_block(const struct tcv_correlation_run *run, const struct block *b,
                        const void *sums)
{
    const struct tcv_correlation *c = run->of;
    const int64_t count = columns_adjoin(c) ? b->columns : 1;
    const int64_t first = b->group * c->w_group + b->row * c->w_small;
    const int64_t element = (int64_t)tcv_dtype_bytes(c->dtype);

    for (int64_t n = 0; n < b->columns; n += count)
        write_run(run, first + place_of_column(c, b->column + n), b->rows, c->w_small, count,
                  (const char *)sums + n * element, b->columns);
}

/* The sums of one block over tiles [begin, end). */
static void sum_tiles(struct tcv_correlate_tile *t, const struct block *b, int64_t begin,
                      int64_t end, void *sums)
{
    if (begin == end)
        memset(sums, 0, (size_t)(b->rows * b->columns) * t->element);
    for (int64_t tile = begin; tile < end; tile++) {
        bool padded;

        tcv_correlate_place(t, tile);
        tcv_correlate_small(t, b->group, b->row, b->rows);
        padded = tcv_correlate_columns(t, b->group, b->column, b->columns);
        if (padded && !tcv_correlate_small_is_finite(t, b->rows)) {
            /* Zeros beside the large grid would make NaN of what the definition leaves out. */
            tcv_correlate_exactly(t, b->rows, b->column, b->columns, tile > begin, sums);
            continue;
        }
        tcv_gemm(t->c->dtype, b->rows, b->columns, t->positions,
                 (struct tcv_operand){t->small, t->positions, false},
                 (struct tcv_operand){t->columns, t->positions, true}, tile > begin, sums,
                 b->columns);
    }
}

void tcv_correlate_work(const struct tcv_correlation_run *run, const struct tcv_correlate_grid *g,
                        int64_t begin, int64_t end, void *scratch, void *shared)
{
    const struct tcv_correlation *c = run->of;
    const int64_t tiles = g->tiles[0] * g->tiles[1] * g->tiles[2] * g->tiles[3];
    struct tcv_correlate_tile t = {.run = run, .c = c, .g = g,
                                   .element = tcv_dtype_bytes(c->dtype)};
    struct tcv_arena arena = {scratch, 0};
    const int saved = tcv_gemm_enter();

    tcv_correlate_lay_out(&t, c, g, &arena);
    for (int64_t unit = begin; unit < end; unit++) {
        const struct block b = block_at(c, g, unit / g->chunks);
        const int64_t chunk = unit % g->chunks;
        void *sums = g->chunks == 1 ? t.sums
                                    : (char *)shared + (size_t)(unit * g->rows * g->columns) *
                                                           t.element;

        sum_tiles(&t, &b, tiles * chunk / g->chunks, tiles * (chunk + 1) / g->chunks, sums);
        if (g->chunks == 1)
            write_block(run, &b, sums);
    }
    tcv_gemm_leave(saved);
}

void tcv_correlate_join(const struct tcv_correlation_run *run, const struct tcv_correlate_grid *g,
                        int64_t block, void *shared)
{
    const struct tcv_correlation *c = run->of;
    const struct block b = block_at(c, g, block);
    const int64_t step = g->rows * g->columns, count = b.rows * b.columns;
    char *first = (char *)shared + (size_t)(block * g->chunks * step) * tcv_dtype_bytes(c->dtype);

    for (int64_t chunk = 1; chunk < g->chunks; chunk++)
        for (int64_t i = 0; i < count; i++) {
            if (c->dtype == TCONV_F64)
                ((double *)(void *)first)[i] += ((double *)(void *)first)[chunk * step + i];
            else
                ((float *)(void *)first)[i] += ((float *)(void *)first)[chunk * step + i];
        }
    write_block(run, &b, first);
}
