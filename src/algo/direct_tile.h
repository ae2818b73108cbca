/* direct_tile.h - one worker's tile of direct: packed input and sums */
#ifndef TCV_ALGO_DIRECT_TILE_H
#define TCV_ALGO_DIRECT_TILE_H

#include "algo/algo.h"
#include "algo/finish.h"

/*
 * Packed input holds, for each axis, the inputs [begin - left, end + right), zeros
 * where there are none; position 0 of c is input (begin, begin, begin).
 *
 * LANES sums two positions at a time: neighbours of a row or, where a tile has several
 * images, the same position of two of them.  All images then stand side by side at each
 * position, their number `side` made even; c, turned, has an image after the other.
 */
struct tcv_direct_box {
    int64_t begin, end; /* values of b */
    int64_t left, extent;
};

/* Tiles [first, last] of an axis that the window falls into. */
struct tcv_direct_range {
    int64_t first, last;
};

/* What the places of taps and of their weights depend on, and the weights that they met. */
struct tcv_direct_placed {
    const char *w; /* NULL: none */
    int64_t oc_count, plane, origin, extent[TCV_AXES];
};

/* What a tile asks for beside weights: its outputs, and the inputs of the next one. */
#define TCV_DIRECT_SOON (TCV_DIRECT_AHEADS - 1)

struct tcv_direct_tile {
    const struct tcv_run *run;
    const struct tcv_problem *p;
    const struct tcv_direct_grid *g;
    const struct tcv_direct_family *f;
    const struct tcv_kernels *kernels;
    const struct tcv_direct_kernels *direct;
    const struct tcv_bf16x3_kernels *bf16x3;
    size_t element;

    const char *weights;         /* packed, of group 0 and block 0 */
    struct tcv_direct_range tiles[TCV_AXES];
    int64_t image, images;       /* the first, and how many */
    int64_t group, block;        /* block of output channels */
    int64_t oc, oc_count;
    int64_t tile[TCV_AXES];
    struct tcv_direct_box box[TCV_AXES];
    int64_t plane;       /* positions of one plane of packed input */
    int64_t image_inputs; /* and of one image */
    int64_t origin;      /* packed position of c's position 0 */
    int64_t positions;   /* of c */
    int64_t side;        /* images that are side by side at each position of c; see there */
    int64_t row_width;   /* positions of an image from one row of outputs to the next */
    int64_t plane_rows;  /* and rows from one plane to the next */

    char *x, *c;         /* scratch: packed input, of TILES a step of it; sums */
    uint16_t *parts;     /* TILES, scratch: packed input, [steps][parts][inputs][step] */
    bool wild;           /* TILES: some input was not split */
    struct tcv_ask soon[TCV_DIRECT_SOON]; /* ROWS */
    char *turned;        /* of planes: c of LANES with rows and positions exchanged */
    char *line, *zeros;  /* scratch */
    bool joined; /* channels inside: the phases of a row follow each other in y as well */
    int64_t c_width;     /* elements from one position to the next of c, or of c turned */
    int64_t together;    /* pixels that are stored as one, joined */
    struct tcv_vectors vectors; /* scratch: the epilogue's, of the block and each phase */
    const void **rows;   /* scratch: the phases of one row */
    int64_t *first_row;  /* scratch: [stride] row of c of phase r and channel 0, or -1 */
    int64_t *row_step;   /* scratch: [stride] rows from one channel to the next */
    int64_t *row_pitch;  /* scratch: [stride] elements from one plane to the next */
    int64_t *pair, *tap, *w_tap; /* scratch, as in struct tcv_direct; pair: of TILES the tiles */
    bool straight;               /* LANES: sums are stored where they lie in y ... */
    int64_t *c_at;               /* scratch: ... as in struct tcv_direct */
    int64_t *some_tap, *some_w;  /* scratch: those of them that a block of positions needs */
    struct tcv_products *taps_of; /* DEPTH, at once, scratch: [classes] */
    int64_t classes;
    struct tcv_direct_placed placed;
    struct tcv_products *products; /* at once, scratch: [stride] those of phase r of a row */
    struct tcv_direct_tables tables; /* in the packed weights */
    int64_t *class_of[TCV_AXES]; /* scratch: [stride] class of phase r, or -1 */
    int64_t *c_row;      /* scratch: as in struct tcv_direct */
    int64_t *class_row;  /* scratch: first row of c of each class triple */
};

size_t tcv_direct_tile_bytes(const struct tcv_problem *p, const struct tcv_direct_grid *g);

void tcv_direct_tile_init(struct tcv_direct_tile *t, const struct tcv_run *run,
                          const struct tcv_setup *setup, void *scratch);

/* Places the boxes of t->tile within the run's window. */
void tcv_direct_tile_place(struct tcv_direct_tile *t);

/* Packs the inputs of channels [ic, ic + count) of the group. */
void tcv_direct_input(struct tcv_direct_tile *t, int64_t ic, int64_t count);

/* Where in the packed input the taps of a class are, relative to position 0 of c. */
void tcv_direct_find_taps(const struct tcv_direct_tile *t, const int64_t index[TCV_AXES],
                          int64_t *to);

/* LANES: finds the pairs of positions of the tile. */
void tcv_direct_find_pairs(struct tcv_direct_tile *t);

/* LANES: as lanes() of the kernels, for one class and t->pair, with or without taps in zeros. */
void tcv_direct_sum_lanes(const struct tcv_direct_tile *t, const int64_t index[TCV_AXES],
                          struct tcv_direct *args);

/*
 * Whether the sums of a tile that is placed are outputs where they lie; then its pairs; and, for
 * one class, lanes() with `all` of its vectors, c apart.
 */
bool tcv_direct_is_straight(const struct tcv_direct_tile *t);
void tcv_direct_find_straight(struct tcv_direct_tile *t);
void tcv_direct_sum_straight(const struct tcv_direct_tile *t, const int64_t index[TCV_AXES],
                             const struct tcv_direct *all);

/* TILES: finds the tiles of 16 positions. */
void tcv_bf16x3_find_tiles(struct tcv_direct_tile *t);

/* TILES: packs the inputs of channels [ic, ic + count); ic begins a step. */
void tcv_bf16x3_input(struct tcv_direct_tile *t, int64_t ic, int64_t count);

/* TILES: adds the block of channels from ic on, of those packed from `first` on, to all sums. */
void tcv_bf16x3_sum(struct tcv_direct_tile *t, const char *w, int64_t ic, int64_t count,
                    int64_t first);

/* TILES: adds the products of inputs that were not split. */
void tcv_bf16x3_add_wild(struct tcv_direct_tile *t, const char *w);

/* Units and work of an algorithm in one of the forms of direct. */
int64_t tcv_direct_units(const struct tcv_problem *p, const struct tcv_setup *setup,
                         const struct tcv_window *window);
void tcv_direct_work(const struct tcv_run *run, const struct tcv_setup *setup,
                     struct tcv_worker *worker, void *scratch);

/* The rest of prepare(), for a family that is chosen. */
bool tcv_direct_prepare(const struct tcv_problem *p, uint32_t features,
                        const struct tcv_direct_family *family, struct tcv_setup *setup_out,
                        char reason[TCV_REASON_BYTES]);

/* Outputs of the window along one axis that the tile owns. */
void tcv_direct_owned(const struct tcv_direct_tile *t, int a, int64_t *begin_out,
                      int64_t *end_out);

/* DEPTH, at once: finds the taps of the tile, in the packed weights of its block. */
void tcv_direct_depth_place(struct tcv_direct_tile *t, const char *w);

/* DEPTH: sums and writes the outputs of the window that the tile owns, for t->block. */
void tcv_direct_depth_store(struct tcv_direct_tile *t);

/*
 * The inputs of t->tile, placed or not, of channels [ic, ic + channels), to be asked for: none but
 * of ROWS that leave L2, of tiles of whole rows or of a single one; of the outermost axis the
 * first.
 */
struct tcv_ask tcv_direct_inputs(const struct tcv_direct_tile *t, int64_t ic, int64_t channels);

/* Those outputs, to be asked for: none but of ROWS that leave L2 and do not go past the caches. */
struct tcv_ask tcv_direct_outputs(const struct tcv_direct_tile *t);

/* Writes the outputs of the window that the tile owns, for t->block. */
void tcv_direct_store(struct tcv_direct_tile *t);

#endif
