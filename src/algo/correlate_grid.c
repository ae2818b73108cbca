/* correlate_grid.c - how a weight gradient is cut into blocks of dw, tiles and chunks */
#include "algo/correlate.h"
#include "algo/correlate_tile.h"
#include "base/arena.h"
#include "base/checked.h"

#define W (TCV_AXES - 1)

/*
 * In elements of float: the packed operands of a tile fit L2.  The sums, which need not, are
 * loaded and stored once a tile, so there are many positions.  A packed large element meets
 * every row, and a packed small one every large channel: so there are many of both.  The sums
 * of 256 rows hold 9 taps of 64 channels, or 16 of 32.
 */
#define SUMS_MOST (144 * 1024)
#define ROWS_MOST 256
#define POSITIONS_MOST 384
#define LARGE_MOST (128 * 1024)
/* Two lines of large channels: of whole ones no vector is copied or summed in part. */
#define LARGES_WANTED 32
/* Units of work that a few threads can share, and bytes of the sums of chunks, at most. */
#define UNITS_WANTED 8
#define SHARED_MOST (2 * 1024 * 1024)

/* `all` in equal parts of at most `most`. */
static int64_t balanced(int64_t all, int64_t most)
{
    return tcv_ceil_div(all, tcv_ceil_div(all, tcv_max(1, most)));
}

static int64_t product(const int64_t *v, int n)
{
    int64_t p = 1;

    for (int i = 0; i < n; i++)
        p *= v[i];
    return p;
}

/*
 * Half cycles that a position costs a call of `rows` rows and `vectors` vectors: two
 * multiply-adds or two loads a cycle, half a cycle more for each vector of the large
 * operand, which comes from L2, and each multiply-add waits four cycles for its sum.
 */
static int64_t price_at_once(int64_t rows, int64_t vectors)
{
    return tcv_max(tcv_max(rows * vectors, rows + vectors), tcv_max(4 * vectors, 8)) + vectors;
}

static int64_t price(const struct tcv_direct_kernels *k, int64_t rows, int64_t vectors)
{
    const int64_t wide = TCV_DIRECT_VECTORS(k->registers, rows);

    return vectors / wide * price_at_once(rows, wide) +
           vectors % wide * price_at_once(rows, 1);
}

/* The most rows of a call that make all rows of a block cheapest. */
static int64_t best_part(const struct tcv_direct_kernels *k, int64_t rows, int64_t vectors)
{
    int64_t best = 1, least = INT64_MAX;

    for (int64_t most = k->rows_most; most > 0; most--) {
        const struct tcv_parts parts = tcv_parts_of(rows, most);
        const int64_t all = (parts.count - parts.longer) * price(k, parts.each, vectors) +
                            parts.longer * price(k, parts.each + 1, vectors);

        if (all < least) {
            least = all;
            best = most;
        }
    }
    return best;
}

/* Elements of a row of sums, whole vectors for each run. */
static int64_t row_elements(const struct tcv_correlation *c, const struct tcv_correlate_grid *g,
                            int64_t larges)
{
    const bool joined = c->axis[W].dilation == 1;
    const int64_t side = g->beside ? g->taps[1] : 1;
    const int64_t run = (joined ? g->taps[W] : 1) * larges * side;

    return g->taps[0] * (g->taps[1] / side) * (joined ? 1 : g->taps[W]) *
           tcv_ceil_div(run, g->direct.width) * g->direct.width;
}

static double span(const struct tcv_correlation *c, const struct tcv_correlate_grid *g, int a)
{
    return (double)(g->taps[a] - 1) * (double)c->axis[a].dilation + 1.0;
}

/* Large elements that one position needs; as a double it cannot overflow. */
static double spanned(const struct tcv_correlation *c, const struct tcv_correlate_grid *g)
{
    return span(c, g, 0) * span(c, g, 1) * span(c, g, W);
}

/* The axis whose taps reach furthest. */
static int widest(const struct tcv_correlation *c, const struct tcv_correlate_grid *g)
{
    int best = 0;

    for (int a = 1; a < TCV_AXES; a++)
        if (span(c, g, a) > span(c, g, best))
            best = a;
    return best;
}

static void cut_weights(const struct tcv_correlation *c, struct tcv_correlate_grid *g)
{
    const int64_t wide = c->dtype == TCONV_F64 ? 2 : 1;
    const int64_t least = tcv_min(c->large, g->depthwise ? g->direct.width : LARGES_WANTED / wide);
    int64_t most;

    g->rows = balanced(c->small, ROWS_MOST / wide);
    g->row_blocks = tcv_ceil_div(c->small, g->rows);
    most = SUMS_MOST / wide / g->rows;
    for (int a = 0; a < TCV_AXES; a++) { /* each alone first, or products overflow */
        g->taps[a] = c->axis[a].kernel;
        while (g->taps[a] > most)
            g->taps[a] = tcv_ceil_div(g->taps[a], 2);
    }
    for (int a = 0; a < TCV_AXES; a++)
        while (g->taps[a] > 1 && row_elements(c, g, least) > most)
            g->taps[a] = tcv_ceil_div(g->taps[a], 2);
    while (spanned(c, g) * (double)least > LARGE_MOST / (double)wide) {
        const int a = widest(c, g);

        g->taps[a] = tcv_ceil_div(g->taps[a], 2);
    }
    for (int a = 0; a < TCV_AXES; a++)
        g->tap_blocks[a] = tcv_ceil_div(c->axis[a].kernel, g->taps[a]);
    most = tcv_min(most / product(g->taps, TCV_AXES),
                   LARGE_MOST / wide / (int64_t)spanned(c, g));
    most = tcv_max(least, most);
    if (g->depthwise)
        most = least;
    g->larges = c->large;
    if (c->large > most)
        g->larges = tcv_ceil_div(balanced(c->large, most - most % least), least) * least;
    g->large_blocks = tcv_ceil_div(c->large, g->larges);
}

/*
 * Taps of axis 1 side by side: vectors of sums that are saved for each row, half a cycle each,
 * against elements that are packed more than once, a cycle and a half.
 */
static void choose_side(const struct tcv_correlation *c, struct tcv_correlate_grid *g)
{
    const int64_t apart = row_elements(c, g, g->larges), stride = c->axis[W].stride;
    const int64_t copies = g->taps[1] - tcv_min(c->axis[1].stride, g->taps[1]);

    g->beside = true;
    g->beside = (apart - row_elements(c, g, g->larges)) / g->direct.width * g->rows >
                3 * copies * g->larges * tcv_min(stride, g->taps[W]) * g->taps[0];
}

/* Elements of the packed large tensor of a tile. */
static int64_t large_elements(const struct tcv_correlate_block *b,
                              const int64_t extent[TCV_TILE_DIMS])
{
    int64_t all = extent[0] * b->pixel;

    for (int a = 0; a < TCV_AXES; a++)
        all *= (extent[a + 1] - 1) * b->pitch[a] + b->span[a];
    return all;
}

/* Positions from the innermost axis outwards, as many as both operands have room for. */
static void cut_positions(const struct tcv_correlation *c, struct tcv_correlate_grid *g)
{
    const int64_t wide = c->dtype == TCONV_F64 ? 2 : 1;
    const struct tcv_correlate_block b = tcv_correlate_block_at(g, 0);
    int64_t left = POSITIONS_MOST;

    for (int d = 0; d < TCV_TILE_DIMS; d++)
        g->extent[d] = 1;
    for (int d = TCV_TILE_DIMS - 1; d >= 0; d--) {
        const int64_t all = tcv_max(1, d == 0 ? c->batch : c->axis[d - 1].small);

        g->extent[d] = balanced(all, tcv_max(1, left));
        while (g->extent[d] > 1 && large_elements(&b, g->extent) > LARGE_MOST / wide)
            g->extent[d] = balanced(all, g->extent[d] - 1);
        left /= g->extent[d];
    }
    for (int d = 0; d < TCV_TILE_DIMS; d++)
        g->tiles[d] = tcv_ceil_div(d == 0 ? c->batch : c->axis[d - 1].small, g->extent[d]);
    g->all_tiles = product(g->tiles, TCV_TILE_DIMS);
    g->positions = product(g->extent, TCV_TILE_DIMS);
    g->large_elements = large_elements(&b, g->extent) + g->direct.width;
    g->sums = b.rows * b.row_step;
}

static int64_t count_blocks(const struct tcv_correlate_grid *g)
{
    return g->of.groups * g->row_blocks * g->large_blocks * product(g->tap_blocks, TCV_AXES);
}

/* Sums of their own for parts of the tiles, where few blocks leave threads without work. */
static void cut_chunks(struct tcv_correlate_grid *g)
{
    const int64_t blocks = count_blocks(g), element = (int64_t)tcv_dtype_bytes(g->of.dtype);
    struct tcv_arena arena = {NULL, 0};

    g->chunks = 1;
    if (blocks <= UNITS_WANTED / 2) {
        const int64_t most = SHARED_MOST / (blocks * g->sums * element);

        g->chunks = tcv_max(1, tcv_min(tcv_min(UNITS_WANTED / blocks, most), g->all_tiles));
    }
    if (g->chunks > 1)
        tcv_arena_take(&arena, blocks * g->chunks * g->sums, (size_t)element);
    g->shared_bytes = arena.used;
}

/* Groups of one channel each, as they are cut. */
static void join_groups(struct tcv_correlation *c)
{
    c->large = c->groups;
    c->w_large = c->w_group;
    c->groups = 1;
}

struct tcv_correlate_grid tcv_correlate_grid_of(const struct tcv_correlation *c, uint32_t features)
{
    struct tcv_correlate_grid g = {
        .of = *c,
        .depthwise = c->groups > 1 && c->small == 1 && c->large == 1,
        .direct = tcv_direct_select(features, c->dtype),
        .kernels = tcv_kernels_select(features, c->dtype),
    };
    struct tcv_correlate_tile tile;
    struct tcv_arena arena = {NULL, 0};

    if (g.depthwise)
        join_groups(&g.of);
    cut_weights(&g.of, &g);
    if (!g.depthwise)
        choose_side(&g.of, &g);
    cut_positions(&g.of, &g);
    g.part = best_part(&g.direct, g.rows, tcv_correlate_block_at(&g, 0).lanes / g.direct.width);
    cut_chunks(&g);
    tcv_correlate_lay_out(&tile, &g, &arena);
    g.worker_bytes = arena.used;
    return g;
}

int64_t tcv_correlate_units(const struct tcv_correlate_grid *g)
{
    return count_blocks(g) * g->chunks;
}

struct tcv_correlate_block tcv_correlate_block_at(const struct tcv_correlate_grid *g,
                                                  int64_t index)
{
    const struct tcv_correlation *c = &g->of;
    const bool joined = c->axis[W].dilation == 1;
    struct tcv_correlate_block b;

    for (int a = TCV_AXES - 1; a >= 0; a--) {
        const struct tcv_correlation_axis *axis = &c->axis[a];

        b.tap[a] = index % g->tap_blocks[a] * g->taps[a];
        index /= g->tap_blocks[a];
        b.taps[a] = tcv_min(g->taps[a], axis->kernel - b.tap[a]);
        b.span[a] = (b.taps[a] - 1) * axis->dilation + 1;
        b.pitch[a] = tcv_min(axis->stride, b.span[a]);
    }
    b.side = g->beside ? b.taps[1] : 1;
    if (g->beside)
        b.pitch[1] = b.span[1] = 1;
    b.large = index % g->large_blocks * g->larges;
    index /= g->large_blocks;
    b.larges = tcv_min(g->larges, c->large - b.large);
    b.row = index % g->row_blocks * g->rows;
    b.group = index / g->row_blocks;
    b.rows = tcv_min(g->rows, c->small - b.row);
    b.runs = joined ? 1 : b.taps[W];
    b.pixel = b.larges * b.side;
    b.run = joined ? b.taps[W] * b.pixel : b.pixel;
    b.lanes = tcv_ceil_div(b.run, g->direct.width) * g->direct.width;
    /* One vector more: rows a power of 2 apart would share the sets of the cache. */
    b.row_step = b.taps[0] * (b.taps[1] / b.side) * b.runs * b.lanes + g->direct.width;
    return b;
}
