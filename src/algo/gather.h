/*
 * gather.h - convolutions of stride above 1 by gemm and columns: im2col, then a product
 *
 *     c[oc][position] = sum over m of w[oc][m] * columns[m][position]
 *
 * with m an input channel and a tap.  Columns exist a tile of positions and a block of
 * m at a time; tiles and blocks are anchored at 0 and shaped by the problem alone, and
 * so are the calls of OpenBLAS (docs/numerics.md).
 *
 * Packed weights, behind a line that says if all are finite, are [group][oc][m] for OpenBLAS, and
 * for direct's kernels [group][parts][m][rows of the part].
 */
#ifndef TCV_ALGO_GATHER_H
#define TCV_ALGO_GATHER_H

#include "base/shares.h"
#include "core/run.h"
#include "kernels/col2im.h"
#include "kernels/direct.h"

struct tcv_gather_grid {
    int64_t rows, row_blocks; /* output channels of a block, and how many blocks */
    int64_t depth;            /* m of a block of columns */
    int64_t extent[TCV_AXES]; /* outputs of a tile */
    int64_t positions;        /* product of extent */
    int64_t part;             /* rows that direct's kernels take at once; 0: OpenBLAS multiplies */
    int64_t width;            /* positions come in multiples of this */
};

/* A convolution whose outputs are not all that col2im would compute. */
bool tcv_gathers(const struct tcv_problem *p);

/* Of products by these kernels; NULL: by OpenBLAS. */
struct tcv_gather_grid tcv_gather_grid_of(const struct tcv_problem *p,
                                          const struct tcv_direct_kernels *direct);

size_t tcv_gather_worker_bytes(const struct tcv_problem *p, const struct tcv_gather_grid *g);

size_t tcv_gather_packed_bytes(const struct tcv_problem *p);

/* Bytes of scratch that packing takes. */
size_t tcv_gather_pack_bytes(const struct tcv_problem *p, const struct tcv_gather_grid *g);
void tcv_gather_pack(const struct tcv_problem *p, const struct tcv_gather_grid *g,
                     const struct tcv_kernels *kernels, const void *w, void *packed,
                     void *scratch);

int64_t tcv_gather_units(const struct tcv_problem *p, const struct tcv_gather_grid *g,
                         const struct tcv_window *window);

void tcv_gather_work(const struct tcv_run *run, const struct tcv_gather_grid *g,
                     const struct tcv_kernels *kernels, const struct tcv_direct_kernels *direct,
                     struct tcv_worker *worker, void *scratch);

#endif
