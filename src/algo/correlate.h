/*
 * correlate.h - weight gradients as im2col and GEMM, a tile at a time
 *
 *     dw[m][n] = sum over tiles of small[m][position] * columns[n][position]
 *
 * with m a small channel and n = (large channel, tap).  dw is cut into blocks that
 * stay in L2 while the sum runs over the tiles of positions in their order.  Where
 * there are few blocks the tiles are shared out in `chunks` sums of their own, which
 * are added in order afterwards.  All of this depends on the problem alone, and so
 * do the calls of OpenBLAS: the bits depend on neither threads nor workspace.
 */
#ifndef TCV_ALGO_CORRELATE_H
#define TCV_ALGO_CORRELATE_H

#include "core/correlation.h"

/* Images, then the small grid's axes. */
#define TCV_TILE_DIMS (1 + TCV_AXES)

struct tcv_correlate_grid {
    int64_t rows, row_blocks;       /* m: of a block, and how many blocks */
    int64_t columns, column_blocks; /* n */
    int64_t extent[TCV_TILE_DIMS];  /* positions of a tile */
    int64_t tiles[TCV_TILE_DIMS];
    int64_t positions; /* product of extent */
    int64_t chunks;
    size_t worker_bytes; /* scratch of a worker */
    size_t shared_bytes; /* sums of the chunks; 0 if there is one chunk */
};

struct tcv_correlate_grid tcv_correlate_grid_of(const struct tcv_correlation *c);

/* Units of work of the first step: blocks times chunks. */
int64_t tcv_correlate_units(const struct tcv_correlation *c, const struct tcv_correlate_grid *g);

/* Runs units [begin, end) with worker_bytes of scratch; writes dw if there is one chunk. */
void tcv_correlate_work(const struct tcv_correlation_run *run, const struct tcv_correlate_grid *g,
                        int64_t begin, int64_t end, void *scratch, void *shared);

/* The second step, of several chunks: adds the sums of block `block` and writes dw. */
void tcv_correlate_join(const struct tcv_correlation_run *run, const struct tcv_correlate_grid *g,
                        int64_t block, void *shared);

/* db[channel] = the sum of dy over images and positions, in double, in memory order. */
void tcv_sum_channel(const struct tcv_problem *p, int64_t channel, const void *dy, void *db,
                     bool accumulate);

/* dz = dy * the derivative of the activation that gave y, for `count` elements. */
void tcv_activation_gradient(const tconv_epilogue *e, tconv_dtype dtype, int64_t count,
                             const void *y, const void *dy, void *dz);

#endif
