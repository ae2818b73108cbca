/*
 * winograd_pack.c - weights as points, in the order in which they multiply
 *
 *     a dense copy as the reference keeps it, where points do not tell all taps; then per group
 *     and block of output channels [blocks of input channels][points][parts][ic][rows of the part]
 *
 * the rows of a point being [phases][oc].  Some input channels are packed at once, of one
 * block of output channels after the other, for those are neighbours in w:
 *
 *     taps     [tap][ic][oc]     dealt out of w, where all taps lie side by side
 *     planes   [tap][ic][row]    those of a filter's phases, or zeros
 *     points   [point][ic][row]  the planes transformed
 *     packed   the rows of each point cut into parts
 */
#include <string.h>

#include "algo/winograd_tile.h"
#include "base/checked.h"
#include "kernels/copy_box.h"

#define W (TCV_AXES - 1)
/* The most points of three axes. */
#define POINTS_MOST (TCV_WINOGRAD_POINTS * TCV_WINOGRAD_POINTS * TCV_WINOGRAD_POINTS)
/*
 * Input channels that are packed at once: for runs of some lines in the packed weights.  Fewer
 * where their taps, planes and points would not stay in L2.
 */
#define CHANNELS_AT_ONCE 8
#define SCRATCH_BYTES (512 * 1024)

/* A filter, and where each of its weights is. */
struct placed {
    struct tcv_winograd_filter filter;
    int64_t before[POINTS_MOST];
};

struct packer {
    const struct tcv_problem *p;
    const struct tcv_setup *setup;
    struct placed placed[TCV_WINOGRAD_FILTERS];
    size_t element;
    bool deals;      /* taps are dealt out */
    int64_t lowest;  /* then: where they begin in w, relative to tap 0 */
    int64_t at_once; /* input channels */
    char *taps, *planes, *other; /* scratch; planes and points take turns */
};

/*
 * Channels [first, first + count) of the block of ic_count, neighbours in one plane, and a
 * block of output channels.
 */
struct piece {
    struct tcv_winograd_channel channel; /* the first */
    int64_t first, count, ic_count;
    int64_t oc_count;
    int64_t pitch, plane; /* elements of `taps` from one input channel, one tap to the next */
    const char *from;     /* w of the first of either channels */
    char *to;             /* packed weights of both blocks */
};

/* Offset in w of tap 0 of phase `rank` of a filter. */
static int64_t phase_offset(const struct packer *k, const struct tcv_winograd_filter *f,
                            int64_t rank)
{
    int64_t at = 0;

    for (int a = W; a >= 0; a--) {
        const struct tcv_winograd_axis *ax = &k->setup->winograd.axis[a];
        const int64_t phase = f->phase[a] + rank % f->phases[a] + ax->shift;

        at += (phase < ax->stride ? phase : phase - ax->stride) * k->p->w.s[a];
        rank /= f->phases[a];
    }
    return at;
}

/*
 * Offset in w from there of the tap that meets input h of a tile, the last first; false if
 * the channel's plane has none.
 */
static bool tap_offset(const struct packer *k, const struct tcv_winograd_filter *f, int64_t h,
                       const struct tcv_winograd_channel *c, int64_t *at_out)
{
    bool exists = true;

    *at_out = 0;
    for (int a = W; a >= 0; a--) {
        const struct tcv_axis *axis = &k->p->axis[a];
        const int64_t taps = tcv_winograd_taps(f->form[a]);
        const int64_t tap = c->rho[a] + (taps - 1 - h % taps) * axis->stride * axis->down;

        exists = exists && tap < axis->kernel;
        *at_out += tap * k->p->w.s[a];
        h /= taps;
    }
    return exists;
}

/* Finds the places of a filter's weights. */
static void place(const struct tcv_winograd_grid *g, int index, struct placed *placed)
{
    const struct tcv_winograd_filter f = tcv_winograd_filter_at(g, index);

    placed->filter = f;
    for (int64_t i = 0; i < f.distinct; i++) {
        int64_t u[TCV_AXES], left = i;

        for (int a = W; a >= 0; a--) {
            const int64_t distinct = tcv_winograd_distinct(f.form[a]);

            u[a] = f.point[a] + left % distinct;
            left /= distinct;
        }
        placed->before[i] = tcv_winograd_weights_before(g, u);
    }
}

/*
 * Planes of taps to as many of points: [outer axes' points][this axis][inner axes' taps],
 * from the outermost axis on.
 */
static char *transform(const struct packer *k, const struct tcv_winograd_filter *f, char *planes,
                       char *other, int64_t plane)
{
    int64_t outer = 1, inner = f->taps;

    for (int a = 0; a < TCV_AXES; a++) {
        const int64_t taps = tcv_winograd_taps(f->form[a]);
        const int64_t distinct = tcv_winograd_distinct(f->form[a]);
        char *const from = planes;

        if (taps == 1)
            continue;
        inner /= taps;
        for (int64_t o = 0; o < outer; o++)
            for (int64_t i = 0; i < inner; i++)
                k->setup->winograd_kernels.weights(&(struct tcv_winograd){
                    .form = f->form[a],
                    .from = from + (size_t)((o * taps * inner + i) * plane) * k->element,
                    .from_step = inner * plane,
                    .to = other + (size_t)((o * distinct * inner + i) * plane) * k->element,
                    .to_step = inner * plane,
                    .count = plane,
                });
        outer *= distinct;
        planes = other;
        other = from;
    }
    return planes;
}

/* All taps of a piece, [tap][ic][oc] from the lowest in w on; false if one is not finite. */
static bool deal_taps(const struct packer *k, const struct piece *s)
{
    void *line[TCV_DEALT_MOST];

    for (int64_t t = 0; t < k->p->taps; t++)
        line[t] = k->taps + (size_t)(t * s->plane) * k->element;
    return k->setup->kernels.deal(&(struct tcv_deal){
        .from = s->from + k->lowest * (int64_t)k->element,
        .from_step = k->p->w.oc,
        .from_next = k->p->w.ic,
        .line = line,
        .line_step = s->pitch,
        .rows = s->oc_count,
        .columns = k->p->taps,
        .count = s->count,
    });
}

/* The tap of a phase that lies at offset `at` from tap 0, or zeros, to its rows of a plane. */
static void copy_tap(const struct packer *k, const struct piece *s, bool exists, int64_t at,
                     int64_t pitch, char *to)
{
    const size_t step = (size_t)pitch * k->element;

    if (exists && k->deals) {
        k->setup->kernels.copy(&(struct tcv_copy){
            .from = k->taps + (size_t)((at - k->lowest) * s->plane) * k->element,
            .from_step = s->pitch,
            .to = to,
            .to_step = pitch,
            .count = s->oc_count,
            .rows = s->count,
        });
        return;
    }
    for (int64_t i = 0; i < s->count; i++, to += step)
        if (exists)
            tcv_copy_row(s->oc_count, k->p->w.oc, k->element,
                         s->from + (i * k->p->w.ic + at) * (int64_t)k->element, to);
        else
            memset(to, 0, (size_t)s->oc_count * k->element);
}

/* Where part `part` of a point has its weights of the piece's first channel. */
static char *place_of(const struct packer *k, const struct placed *placed, const struct piece *s,
                      int64_t point, struct tcv_part part)
{
    return s->to + (size_t)((placed->before[point] * s->oc_count + part.first) * s->ic_count +
                            s->first * part.count) * k->element;
}

/*
 * The rows of a point, cut into its parts.  Those are short runs of memory, one in each of many
 * places: those of the next point are asked for.
 */
static void cut(const struct packer *k, const struct placed *placed, const struct piece *s,
                int64_t point, const char *from, int64_t pitch)
{
    const struct tcv_parts parts = tcv_parts_of(s->oc_count * placed->filter.count,
                                                k->setup->winograd.family.rows_most);
    const int64_t next = tcv_min(point + 1, placed->filter.distinct - 1);

    for (int64_t i = 0; i < parts.count; i++) {
        const struct tcv_part part = tcv_part_at(&parts, i);
        const uintptr_t ask = (uintptr_t)place_of(k, placed, s, next, part);
        const int64_t bytes = s->count * part.count * (int64_t)k->element;

        for (int64_t byte = 0; byte < bytes + 63; byte += 64) /* the last may not exist */
            __builtin_prefetch((const void *)(ask + (uintptr_t)byte), 1);
        k->setup->kernels.copy(&(struct tcv_copy){
            .from = from + part.first * (int64_t)k->element,
            .from_step = pitch,
            .to = place_of(k, placed, s, point, part),
            .to_step = part.count,
            .count = part.count,
            .rows = s->count,
        });
    }
}

/* The rows of a filter, `pitch` elements of scratch from one input channel to the next. */
static void pack_filter(const struct packer *k, const struct placed *placed, const struct piece *s)
{
    const struct tcv_winograd_filter *f = &placed->filter;
    const int64_t rows = s->oc_count * f->count, width = k->setup->winograd_kernels.width;
    const int64_t pitch = tcv_ceil_div(rows, width) * width;
    const size_t plane = (size_t)(s->count * pitch) * k->element;
    const char *points;

    for (int64_t h = 0; h < f->taps; h++) {
        int64_t at;
        const bool exists = tap_offset(k, f, h, &s->channel, &at);

        for (int64_t rank = 0; rank < f->count; rank++)
            copy_tap(k, s, exists, phase_offset(k, f, rank) + at, pitch,
                     k->planes + (size_t)h * plane +
                         (size_t)(rank * s->oc_count) * k->element);
    }
    points = transform(k, f, k->planes, k->other, s->count * pitch);
    for (int64_t i = 0; i < f->distinct; i++)
        cut(k, placed, s, i, points + (size_t)i * plane, pitch);
}

/* False if a weight is not finite, as far as that is looked at. */
static bool pack_piece(const struct packer *k, const struct piece *s)
{
    const bool finite = !k->deals || deal_taps(k, s);

    for (int f = 0; f < TCV_WINOGRAD_FILTERS; f++)
        if (k->placed[f].filter.count > 0)
            pack_filter(k, &k->placed[f], s);
    return finite;
}

/* Packed weights of the output channels before oc of a group. */
static int64_t packed_before(const struct packer *k, int64_t group, int64_t oc)
{
    return (group * k->p->oc + oc) * k->setup->winograd.channels *
           k->setup->winograd.weight_phases;
}

/* The input channels of a piece, whose block begins at ic, for all blocks of output channels. */
static bool pack_channels(const struct packer *k, int64_t group, struct piece *s, int64_t ic,
                          const char *w, char *to)
{
    const struct tcv_winograd_grid *g = &k->setup->winograd;
    bool finite = true;

    for (int64_t block = 0; block < g->blocks; block++) {
        const int64_t oc = block * g->family.oc_block;

        s->oc_count = tcv_winograd_oc_count(k->p, g, block);
        s->from = w + (group * k->p->w.group + s->channel.ic * k->p->w.ic + oc * k->p->w.oc) *
                          (int64_t)k->element;
        s->to = to + (packed_before(k, group, oc) + ic * s->oc_count * g->weight_phases) *
                         (int64_t)k->element;
        finite &= pack_piece(k, s);
    }
    return finite;
}

static bool pack_group(const struct packer *k, int64_t group, const char *w, char *to)
{
    const struct tcv_winograd_grid *g = &k->setup->winograd;
    const int64_t width = k->setup->winograd_kernels.width;
    const int64_t pitch = tcv_ceil_div(g->family.oc_block, width) * width;
    bool finite = true;

    for (int64_t ic = 0; ic < g->channels; ic += g->family.ic_block) {
        struct piece s = {.ic_count = tcv_min(g->family.ic_block, g->channels - ic),
                          .pitch = pitch};

        for (; s.first < s.ic_count; s.first += s.count) {
            s.channel = tcv_winograd_channel_at(k->p, g, ic + s.first);
            s.count = tcv_min(tcv_min(k->at_once, s.channel.run), s.ic_count - s.first);
            s.plane = s.count * pitch;
            finite &= pack_channels(k, group, &s, ic, w, to);
        }
    }
    return finite;
}

/* The weights as they are, [groups][ic][oc][taps], for sums by the definition. */
static void pack_dense(const struct tcv_problem *p, const void *w, void *to)
{
    const struct tcv_box box = tcv_weights_box(p);

    tcv_copy_box(&box, tcv_dtype_bytes(p->dtype), w, to);
}

/* Everything but where scratch is; then that. */
static void init(struct packer *k, const struct tcv_problem *p, const struct tcv_setup *setup)
{
    *k = (struct packer){.p = p, .setup = setup, .element = tcv_dtype_bytes(p->dtype)};
    k->deals = setup->winograd.channels == p->ic && tcv_taps_are_dense(p, &k->lowest);
    for (int i = 0; i < TCV_WINOGRAD_FILTERS; i++)
        place(&setup->winograd, i, &k->placed[i]);
}

static size_t lay_out(struct packer *k, void *scratch)
{
    const int64_t width = k->setup->winograd_kernels.width;
    const int64_t oc = k->setup->winograd.family.oc_block;
    const int64_t taps = k->deals ? k->p->taps * tcv_ceil_div(oc, width) * width : 0;
    struct tcv_arena arena = {scratch, 0};
    int64_t points = 0;

    for (int i = 0; i < TCV_WINOGRAD_FILTERS; i++) {
        const struct tcv_winograd_filter *f = &k->placed[i].filter;

        points = tcv_max(points, f->distinct * tcv_ceil_div(oc * f->count, width) * width);
    }
    k->at_once = SCRATCH_BYTES / ((taps + 2 * points) * (int64_t)k->element);
    k->at_once = tcv_max(1, tcv_min(k->at_once, tcv_min(CHANNELS_AT_ONCE, k->p->ic)));
    k->taps = tcv_arena_take(&arena, k->at_once * taps, k->element);
    k->planes = tcv_arena_take(&arena, k->at_once * points, k->element);
    k->other = tcv_arena_take(&arena, k->at_once * points, k->element);
    return arena.used;
}

size_t tcv_winograd_pack_bytes(const struct tcv_problem *p, const struct tcv_setup *setup)
{
    struct packer k;

    init(&k, p, setup);
    return lay_out(&k, NULL);
}

bool tcv_winograd_pack(const struct tcv_problem *p, const struct tcv_setup *setup, const void *w,
                       void *packed, void *scratch)
{
    const int64_t dense = tcv_winograd_dense(p, &setup->winograd);
    struct packer k;
    bool finite = true;

    init(&k, p, setup);
    memset(scratch, 0, lay_out(&k, scratch)); /* what pads vectors is transformed too */
    if (!k.deals && !tcv_weights_are_finite(p, w))
        return false;
    if (dense > 0)
        pack_dense(p, w, packed);
    for (int64_t group = 0; group < p->groups; group++)
        finite &= pack_group(&k, group, w, (char *)packed + (size_t)dense * k.element);
    return finite;
}
