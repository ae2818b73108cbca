/*
 * direct_pack.c - weights in the order in which direct's kernels read them
 *
 *     tables, then per group and block of output channels its classes, each
 *     [parts][blocks of input channels][taps][ic][rows of the part]
 *
 * so that a kernel call reads one contiguous piece.  A part is the rows of one
 * call (ROWS) or one vector (LANES).
 */
#include <string.h>

#include "algo/direct_pack.h"
#include "base/checked.h"
#include "base/cpu.h"
#include "kernels/copy_box.h"

/* Which tap of a class a tap of w is, and where the class begins in the packed block. */
struct tap_place {
    int64_t to, taps, t;
};

/* What the packing of one block of channels needs; offsets are in elements. */
struct packer {
    const struct tcv_problem *p;
    const struct tcv_direct_grid *g;
    struct tcv_direct_tables tables;
    size_t element;
    bool (*deal)(const struct tcv_deal *args); /* NULL: taps are gathered */
    struct tap_place place[TCV_DEALT_MOST]; /* deal: [taps], from the lowest in w on */
    bool stream; /* the packed weights are too large for the caches */
    int64_t lowest; /* where the taps begin, relative to tap 0: below 0 for a convolution's */
    int64_t padded; /* rows of a class whose rows are channels */
    int64_t oc_count, channel; /* from one output channel to the next in w */
    const char *from; /* w of the group's channel 0 and the block's first channel */
    char *to;
    int64_t first, held; /* input channels that it has room for */
};

/* Offset in w of tap 0 of a row of a class. */
static int64_t row_offset(const struct packer *k, const int64_t index[TCV_AXES],
                          const struct tcv_direct_rows *rows, int64_t row)
{
    const bool inside = k->g->family.channels_inside;
    const int64_t phases = rows->rows / k->oc_count;
    int64_t rank = inside ? row / k->oc_count : row % phases;
    int64_t at = (inside ? row % k->oc_count : row / phases) * k->channel;

    for (int a = TCV_AXES - 1; a >= 0; a--) {
        at += (k->tables.of[a][index[a]].k + rank % rows->phases[a]) * k->p->w.s[a];
        rank /= rows->phases[a];
    }
    return at;
}

/* Distance in w from tap 0 to tap t, the same for all rows of a class. */
static int64_t tap_offset(const struct packer *k, const int64_t index[TCV_AXES], int64_t t)
{
    int64_t at = 0;

    for (int a = TCV_AXES - 1; a >= 0; a--) {
        const struct tcv_direct_class *c = &k->tables.of[a][index[a]];

        at += t % c->taps * c->k_step * k->p->w.s[a];
        t /= c->taps;
    }
    return at;
}

/* Some input channels, [first, first + count) of the block of ic_count that begins at ic. */
struct channels {
    int64_t ic, ic_count, first, count;
};

/* Part `part` of a class, [taps][ic_count][rows of the part] at `to`. */
static void pack_part(const struct packer *k, const int64_t index[TCV_AXES],
                      const struct tcv_direct_rows *rows, struct tcv_part part,
                      const struct channels *c, char *to)
{
    const int64_t held = tcv_min(part.count, rows->rows - part.first); /* the rest is padding */
    const size_t row = (size_t)part.count * k->element, used = (size_t)held * k->element;
    int64_t at[TCV_DIRECT_PART_MOST];

    for (int64_t m = 0; m < held; m++)
        at[m] = row_offset(k, index, rows, part.first + m);
    for (int64_t t = 0; t < rows->taps; t++) {
        const char *from = k->from + (tap_offset(k, index, t) + c->ic * k->p->w.ic) *
                                         (int64_t)k->element;
        char *line = to + (size_t)(t * c->ic_count + c->first) * row;

        for (int64_t i = c->first; i < c->first + c->count; i++, line += row) {
            tcv_gather(held, at, k->element, from + i * k->p->w.ic * (int64_t)k->element, line);
            memset(line + used, 0, row - used);
        }
    }
}

/* Where, in a class of some taps, part `part` has its weights of input channel c->ic. */
static int64_t part_offset(const struct packer *k, int64_t taps, struct tcv_part part,
                           const struct channels *c)
{
    return taps * (part.first * k->held + (c->ic - k->first) * part.count);
}

/* Part i of every class, while the lines of w that they share are in L1. */
static bool gather_channels(const struct packer *k, int64_t i, const struct channels *c)
{
    const struct tcv_direct_family *f = &k->g->family;
    int64_t index[TCV_AXES] = {0};
    char *to = k->to;

    do {
        const struct tcv_direct_rows rows =
            tcv_direct_rows_of(&k->tables, f, index, k->oc_count);
        const struct tcv_parts parts = tcv_direct_parts(f, rows.padded);

        if (i < parts.count) {
            const struct tcv_part part = tcv_part_at(&parts, i);

            pack_part(k, index, &rows, part, c,
                      to + part_offset(k, rows.taps, part, c) * (int64_t)k->element);
        }
        to += rows.padded * rows.taps * k->held * (int64_t)k->element;
    } while (tcv_direct_next_class(k->g, index));
    return true;
}

/* Finds the places of the taps. */
static void place_taps(struct packer *k)
{
    int64_t index[TCV_AXES] = {0}, to = 0;

    do {
        const struct tcv_direct_rows rows =
            tcv_direct_rows_of(&k->tables, &k->g->family, index, k->oc_count);
        const int64_t first = row_offset(k, index, &rows, 0) - k->lowest;

        for (int64_t t = 0; t < rows.taps; t++)
            k->place[first + tap_offset(k, index, t)] = (struct tap_place){to, rows.taps, t};
        to += rows.padded * rows.taps * k->held;
        k->padded = rows.padded;
    } while (tcv_direct_next_class(k->g, index));
}

/*
 * The same where rows are channels, whose taps are neighbours in w: those of a part are a
 * matrix, each tap of which has its line.  False if one of them is not finite.
 */
static bool deal_channels(const struct packer *k, int64_t i, const struct channels *c)
{
    const struct tcv_parts parts = tcv_direct_parts(&k->g->family, k->padded);
    const struct tcv_part part = tcv_part_at(&parts, i);
    void *line[TCV_DEALT_MOST];

    for (int64_t t = 0; t < k->p->taps; t++) {
        const struct tap_place *at = &k->place[t];

        line[t] = k->to + (at->to + part_offset(k, at->taps, part, c) +
                           (at->t * c->ic_count + c->first) * part.count) * (int64_t)k->element;
    }
    return k->deal(&(struct tcv_deal){
        .from = k->from + ((c->ic + c->first) * k->p->w.ic + part.first * k->channel + k->lowest) *
                              (int64_t)k->element,
        .from_step = k->channel,
        .from_next = k->p->w.ic,
        .line = line,
        .line_step = part.count,
        .rows = tcv_min(part.count, k->oc_count - part.first), /* the rest is padding */
        .columns = k->p->taps,
        .count = c->count,
        .stream = k->stream,
    });
}

/*
 * Loop order.  The rows of a part lie in as many lines of w, and a line holds taps
 * of several classes: 16 channels of it fill a third of L1, and are read from there
 * for every class and tap.  The next part's are neighbours in w, or near.
 */
#define CHANNELS_AT_ONCE 16

/* Parts of the class that has the most. */
static int64_t parts_most(const struct packer *k)
{
    int64_t index[TCV_AXES] = {0}, parts = 0;

    do {
        const struct tcv_direct_rows rows =
            tcv_direct_rows_of(&k->tables, &k->g->family, index, k->oc_count);

        parts = tcv_max(parts, tcv_direct_parts(&k->g->family, rows.padded).count);
    } while (tcv_direct_next_class(k->g, index));
    return parts;
}

/* One block of input channels; false if a weight is not finite, as far as that is looked at. */
static bool pack_channels(const struct packer *k, int64_t ic, int64_t ic_count)
{
    struct channels c = {.ic = ic, .ic_count = ic_count};
    const int64_t parts = parts_most(k);
    bool finite = true;

    for (; c.first < c.ic_count; c.first += CHANNELS_AT_ONCE) {
        c.count = tcv_min(CHANNELS_AT_ONCE, c.ic_count - c.first);
        for (int64_t i = 0; i < parts; i++)
            finite &= (k->deal != NULL ? deal_channels : gather_channels)(k, i, &c);
    }
    return finite;
}

/* All of them, to where kernels read them; or each to scratch, and from there in parts. */
static bool pack_block(struct packer *k, const struct tcv_setup *setup, char *to, float *scratch)
{
    const bool tiles = k->g->family.form == TCV_DIRECT_TILES;
    const int64_t ic_block = k->g->family.ic_block;
    uint16_t *parts = (uint16_t *)(void *)to;
    bool finite = true;

    k->to = tiles ? (char *)scratch : to;
    k->first = 0;
    k->held = k->p->ic;
    for (int64_t ic = 0; ic < k->p->ic; ic += ic_block) {
        const int64_t count = tcv_min(ic_block, k->p->ic - ic);

        if (tiles) {
            k->first = ic;
            k->held = count;
        }
        if (k->deal != NULL && (tiles || ic == 0))
            place_taps(k);
        finite &= pack_channels(k, ic, count);
        if (tiles)
            finite &= tcv_bf16x3_split_weights(setup, &k->tables, k->oc_count, count, scratch,
                                               &parts);
    }
    return finite;
}

bool tcv_direct_pack(const struct tcv_problem *p, const struct tcv_setup *setup, const void *w,
                     void *packed, void *scratch)
{
    const struct tcv_direct_grid *g = &setup->direct;
    const struct tcv_direct_family *f = &g->family;
    const int64_t element = (int64_t)tcv_dtype_bytes(p->dtype);
    const int64_t number = tcv_direct_number_bytes(p, f);
    struct packer k = {.p = p, .g = g, .element = (size_t)element};
    bool finite = true;
    char *to;

    if (!f->merged && tcv_taps_are_dense(p, &k.lowest))
        k.deal = setup->kernels.deal;
    else if (!tcv_weights_are_finite(p, w))
        return false;
    k.channel = f->form == TCV_DIRECT_DEPTH ? p->w.group : p->w.oc;
    /* Fresh pages, which the system has just cleared, are in the cache as far as it goes. */
    k.stream = (f->form == TCV_DIRECT_LANES || f->form == TCV_DIRECT_DEPTH) &&
               setup->packed_bytes >= TCV_STREAM_BYTES &&
               setup->packed_bytes >= tcv_cpu_cache_bytes();
    tcv_direct_tables_init(p, f, packed);
    k.tables = tcv_direct_tables_at(p, f, packed);
    to = (char *)packed + tcv_direct_tables_bytes(p, f);
    for (int64_t group = 0; group < tcv_direct_groups(p, f); group++)
        for (int64_t block = 0; block < f->blocks; block++) {
            k.oc_count = tcv_direct_oc_count(p, f, block);
            k.from = (const char *)w + (group * p->w.group + block * f->oc_block * k.channel) *
                                           element;
            finite &= pack_block(&k, setup, to, scratch);
            to += (block + 1 < f->blocks ? g->weights : g->weights_last) * number;
        }
    if (k.stream)
        tcv_cpu_fence();
    return finite;
}
