/* gemm_tile.h - one worker's tile of columns, and what fills and empties it */
#ifndef TCV_ALGO_GEMM_TILE_H
#define TCV_ALGO_GEMM_TILE_H

#include "algo/algo.h"
#include "algo/finish.h"

/*
 * One tap of the innermost axis.  It reaches output a * stride + phase from input
 * a - back; index counts the taps of one (kd, kh) as they stand in the block.
 */
struct tcv_gemm_tap {
    int64_t index, back;
};

/*
 * Where a tile lies and the worker's scratch.  Positions along an axis are
 * counted from origin; the columns of position (image, d, h, w) stand at pixel
 * ((image * extent[0] + d) * extent[1] + h) * extent[2] + w.
 */
struct tcv_gemm_tile {
    const struct tcv_run *run;
    const struct tcv_problem *p;
    const struct tcv_gemm_grid *grid;
    const struct tcv_kernels *kernels;
    size_t element;

    int64_t image, images; /* first, and how many */
    int64_t group;
    struct tcv_gemm_block block;
    int64_t tile[TCV_AXES];
    int64_t origin[TCV_AXES], extent[TCV_AXES];
    int64_t row_step, pixel_step; /* of cols, elements */

    char *columns, *input;         /* scratch: cols, and inputs packed for the GEMM */
    char *line;                    /* scratch: the phases of one row, or some lanes */
    char *zeros;                   /* scratch: a row of outputs without taps */
    struct tcv_vectors vectors;    /* scratch: the epilogue's, of the block */
    const void **source;           /* scratch: pointers of one sum */
    const char **outer;            /* scratch: columns of each (kd, kh) of one row */
    const void **rows;             /* scratch: pointers to the phases of one row ... */
    int64_t *row_plane;            /* scratch: ... and from one channel to the next */
    struct tcv_gemm_tap *taps;     /* scratch: of the innermost axis, by phase */
    int64_t *first_tap;            /* scratch: of each phase, [stride + 1] */
};

/* Bytes of scratch that tcv_gemm_tile_init() lays out, a multiple of the alignment. */
size_t tcv_gemm_tile_bytes(const struct tcv_problem *p, const struct tcv_gemm_grid *g);

/* scratch is on a boundary. */
void tcv_gemm_tile_init(struct tcv_gemm_tile *t, const struct tcv_run *run,
                        const struct tcv_setup *setup, void *scratch);

/* Sets origin, extent and steps for t->tile, t->images and t->block. */
void tcv_gemm_tile_place(struct tcv_gemm_tile *t);

/* Computes the columns of the tile's new inputs (all but the sweep axis's halo). */
void tcv_gemm_columns(struct tcv_gemm_tile *t);

/* Moves the last halo positions of the sweep axis to the front. */
void tcv_gemm_carry(struct tcv_gemm_tile *t);

/* Writes the outputs of the window that the tile owns. */
void tcv_gemm_gather(struct tcv_gemm_tile *t);

#endif
