#include "algo/direct_grid.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/checked.h"

/* Weights of one part of the rows and one block of input channels, in L1 beside x. */
#define WEIGHT_BYTES (16 * 1024)
/* Sums of a block of channels, and the packed input beside them, in a 1 MiB L2. */
#define SUM_BYTES (192 * 1024)
#define INPUT_BYTES (512 * 1024)
/* Rows of sums that make good use of the packed input while it is in L1. */
#define ROWS_WANTED 112
#define POSITIONS_MOST 2048
/* Vectors of channels in one call of lanes(): a multiple of 1, 2, 3 and 4 at once. */
#define VECTORS_WANTED 6
/* Phases that are looked at one by one. */
#define PHASES_MOST 64
/* A tile may take this much. */
#define TILE_BYTES_MOST (4 * 1024 * 1024 - 256 * 1024)

static int64_t gcd(int64_t a, int64_t b)
{
    while (b != 0) {
        const int64_t rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

/*
 * Tap k has phase k * dilation mod stride, so the taps of a phase are
 * stride / gcd(stride, dilation) apart; the first is found by trying.
 */
static int64_t first_tap(const struct tcv_axis *axis, int64_t r)
{
    const int64_t step = axis->stride / gcd(axis->stride, axis->dilation);

    if (axis->dilation == 1)
        return r;
    for (int64_t k = 0; k < step; k++)
        if (k * axis->dilation % axis->stride == r)
            return k;
    return axis->kernel;
}

static int64_t taps_of(const struct tcv_axis *axis, int64_t r)
{
    const int64_t step = axis->stride / gcd(axis->stride, axis->dilation);
    const int64_t first = first_tap(axis, r);

    return first >= axis->kernel ? 0 : tcv_ceil_div(axis->kernel - first, step);
}

struct tcv_direct_tap tcv_direct_tap_at(const struct tcv_axis *axis, int64_t r, int64_t j)
{
    const int64_t step = axis->stride / gcd(axis->stride, axis->dilation);
    const int64_t k = first_tap(axis, r) + j * step;

    return (struct tcv_direct_tap){k, (k * axis->dilation - r) / axis->stride};
}

static int64_t class_count(const struct tcv_axis *axis, bool merged)
{
    int64_t n = 0;

    if (merged)
        return (axis->kernel % axis->stride > 0) + (axis->kernel >= axis->stride);
    for (int64_t r = 0; r < axis->stride && (axis->dilation > 1 || r < axis->kernel); r++)
        n += taps_of(axis, r) > 0;
    return n;
}

struct tcv_direct_class tcv_direct_class_at(const struct tcv_axis *axis, bool merged,
                                            int64_t index)
{
    const int64_t rest = axis->kernel % axis->stride, whole = axis->kernel / axis->stride;
    int64_t r = 0;

    if (merged) {
        if (index == 0 && rest > 0)
            return (struct tcv_direct_class){0, rest, whole + 1};
        return (struct tcv_direct_class){rest, axis->stride, whole};
    }
    for (;; r++)
        if (taps_of(axis, r) > 0 && index-- == 0)
            return (struct tcv_direct_class){r, r + 1, taps_of(axis, r)};
}

int64_t tcv_direct_class_of(const struct tcv_axis *axis, bool merged, int64_t r)
{
    const int64_t classes = class_count(axis, merged);

    for (int64_t i = 0; i < classes; i++) {
        const struct tcv_direct_class c = tcv_direct_class_at(axis, merged, i);

        if (c.lo <= r && r < c.hi)
            return i;
    }
    return -1;
}

int64_t tcv_direct_output_phase(const struct tcv_axis *axis, int64_t r)
{
    return tcv_floor_mod(r - axis->pad_begin, axis->stride);
}

int64_t tcv_direct_carry(const struct tcv_axis *axis, int64_t r)
{
    return (tcv_direct_output_phase(axis, r) + axis->pad_begin - r) / axis->stride;
}

struct tcv_direct_rows tcv_direct_rows_of(const struct tcv_problem *p,
                                          const struct tcv_direct_family *f,
                                          const int64_t class_index[TCV_AXES], int64_t oc_count)
{
    struct tcv_direct_rows rows = {.rows = oc_count, .taps = 1};

    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_direct_class c =
            tcv_direct_class_at(&p->axis[a], f->merged, class_index[a]);

        rows.phases[a] = c.hi - c.lo;
        rows.rows *= rows.phases[a];
        rows.taps *= c.taps;
    }
    rows.padded = f->form == TCV_DIRECT_LANES
                      ? tcv_ceil_div(rows.rows, f->width) * f->width
                      : rows.rows;
    return rows;
}

int64_t tcv_direct_oc_count(const struct tcv_problem *p, const struct tcv_direct_family *f,
                            int64_t block)
{
    return tcv_min(f->oc_block, p->oc - block * f->oc_block);
}

int64_t tcv_direct_parts(const struct tcv_direct_family *f, int64_t rows)
{
    return f->form == TCV_DIRECT_ROWS ? tcv_ceil_div(rows, f->rows_most) : rows / f->width;
}

/* Rows of c for oc_count channels; `weights`: elements of packed weights instead. */
static int64_t total(const struct tcv_problem *p, const struct tcv_direct_family *f,
                     int64_t oc_count, bool weights)
{
    int64_t classes[TCV_AXES], i[TCV_AXES], sum = 0;

    for (int a = 0; a < TCV_AXES; a++)
        classes[a] = class_count(&p->axis[a], f->merged);
    for (i[0] = 0; i[0] < classes[0]; i[0]++)
        for (i[1] = 0; i[1] < classes[1]; i[1]++)
            for (i[2] = 0; i[2] < classes[2]; i[2]++) {
                const struct tcv_direct_rows rows = tcv_direct_rows_of(p, f, i, oc_count);

                sum += weights ? rows.padded * rows.taps * p->ic : rows.padded;
            }
    return sum;
}

int64_t tcv_direct_packed(const struct tcv_problem *p, const struct tcv_direct_family *f,
                          int64_t oc_count)
{
    return total(p, f, oc_count, true);
}

int64_t tcv_direct_packed_group(const struct tcv_problem *p, const struct tcv_direct_family *f)
{
    return (f->blocks - 1) * total(p, f, f->oc_block, true) +
           total(p, f, tcv_direct_oc_count(p, f, f->blocks - 1), true);
}

/*
 * ROWS goes through the positions between the rows of a tile as well, as many as a
 * row needs inputs beside its own: more than one in eight is too much.
 */
static bool rows_waste(const struct tcv_problem *p)
{
    const struct tcv_axis *w = &p->axis[TCV_AXES - 1];

    return w->out / w->stride < 8 * ((w->kernel - 1) * w->dilation / w->stride);
}

struct tcv_direct_family tcv_direct_family_init(const struct tcv_problem *p, uint32_t features)
{
    const struct tcv_direct_kernels kernels = tcv_direct_select(features, p->dtype);
    const struct tcv_axis *w = &p->axis[TCV_AXES - 1];
    const bool last = p->y.c == 1 && p->y.s[TCV_AXES - 1] != 1 && p->groups * p->oc > 1;
    const bool dense = p->axis[0].dilation == 1 && p->axis[1].dilation == 1 && w->dilation == 1;
    const bool runs = !last && dense && w->stride >= 8 && p->y.s[TCV_AXES - 1] == 1;
    const int64_t phases = p->axis[0].stride * p->axis[1].stride * w->stride;
    struct tcv_direct_family f = {.width = kernels.width, .rows_most = kernels.rows_most};
    int64_t wanted, most_taps = 1;

    f.form = last || runs || rows_waste(p) ? TCV_DIRECT_LANES : TCV_DIRECT_ROWS;
    f.merged = runs || (dense && p->oc < (f.form == TCV_DIRECT_LANES ? f.width : f.rows_most / 2));
    f.channels_inside = last;

    wanted = tcv_max(1, ROWS_WANTED / phases);
    if (f.form == TCV_DIRECT_LANES && !f.merged) /* a few whole vectors of channels */
        wanted = VECTORS_WANTED * f.width;
    f.blocks = tcv_ceil_div(p->oc, wanted);
    f.oc_block = tcv_ceil_div(p->oc, f.blocks);
    if (f.form == TCV_DIRECT_LANES && !f.merged)
        f.oc_block = tcv_min(p->oc, tcv_ceil_div(f.oc_block, f.width) * f.width);
    f.blocks = tcv_ceil_div(p->oc, f.oc_block);

    for (int a = 0; a < TCV_AXES; a++)
        most_taps *= tcv_ceil_div(p->axis[a].kernel, p->axis[a].stride);
    f.ic_block = tcv_min(256, WEIGHT_BYTES / (most_taps * TCV_DIRECT_ROWS_MOST *
                                              (int64_t)tcv_dtype_bytes(p->dtype)));
    f.ic_block = tcv_min(p->ic, tcv_max(8, f.ic_block));
    return f;
}

/* Which inputs an axis needs around b. */
static void find_reach(const struct tcv_axis *axis, bool merged, struct tcv_direct_axis *out)
{
    out->left = out->right = 0;
    for (int64_t i = 0; i < out->classes; i++) {
        const struct tcv_direct_class c = tcv_direct_class_at(axis, merged, i);
        const int64_t carry = merged ? 0 : tcv_direct_carry(axis, c.lo);

        out->right = tcv_max(out->right, carry - tcv_direct_tap_at(axis, c.lo, 0).back);
        out->left = tcv_max(out->left, tcv_direct_tap_at(axis, c.lo, c.taps - 1).back - carry);
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

int64_t tcv_direct_slack(const struct tcv_direct_grid *g)
{
    return 2 * g->family.width + g->axis[TCV_AXES - 1].left + g->axis[TCV_AXES - 1].right;
}

/* Sizes of the scratch of a tile. */
static void measure(const struct tcv_problem *p, struct tcv_direct_grid *g)
{
    const int64_t width = g->family.width, slack = tcv_direct_slack(g);

    g->positions = g->inputs = 1;
    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_direct_axis *ax = &g->axis[a];
        const int64_t extent = ax->left + ax->block + ax->right;

        g->inputs *= extent;
        if (g->family.form == TCV_DIRECT_ROWS)
            g->positions *= extent;
        else
            g->positions *= a == TCV_AXES - 1 ? ax->block + ax->block % 2 : ax->block;
    }
    if (g->family.form == TCV_DIRECT_ROWS)
        g->positions = tcv_ceil_div(g->positions, width) * width;
    /* Whole vectors are read past the end; rows must not all fall into one set of L1. */
    g->inputs = tcv_ceil_div(g->inputs + slack, 16) * 16;
    if (g->inputs % 256 == 0)
        g->inputs += 16;
    if (g->positions % 256 == 0 && g->family.form == TCV_DIRECT_ROWS)
        g->positions += 16;
    g->ic_pitch = p->ic + (p->ic % 256 == 0 ? 16 : 0);
}

bool tcv_direct_grid_init(const struct tcv_problem *p, const struct tcv_direct_family *family,
                          struct tcv_direct_grid *g, char *reason, size_t reason_bytes)
{
    const int64_t bytes = (int64_t)tcv_dtype_bytes(p->dtype);
    int64_t most, tile;

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
        ax->classes = class_count(axis, family->merged);
        ax->shift = family->merged ? axis->pad_begin : 0;
        ax->first = tcv_floor_div(ax->shift, axis->stride);
        ax->count = tcv_floor_div(axis->out - 1 + ax->shift, axis->stride) - ax->first + 1;
        find_reach(axis, family->merged, ax);
    }
    g->c_rows = total(p, family, family->oc_block, false);
    g->planes = family->form == TCV_DIRECT_ROWS || p->x.c != 1;
    most = tcv_min(SUM_BYTES / (bytes * g->c_rows), INPUT_BYTES / (bytes * p->ic));
    cut(g, tcv_min(tcv_max(most, 96), POSITIONS_MOST));
    measure(p, g);

    tile = (TILE_BYTES_MOST / 2) / (bytes * g->inputs);
    g->ic_chunk = p->ic;
    if (tile < p->ic)
        g->ic_chunk = tile / family->ic_block * family->ic_block;
    if (g->ic_chunk < 1 || !tcv_mul_i64(g->c_rows, g->positions, &tile) ||
        tile > TILE_BYTES_MOST / 2 / bytes) {
        snprintf(reason, reason_bytes, "the kernel or stride is so large that one tile exceeds "
                 "%d bytes", TILE_BYTES_MOST);
        return false;
    }
    g->ic_pitch = tcv_min(g->ic_pitch, g->ic_chunk + (g->ic_chunk % 256 == 0 ? 16 : 0));
    return true;
}
