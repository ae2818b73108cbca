/*
 * direct_lanes.c - LANES: the sums of one class of phases
 *
 * At the border a tap meets nothing but the zeros around the input.  Of a large image that is
 * a small part of all products, but most of them where kernel 4 meets an input of one pixel,
 * the first layer of many a generator, and much of small images.  There (`skips` of the grid)
 * positions are summed in blocks, each with the taps that meet an input at one of its positions.
 * A tap that is left out would have added zeros, which changes at most the sign of a sum that
 * is zero, and finish.c has an eye on that.
 */
#include "algo/direct_tile.h"
#include "base/checked.h"

#define W (TCV_AXES - 1)
/* Multiply-adds of one pair and tap that are worth finding out. */
#define WORTH 32
/* What loading the weights of a tap takes, in pairs that they multiply. */
#define LOADING 2

/* Some of the taps of a class: [lo, hi) of each axis. */
struct taps {
    int64_t lo[TCV_AXES], hi[TCV_AXES];
};

void tcv_direct_find_pairs(struct tcv_direct_tile *t)
{
    const int64_t pixel = t->g->planes ? 1 : t->g->ic_pitch;
    int64_t n = 0;

    for (int64_t d = 0; d < t->box[0].end - t->box[0].begin; d++)
        for (int64_t h = 0; h < t->box[1].end - t->box[1].begin; h++)
            for (int64_t w = 0; w < t->box[W].end - t->box[W].begin; w += t->side > 1 ? 1 : 2)
                for (int64_t i = 0; i < t->side; i += 2)
                    t->pair[n++] = (i * t->image_inputs +
                                    (d * t->box[1].extent + h) * t->box[W].extent + w) *
                                   pixel;
}

/* One class of phases of one axis: where its first tap is, relative to b. */
struct line {
    const struct tcv_axis *axis;
    const struct tcv_direct_class *c;
    int64_t first;
};

/* The taps of axis a that meet an input at b: neighbours, for each is further on than the last. */
static void find_met(const struct line *line, int a, int64_t b, struct taps *out)
{
    const struct tcv_axis *axis = line->axis;
    int64_t lo = line->c->taps, hi = 0;

    for (int64_t j = 0; j < line->c->taps; j++) {
        const int64_t input = axis->down == 1
                                  ? b + line->first - j * line->c->back_step
                                  : b * axis->down + tcv_direct_tap_input(axis, j);

        if (input >= 0 && input < axis->in) {
            lo = tcv_min(lo, j);
            hi = j + 1;
        }
    }
    out->lo[a] = lo;
    out->hi[a] = hi;
}

/* Those of both, and what is between them. */
static struct taps both(const struct taps *x, const struct taps *y)
{
    struct taps taps;

    for (int a = 0; a < TCV_AXES; a++) {
        taps.lo[a] = tcv_min(x->lo[a], y->lo[a]);
        taps.hi[a] = tcv_max(x->hi[a], y->hi[a]);
    }
    return taps;
}

static int64_t count_of(const struct taps *taps)
{
    int64_t count = 1;

    for (int a = 0; a < TCV_AXES; a++)
        count *= tcv_max(0, taps->hi[a] - taps->lo[a]);
    return count;
}

static bool has(const struct taps *taps, int a, int64_t j)
{
    return taps->lo[a] <= j && j < taps->hi[a];
}

/* Time to sum so many pairs. */
static int64_t cost_of(const struct taps *taps, int64_t pairs)
{
    return count_of(taps) * (pairs + LOADING);
}

/* Neighbouring pairs and what they need. */
struct block {
    int64_t first, pairs;
    struct taps taps;
};

static void sum_block(const struct tcv_direct_tile *t, const struct line lines[],
                      const struct block *block, struct tcv_direct args)
{
    const struct taps *taps = &block->taps;
    int64_t at = 0, n = 0;

    if (block->pairs == 0)
        return;
    for (int64_t j0 = 0; j0 < lines[0].c->taps; j0++)
        for (int64_t j1 = 0; j1 < lines[1].c->taps; j1++)
            for (int64_t j2 = 0; j2 < lines[W].c->taps; j2++, at++)
                if (has(taps, 0, j0) && has(taps, 1, j1) && has(taps, W, j2)) {
                    t->some_tap[n] = args.tap[at];
                    t->some_w[n++] = args.w_tap[at];
                }
    args.tap = t->some_tap;
    args.w_tap = t->some_w;
    args.taps = n;
    args.pair += block->first;
    args.pairs = block->pairs;
    args.c = (char *)args.c + 2 * block->first * args.c_step * (int64_t)t->element;
    t->direct->lanes(&args);
}

/* Block by block: pairs join the one before them unless it is cheaper apart. */
static void sum_blocks(const struct tcv_direct_tile *t, const struct line lines[],
                       const struct tcv_direct *args)
{
    const int64_t pairs = t->side > 1 ? t->side / 2 : 1; /* of a position, or two of them */
    struct block block = {.pairs = 0};
    struct taps taps;

    for (int64_t d = t->box[0].begin; d < t->box[0].end; d++) {
        find_met(&lines[0], 0, d, &taps);
        for (int64_t h = t->box[1].begin; h < t->box[1].end; h++) {
            find_met(&lines[1], 1, h, &taps);
            for (int64_t w = t->box[W].begin; w < t->box[W].end; w += t->side > 1 ? 1 : 2) {
                struct taps joined;

                find_met(&lines[W], W, w, &taps);
                if (t->side == 1 && w + 1 < t->box[W].end) {
                    struct taps second = taps;

                    find_met(&lines[W], W, w + 1, &second);
                    taps = both(&taps, &second);
                }
                joined = both(&block.taps, &taps);
                if (block.pairs == 0 || cost_of(&joined, block.pairs + pairs) >
                                            cost_of(&block.taps, block.pairs) +
                                                cost_of(&taps, pairs)) {
                    sum_block(t, lines, &block, *args);
                    block = (struct block){block.first + block.pairs, 0, taps};
                    joined = taps;
                }
                block.taps = joined;
                block.pairs += pairs;
            }
        }
    }
    sum_block(t, lines, &block, *args);
}

/* Whether all positions of the tile need all taps: those at its ends do. */
static bool all_meet(const struct tcv_direct_tile *t, const struct line lines[])
{
    struct taps taps;

    for (int a = 0; a < TCV_AXES; a++)
        for (int end = 0; end < 2; end++) {
            find_met(&lines[a], a, end == 0 ? t->box[a].begin : t->box[a].end - 1, &taps);
            if (taps.lo[a] > 0 || taps.hi[a] < lines[a].c->taps)
                return false;
        }
    return true;
}

void tcv_direct_sum_lanes(const struct tcv_direct_tile *t, const int64_t index[TCV_AXES],
                          struct tcv_direct *args)
{
    struct line lines[TCV_AXES];
    const int64_t pixel = t->g->planes ? 1 : t->g->ic_pitch;
    const bool finds = t->g->skips && args->channels * args->vectors >= WORTH;

    args->pair = t->pair;
    args->pairs = t->positions / 2;
    args->x_pixel = pixel * (t->side > 1 ? t->image_inputs : 1);
    args->w_tap = t->w_tap;
    for (int64_t i = 0; i < args->taps; i++)
        t->w_tap[i] = i * args->channels * t->f->width;
    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_direct_class *c = &t->tables.of[a][index[a]];

        lines[a] = (struct line){&t->p->axis[a], c,
                                 tcv_direct_first_input(&t->p->axis[a], t->f, c)};
    }
    if (finds && !all_meet(t, lines))
        sum_blocks(t, lines, args);
    else
        t->direct->lanes(args);
}
