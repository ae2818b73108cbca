/* correlate_tile.h - one worker's tile of a weight gradient: both operands of its GEMM */
#ifndef TCV_ALGO_CORRELATE_TILE_H
#define TCV_ALGO_CORRELATE_TILE_H

#include "algo/correlate.h"
#include "base/arena.h"

struct tcv_correlate_tile {
    const struct tcv_correlation_run *run;
    const struct tcv_correlation *c;
    const struct tcv_correlate_grid *g;
    size_t element;
    int64_t group;
    int64_t begin[TCV_TILE_DIMS], end[TCV_TILE_DIMS]; /* image, then the small grid */
    int64_t positions;
    char *small;   /* scratch: [rows][positions] */
    char *columns; /* scratch: [columns][positions] */
    char *sums;    /* scratch: [rows][columns], if there is one chunk */
};

void tcv_correlate_lay_out(struct tcv_correlate_tile *t, const struct tcv_correlation *c,
                           const struct tcv_correlate_grid *g, struct tcv_arena *arena);

/* Takes tile `index` in the order of memory. */
void tcv_correlate_place(struct tcv_correlate_tile *t, int64_t index);

/* Packs rows [row, row + count) of the small tensor. */
void tcv_correlate_small(struct tcv_correlate_tile *t, int64_t group, int64_t row, int64_t count);

/* im2col of columns [column, column + count); whether zeros stand for what is outside. */
bool tcv_correlate_columns(struct tcv_correlate_tile *t, int64_t group, int64_t column,
                           int64_t count);

bool tcv_correlate_small_is_finite(const struct tcv_correlate_tile *t, int64_t rows);

/* The tile's product as it is defined, without those zeros. */
void tcv_correlate_exactly(const struct tcv_correlate_tile *t, int64_t rows, int64_t column,
                           int64_t columns, bool add, void *sums);

#endif
