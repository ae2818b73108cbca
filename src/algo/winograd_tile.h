/* winograd_tile.h - one worker's unit of winograd: points, products and sums */
#ifndef TCV_ALGO_WINOGRAD_TILE_H
#define TCV_ALGO_WINOGRAD_TILE_H

#include "algo/algo.h"
#include "algo/finish.h"

/* Neighbouring tiles of one row of an image: positions [at, at + count) of the unit. */
struct tcv_winograd_segment {
    int64_t image, tile[TCV_AXES], at, count;
    int64_t in[TCV_AXES]; /* input where plane 0 of its inputs begins */
    int64_t elements;     /* of a row of inputs */
    int64_t lo, hi;       /* those of plane 0 that exist */
};

/* Channels that are neighbours in x are transposed together, at most these many. */
#define TCV_WINOGRAD_TURNED 16

struct tcv_winograd_tile {
    const struct tcv_run *run;
    const struct tcv_problem *p;
    const struct tcv_winograd_grid *g;
    const struct tcv_kernels *kernels;
    const struct tcv_direct_kernels *direct;
    const struct tcv_winograd_kernels *transform;
    size_t element;
    struct tcv_winograd_filter filter[TCV_WINOGRAD_FILTERS];

    int64_t group, block;  /* of output channels */
    int64_t oc, oc_count;
    int64_t first, count;  /* tiles of the window */
    int64_t segments;
    bool wild;             /* an input was not finite or too large to transform */
    bool marked;           /* `bad` is filled */

    struct tcv_winograd_segment *segment; /* scratch: [positions] */
    char *points;          /* scratch: [point][channel and plane][positions] */
    char *products;        /* scratch: [point][row][positions] */
    int64_t together;      /* planes of a channel whose rows are read at once */
    char *planes;          /* scratch: [together][input, point or output of each axis][positions] */
    int64_t room;          /* elements of `lines` */
    char *lines, *zeros;   /* scratch: rows of inputs; one of zeros */
    char *inputs;          /* scratch: rows of some channels, transposed */
    int64_t turned_pitch;  /* elements of each of those; 0: channels are not transposed */
    const void **line_of;  /* scratch: where rows of inputs are */
    char *watch;           /* scratch: a vector */
    char *sums;            /* scratch: [row][output of outer axes][positions][output] */
    char *turned;          /* scratch: a row of outputs of each channel, transposed */
    bool *bad;             /* scratch: [positions] whose sums go another way */
    const void **rows_of;  /* scratch: the phases of one row */
    int64_t *row_step;     /* scratch: [stride] */
    bool joined;           /* the pixels of a row follow each other in y */
    struct tcv_vectors vectors; /* scratch: the epilogue's, of the block; joined: and phase */
};

size_t tcv_winograd_tile_bytes(const struct tcv_problem *p, const struct tcv_winograd_grid *g);

void tcv_winograd_tile_init(struct tcv_winograd_tile *t, const struct tcv_run *run,
                            const struct tcv_setup *setup, void *scratch);

/* Lists the segments of tiles [first, first + count) of the window. */
void tcv_winograd_tile_place(struct tcv_winograd_tile *t);

/* Elements of one line of sums: the positions' outputs along the innermost axis. */
int64_t tcv_winograd_sums_pitch(const struct tcv_winograd_grid *g);

/* Elements of a row of inputs that `count` tiles read in vectors of `width`, a power of 2. */
int64_t tcv_winograd_line_elements(const struct tcv_winograd_grid *g, int64_t count,
                                   int64_t width);

/* Finds where the inputs of a segment are. */
void tcv_winograd_place_inputs(const struct tcv_winograd_tile *t, struct tcv_winograd_segment *s);

/* Transforms the inputs of channels [ic, ic + count) of those that are summed. */
void tcv_winograd_input(struct tcv_winograd_tile *t, int64_t ic, int64_t count);

/* Finds the bad positions, if inputs are wild. */
void tcv_winograd_mark(struct tcv_winograd_tile *t);

/* Replaces the sums of the bad positions, for channels [oc, oc + count) of the block. */
void tcv_winograd_patch(struct tcv_winograd_tile *t, int64_t oc, int64_t count);

/* Transforms the products back and writes the outputs of the window. */
void tcv_winograd_store(struct tcv_winograd_tile *t);

/* winograd_pack.c: the algorithm's pack(), and the scratch that it wants. */
size_t tcv_winograd_pack_bytes(const struct tcv_problem *p, const struct tcv_setup *setup);
bool tcv_winograd_pack(const struct tcv_problem *p, const struct tcv_setup *setup, const void *w,
                       void *packed, void *scratch);

#endif
