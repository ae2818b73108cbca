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
#include "kernels/copy_box.h"

/* What the packing of one block of channels needs; offsets are in elements. */
struct packer {
    const struct tcv_problem *p;
    const struct tcv_direct_grid *g;
    struct tcv_direct_tables tables;
    size_t element;
    void (*transpose)(const struct tcv_transpose *args); /* NULL: taps are gathered */
    int64_t lowest; /* where the taps begin, relative to tap 0: below 0 for a convolution's */
    int64_t oc_count, channel; /* from one output channel to the next in w */
    const char *from; /* w of the group's channel 0 and the block's first channel */
    char *to;
};

/* Input channels by which weights are asked for ahead, as their runs are too short for the
 * hardware to do it by itself. */
#define CHANNELS_AHEAD 2

/* Taps that are transposed together. */
#define TAPS_MOST 64

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
                      const struct tcv_direct_rows *rows, struct tcv_direct_part part,
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

/* Where part `part` of a class has its weights of input channel c->ic, relative to k->to. */
static int64_t part_offset(const struct packer *k, const struct tcv_direct_rows *rows,
                           struct tcv_direct_part part, const struct channels *c)
{
    return rows->taps * (part.first * k->p->ic + c->ic * part.count);
}

/* Part i of every class, while the lines of w that they share are in L1. */
static void gather_channels(const struct packer *k, int64_t i, const struct channels *c)
{
    const struct tcv_direct_family *f = &k->g->family;
    int64_t index[TCV_AXES] = {0};
    char *to = k->to;

    do {
        const struct tcv_direct_rows rows =
            tcv_direct_rows_of(&k->tables, f, index, k->oc_count);

        if (i < tcv_direct_parts(f, rows.padded)) {
            const struct tcv_direct_part part = tcv_direct_part_at(f, rows.padded, i);

            pack_part(k, index, &rows, part, c,
                      to + part_offset(k, &rows, part, c) * (int64_t)k->element);
        }
        to += rows.padded * rows.taps * k->p->ic * (int64_t)k->element;
    } while (tcv_direct_next_class(k->g, index));
}

/* For each tap, counted from the lowest in w, where c's first input channel has its row. */
static void find_lines(const struct packer *k, int64_t i, const struct channels *c,
                       char *line[TAPS_MOST])
{
    int64_t index[TCV_AXES] = {0};
    char *to = k->to;

    do {
        const struct tcv_direct_rows rows =
            tcv_direct_rows_of(&k->tables, &k->g->family, index, k->oc_count);
        const struct tcv_direct_part part = tcv_direct_part_at(&k->g->family, rows.padded, i);
        const int64_t first = row_offset(k, index, &rows, 0) - k->lowest;
        const int64_t at = part_offset(k, &rows, part, c) + c->first * part.count;

        for (int64_t t = 0; t < rows.taps; t++)
            line[first + tap_offset(k, index, t)] =
                to + (at + t * c->ic_count * part.count) * (int64_t)k->element;
        to += rows.padded * rows.taps * k->p->ic * (int64_t)k->element;
    } while (tcv_direct_next_class(k->g, index));
}

/*
 * The same where rows are channels, whose taps are neighbours in w: those of a part are
 * transposed, and each tap of a class has its row.
 */
static void turn_channels(const struct packer *k, int64_t i, const struct channels *c)
{
    const int64_t padded = tcv_direct_rows_of(&k->tables, &k->g->family, (int64_t[TCV_AXES]){0},
                                              k->oc_count).padded;
    const struct tcv_direct_part part = tcv_direct_part_at(&k->g->family, padded, i);
    const size_t row = (size_t)part.count * k->element;
    double buffer[TAPS_MOST * TCV_DIRECT_PART_MOST] = {0}; /* room for either type */
    char *line[TAPS_MOST];
    struct tcv_transpose turn = {
        .from_step = k->channel,
        .to = buffer,
        .to_step = TCV_DIRECT_PART_MOST,
        .rows = tcv_min(part.count, k->oc_count - part.first), /* the rest is padding */
        .columns = k->p->taps,
    };

    const int64_t ahead = turn.rows * k->channel * (int64_t)k->element;

    find_lines(k, i, c, line);
    for (int64_t j = 0; j < c->count; j++) {
        turn.from = k->from + ((c->ic + c->first + j) * k->p->w.ic + part.first * k->channel +
                               k->lowest) * (int64_t)k->element;
        for (int64_t at = 0; at < ahead; at += 64)
            __builtin_prefetch((const char *)turn.from + at +
                               CHANNELS_AHEAD * k->p->w.ic * (int64_t)k->element);
        k->transpose(&turn);
        for (int64_t t = 0; t < k->p->taps; t++) {
            const char *from = (char *)buffer +
                               (size_t)(t * TCV_DIRECT_PART_MOST) * k->element;

            if (row == 64) /* a vector most often: one load and one store */
                memcpy(line[t], from, 64);
            else
                memcpy(line[t], from, row);
            line[t] += row;
        }
    }
}

/*
 * Loop order.  The rows of a part lie in as many lines of w, and a line holds taps
 * of several classes: 16 channels of it fill a third of L1, and are read from there
 * for every class and tap.
 */
#define CHANNELS_AT_ONCE 16

static void pack_block(const struct packer *k)
{
    const struct tcv_direct_family *f = &k->g->family;
    int64_t index[TCV_AXES] = {0}, parts = 0;

    do {
        const struct tcv_direct_rows rows =
            tcv_direct_rows_of(&k->tables, f, index, k->oc_count);

        parts = tcv_max(parts, tcv_direct_parts(f, rows.padded));
    } while (tcv_direct_next_class(k->g, index));

    for (int64_t ic = 0; ic < k->p->ic; ic += f->ic_block) {
        struct channels c = {.ic = ic, .ic_count = tcv_min(f->ic_block, k->p->ic - ic)};

        for (; c.first < c.ic_count; c.first += CHANNELS_AT_ONCE) {
            c.count = tcv_min(CHANNELS_AT_ONCE, c.ic_count - c.first);
            for (int64_t i = 0; i < parts; i++)
                (k->transpose != NULL ? turn_channels : gather_channels)(k, i, &c);
        }
    }
}

/* Whether the taps of a channel are neighbours in w, forwards or backwards. */
static bool taps_are_dense(const struct tcv_problem *p, int64_t *lowest_out)
{
    int64_t step = 1;

    *lowest_out = 0;
    for (int a = TCV_AXES - 1; a >= 0; a--) {
        const int64_t kernel = p->axis[a].kernel, s = p->w.s[a];

        if (kernel == 1)
            continue;
        if (s != step && s != -step)
            return false;
        *lowest_out += tcv_min(0, (kernel - 1) * s);
        step *= kernel;
    }
    return true;
}

void tcv_direct_pack(const struct tcv_problem *p, const struct tcv_setup *setup, const void *w,
                     void *packed)
{
    const struct tcv_direct_grid *g = &setup->direct;
    const struct tcv_direct_family *f = &g->family;
    const int64_t element = (int64_t)tcv_dtype_bytes(p->dtype);
    struct packer k = {.p = p, .g = g, .element = (size_t)element};

    if (!f->merged && p->taps <= TAPS_MOST && taps_are_dense(p, &k.lowest))
        k.transpose = setup->kernels.transpose;
    k.channel = f->form == TCV_DIRECT_DEPTH ? p->w.group : p->w.oc;
    tcv_direct_tables_init(p, f, packed);
    k.tables = tcv_direct_tables_at(p, f, packed);
    k.to = (char *)packed + tcv_direct_tables_bytes(p, f);
    for (int64_t group = 0; group < tcv_direct_groups(p, f); group++)
        for (int64_t block = 0; block < f->blocks; block++) {
            k.oc_count = tcv_direct_oc_count(p, f, block);
            k.from = (const char *)w + (group * p->w.group + block * f->oc_block * k.channel) *
                                           element;
            pack_block(&k);
            k.to += (block + 1 < f->blocks ? g->weights : g->weights_last) * element;
        }
}
