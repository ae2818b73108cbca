/* direct_family.c - which form direct takes, and the blocks of channels that follow from it */
#include "algo/direct_grid.h"

#include <math.h>

#include "base/checked.h"
#include "kernels/bf16x3.h"
#include "kernels/col2im.h"

/* Weights of one part of the rows and one block of input channels, in L1 beside x. */
#define WEIGHT_BYTES (16 * 1024)
/* Rows of sums that make good use of the packed input while it is in L1. */
#define ROWS_WANTED 112
/* Phases of a row that vectors interleave.  Longer runs are lanes, and those of a whole vector. */
#define ZIPPED_MOST 8
/* Vectors of channels in one call of lanes(): few, so that there are blocks to share out. */
#define VECTORS_WANTED 4
/* Depthwise, they are stored side by side: enough for long runs of memory. */
#define DEPTH_VECTORS_WANTED 16
/* Phases and channels of a pixel that stand side by side in one tile. */
#define JOINED_BYTES (128 * 1024)

int64_t tcv_direct_groups(const struct tcv_problem *p, const struct tcv_direct_family *f)
{
    return f->form == TCV_DIRECT_DEPTH ? 1 : p->groups;
}

bool tcv_direct_is_flat(const struct tcv_direct_family *f)
{
    return f->form == TCV_DIRECT_ROWS || f->form == TCV_DIRECT_TILES;
}

int64_t tcv_direct_ic_padded(const struct tcv_problem *p, const struct tcv_direct_family *f)
{
    return f->form == TCV_DIRECT_TILES ? tcv_ceil_div(p->ic, TCV_BF16X3_STEP) * TCV_BF16X3_STEP
                                       : p->ic;
}

int64_t tcv_direct_number_bytes(const struct tcv_problem *p, const struct tcv_direct_family *f)
{
    return f->form == TCV_DIRECT_TILES ? TCV_BF16X3_BYTES : (int64_t)tcv_dtype_bytes(p->dtype);
}

/* Output channels of one of those. */
static int64_t channels_of(const struct tcv_problem *p, const struct tcv_direct_family *f)
{
    return f->form == TCV_DIRECT_DEPTH ? p->groups : p->oc;
}

int64_t tcv_direct_oc_count(const struct tcv_problem *p, const struct tcv_direct_family *f,
                            int64_t block)
{
    return tcv_min(f->oc_block, channels_of(p, f) - block * f->oc_block);
}

/* What the choice rests on. */
struct facts {
    bool last; /* output channels are contiguous in y */
    bool dense, down;
    bool runs; /* the phases of a row are contiguous in y, and many */
    int64_t phases, bytes;
};

static struct facts facts_of(const struct tcv_problem *p)
{
    const struct tcv_axis *w = &p->axis[TCV_AXES - 1];
    struct facts facts = {
        .last = p->y.c == 1 && p->y.s[TCV_AXES - 1] != 1 && p->groups * p->oc > 1,
        .dense = p->axis[0].dilation == 1 && p->axis[1].dilation == 1 && w->dilation == 1,
        .down = p->axis[0].down > 1 || p->axis[1].down > 1 || w->down > 1,
        .phases = p->axis[0].stride * p->axis[1].stride * w->stride,
        .bytes = (int64_t)tcv_dtype_bytes(p->dtype),
    };

    facts.runs = !facts.last && facts.dense && w->stride >= 8 && p->y.s[TCV_AXES - 1] == 1;
    return facts;
}

/* Whether phases of whole pixels can stand side by side. */
static bool joins(const struct tcv_problem *p, const struct facts *facts)
{
    return facts->dense && !facts->down &&
           (!facts->last || p->oc <= JOINED_BYTES / facts->bytes / facts->phases);
}

/*
 * Whether any phases of an axis have the same taps, or there are no others: rest of them have one
 * tap more than those.
 */
static bool shares_taps(const struct tcv_problem *p, const struct facts *facts)
{
    bool shares = facts->phases == 1;

    for (int a = 0; a < TCV_AXES; a++) {
        const int64_t rest = p->axis[a].kernel % p->axis[a].stride;

        shares = shares || tcv_max(rest, p->axis[a].stride - rest) > 1;
    }
    return shares;
}

/* Whether lanes that are channels are so of all phases at once. */
static bool lanes_merge(const struct tcv_problem *p, const struct facts *facts, int64_t width)
{
    return p->oc < 5 * width && joins(p, facts) && shares_taps(p, facts);
}

/* What part of LANES' vectors is full; one alone loads nearly as many inputs as it multiplies. */
static double lanes_used(const struct tcv_problem *p, const struct facts *facts, int64_t width)
{
    const double lanes =
        (double)p->oc * (lanes_merge(p, facts, width) ? (double)facts->phases : 1.0);
    const double vectors = ceil(lanes / (double)width);

    return lanes / (vectors * (double)width) * (vectors > 1.0 ? 1.0 : 0.95);
}

/*
 * ROWS goes through the positions between the rows of a tile as well, as many as a
 * row needs inputs beside its own (zeros left of it serve on both sides), and in 3-D
 * through the rows between its planes, on both sides: one in ten is too much, but for
 * lanes that would be empty.  So are positions that do not fill two vectors, and zeros
 * that LANES leaves out.
 */
static bool rows_waste(const struct tcv_problem *p, const struct facts *facts, int64_t width)
{
    double used = 1.0, positions = 1.0;

    for (int a = 0; a < TCV_AXES; a++)
        positions *= (double)tcv_ceil_div(p->axis[a].out, p->axis[a].stride);
    for (int a = TCV_AXES - 1; a > 0 && p->axis[a - 1].in > 1; a--) {
        const struct tcv_axis *axis = &p->axis[a];
        const double reach =
            (double)((axis->kernel - 1) * axis->dilation / (axis->stride * axis->down));
        const double count = (double)tcv_ceil_div(axis->out, axis->stride);

        used *= count / (count + (a == TCV_AXES - 1 ? reach : 2.0 * reach));
    }
    return used < 0.9 * lanes_used(p, facts, width) || positions < 2.0 * (double)width ||
           tcv_direct_met(p) < TCV_DIRECT_MET_LEAST;
}

/* Blocks of output channels. */
static void cut_channels(const struct tcv_problem *p, const struct facts *facts,
                         struct tcv_direct_family *f)
{
    const int64_t channels = channels_of(p, f);
    int64_t wanted = tcv_max(1, ROWS_WANTED / facts->phases);

    if (facts->last && f->merged) /* whole pixels, to be stored in one go */
        wanted = p->oc;
    if (f->form != TCV_DIRECT_ROWS && !f->merged) /* a few whole vectors of channels */
        wanted = (f->form == TCV_DIRECT_DEPTH ? DEPTH_VECTORS_WANTED : VECTORS_WANTED) * f->width;
    f->blocks = tcv_ceil_div(channels, wanted);
    f->oc_block = tcv_ceil_div(channels, f->blocks);
    if (f->form != TCV_DIRECT_ROWS && !f->merged)
        f->oc_block = tcv_min(channels, tcv_ceil_div(f->oc_block, f->width) * f->width);
    f->blocks = tcv_ceil_div(channels, f->oc_block);
}

int64_t tcv_direct_phase_taps(const struct tcv_problem *p)
{
    int64_t taps = 1;

    for (int a = 0; a < TCV_AXES; a++)
        taps *= tcv_ceil_div(p->axis[a].kernel, p->axis[a].stride);
    return taps;
}

/*
 * Depthwise planes with the plain epilogue: so few products that to keep their sums would cost
 * more than they do.  Each row begins a vector, so it is to have one and a half of them; or two,
 * if sums that are kept have many phases to share inputs.
 */
static bool finishes_at_once(const struct tcv_problem *p, const struct facts *facts, int64_t width)
{
    const struct tcv_axis *w = &p->axis[TCV_AXES - 1];
    const int64_t row = tcv_ceil_div(w->out, w->stride);

    return !facts->last && p->ic == 1 && p->oc == 1 && p->y.s[TCV_AXES - 1] == 1 &&
           !p->epilogue.accumulate && p->epilogue.activation == TCONV_ACTIVATION_NONE &&
           tcv_interleaves_sums(w->stride) &&
           row >= (facts->phases <= 4 ? 3 * width / 2 : 2 * width);
}

struct tcv_direct_family tcv_direct_family_init(const struct tcv_problem *p, uint32_t features)
{
    const struct tcv_direct_kernels kernels = tcv_direct_select(features, p->dtype);
    const struct facts facts = facts_of(p);
    const bool depth = facts.last && p->x.c == 1 && p->ic == 1 && p->oc == 1;
    struct tcv_direct_family f = {.width = kernels.width, .rows_most = kernels.rows_most};
    int64_t most_taps = tcv_direct_phase_taps(p);
    const bool at_once = finishes_at_once(p, &facts, f.width);
    bool few;  /* channels, contiguous in y: less than a vector of lanes */
    bool runs; /* of phases are the lanes */

    few = facts.last && facts.dense && !facts.down && p->groups == 1 && p->oc <= f.width / 4;
    if (depth)
        f.form = TCV_DIRECT_DEPTH;
    else if (at_once)
        f.form = TCV_DIRECT_ROWS;
    else if ((facts.last && !few) || rows_waste(p, &facts, f.width) ||
             (facts.runs && p->axis[TCV_AXES - 1].stride >= tcv_min(f.width, ZIPPED_MOST + 1)))
        f.form = TCV_DIRECT_LANES;
    else
        f.form = TCV_DIRECT_ROWS;
    f.at_once = at_once;
    runs = facts.runs && f.form == TCV_DIRECT_LANES;
    if (runs)
        f.merged = true;
    else if (f.form == TCV_DIRECT_LANES)
        f.merged = lanes_merge(p, &facts, f.width);
    else
        f.merged = facts.dense && !facts.down && !depth && !at_once &&
                   (few || tcv_min(p->oc, ROWS_WANTED / facts.phases) < f.rows_most / 2);
    f.channels_inside = facts.last;
    f.turned = f.form == TCV_DIRECT_LANES ? !facts.last && !runs : few;
    cut_channels(p, &facts, &f);

    if (f.form == TCV_DIRECT_LANES && tcv_direct_met(p) < TCV_DIRECT_MET_LEAST)
        most_taps = tcv_max(1, (int64_t)(tcv_direct_met(p) * (double)most_taps));
    f.ic_block = tcv_min(256, WEIGHT_BYTES / (most_taps * TCV_DIRECT_ROWS_MOST * facts.bytes));
    /* A single block of channels uses its input once: less of it, of more positions. */
    f.ic_block = tcv_min(f.blocks == 1 && f.form == TCV_DIRECT_ROWS ? 32 : p->ic,
                         tcv_min(p->ic, tcv_max(8, f.ic_block)));
    return f;
}

/* Tiles of weights, 16 rows of 32 channels, in L1 beside those of x. */
#define TILES_IN_L1 4

/* Merged phases fill tiles that few channels do not. */
struct tcv_direct_family tcv_bf16x3_family_init(const struct tcv_problem *p)
{
    const struct facts facts = facts_of(p);
    struct tcv_direct_family f = {
        .form = TCV_DIRECT_TILES,
        .width = TCV_BF16X3_ROWS,
        .rows_most = TCV_BF16X3_ROWS,
        .channels_inside = facts.last,
    };

    f.turned = !facts.last && !facts.runs;
    f.merged = facts.runs || (p->oc % 32 != 0 && p->oc < 5 * f.width && joins(p, &facts));
    cut_channels(p, &facts, &f);
    f.ic_block = tcv_min(tcv_direct_ic_padded(p, &f),
                         TCV_BF16X3_STEP * tcv_max(1, TILES_IN_L1 / tcv_direct_phase_taps(p)));
    return f;
}
