/* direct_cut.c - into which tiles direct cuts a problem */
#include "algo/direct_cut.h"

#include <math.h>

#include "base/checked.h"

#define POSITIONS_MOST 4096
/* The same where there are no sums to keep. */
#define POSITIONS_AT_ONCE 16384
/* Units of which one more or less is no matter; positions that are worth a unit of their own. */
#define UNITS_MANY 16.0
#define POSITIONS_SHARED 512
/* What a tile costs beside its vectors of positions, in those: it reads all weights anew. */
#define TILE_VECTORS 1
/* Sizes of a block that are looked at, about; along the rows those are whole vectors. */
#define SIZES_TRIED 32

/* Tiles of at most `most` positions in all, rows of the innermost axis whole if they fit. */
static void cut_axes(struct tcv_direct_grid *g, int64_t most)
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

static double units_of(const struct tcv_problem *p, const struct tcv_direct_grid *g)
{
    double units = (double)p->batch * (double)tcv_direct_groups(p, &g->family) *
                   (double)g->family.blocks;

    for (int a = 0; a < TCV_AXES; a++)
        units *= (double)tcv_ceil_div(g->axis[a].count, g->axis[a].block);
    return units;
}

/*
 * Few units are shared out unevenly: an odd number between two threads, one between none.
 * So the outermost axis is cut into one tile more if their number is odd, and in halves up to
 * four units as long as those stay worth it.
 */
static void share_out(const struct tcv_problem *p, struct tcv_direct_grid *g)
{
    const double units = units_of(p, g);
    int64_t positions = 1, tiles;
    struct tcv_direct_axis *ax = NULL;

    for (int a = 0; a < TCV_AXES; a++) {
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

/* Vectors of all tiles of ROWS if axis a is cut into blocks of `size`, and what else those cost. */
static int64_t flat_vectors(const struct tcv_direct_grid *g, int a, int64_t size)
{
    const int64_t whole = g->axis[a].count / size, rest = g->axis[a].count % size;
    const int64_t each = tcv_ceil_div(flat_positions(g, a, size), g->family.width);
    const int64_t last = tcv_ceil_div(flat_positions(g, a, rest), g->family.width);

    return whole * (each + TILE_VECTORS) + (rest > 0 ? last + TILE_VECTORS : 0);
}

/*
 * The positions of a tile of ROWS that keeps sums are a line in whole vectors.  Of blocks that are
 * about as large the one that leaves the least of them empty is taken, where units are enough.
 */
static void fill_vectors(const struct tcv_problem *p, struct tcv_direct_grid *g, int64_t most)
{
    int64_t around, step, least;
    int a = TCV_AXES;

    for (int b = TCV_AXES - 1; b >= 0; b--)
        if (g->axis[b].block < g->axis[b].count)
            a = b;
    if (g->family.form != TCV_DIRECT_ROWS || g->family.at_once)
        return;
    if (a == TCV_AXES || units_of(p, g) < UNITS_MANY)
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

/*
 * Images that a tile of LANES holds whole: small ones together are worth reading their weights,
 * and as many as the sums and inputs of a tile may take.  In tiles as above.
 */
static int64_t images_of(const struct tcv_problem *p, const struct tcv_direct_grid *g)
{
    const bool once = g->family.blocks == 1; /* inputs are packed for one block of channels */
    const double bytes = (double)tcv_dtype_bytes(p->dtype);
    const double room = once ? TCV_DIRECT_INPUT_BYTES : TCV_KEPT_BYTES;
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
    most = fmin(TCV_DIRECT_SUM_BYTES / (bytes * (double)g->c_rows * (double)positions),
                room / inputs);
    if (most < 2.0)
        return 1;
    tiles = tcv_ceil_div(p->batch, tcv_min((int64_t)most & -2, POSITIONS_MOST / positions + 1));
    if (units * tiles % 2 == 1)
        tiles++;
    while (units * tiles < 4 && p->batch / tiles * positions >= 2 * POSITIONS_SHARED)
        tiles *= 2;
    return tcv_ceil_div(p->batch, tiles);
}

void tcv_direct_cut(const struct tcv_problem *p, struct tcv_direct_grid *g, int64_t most)
{
    const int64_t limit = g->family.at_once ? POSITIONS_AT_ONCE : POSITIONS_MOST;

    cut_axes(g, tcv_min(most, limit));
    share_out(p, g);
    fill_vectors(p, g, tcv_min(most + most / 8, limit));
    g->images = images_of(p, g);
}
