#include "algo/direct_grid.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "base/checked.h"
#include "base/cpu.h"
#include "kernels/bf16x3.h"

/* Sums of a block of channels, and the packed input beside them, in a 1 MiB L2. */
#define SUM_BYTES (192 * 1024)
#define INPUT_BYTES (320 * 1024)
/* Those of TILES: processors that have them have an L2 of 2 MiB. */
#define TILES_SUM_BYTES (384 * 1024)
/* Packed input of all channels, to be used again by every block of output channels. */
#define PACKED_BYTES TCV_KEPT_BYTES
#define POSITIONS_MOST 4096
#define POSITIONS_LEAST 96
#define POSITIONS_FEWEST 6
/* Units of which one more or less is no matter; positions that are worth a unit of their own. */
#define UNITS_MANY 16.0
#define POSITIONS_SHARED 512
/* Phases that are looked at one by one. */
#define PHASES_MOST 64
/* Inputs around a position, on either side: three axes of them are no overflow. */
#define REACH_MOST (1 << 18)
/* A tile may take this much. */
#define TILE_BYTES_MOST (4 * 1024 * 1024 - 256 * 1024)

/* Which inputs an axis needs around b. */
static void find_reach(const struct tcv_axis *axis, bool merged, int64_t r,
                       struct tcv_direct_axis *out)
{
    const struct tcv_direct_class c = tcv_direct_class_from(axis, r, r + 1);
    const int64_t carry = merged ? 0 : tcv_direct_carry(axis, r);

    if (c.taps > 0) {
        out->right = tcv_max(out->right, carry - c.back);
        out->left = tcv_max(out->left, c.back + (c.taps - 1) * c.back_step - carry);
    }
}

/* The same where down > 1: inputs of one residue are down apart. */
static void find_spread(const struct tcv_axis *axis, struct tcv_direct_axis *out)
{
    const int64_t first = tcv_floor_div(tcv_direct_tap_input(axis, 0), axis->down);
    const int64_t last = tcv_floor_div(tcv_direct_tap_input(axis, axis->kernel - 1), axis->down);

    out->right = tcv_max(0, first);
    out->left = tcv_max(0, -last);
}

static void init_axis(const struct tcv_axis *axis, const struct tcv_direct_family *f,
                      struct tcv_direct_axis *ax)
{
    const int64_t phases = axis->dilation == 1 ? tcv_min(axis->stride, axis->kernel)
                                               : axis->stride;

    *ax = (struct tcv_direct_axis){.classes = tcv_direct_list_classes(axis, f, NULL),
                                   .shift = f->merged ? axis->pad_begin : 0};
    ax->first = tcv_floor_div(ax->shift, axis->stride);
    ax->count = tcv_floor_div(axis->out - 1 + ax->shift, axis->stride) - ax->first + 1;
    ax->planes = tcv_direct_planes(axis);
    if (axis->down > 1)
        find_spread(axis, ax);
    else if (f->merged) /* the first phase has the most taps */
        find_reach(axis, true, 0, ax);
    else
        for (int64_t r = 0; r < phases; r++)
            find_reach(axis, false, r, ax);
}

/*
 * Rows of c and packed weights of oc_count channels.  The classes of an axis hold
 * min(kernel, stride) phases (fewer, if dilation leaves some empty) and all its
 * taps, so without padding to vectors these are products.
 */
static void count_rows(const struct tcv_problem *p, const struct tcv_direct_family *f,
                       int64_t oc_count, int64_t *rows_out, int64_t *weights_out)
{
    struct tcv_direct_class merged[TCV_AXES][2];
    int64_t i[TCV_AXES], n[TCV_AXES];

    const int64_t ic = tcv_direct_ic_padded(p, f);

    if (!f->merged) {
        const int64_t padded = f->form == TCV_DIRECT_ROWS
                                   ? oc_count
                                   : tcv_ceil_div(oc_count, f->width) * f->width;

        *rows_out = padded;
        *weights_out = padded * p->taps * ic;
        for (int a = 0; a < TCV_AXES; a++)
            *rows_out *= tcv_direct_list_classes(&p->axis[a], f, NULL);
        return;
    }
    *rows_out = *weights_out = 0;
    for (int a = 0; a < TCV_AXES; a++)
        n[a] = tcv_direct_list_classes(&p->axis[a], f, merged[a]);
    {
        const struct tcv_direct_tables tables = {{merged[0], merged[1], merged[2]}};

        for (i[0] = 0; i[0] < n[0]; i[0]++)
            for (i[1] = 0; i[1] < n[1]; i[1]++)
                for (i[2] = 0; i[2] < n[2]; i[2]++) {
                    const struct tcv_direct_rows r = tcv_direct_rows_of(&tables, f, i, oc_count);

                    if (!tcv_direct_adds(p, f, i))
                        *rows_out += r.padded;
                    *weights_out += r.padded * r.taps * ic;
                }
    }
}

/* Tiles of at most `most` positions in all, rows of the innermost axis whole if they fit. */
static void cut(struct tcv_direct_grid *g, int64_t most)
{
    int64_t left = most;

    for (int a = TCV_AXES - 1; a >= 0; a--) {
        struct tcv_direct_axis *ax = &g->axis[a];
        const int64_t reach = ax->left + ax->right;
        const int64_t tiles = tcv_ceil_div(ax->count, tcv_max(1, left));

        ax->block = tcv_max(1, tcv_ceil_div(ax->count, tcv_max(1, tiles)));
        left = tcv_max(1, left / (ax->block + reach));
    }
}

/*
 * Few units are shared out unevenly: an odd number between two threads, one between none.
 * So the outermost axis is cut into one tile more if their number is odd, and in halves up to
 * four units as long as those stay worth it.
 */
static void share_out(const struct tcv_problem *p, struct tcv_direct_grid *g)
{
    double units = (double)p->batch * (double)tcv_direct_groups(p, &g->family) *
                   (double)g->family.blocks;
    int64_t positions = 1, tiles;
    struct tcv_direct_axis *ax = NULL;

    for (int a = 0; a < TCV_AXES; a++) {
        units *= (double)tcv_ceil_div(g->axis[a].count, g->axis[a].block);
        positions *= g->axis[a].block;
        if (ax == NULL && g->axis[a].count > 1)
            ax = &g->axis[a];
    }
    if (ax == NULL || units < 1.0 || units >= UNITS_MANY)
        return;
    tiles = tcv_ceil_div(ax->count, ax->block);
    if ((int64_t)units % 2 == 1 && (tiles > 1 || positions >= 2 * POSITIONS_SHARED))
        tiles++;
    for (; (double)tiles * units < 4.0 * (double)tcv_ceil_div(ax->count, ax->block) &&
           positions >= 2 * POSITIONS_SHARED; positions /= 2)
        tiles *= 2;
    ax->block = tcv_ceil_div(ax->count, tiles);
}

/* Positions of c in a tile of ROWS that has `size` on axis `a` and its block on the others. */
static int64_t flat_positions(const struct tcv_direct_grid *g, int a, int64_t size)
{
    int64_t extent[TCV_AXES], own[TCV_AXES];

    for (int b = 0; b < TCV_AXES; b++) {
        const struct tcv_direct_axis *ax = &g->axis[b];

        own[b] = b == a ? size : ax->block;
        extent[b] = own[b] + (b == TCV_AXES - 1 && ax->block >= ax->count
                                  ? tcv_max(ax->left, ax->right) /* serve both sides */
                                  : ax->left + ax->right);
    }
    return ((own[0] - 1) * extent[1] + own[1] - 1) * extent[TCV_AXES - 1] + own[TCV_AXES - 1];
}

/* What a tile costs beside its vectors of positions, in those: it reads all weights anew. */
#define TILE_VECTORS 1

/* Vectors of all tiles of ROWS if axis a is cut into blocks of `size`, and what else those cost. */
static int64_t flat_vectors(const struct tcv_direct_grid *g, int a, int64_t size)
{
    const int64_t whole = g->axis[a].count / size, rest = g->axis[a].count % size;
    const int64_t each = tcv_ceil_div(flat_positions(g, a, size), g->family.width);
    const int64_t last = tcv_ceil_div(flat_positions(g, a, rest), g->family.width);

    return whole * (each + TILE_VECTORS) + (rest > 0 ? last + TILE_VECTORS : 0);
}

/* Sizes of a block that are looked at, about; along the rows those are whole vectors. */
#define SIZES_TRIED 32

/*
 * The positions of a tile of ROWS are a line in whole vectors.  Of blocks that are about as large
 * the one that leaves the least of them empty is taken, where there are units enough.
 */
static void fill_vectors(const struct tcv_problem *p, struct tcv_direct_grid *g, int64_t most)
{
    double units = (double)p->batch * (double)tcv_direct_groups(p, &g->family) *
                   (double)g->family.blocks;
    int64_t around, step, least;
    int a = TCV_AXES;

    if (g->family.form != TCV_DIRECT_ROWS)
        return;
    for (int b = TCV_AXES - 1; b >= 0; b--) {
        units *= (double)tcv_ceil_div(g->axis[b].count, g->axis[b].block);
        if (g->axis[b].block < g->axis[b].count)
            a = b;
    }
    if (a == TCV_AXES || units < UNITS_MANY)
        return;
    around = g->axis[a].block;
    least = flat_vectors(g, a, around);
    step = tcv_ceil_div(around, 2 * SIZES_TRIED);
    if (a == TCV_AXES - 1)
        step = tcv_ceil_div(step, g->family.width) * g->family.width;
    for (int64_t size = (around + around / 4) / step * step; size > 0 && size >= around * 3 / 4;
         size -= step) {
        const int64_t vectors = flat_vectors(g, a, size);

        if (vectors < least && (size < around || flat_positions(g, a, size) <= most)) {
            least = vectors;
            g->axis[a].block = size;
        }
    }
}

int64_t tcv_direct_slack(const struct tcv_direct_grid *g)
{
    return 2 * g->family.width + g->axis[TCV_AXES - 1].left + g->axis[TCV_AXES - 1].right;
}

/*
 * Images that a tile of LANES holds whole: small ones together are worth reading their weights,
 * and as many as the sums and inputs of a tile may take.  In tiles as above.
 */
static int64_t images_of(const struct tcv_problem *p, const struct tcv_direct_grid *g)
{
    const bool once = g->family.blocks == 1; /* inputs are packed for one block of channels */
    const double bytes = (double)tcv_dtype_bytes(p->dtype);
    const double room = once ? INPUT_BYTES : PACKED_BYTES;
    const int64_t units = tcv_direct_groups(p, &g->family) * g->family.blocks;
    double inputs = bytes * (double)(once ? g->family.ic_block : p->ic), most;
    int64_t positions = 1, tiles;

    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_direct_axis *ax = &g->axis[a];

        if (ax->block < ax->count || g->family.form != TCV_DIRECT_LANES || p->batch < 2)
            return 1;
        positions *= ax->count; /* at most POSITIONS_MOST in all: a tile has them */
        inputs *= (double)(ax->left + ax->count + ax->right) * (double)ax->planes;
    }
    most = fmin(SUM_BYTES / (bytes * (double)g->c_rows * (double)positions), room / inputs);
    if (most < 2.0)
        return 1;
    tiles = tcv_ceil_div(p->batch, tcv_min((int64_t)most & -2, POSITIONS_MOST / positions + 1));
    if (units * tiles % 2 == 1)
        tiles++;
    while (units * tiles < 4 && p->batch / tiles * positions >= 2 * POSITIONS_SHARED)
        tiles *= 2;
    return tcv_ceil_div(p->batch, tiles);
}

/* Sizes of the scratch of a tile. */
static void measure(const struct tcv_problem *p, struct tcv_direct_grid *g)
{
    const int64_t width = g->family.width, slack = tcv_direct_slack(g);
    int64_t by_rows = 1; /* positions, where a row of TILES begins a tile */

    g->positions = g->inputs = 1;
    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_direct_axis *ax = &g->axis[a];
        const int64_t extent = ax->left + ax->block + ax->right;

        g->inputs *= extent * ax->planes;
        by_rows *= a == TCV_AXES - 1 ? tcv_ceil_div(ax->block, width) * width : ax->block;
        if (tcv_direct_is_flat(&g->family))
            g->positions *= extent;
        else
            g->positions *= a == TCV_AXES - 1 ? ax->block + ax->block % 2 : ax->block;
    }
    if (g->images > 1) {
        g->inputs *= g->images + g->images % 2;
        g->positions *= g->images + g->images % 2;
    }
    if (tcv_direct_is_flat(&g->family))
        g->positions = tcv_ceil_div(g->positions, width) * width;
    if (g->family.form == TCV_DIRECT_TILES)
        g->positions = tcv_min(g->positions, by_rows);
    /* Whole vectors are read past the end; rows must not all fall into one set of L1. */
    g->inputs = tcv_ceil_div(g->inputs + slack, 16) * 16;
    if (g->inputs % 256 == 0)
        g->inputs += 16;
    if (g->positions % 256 == 0 && g->family.form == TCV_DIRECT_ROWS)
        g->positions += 16;
    g->ic_pitch = g->family.form == TCV_DIRECT_TILES ? TCV_BF16X3_STEP
                                                     : p->ic + (p->ic % 256 == 0 ? 16 : 0);
}

/* Cuts tiles of about `most` positions; the bytes of their sums, or INT64_MAX. */
static int64_t make_tiles(const struct tcv_problem *p, struct tcv_direct_grid *g, int64_t most)
{
    const int64_t bytes = (int64_t)tcv_dtype_bytes(p->dtype);
    const bool depth = g->family.form == TCV_DIRECT_DEPTH;
    const bool tiles = g->family.form == TCV_DIRECT_TILES;
    const bool rows = g->family.form == TCV_DIRECT_ROWS;
    int64_t sums;

    cut(g, tcv_min(most, POSITIONS_MOST));
    share_out(p, g);
    fill_vectors(p, g, tcv_min(most + most / 8, POSITIONS_MOST));
    g->images = images_of(p, g);
    /* A single image's positions would come to read their weights in too small blocks. */
    g->skips = g->family.form == TCV_DIRECT_LANES &&
               (g->images > 1 || tcv_direct_met(p) < TCV_DIRECT_MET_LEAST);
    /* One image's neighbours lie in one line of memory, several images' channels do. */
    g->planes = rows || (p->x.c != 1 && !depth && !tiles && g->images == 1);
    measure(p, g);
    if (!tcv_mul_i64(g->c_rows, g->positions, &sums) || sums > INT64_MAX / bytes)
        return INT64_MAX;
    return sums * bytes;
}

/*
 * Tiles of `most` positions, or more where those are too few to be worth their weights, as far as
 * a tile has room for the sums: each is stored and fetched once, but the weights are read for
 * every tile.  False if there is room for too few.
 */
static bool fit_tiles(const struct tcv_problem *p, struct tcv_direct_grid *g, int64_t most)
{
    int64_t least = POSITIONS_LEAST;

    while (make_tiles(p, g, tcv_max(most, least)) > TILE_BYTES_MOST / 2) {
        if (least <= POSITIONS_FEWEST)
            return false;
        least -= tcv_ceil_div(least, 8);
    }
    return true;
}

int64_t tcv_direct_group_weights(const struct tcv_direct_grid *g)
{
    return (g->family.blocks - 1) * g->weights + g->weights_last;
}

bool tcv_direct_grid_init(const struct tcv_problem *p, const struct tcv_direct_family *family,
                          struct tcv_direct_grid *g, char *reason, size_t reason_bytes)
{
    const int64_t bytes = (int64_t)tcv_dtype_bytes(p->dtype);
    const int64_t number = tcv_direct_number_bytes(p, family);
    const int64_t ic = tcv_direct_ic_padded(p, family);
    int64_t most, tile, planes = 1;
    bool depth, fits;

    g->family = *family;
    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_axis *axis = &p->axis[a];
        struct tcv_direct_axis *ax = &g->axis[a];

        if (!family->merged && axis->stride > PHASES_MOST &&
            (axis->dilation > 1 || axis->kernel > PHASES_MOST)) {
            snprintf(reason, reason_bytes, "stride %" PRId64 ": it treats at most %d phases one "
                     "by one", axis->stride, PHASES_MOST);
            return false;
        }
        init_axis(axis, family, ax);
        if (ax->planes > PHASES_MOST) {
            snprintf(reason, reason_bytes, "a kernel of %" PRId64 " and stride %" PRId64
                     ": it takes inputs of at most %d residues apart",
                     axis->kernel, axis->down, PHASES_MOST);
            return false;
        }
        if (ax->left > REACH_MOST || ax->right > REACH_MOST) {
            snprintf(reason, reason_bytes, "a padding or kernel that reaches %" PRId64
                     " inputs; at most %d", tcv_max(ax->left, ax->right), REACH_MOST);
            return false;
        }
        planes *= ax->planes;
    }
    count_rows(p, family, family->oc_block, &g->c_rows, &g->weights);
    count_rows(p, family, tcv_direct_oc_count(p, family, family->blocks - 1), &tile,
               &g->weights_last);
    depth = family->form == TCV_DIRECT_DEPTH;
    most = family->form == TCV_DIRECT_TILES ? TILES_SUM_BYTES : SUM_BYTES;
    most = tcv_min(most / (bytes * g->c_rows),
                   INPUT_BYTES / (number * planes * (depth ? family->oc_block : family->ic_block)));
    if (family->blocks > 1)
        most = tcv_min(most, PACKED_BYTES / (number * planes * ic));
    fits = fit_tiles(p, g, most);
    tile = (family->blocks > 1 ? TILE_BYTES_MOST / 2 : INPUT_BYTES) / (number * g->inputs);
    tile = tcv_max(tile, tcv_min(family->ic_block, TILE_BYTES_MOST / 2 / (number * g->inputs)));
    g->ic_chunk = ic;
    if (tile < ic)
        g->ic_chunk = tile / family->ic_block * family->ic_block;
    if (g->ic_chunk < 1 || !fits) {
        snprintf(reason, reason_bytes, "the kernel or stride is so large that one tile exceeds "
                 "%d bytes", TILE_BYTES_MOST);
        return false;
    }
    g->weights_leave = tcv_direct_group_weights(g) > TCV_KEPT_BYTES / bytes;
    if (depth) {
        g->ic_pitch = tcv_ceil_div(family->oc_block, family->width) * family->width;
        return true;
    }
    g->ic_pitch = tcv_min(g->ic_pitch, g->ic_chunk + (g->ic_chunk % 256 == 0 ? 16 : 0));
    return true;
}
