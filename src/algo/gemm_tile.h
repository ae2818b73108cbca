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
    const struct tcv_direct_kernels *direct;
    const struct tcv_bf16x3_kernels *bf16x3;
    size_t element;

    int64_t image, images; /* first, and how many */
    int64_t group;
    struct tcv_gemm_block block;
    int64_t tile[TCV_AXES];
    int64_t origin[TCV_AXES], extent[TCV_AXES];
    int64_t row_step, pixel_step; /* of cols, elements */
    bool joined; /* CHANNELS: pixels follow each other in y, and so do the phases of a row */

    char *columns, *input;         /* scratch: cols, and inputs packed for the GEMM */
    void *operand;                 /* scratch: inputs as kernels of our own want them */
    int64_t *at;                   /* scratch: pixels that they begin tiles or pairs at */
    int64_t *output;               /* scratch: where the outputs of each pixel begin, straight */
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

/*
 * ic_count input channels of one block as [ic][rows], rows in the order of the grid; w: of the
 * group's first channel that is wanted.
 */
void tcv_gemm_pack_block(const struct tcv_problem *p, const struct tcv_gemm_grid *g,
                         const struct tcv_gemm_block *block, int64_t ic_count, const char *w,
                         char *to);

/* Bytes of scratch that tcv_gemm_tile_init() lays out, a multiple of the alignment. */
size_t tcv_gemm_tile_bytes(const struct tcv_problem *p, const struct tcv_gemm_grid *g);

/* scratch is on a boundary. */
void tcv_gemm_tile_init(struct tcv_gemm_tile *t, const struct tcv_run *run,
                        const struct tcv_setup *setup, void *scratch);

/* Sets origin, extent and steps for t->tile, t->images and t->block. */
void tcv_gemm_tile_place(struct tcv_gemm_tile *t);

/* A tile's box of new inputs, all images: all but the sweep axis's halo. */
struct tcv_gemm_box {
    int64_t first[TCV_AXES], size[TCV_AXES]; /* first is an input index */
    int64_t pixels;
    const char *from; /* of the group's channel 0 */
    char *columns;    /* where those of its first pixel go */
};

/* That of a tile that is placed; nothing of it has to exist. */
struct tcv_gemm_box tcv_gemm_new_inputs(const struct tcv_gemm_tile *t);

/* Computes those columns; `next` has the inputs that are wanted afterwards, if any. */
void tcv_gemm_columns(struct tcv_gemm_tile *t, const struct tcv_gemm_box *next);

/* The same for a box of inputs, by direct's kernels or in parts of bfloat16. */
void tcv_gemm_columns_by_vectors(struct tcv_gemm_tile *t, const struct tcv_gemm_box *box,
                                 const struct tcv_gemm_box *next);
void tcv_bf16x3_columns(struct tcv_gemm_tile *t, const struct tcv_gemm_box *box,
                        const struct tcv_gemm_box *next);

/* The one distance in memory between neighbouring pixels of the box; 1 if it is one pixel. */
int64_t tcv_gemm_pixel_distance(const struct tcv_gemm_tile *t, const struct tcv_gemm_box *box);

/* Some input channels of a box, where they lie or copied to t->input. */
struct tcv_gemm_inputs {
    const char *from;
    int64_t channel, pixel; /* elements from one to the next */
    int64_t ic, count, pixels;
};

/* Channels [ic, ic + count), copied if the grid wants it: by pixels if planar, else by channels. */
struct tcv_gemm_inputs tcv_gemm_inputs_of(struct tcv_gemm_tile *t, const struct tcv_gemm_box *box,
                                          int64_t ic, int64_t count);

/*
 * By lanes() of direct's kernels, what they multiply some inputs by: `vectors` of the block's rows
 * from the first on.  c, and where in it pixels are, is the caller's.
 */
struct tcv_direct tcv_gemm_lanes(const struct tcv_gemm_tile *t, const struct tcv_gemm_inputs *in,
                                 int64_t first, int64_t vectors);
void tcv_gemm_sum_pixels(const struct tcv_gemm_tile *t, const struct tcv_direct *args,
                         int64_t pixels);

/* Whether columns of a run's tiles are outputs where they lie; storing those of a tile so. */
bool tcv_gemm_is_straight(struct tcv_gemm_tile *t);
void tcv_gemm_straight(struct tcv_gemm_tile *t);

/* Inputs that are wanted after channels up to `ic` of a box: its others, or those of `next`. */
struct tcv_ask tcv_gemm_ask_for_next(const struct tcv_gemm_tile *t, const struct tcv_gemm_box *box,
                                     const struct tcv_gemm_box *next, int64_t ic);

bool tcv_gemm_is_planar(const struct tcv_gemm_tile *t);

/* Moves the last halo positions of the sweep axis to the front. */
void tcv_gemm_carry(struct tcv_gemm_tile *t);

/*
 * What algorithms of columns share: the rest of prepare(), for a convolution of a stride above 1
 * by the second.  With weights packed for kernels of our own, where bits do not depend on
 * tiles: an image's serve any batch, where those of several would not fit.
 */
bool tcv_gemm_prepare(const struct tcv_problem *p, uint32_t features,
                      const struct tcv_setup *like, struct tcv_gemm_means means,
                      struct tcv_setup *setup_out, char reason[TCV_REASON_BYTES]);
bool tcv_gather_prepare(const struct tcv_problem *p, uint32_t features,
                        const struct tcv_direct_kernels *direct, struct tcv_setup *setup_out,
                        char reason[TCV_REASON_BYTES]);
bool tcv_gemm_prepare_packed(const struct tcv_problem *p, uint32_t features,
                             const struct tcv_setup *like, struct tcv_gemm_means means,
                             struct tcv_setup *setup_out, char reason[TCV_REASON_BYTES]);

/* Whether packing needs no more scratch than tconv.h promises, or why not. */
bool tcv_gemm_packing_fits(size_t bytes, char reason[TCV_REASON_BYTES]);

/* Units and work. */
int64_t tcv_gemm_units(const struct tcv_problem *p, const struct tcv_setup *setup,
                       const struct tcv_window *window);
void tcv_gemm_work(const struct tcv_run *run, const struct tcv_setup *setup,
                   struct tcv_worker *worker, void *scratch);

/* Writes the outputs of the window that the tile owns. */
void tcv_gemm_gather(struct tcv_gemm_tile *t);

#endif
