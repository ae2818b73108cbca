/* correlate_tile.h - one worker's tile of a weight gradient: both operands, packed */
#ifndef TCV_ALGO_CORRELATE_TILE_H
#define TCV_ALGO_CORRELATE_TILE_H

#include "algo/correlate.h"
#include "base/arena.h"
#include "base/parts.h"

struct tcv_correlate_tile {
    const struct tcv_correlation_run *run;
    const struct tcv_correlation *c;
    const struct tcv_correlate_grid *g;
    const struct tcv_correlate_block *b;
    size_t element;
    int64_t begin[TCV_TILE_DIMS], end[TCV_TILE_DIMS]; /* image, then the small grid */
    int64_t rows;      /* of positions, along the last axis */
    int64_t width;     /* positions of a row */
    int64_t *row_at;   /* scratch, [rows]: where a row's tap (0, 0, 0) begins in large */
    char *small;       /* scratch: [part][position][row of the part] */
    char *large;       /* scratch: [image][packed extents][larges] */
    char *sums;        /* scratch: of a block, if there is one chunk */
};

void tcv_correlate_lay_out(struct tcv_correlate_tile *t, const struct tcv_correlation *c,
                           const struct tcv_correlate_grid *g, struct tcv_arena *arena);

/* Takes tile `index` in the order of memory, for block b. */
void tcv_correlate_place(struct tcv_correlate_tile *t, const struct tcv_correlate_block *b,
                         int64_t index);

/* Parts of the block's rows. */
static inline struct tcv_parts tcv_correlate_parts(const struct tcv_correlate_tile *t)
{
    return tcv_parts_of(t->b->rows, t->g->part);
}

/* Elements of packed large from one index of an axis to the next. */
int64_t tcv_correlate_step(const struct tcv_correlate_tile *t, int axis);

void tcv_correlate_pack_small(struct tcv_correlate_tile *t);

/* Whether zeros stand for what is outside. */
bool tcv_correlate_pack_large(struct tcv_correlate_tile *t);

bool tcv_correlate_small_is_finite(const struct tcv_correlate_tile *t);

/* The tile's products as they are defined, without those zeros, added to the sums. */
void tcv_correlate_exactly(const struct tcv_correlate_tile *t, void *sums);

#endif
