/*
 * correlate.h - weight gradients by the kernels of direct, a tile at a time
 *
 *     dw[m][k][l] = sum over tiles, then positions i of a tile
 *                   small[i][m] * large[i * stride + k * dilation - pad][l]
 *
 * with m a small channel and l a large one.  A tile of the large tensor is packed
 * with its channels innermost, so the taps of the last axis and the channels of a
 * position are one run of memory, and direct's rows() sums runs over the positions:
 * no column matrix exists.  dw is cut into blocks; the sums of one stay while the sum
 * runs over the tiles in their order.  Where there are few blocks the tiles are shared
 * out in `chunks` sums of their own, which are added in order afterwards.  All of
 * this depends on the problem and the instruction set alone, so the bits depend on
 * neither threads nor workspace.
 */
#ifndef TCV_ALGO_CORRELATE_H
#define TCV_ALGO_CORRELATE_H

#include "base/shares.h"
#include "core/correlation.h"
#include "kernels/col2im.h"
#include "kernels/direct.h"

/* Images, then the small grid's axes. */
#define TCV_TILE_DIMS (1 + TCV_AXES)

struct tcv_correlate_grid {
    /*
     * What is cut.  Depthwise, the groups count as large channels of one group that has one small
     * channel: that of a lane's own group.
     */
    struct tcv_correlation of;
    bool depthwise;
    int64_t rows, row_blocks;         /* small channels of a block, and how many blocks */
    int64_t larges, large_blocks;     /* large channels */
    int64_t taps[TCV_AXES], tap_blocks[TCV_AXES];
    bool beside;                      /* see tcv_correlate_block.side */
    int64_t part;                     /* rows that one kernel call computes, at most */
    int64_t extent[TCV_TILE_DIMS];    /* positions of a tile */
    int64_t tiles[TCV_TILE_DIMS], all_tiles;
    int64_t positions;                /* product of extent */
    int64_t large_elements, sums;     /* of a packed tile, of a block; at most */
    int64_t chunks;
    size_t worker_bytes;              /* scratch of a worker */
    size_t shared_bytes;              /* sums of the chunks; 0 if there is one chunk */
    struct tcv_direct_kernels direct;
    struct tcv_kernels kernels;
};

struct tcv_correlate_grid tcv_correlate_grid_of(const struct tcv_correlation *c,
                                                uint32_t features);

/* One block of dw: rows, large channels and taps from `first` on of a group. */
struct tcv_correlate_block {
    int64_t group, row, rows, large, larges;
    int64_t tap[TCV_AXES], taps[TCV_AXES];
    /*
     * A packed tile holds for each position of an axis the large indices that its taps
     * reach, `span` of them, `pitch` after those of the position before: the stride, or
     * the span where the taps of two positions do not meet.
     */
    int64_t pitch[TCV_AXES], span[TCV_AXES];
    /*
     * Few large channels would not fill a vector.  Then the taps of axis 1 lie side by side, too:
     * a packed pixel has `pixel` elements, [large channel][side], and axis 1 a row for each
     * position.  `side` is 1 elsewhere.
     */
    int64_t side, pixel;
    /* The taps of the last axis at once: `runs` of `run` elements, each in `lanes`. */
    int64_t runs, run, lanes;
    int64_t row_step; /* between rows of the sums: [row][tap 0][tap 1 / side][run][lane] */
};

/* Where the sum of a tap of the block and a large channel lies in its row. */
static inline int64_t tcv_correlate_sum_at(const struct tcv_correlate_block *b,
                                           const int64_t tap[TCV_AXES], int64_t large)
{
    const int64_t line = tap[0] * (b->taps[1] / b->side) + tap[1] / b->side;

    return line * b->runs * b->lanes + tap[2] * (b->runs == 1 ? b->pixel : b->lanes) +
           large * b->side + tap[1] % b->side;
}

struct tcv_correlate_block tcv_correlate_block_at(const struct tcv_correlate_grid *g,
                                                  int64_t index);

/* Units of work of the first step: blocks times chunks. */
int64_t tcv_correlate_units(const struct tcv_correlate_grid *g);

/* Runs the worker's units with worker_bytes of scratch; writes dw if there is one chunk. */
void tcv_correlate_work(const struct tcv_correlation_run *run, const struct tcv_correlate_grid *g,
                        struct tcv_worker *worker, void *scratch, void *shared);

/* The second step, of several chunks: adds the sums of block `block` and writes dw. */
void tcv_correlate_join(const struct tcv_correlation_run *run, const struct tcv_correlate_grid *g,
                        int64_t block, void *shared);

/* db[channel] = the sum of dy over images and positions, in double, in an order of its own. */
void tcv_sum_channel(const struct tcv_problem *p, int64_t channel, const void *dy, void *db,
                     bool accumulate);

/* dz = dy * the derivative of the activation that gave y, for `count` elements. */
void tcv_activation_gradient(const tconv_epilogue *e, tconv_dtype dtype, int64_t count,
                             const void *y, const void *dy, void *dz);

#endif
