#include "algo/direct_cut.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/checked.h"
#include "base/cpu.h"
#include "kernels/bf16x3.h"

/* Sums of TILES: processors that have them have an L2 of 2 MiB. */
#define TILES_SUM_BYTES (384 * 1024)
#define POSITIONS_LEAST 96
#define POSITIONS_FEWEST 6
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

int64_t tcv_direct_slack(const struct tcv_direct_grid *g)
{
    return 2 * g->family.width + g->axis[TCV_AXES - 1].left + g->axis[TCV_AXES - 1].right;
}

/* Sizes of the scratch of a tile. */
static void measure(const struct tcv_problem *p, struct tcv_direct_grid *g)
{
    const int64_t width = g->family.width, slack = tcv_direct_slack(g);
    int64_t by_rows = 1; /* positions, where a row of TILES begins a tile */

    g->positions = g->inputs = 1;
    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_direct_axis *ax = &g->axis[a];
        int64_t extent = ax->left + ax->block + ax->right;

        if (g->family.at_once && a == TCV_AXES - 1) /* rows begin on boundaries */
            extent = tcv_direct_whole(&g->family, tcv_max(ax->left, ax->right)) +
                     tcv_direct_whole(&g->family, ax->block + ax->right);
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

/*
 * Cuts tiles of about `most` positions; the bytes of their sums, or where they keep none of their
 * inputs, or INT64_MAX.
 */
static int64_t make_tiles(const struct tcv_problem *p, struct tcv_direct_grid *g, int64_t most)
{
    const int64_t bytes = (int64_t)tcv_dtype_bytes(p->dtype);
    const bool depth = g->family.form == TCV_DIRECT_DEPTH;
    const bool tiles = g->family.form == TCV_DIRECT_TILES;
    const bool rows = g->family.form == TCV_DIRECT_ROWS;
    int64_t sums;

    tcv_direct_cut(p, g, most);
    /* A single image's positions would come to read their weights in too small blocks. */
    g->skips = g->family.form == TCV_DIRECT_LANES &&
               (g->images > 1 || tcv_direct_met(p) < TCV_DIRECT_MET_LEAST);
    /* One image's neighbours lie in one line of memory, several images' channels do. */
    g->planes = rows || (p->x.c != 1 && !depth && !tiles && g->images == 1);
    measure(p, g);
    if (g->family.at_once)
        sums = g->inputs;
    else if (!tcv_mul_i64(g->c_rows, g->positions, &sums))
        return INT64_MAX;
    if (sums > INT64_MAX / bytes)
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
        if (g->family.at_once && most > least) { /* inputs, more than positions, were too many */
            most /= 2;
            continue;
        }
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

/*
 * Whether lanes() can finish and store its sums, all of whose input channels it has at once. Runs
 * are channels, or those of neighbouring phases, too; all phases have taps, and all that b counts
 * is there.
 */
static bool is_straight(const struct tcv_problem *p, const struct tcv_direct_grid *g)
{
    const struct tcv_direct_family *f = &g->family;

    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_axis *axis = &p->axis[a];
        const struct tcv_direct_axis *ax = &g->axis[a];

        if (axis->kernel < axis->stride || (axis->stride > 1 && axis->dilation > 1) ||
            ax->first * axis->stride != ax->shift ||
            (ax->first + ax->count) * axis->stride - ax->shift != axis->out)
            return false;
    }
    return f->form == TCV_DIRECT_LANES && f->channels_inside && !g->skips &&
           tcv_min(f->ic_block, g->ic_chunk) >= p->ic && !p->epilogue.accumulate &&
           p->epilogue.activation == TCONV_ACTIVATION_NONE &&
           (f->merged && f->blocks == 1 ? p->oc * p->axis[TCV_AXES - 1].stride : p->oc) %
                   f->width == 0;
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
    most = family->form == TCV_DIRECT_TILES ? TILES_SUM_BYTES : TCV_DIRECT_SUM_BYTES;
    most = tcv_min(family->at_once ? INT64_MAX : most / (bytes * g->c_rows),
                   TCV_DIRECT_INPUT_BYTES /
                       (number * planes * (depth ? family->oc_block : family->ic_block)));
    if (family->blocks > 1)
        most = tcv_min(most, TCV_KEPT_BYTES / (number * planes * ic));
    fits = fit_tiles(p, g, most);
    tile = (family->blocks > 1 ? TILE_BYTES_MOST / 2 : TCV_DIRECT_INPUT_BYTES) /
           (number * g->inputs);
    tile = tcv_max(tile, tcv_min(family->ic_block, TILE_BYTES_MOST / 2 / (number * g->inputs)));
    g->ic_chunk = ic;
    if (tile < ic)
        g->ic_chunk = tile / family->ic_block * family->ic_block;
    if (g->ic_chunk < 1 || !fits) {
        snprintf(reason, reason_bytes, "the kernel or stride is so large that one tile exceeds "
                 "%d bytes", TILE_BYTES_MOST);
        return false;
    }
    g->straight = false;
    g->weights_leave = tcv_direct_group_weights(g) > TCV_KEPT_BYTES / bytes;
    if (depth) {
        g->ic_pitch = tcv_ceil_div(family->oc_block, family->width) * family->width;
        return true;
    }
    g->ic_pitch = tcv_min(g->ic_pitch, g->ic_chunk + (g->ic_chunk % 256 == 0 ? 16 : 0));
    g->straight = is_straight(p, g);
    return true;
}
