/*
 * direct_grid.h - how direct cuts a problem: phases, rows, tiles
 *
 * Output o of an axis has o + shift = b * stride + r, and phase r gets its taps
 * from inputs near b: the phase is a convolution of stride 1 over b.  Phases that
 * have the same taps at the same inputs can share one pass as further rows:
 *
 *     c[row][b] = sum over taps, ic of w[tap][ic][row] * x[ic][b - back(tap)]
 *
 * with a row for each output channel and phase of a class.  With MERGED phases,
 * shift is pad_begin and an axis has at most two classes: with kernel = J * stride
 * + rest, phases [0, rest) with J + 1 taps and [rest, stride) with J.  ROWS, which wants
 * many rows at once, has J taps of all phases and the last one of the first `rest`
 * instead, whose products are added to those of the same rows.  Otherwise each phase
 * is its own class and shift is 0, which wastes no position at the border: a phase
 * reads its inputs `carry` further on instead.
 *
 * Where only every down-th position is an output (a convolution's stride), b is the
 * output itself, and its inputs b * down + e of tap j lie in plane j mod planes of
 * the packed input, which holds the inputs of one residue mod down side by side.
 *
 * Four forms put the same products into registers:
 *
 *   ROWS   c[row][position], vectors along the positions; for planes with rows
 *          that are long enough
 *   LANES  c[position][row], vectors along the rows: channels, when those are
 *          contiguous in y, or a run of merged phases
 *   DEPTH  as LANES, for depthwise problems with their channels contiguous: the
 *          groups stand side by side and each weight meets one channel of x
 *   TILES  c[position][row], 16 x 16 in a tile of the processor; bf16x3's
 */
#ifndef TCV_ALGO_DIRECT_GRID_H
#define TCV_ALGO_DIRECT_GRID_H

#include "base/parts.h"
#include "core/problem.h"
#include "kernels/direct.h"

enum tcv_direct_form {
    TCV_DIRECT_ROWS = 1,
    TCV_DIRECT_LANES = 2,
    TCV_DIRECT_DEPTH = 3,
    TCV_DIRECT_TILES = 4
};

/* What packed weights depend on; a plan that is resized keeps it. */
struct tcv_direct_family {
    enum tcv_direct_form form;
    bool merged;
    bool channels_inside; /* rows of a class: [phases][oc], else [oc][phases] */
    bool at_once; /* ROWS: sums are finished as they are made, and c has none of them */
    bool turned; /* c is transposed before it is stored: LANES without long runs in y, or
                    ROWS of few channels that are contiguous there */
    int64_t width, rows_most; /* of the kernels */
    int64_t oc_block, blocks; /* output channels that are computed together */
    int64_t ic_block;         /* input channels whose weights stay in L1 */
};

struct tcv_direct_axis {
    int64_t classes;
    int64_t shift;
    int64_t first, count; /* values of b of the whole output */
    int64_t block;        /* of one tile */
    int64_t planes;       /* residues mod down of the inputs that the taps need */
    int64_t left, right;  /* b needs no more than inputs b - left ... b + right; >= 0 */
};

struct tcv_direct_grid {
    struct tcv_direct_family family;
    struct tcv_direct_axis axis[TCV_AXES];
    int64_t images;    /* of one tile: LANES takes small ones together */
    bool skips;        /* LANES: zeros around the inputs, where they are many */
    bool straight;     /* LANES: sums are outputs, stored as such where those lie so */
    bool planes;       /* packed input: [ic][position], else [position][ic] */
    int64_t ic_chunk;  /* input channels that are packed at once */
    int64_t c_rows;    /* of c, all classes of a block of channels */
    int64_t weights;   /* packed, of a block; that of the last block of a group may be less */
    int64_t weights_last;
    bool weights_leave; /* a group's leave L2 before the next tile reads them; for ROWS */
    int64_t positions; /* most positions of c */
    int64_t inputs;    /* most positions of packed input, for one channel */
    int64_t ic_pitch;  /* !planes: elements between positions */
};

/*
 * One class of phases of one axis: r in [lo, hi).  Tap j of phase r is k + r - lo +
 * j * k_step, and its input lies back + j * back_step behind floor((o + pad_begin) /
 * stride).
 */
struct tcv_direct_class {
    int64_t lo, hi, taps;
    int64_t k, k_step, back, back_step;
};

/* The phases [lo, hi) of an axis, which have the same taps, as a class. */
struct tcv_direct_class tcv_direct_class_from(const struct tcv_axis *axis, int64_t lo, int64_t hi);

/* Writes the classes of one axis to `to`, unless that is NULL, and counts them. */
int64_t tcv_direct_list_classes(const struct tcv_axis *axis, const struct tcv_direct_family *f,
                                struct tcv_direct_class *to);

/*
 * Whether an axis has two classes that share rows of c, of which class 0 has all; and whether
 * a triple of classes adds to the rows of others.
 */
bool tcv_direct_stacks(const struct tcv_axis *axis, const struct tcv_direct_family *f);
bool tcv_direct_adds(const struct tcv_problem *p, const struct tcv_direct_family *f,
                     const int64_t class_index[TCV_AXES]);

/* Classes of each axis; they depend on what packed weights depend on, and lie there. */
struct tcv_direct_tables {
    const struct tcv_direct_class *of[TCV_AXES];
};

/* Unmerged: phases are numbered by (o + pad_begin) mod stride; o mod stride of phase r, ... */
int64_t tcv_direct_output_phase(const struct tcv_axis *axis, int64_t r);
/* ... and how many inputs further on than floor(o / stride) its taps are counted from. */
int64_t tcv_direct_carry(const struct tcv_axis *axis, int64_t r);

/* Residues mod down of the inputs that the taps of an axis need. */
int64_t tcv_direct_planes(const struct tcv_axis *axis);

/* down > 1: where the inputs of tap j begin, in plane j mod planes: b * down + this. */
int64_t tcv_direct_tap_input(const struct tcv_axis *axis, int64_t j);

/* Rows of a block of oc_count channels in one class box, and its share of packed weights. */
struct tcv_direct_rows {
    int64_t phases[TCV_AXES]; /* of each axis */
    int64_t rows, padded;     /* padded: to whole vectors, for LANES */
    int64_t taps;
};
struct tcv_direct_rows tcv_direct_rows_of(const struct tcv_direct_tables *tables,
                                          const struct tcv_direct_family *f,
                                          const int64_t class_index[TCV_AXES], int64_t oc_count);

/* Chooses for a new family of plans, for a mask of tcv_cpu_feature; and for bf16x3, of TILES. */
struct tcv_direct_family tcv_direct_family_init(const struct tcv_problem *p, uint32_t features);
struct tcv_direct_family tcv_bf16x3_family_init(const struct tcv_problem *p);

/* Whether the positions of a tile are one line, with what lies between its rows: ROWS, TILES. */
bool tcv_direct_is_flat(const struct tcv_direct_family *f);

/* So many elements, or a few more, in whole vectors. */
static inline int64_t tcv_direct_whole(const struct tcv_direct_family *f, int64_t elements)
{
    return (elements + f->width - 1) / f->width * f->width;
}

/* Most taps of a phase, where dilation and stride have no common factor; else fewer than that. */
int64_t tcv_direct_phase_taps(const struct tcv_problem *p);

/* Input channels as they are multiplied: TILES takes whole steps. */
int64_t tcv_direct_ic_padded(const struct tcv_problem *p, const struct tcv_direct_family *f);

/* Bytes of a packed weight, and of a packed input: all parts of TILES. */
int64_t tcv_direct_number_bytes(const struct tcv_problem *p, const struct tcv_direct_family *f);

/* Bytes of the tables, a multiple of the alignment; and filling them at `to`. */
size_t tcv_direct_tables_bytes(const struct tcv_problem *p, const struct tcv_direct_family *f);
void tcv_direct_tables_init(const struct tcv_problem *p, const struct tcv_direct_family *f,
                            void *to);
struct tcv_direct_tables tcv_direct_tables_at(const struct tcv_problem *p,
                                              const struct tcv_direct_family *f, const void *at);

bool tcv_direct_grid_init(const struct tcv_problem *p, const struct tcv_direct_family *family,
                          struct tcv_direct_grid *grid_out, char *reason, size_t reason_bytes);

/* The input that the first tap of a class meets, relative to b; down = 1. */
int64_t tcv_direct_first_input(const struct tcv_axis *axis, const struct tcv_direct_family *f,
                               const struct tcv_direct_class *c);

/*
 * Of the products of positions and taps, the share that meets an input and not the zeros around
 * it.  Of less than TCV_DIRECT_MET_LEAST, LANES leaves out what meets zeros.
 */
#define TCV_DIRECT_MET_LEAST 0.6
double tcv_direct_met(const struct tcv_problem *p);

/* Positions past the packed input that whole vectors may read; they hold zeros. */
int64_t tcv_direct_slack(const struct tcv_direct_grid *g);

/* Groups that are computed one after the other: DEPTH takes them as channels of one. */
int64_t tcv_direct_groups(const struct tcv_problem *p, const struct tcv_direct_family *f);

/* Packed weights of all blocks of a group. */
int64_t tcv_direct_group_weights(const struct tcv_direct_grid *g);

/* Channels of block index. */
int64_t tcv_direct_oc_count(const struct tcv_problem *p, const struct tcv_direct_family *f,
                            int64_t block);

/*
 * Parts into which the padded rows of a class fall: equal ones of at most rows_most
 * (ROWS), or vectors (LANES).
 */
#define TCV_DIRECT_PART_MOST 16

struct tcv_parts tcv_direct_parts(const struct tcv_direct_family *f, int64_t padded);

/* Visits every triple of classes: index[] counts up like an odometer; false after the last. */
bool tcv_direct_next_class(const struct tcv_direct_grid *g, int64_t index[TCV_AXES]);

#endif
