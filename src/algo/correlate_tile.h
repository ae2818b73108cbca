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
    int64_t small_of;  /* which operand `small` holds: a number, or -1 */
    bool small_known, small_finite; /* whether it is finite, if that is known */
    int64_t index;     /* of the tile, in the order of memory */
    int64_t begin[TCV_TILE_DIMS], end[TCV_TILE_DIMS]; /* image, then the small grid */
    int64_t rows;      /* of positions, along the last axis */
    int64_t width;     /* positions of a row */
    int64_t *row_at;   /* scratch, [rows]: where a row's tap (0, 0, 0) begins in large */
    int64_t *position_at; /* scratch, [positions]: the same of each; depthwise alone */
    char *small;       /* scratch: [part][position][row of the part]; depthwise [position][lane] */
    char *large;       /* scratch: [image][packed extents][pixel] */
    char *sums;        /* scratch: of a block, if there is one chunk */
};

void tcv_correlate_lay_out(struct tcv_correlate_tile *t, const struct tcv_correlate_grid *g,
                           struct tcv_arena *arena);

/* Where tile `index`, in the order of memory, begins and ends. */
void tcv_correlate_locate(const struct tcv_correlate_tile *t, int64_t index,
                          int64_t begin[TCV_TILE_DIMS], int64_t end[TCV_TILE_DIMS]);

/* Takes tile `index` in the order of memory, for block t->b. */
void tcv_correlate_place(struct tcv_correlate_tile *t, int64_t index);

/* Parts of the block's rows. */
static inline struct tcv_parts tcv_correlate_parts(const struct tcv_correlate_tile *t)
{
    return tcv_parts_of(t->b->rows, t->g->part);
}

/* Packed indices of an axis, and elements from one to the next. */
int64_t tcv_correlate_packed(const struct tcv_correlate_tile *t, int axis);
int64_t tcv_correlate_step(const struct tcv_correlate_tile *t, int axis);

/* Where in packed large the large channel of a tap of the block begins. */
int64_t tcv_correlate_tap_at(const struct tcv_correlate_tile *t, const int64_t tap[TCV_AXES],
                             int64_t large);

/* Packs the small operand unless `small` holds it already. */
void tcv_correlate_pack_small(struct tcv_correlate_tile *t);

/* Whether zeros stand for what is outside. */
bool tcv_correlate_pack_large(const struct tcv_correlate_tile *t);

/* sums (+)= the products of the tile, depthwise: lanes are groups. */
void tcv_correlate_depth(const struct tcv_correlate_tile *t, bool add, void *sums);

/*
 * What will be used after this tile: both operands of tile `next`, or dw of the block if it ends
 * there.
 */
#define TCV_CORRELATE_AHEADS 2
_Static_assert(TCV_CORRELATE_AHEADS <= TCV_DIRECT_AHEADS, "rows() asks for them");

void tcv_correlate_look_ahead(const struct tcv_correlate_tile *t, int64_t next, int64_t end,
                              struct tcv_ask ahead[TCV_CORRELATE_AHEADS]);

bool tcv_correlate_small_is_finite(struct tcv_correlate_tile *t);

/* The tile's products as they are defined, without those zeros, added to the sums. */
void tcv_correlate_exactly(const struct tcv_correlate_tile *t, void *sums);

#endif
