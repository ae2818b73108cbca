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
 * + rest, phases [0, rest) with J + 1 taps and [rest, stride) with J.  Otherwise
 * each phase is its own class and shift is 0, which wastes no position at the
 * border: a phase reads its inputs `carry` further on instead.
 *
 * Two forms put the same products into registers:
 *
 *   ROWS   c[row][position], vectors along the positions; for planes with rows
 *          that are long enough
 *   LANES  c[position][row], vectors along the rows: channels, when those are
 *          contiguous in y, or a run of merged phases
 */
#ifndef TCV_ALGO_DIRECT_GRID_H
#define TCV_ALGO_DIRECT_GRID_H

#include "core/problem.h"
#include "kernels/direct.h"

enum tcv_direct_form { TCV_DIRECT_ROWS = 1, TCV_DIRECT_LANES = 2 };

/* What packed weights depend on; a plan that is resized keeps it. */
struct tcv_direct_family {
    enum tcv_direct_form form;
    bool merged;
    bool channels_inside; /* rows of a class: [phases][oc], else [oc][phases] */
    int64_t width, rows_most; /* of the kernels */
    int64_t oc_block, blocks; /* output channels that are computed together */
    int64_t ic_block;         /* input channels whose weights stay in L1 */
};

/* LANES whose lanes are not contiguous in y: c is transposed before it is stored. */
static inline bool tcv_direct_turns(const struct tcv_direct_family *f)
{
    return f->form == TCV_DIRECT_LANES && !f->channels_inside && !f->merged;
}

struct tcv_direct_axis {
    int64_t shift;
    int64_t first, count; /* values of b of the whole output */
    int64_t block;        /* of one tile */
    int64_t left, right;  /* b needs no more than inputs b - left ... b + right; >= 0 */
    int64_t classes;
};

struct tcv_direct_grid {
    struct tcv_direct_family family;
    struct tcv_direct_axis axis[TCV_AXES];
    bool planes;       /* packed input: [ic][position], else [position][ic] */
    int64_t ic_chunk;  /* input channels that are packed at once */
    int64_t c_rows;    /* of c, all classes of a block of channels */
    int64_t positions; /* most positions of c */
    int64_t inputs;    /* most positions of packed input, for one channel */
    int64_t ic_pitch;  /* !planes: elements between positions */
};

/* One class of phases of one axis: r in [lo, hi), each with `taps` taps. */
struct tcv_direct_class {
    int64_t lo, hi, taps;
};

/* Class index of an axis. */
struct tcv_direct_class tcv_direct_class_at(const struct tcv_axis *axis, bool merged,
                                            int64_t index);

/* The class that phase r of the axis lies in, or -1 if it has no taps. */
int64_t tcv_direct_class_of(const struct tcv_axis *axis, bool merged, int64_t r);

/* Tap j of phase r, and by how much its input lies behind floor((o + pad_begin) / stride). */
struct tcv_direct_tap {
    int64_t k, back;
};
struct tcv_direct_tap tcv_direct_tap_at(const struct tcv_axis *axis, int64_t r, int64_t j);

/* Unmerged: phases are numbered by (o + pad_begin) mod stride; o mod stride of phase r, ... */
int64_t tcv_direct_output_phase(const struct tcv_axis *axis, int64_t r);
/* ... and how many inputs further on than floor(o / stride) its taps are counted from. */
int64_t tcv_direct_carry(const struct tcv_axis *axis, int64_t r);

/* Rows of a block of oc_count channels in one class box, and its share of packed weights. */
struct tcv_direct_rows {
    int64_t phases[TCV_AXES]; /* of each axis */
    int64_t rows, padded;     /* padded: to whole vectors, for LANES */
    int64_t taps;
};
struct tcv_direct_rows tcv_direct_rows_of(const struct tcv_problem *p,
                                          const struct tcv_direct_family *f,
                                          const int64_t class_index[TCV_AXES], int64_t oc_count);

/* Chooses for a new family of plans, for a mask of tcv_cpu_feature. */
struct tcv_direct_family tcv_direct_family_init(const struct tcv_problem *p, uint32_t features);

bool tcv_direct_grid_init(const struct tcv_problem *p, const struct tcv_direct_family *family,
                          struct tcv_direct_grid *grid_out, char *reason, size_t reason_bytes);

/* Positions past the packed input that whole vectors may read; they hold zeros. */
int64_t tcv_direct_slack(const struct tcv_direct_grid *g);

/* Elements of packed weights of one block of oc_count channels, and of a whole group. */
int64_t tcv_direct_packed(const struct tcv_problem *p, const struct tcv_direct_family *f,
                          int64_t oc_count);
int64_t tcv_direct_packed_group(const struct tcv_problem *p, const struct tcv_direct_family *f);

/* Channels of block index. */
int64_t tcv_direct_oc_count(const struct tcv_problem *p, const struct tcv_direct_family *f,
                            int64_t block);

/*
 * Parts into which the padded rows of a class are packed: equal ones of at most
 * rows_most (ROWS), or vectors (LANES).
 */
int64_t tcv_direct_parts(const struct tcv_direct_family *f, int64_t rows);

#endif
