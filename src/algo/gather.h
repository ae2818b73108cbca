/*
 * gather.h - gemm's convolutions of stride above 1: im2col, then GEMM
 *
 *     c[oc][position] = sum over m of w[oc][m] * columns[m][position]
 *
 * with m an input channel and a tap.  Columns exist a tile of positions and a block of
 * m at a time; tiles and blocks are anchored at 0 and shaped by the problem alone, and
 * so are the calls of OpenBLAS (docs/numerics.md).
 */
#ifndef TCV_ALGO_GATHER_H
#define TCV_ALGO_GATHER_H

#include "core/run.h"
#include "kernels/col2im.h"

struct tcv_gather_grid {
    int64_t rows, row_blocks; /* output channels of a block, and how many blocks */
    int64_t depth;            /* m of a block of columns */
    int64_t extent[TCV_AXES]; /* outputs of a tile */
    int64_t positions;        /* product of extent */
};

/* A convolution whose outputs are not all that col2im would compute. */
bool tcv_gathers(const struct tcv_problem *p);

struct tcv_gather_grid tcv_gather_grid_of(const struct tcv_problem *p);

size_t tcv_gather_worker_bytes(const struct tcv_problem *p, const struct tcv_gather_grid *g);

/* Weights as they are in the problem, [group][oc][m], behind a line that says if all are finite. */
size_t tcv_gather_packed_bytes(const struct tcv_problem *p);
void tcv_gather_pack(const struct tcv_problem *p, const void *w, void *packed);

int64_t tcv_gather_units(const struct tcv_problem *p, const struct tcv_gather_grid *g,
                         const struct tcv_window *window);

void tcv_gather_work(const struct tcv_run *run, const struct tcv_gather_grid *g,
                     const struct tcv_kernels *kernels, int64_t begin, int64_t end,
                     void *scratch);

#endif
