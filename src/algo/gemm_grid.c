#include "algo/gemm_grid.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/checked.h"
#include "kernels/bf16x3.h"

/*
 * Columns that stay in a 1 MiB L2: three quarters of it.  OpenBLAS packs both
 * operands anew in each call, which costs about 1/rows + 1/pixels of the arithmetic
 * times a constant near 20: 256 and more of each where there are as many.
 */
#define COLUMN_BYTES (768 * 1024)
#define INPUT_BYTES (1024 * 1024)
#define ROWS_WANTED 256
#define PIXELS_MOST 1024
#define PIXELS_WANTED 256
/* Inputs as kernels want them, and channels of those at once: their weights stay in L1. */
#define OPERAND_BYTES (512 * 1024)
#define PART_CHANNELS 128
#define VECTOR_CHANNELS 256
/* Channels of a block are packed together in so much scratch; by steps, if rows are very many. */
#define PACKING_BYTES (4 * 1024 * 1024)
#define CHANNELS_STEP 32
/* Units of work that two threads and more can share without one idling long. */
#define UNITS_WANTED 8
/* Units of which one more or less is no matter. */
#define UNITS_MANY 16
/* One tile may take this much when a huge kernel leaves no other choice. */
#define TILE_BYTES_MOST (4 * 1024 * 1024 - 512 * 1024)
/* Rows of phases that are summed apart and then interleaved. */
#define PHASES_MOST 4096

int64_t tcv_gemm_newest(const struct tcv_axis *axis, int64_t o)
{
    return tcv_floor_div(o + axis->pad_begin, axis->stride);
}

bool tcv_gemm_joins(const struct tcv_axis *axis)
{
    return axis->dilation == 1 && axis->kernel % axis->stride == 0;
}

int64_t tcv_gemm_run_taps(const struct tcv_axis *axis, int64_t run)
{
    return axis->kernel / axis->stride * run + tcv_min(axis->kernel % axis->stride, run);
}

/*
 * Channels last decides by itself.  Otherwise, a stride of 8 and more fills
 * vectors with phases, and nothing has to be interleaved.
 */
enum tcv_gemm_order tcv_gemm_best_order(const struct tcv_problem *p)
{
    const struct tcv_axis *w = &p->axis[TCV_AXES - 1];

    if (p->y.c == 1 && p->y.s[TCV_AXES - 1] != 1 && p->groups * p->oc > 1)
        return TCV_GEMM_CHANNELS;
    if (w->stride >= 8 && w->dilation == 1 && p->y.s[TCV_AXES - 1] == 1)
        return TCV_GEMM_RUNS;
    return TCV_GEMM_PLANAR;
}

/* Tap k needs the input floor(k * dilation / stride) behind the newest, at most. */
static int64_t halo_of(const struct tcv_axis *axis)
{
    return (axis->kernel - 1) * axis->dilation / axis->stride;
}

/* The width that rows, or pixels, come in. */
static int64_t width_of(const struct tcv_gemm_grid *g, bool pixels)
{
    const bool along = g->means.by == TCV_GEMM_PARTS ||
                       (g->means.by == TCV_GEMM_VECTORS && pixels == (g->order == TCV_GEMM_PLANAR));

    return along ? g->means.width : 1;
}

static int64_t round_up(int64_t n, int64_t width)
{
    return tcv_ceil_div(n, width) * width;
}

/* Input channels as they are multiplied. */
static int64_t ic_padded(const struct tcv_problem *p, const struct tcv_gemm_grid *g)
{
    return g->means.by == TCV_GEMM_PARTS ? round_up(p->ic, TCV_BF16X3_STEP) : p->ic;
}

/* Whether the smallest tile of any size has room for a copy of so many channels. */
static bool tile_holds(const struct tcv_problem *p, const struct tcv_gemm_grid *g, int64_t channels)
{
    int64_t bytes = (int64_t)tcv_dtype_bytes(p->dtype) * (g->rows + channels);

    for (int a = 0; a < TCV_AXES && bytes <= TILE_BYTES_MOST; a++)
        bytes *= tcv_min(2 * halo_of(&p->axis[a]) + 1, TILE_BYTES_MOST); /* a short axis is whole */
    return bytes <= TILE_BYTES_MOST;
}

/*
 * Depends on channels and kernel alone, as blocks do.  lanes() loads few weights for what it
 * multiplies, so L2 may have them instead of L1: twice as many channels.
 */
static int64_t ic_block_of(const struct tcv_problem *p, const struct tcv_gemm_grid *g)
{
    const int64_t room = PACKING_BYTES / (int64_t)tcv_dtype_bytes(p->dtype) / g->rows;
    int64_t most = g->means.by == TCV_GEMM_PARTS ? PART_CHANNELS : VECTOR_CHANNELS;

    if (g->means.by == TCV_GEMM_BLAS)
        return p->ic;
    if (room < most)
        most = CHANNELS_STEP;
    else if (g->means.by == TCV_GEMM_VECTORS && g->order != TCV_GEMM_PLANAR &&
             room >= 2 * most && tile_holds(p, g, 2 * most))
        most *= 2;
    return tcv_min(ic_padded(p, g), most);
}

static int64_t operand_bytes_of(const struct tcv_problem *p, const struct tcv_gemm_grid *g)
{
    switch (g->means.by) {
    case TCV_GEMM_PARTS: return TCV_BF16X3_BYTES;
    case TCV_GEMM_VECTORS:
        return g->order == TCV_GEMM_PLANAR ? (int64_t)tcv_dtype_bytes(p->dtype) : 0;
    default: return 0;
    }
}

/* Depends on channels and kernel alone: packed weights serve every size. */
static void choose_blocks(const struct tcv_problem *p, struct tcv_gemm_grid *g)
{
    const struct tcv_axis *w = &p->axis[TCV_AXES - 1];
    const int64_t outer = p->axis[0].kernel * p->axis[1].kernel;
    int64_t least = 1, wanted, blocks;

    /* The smallest tile has one new position on each axis and its halos. */
    for (int a = 0; a < TCV_AXES; a++)
        least *= halo_of(&p->axis[a]) + 1; /* at most 2^54: tcv_axes_are_moderate() */
    wanted = tcv_min(2 * ROWS_WANTED,
                     COLUMN_BYTES / (least * (int64_t)tcv_dtype_bytes(p->dtype)));
    blocks = tcv_ceil_div(p->oc, tcv_max(1, wanted / p->taps));

    g->run_block = w->stride;
    if (g->order == TCV_GEMM_RUNS && outer == 1 && p->taps > 4 * ROWS_WANTED) {
        const int64_t per_phase = tcv_ceil_div(w->kernel, w->stride);

        g->oc_block = 1;
        g->run_block = tcv_min(w->stride, tcv_max(16, 2 * ROWS_WANTED / per_phase));
        g->rows = per_phase * g->run_block;
    } else {
        g->oc_block = tcv_ceil_div(p->oc, blocks);
        g->rows = g->oc_block * p->taps;
    }
    g->rows = round_up(g->rows, width_of(g, false));
    g->ic_block = ic_block_of(p, g);
    g->operand_bytes = operand_bytes_of(p, g);
    g->blocks = tcv_ceil_div(p->oc, g->oc_block) * tcv_ceil_div(w->stride, g->run_block);
}

/* Input channels up to which storing a column costs more than loading twice as many inputs. */
#define FEW_CHANNELS 32

bool tcv_gemm_fills_vectors(const struct tcv_problem *p, const struct tcv_gemm_grid *g,
                            int64_t lanes)
{
    return lanes % g->means.width == 0 &&
           (lanes >= 2 * g->means.width || p->ic <= FEW_CHANNELS);
}

/*
 * Whether one tap reaches each output, and vectors have channels of one, or of the taps of a row.
 * All input channels at once, for a sum is stored but once.
 */
static bool is_straight(const struct tcv_problem *p, const struct tcv_gemm_grid *g)
{
    const struct tcv_axis *w = &p->axis[TCV_AXES - 1];

    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_axis *axis = &p->axis[a];

        if (axis->kernel != axis->stride || axis->dilation != 1 || axis->pad_begin < 0 ||
            axis->out + axis->pad_begin > axis->in * axis->stride)
            return false;
    }
    return g->means.by == TCV_GEMM_VECTORS && g->order == TCV_GEMM_CHANNELS &&
           p->ic <= g->ic_block &&
           ((p->oc % g->oc_block == 0 && tcv_gemm_fills_vectors(p, g, g->oc_block)) ||
            (g->blocks == 1 && tcv_gemm_fills_vectors(p, g, p->oc * w->kernel)));
}

/* How one axis is cut when a tile may have `most` positions along it. */
static struct tcv_gemm_axis cut(const struct tcv_axis *axis, int64_t most)
{
    struct tcv_gemm_axis cut = {.halo = halo_of(axis)};
    int64_t tiles;

    if (axis->in <= most) {
        cut.whole = true;
        cut.block = cut.extent = axis->in;
        return cut;
    }
    /* At least a halo's worth of new positions, and tiles of equal size. */
    cut.block = tcv_max(tcv_max(1, most - cut.halo), tcv_min(cut.halo, axis->in));
    tiles = tcv_ceil_div(axis->in, cut.block);
    cut.block = tcv_ceil_div(axis->in, tiles);
    cut.extent = cut.block + cut.halo;
    return cut;
}

/* Images of a tile, at most `most`, so that their tiles are evenly many for two threads. */
static int64_t images_of(const struct tcv_problem *p, int64_t most)
{
    const int64_t tiles = tcv_max(1, tcv_ceil_div(p->batch, tcv_max(1, most)));

    return tcv_max(1, tcv_ceil_div(p->batch, tiles + (tiles > 1 ? tiles % 2 : 0)));
}

/* Tiles of at most `most` pixels, or as few as there must be. */
static void cut_tiles(const struct tcv_problem *p, struct tcv_gemm_grid *g, int64_t most)
{
    int64_t inner = 1;

    g->sweep = 0;
    while (g->sweep < TCV_AXES - 1 && p->axis[g->sweep].in == 1)
        g->sweep++;
    for (int a = TCV_AXES - 1; a >= 0; a--) {
        int64_t reserve = 1; /* what the axes further out take at least */

        for (int b = g->sweep; b < a; b++)
            reserve *= tcv_min(p->axis[b].in, halo_of(&p->axis[b]) + 1);
        g->axis[a] = cut(&p->axis[a], tcv_max(1, most / tcv_max(1, inner * reserve)));
        inner *= g->axis[a].extent;
    }
    g->images = 1;
    if (g->axis[0].whole && g->axis[1].whole && g->axis[2].whole)
        g->images = images_of(p, tcv_min(most, PIXELS_WANTED) / inner);
    g->pixels = g->images * inner;
}

static int64_t units_of(const struct tcv_problem *p, const struct tcv_gemm_grid *g)
{
    int64_t units = tcv_ceil_div(p->batch, g->images) * p->groups * g->blocks;

    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_gemm_range r = tcv_gemm_tiles(p, g, a, 0, p->axis[a].out);

        units *= r.last - r.first + 1;
    }
    return units;
}

/* Tiles more that are tried: a tile of padding may come or go with them. */
#define TILES_TRIED 3

/*
 * A tile more along the sweep axis, if that makes a small odd number of units even: two threads
 * would share it unevenly.  Not where OpenBLAS's bits depend on it.
 */
static void even_out(const struct tcv_problem *p, struct tcv_gemm_grid *g)
{
    const struct tcv_gemm_axis *was = &g->axis[g->sweep];
    const int64_t in = p->axis[g->sweep].in, tiles = tcv_ceil_div(in, tcv_max(1, was->block));
    struct tcv_gemm_grid finer = *g;
    struct tcv_gemm_axis *cut = &finer.axis[g->sweep];

    if (g->means.by == TCV_GEMM_BLAS || g->images > 1 || units_of(p, g) >= UNITS_MANY)
        return;
    for (int64_t i = 1; i <= TILES_TRIED && units_of(p, &finer) % 2 == 1; i++) {
        cut->whole = false;
        cut->block = tcv_ceil_div(in, tiles + i);
        cut->extent = cut->block + cut->halo;
        if (cut->block < tcv_max(1, cut->halo))
            return;
    }
    if (units_of(p, &finer) % 2 == 1)
        return;
    finer.pixels = g->pixels / was->extent * cut->extent;
    *g = finer;
}

static void choose_tiles(const struct tcv_problem *p, struct tcv_gemm_grid *g)
{
    const int64_t bytes = (int64_t)tcv_dtype_bytes(p->dtype);
    int64_t all = 1, most, others;

    for (int a = 0; a < TCV_AXES; a++)
        all *= p->axis[a].in;
    most = tcv_min(COLUMN_BYTES / (bytes * g->rows), PIXELS_MOST);
    others = p->batch * p->groups * g->blocks; /* units, if each image were one tile */
    if (others < UNITS_WANTED)
        most = tcv_min(most, tcv_max(PIXELS_WANTED / 2, all * others / UNITS_WANTED));
    if (g->operand_bytes > 0)
        most = tcv_min(most, OPERAND_BYTES / (g->ic_block * g->operand_bytes));
    most = tcv_max(most, 1);
    cut_tiles(p, g, most);
    even_out(p, g);
    g->even = tcv_gemm_lies_even(p, g);
    g->packs = !g->even || (g->means.by != TCV_GEMM_BLAS && !tcv_gemm_takes_in_place(p, g));
    if (g->packs && g->pixels * g->ic_block * bytes > INPUT_BYTES) {
        cut_tiles(p, g, tcv_min(most, tcv_max(1, INPUT_BYTES / (g->ic_block * bytes))));
        g->even = tcv_gemm_lies_even(p, g);
    }
    /* Behind pixels that the tile before handed on, others begin a vector or tile. */
    g->pitch = round_up(g->pixels, width_of(g, true)) +
               (width_of(g, true) > 1 ? width_of(g, true) : 0);
}

int64_t tcv_gemm_packed_bytes(const struct tcv_problem *p, const struct tcv_gemm_grid *g)
{
    const int64_t element = (int64_t)tcv_dtype_bytes(p->dtype);

    if (g->means.by == TCV_GEMM_BLAS)
        return p->ic * p->oc * p->taps * element;
    return g->blocks * g->rows * ic_padded(p, g) *
           (g->means.by == TCV_GEMM_PARTS ? TCV_BF16X3_BYTES : element);
}

bool tcv_gemm_grid_init(const struct tcv_problem *p, enum tcv_gemm_order order,
                        struct tcv_gemm_means means, struct tcv_gemm_grid *g, char *reason,
                        size_t reason_bytes)
{
    const int64_t bytes = (int64_t)tcv_dtype_bytes(p->dtype);
    int64_t tile;

    g->order = order;
    g->means = means;
    if (p->ic > INT32_MAX) {
        snprintf(reason, reason_bytes, "%" PRId64 " input channels of a group, over %d", p->ic,
                 INT32_MAX);
        return false;
    }
    if (g->order != TCV_GEMM_RUNS && p->axis[TCV_AXES - 1].stride > PHASES_MOST) {
        snprintf(reason, reason_bytes,
                 "a stride of %" PRId64 " with strided or dilated rows; at most %d",
                 p->axis[TCV_AXES - 1].stride, PHASES_MOST);
        return false;
    }
    choose_blocks(p, g);
    choose_tiles(p, g);
    g->straight = is_straight(p, g);
    if (means.by != TCV_GEMM_BLAS && (double)p->groups * (double)g->blocks * (double)g->rows *
                         (double)ic_padded(p, g) * TCV_BF16X3_BYTES > (double)(INT64_MAX / 2)) {
        snprintf(reason, reason_bytes, "its packed weights would exceed an int64_t in bytes");
        return false;
    }
    /* A product of products: each factor is bounded by a tensor's size, not the whole. */
    if (!tcv_mul_i64(g->rows + (g->packs ? g->ic_block : 0), g->pitch, &tile) ||
        !tcv_mul_i64(tile, bytes, &tile) || tile > TILE_BYTES_MOST) {
        snprintf(reason, reason_bytes,
                 "the kernel is so large that one tile has %" PRId64 " rows and %" PRId64
                 " pixels of columns, over %d bytes",
                 g->rows, g->pixels, TILE_BYTES_MOST);
        return false;
    }
    return true;
}

struct tcv_gemm_block tcv_gemm_block_at(const struct tcv_problem *p,
                                        const struct tcv_gemm_grid *g, int64_t index)
{
    const struct tcv_axis *w = &p->axis[TCV_AXES - 1];
    const int64_t runs = tcv_ceil_div(w->stride, g->run_block);
    const int64_t outer = p->axis[0].kernel * p->axis[1].kernel;
    struct tcv_gemm_block b;
    int64_t first, taps;

    b.oc = index / runs * g->oc_block;
    b.oc_count = tcv_min(g->oc_block, p->oc - b.oc);
    b.run = index % runs * g->run_block;
    b.run_count = tcv_min(g->run_block, w->stride - b.run);
    first = b.run_count == w->stride ? 0 : tcv_gemm_run_taps(w, b.run);
    taps = b.run_count == w->stride ? w->kernel
                                    : tcv_gemm_run_taps(w, b.run + b.run_count) - first;
    b.rows = b.oc_count * outer * taps;
    b.padded = round_up(b.rows, width_of(g, false));
    b.packed_at = g->means.by != TCV_GEMM_BLAS
                      ? index * (tcv_gemm_packed_bytes(p, g) / g->blocks)
                      : p->ic * (b.oc * p->taps + outer * first) *
                            (int64_t)tcv_dtype_bytes(p->dtype);
    return b;
}

struct tcv_gemm_range tcv_gemm_tiles(const struct tcv_problem *p, const struct tcv_gemm_grid *g,
                                     int axis, int64_t begin, int64_t end)
{
    struct tcv_gemm_range range = {0, 0};

    if (!g->axis[axis].whole) {
        const int64_t block = g->axis[axis].block;

        range.first = tcv_floor_div(tcv_gemm_newest(&p->axis[axis], begin), block);
        range.last = tcv_floor_div(tcv_gemm_newest(&p->axis[axis], end - 1), block);
    }
    return range;
}
