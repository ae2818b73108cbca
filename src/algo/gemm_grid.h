/*
 * gemm_grid.h - the canonical grid: which GEMM calls gemm makes for a problem
 *
 * OpenBLAS gives a column other bits when a call is split elsewhere, so the
 * calls depend on the problem alone, never on threads, window or limit.  (Those of
 * columns and bf16x3, which take the same grid, do not matter to their bits.)
 *
 * Rows of the column matrix.  The weights of a group are cut into blocks, each
 * of some output channels with all taps, or of one channel with some phases of
 * the innermost axis.  Inside a block the rows stand so that outputs that are
 * neighbours in memory come from rows or columns that are:
 *
 *   PLANAR    cols[oc][kd][kh][kw][pixel]   rows of pixels; phases interleaved after
 *   RUNS      cols[pixel][oc][kd][kh][kw]   stride runs of the row: kw = j * stride + r
 *   CHANNELS  cols[pixel][kd][kh][kw][oc]   channels last
 *
 * Pixels.  Let a = floor((o + pad_begin) / stride), the newest input that output
 * o needs; it needs a - halo ... a.  An axis is whole (one tile) or cut into
 * tiles of `block` values of a.  Tiles along the sweep axis, the outermost with
 * more than one input, hand their last halo columns on; tiles along the others
 * compute their halo themselves.
 */
#ifndef TCV_ALGO_GEMM_GRID_H
#define TCV_ALGO_GEMM_GRID_H

#include "core/problem.h"

enum tcv_gemm_order { TCV_GEMM_PLANAR = 1, TCV_GEMM_RUNS = 2, TCV_GEMM_CHANNELS = 3 };

/*
 * What multiplies.  OpenBLAS takes operands of any size and packs them itself.  Kernels of our
 * own take `width` elements at a time: a vector's, along the pixels in PLANAR and else along the
 * rows; or, with operands in parts of bfloat16, a tile of the processor, along both.  PLANAR's
 * weights, by vectors, are cut into parts of at most `rows`.
 */
struct tcv_gemm_means {
    enum { TCV_GEMM_BLAS, TCV_GEMM_VECTORS, TCV_GEMM_PARTS } by;
    int64_t width, rows;
};

struct tcv_gemm_axis {
    bool whole;
    int64_t block, halo; /* in values of a; block is unused if whole */
    int64_t extent;      /* most positions that a tile's columns hold */
};

struct tcv_gemm_grid {
    enum tcv_gemm_order order;
    int64_t oc_block, run_block; /* channels of a block; phases of the innermost axis */
    int64_t blocks;              /* of one group */
    int64_t rows;                /* most rows of a block, padded */
    int64_t images;              /* of the batch in one tile */
    int64_t pixels;              /* most pixels of a tile, all images */
    int sweep;
    bool even;  /* the pixels of every tile lie at one distance from each other in x */
    bool packs; /* inputs, before they are multiplied */
    bool straight; /* CHANNELS: columns are outputs, and stored as such where those lie so */
    struct tcv_gemm_means means;
    int64_t operand_bytes; /* of an input as kernels want it, or 0: they take it as it lies */
    int64_t ic_block; /* input channels that are multiplied at once; all by OpenBLAS */
    int64_t pitch;    /* most pixels as columns have room for them, in whole vectors or tiles */
    struct tcv_gemm_axis axis[TCV_AXES];
};

/* One block of a group's rows. */
struct tcv_gemm_block {
    int64_t oc, oc_count;   /* channels, within the group */
    int64_t run, run_count; /* phases of the innermost axis */
    int64_t rows, padded;   /* padded: to whole vectors or tiles */
    int64_t packed_at;      /* offset in the group's packed weights, bytes */
};

/* The order that fits the output's strides; every order is right for all of them. */
enum tcv_gemm_order tcv_gemm_best_order(const struct tcv_problem *problem);

/* Fills *grid_out or says why not. */
bool tcv_gemm_grid_init(const struct tcv_problem *problem, enum tcv_gemm_order order,
                        struct tcv_gemm_means means, struct tcv_gemm_grid *grid_out,
                        char *reason, size_t reason_bytes);

/* Bytes of the packed weights of a group. */
int64_t tcv_gemm_packed_bytes(const struct tcv_problem *problem,
                              const struct tcv_gemm_grid *grid);

struct tcv_gemm_block tcv_gemm_block_at(const struct tcv_problem *problem,
                                        const struct tcv_gemm_grid *grid, int64_t index);

/* Whether a run of y is whole vectors; one alone, which loads an input for each product, of few. */
bool tcv_gemm_fills_vectors(const struct tcv_problem *problem, const struct tcv_gemm_grid *grid,
                            int64_t lanes);

/* Whether all phases of the innermost axis have the same taps, so that they can be one run. */
bool tcv_gemm_joins(const struct tcv_axis *axis);

/* How many taps of the innermost axis have a phase in [0, run), at dilation 1. */
int64_t tcv_gemm_run_taps(const struct tcv_axis *axis, int64_t run);

/* Whether so many lines of memory, `step` bytes from one to the next, find room in L2. */
bool tcv_gemm_sets_hold(int64_t lines, int64_t step);

/* Whether the pixels of every tile lie so in x that a GEMM can read them there. */
bool tcv_gemm_lies_even(const struct tcv_problem *problem, const struct tcv_gemm_grid *grid);

/*
 * Whether kernels of our own take inputs where they lie: tiles of bfloat16 channels side by side,
 * rows() pixels, and lanes() either.  Planes that drive each other out it reads but once.
 */
bool tcv_gemm_takes_in_place(const struct tcv_problem *problem, const struct tcv_gemm_grid *grid);

/* Tiles [first, last] of one axis that outputs [begin, end) fall into. */
struct tcv_gemm_range {
    int64_t first, last;
};
struct tcv_gemm_range tcv_gemm_tiles(const struct tcv_problem *problem,
                                     const struct tcv_gemm_grid *grid, int axis, int64_t begin,
                                     int64_t end);

/* Floor((o + pad_begin) / stride). */
int64_t tcv_gemm_newest(const struct tcv_axis *axis, int64_t o);

#endif
