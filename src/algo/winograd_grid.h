/*
 * winograd_grid.h - how winograd cuts a problem: filters, tiles, units
 *
 * With o + pad_begin = b * stride + r, phase r of an axis is a filter over one row x,
 *
 *     y[b * stride + r] = sum over j < taps of w[r + j * stride] * x[b - j]
 *
 * of as many taps as fit in the kernel, so all phases share the transform of x.  With
 * kernel = (taps - 1) * stride + rest, phases [0, rest) have `taps` of them and the others
 * one less.  F(m, taps) computes the first for m neighbouring b at once, F(m, taps - 1) the
 * others, whose points follow (winograd.h): a tile.  Tile t of an axis takes b in
 * [first + m t, first + m (t + 1)), whatever the window.
 *
 * Where pad_begin is no multiple of the stride, the first phases begin one b later than
 * the others, so one b more is computed than a phase has outputs.  For a whole kernel,
 * `shift` = pad_begin mod stride may be left out of the padding instead: phases are
 * numbered from `shift` on, and the last `shift` of them see the inputs one further on.
 * They take F(2, 2) beside F(2, 2), more transforms for fewer tiles: 4 instead of 5 where
 * a phase has 8 outputs.
 *
 * A convolution of stride `down` sums over as many sequences of inputs.  Tap k = rho + j * down
 * of output b meets input (b - j) * down + offset - rho, so for each rho < planes there is a
 * filter over one of them, and they are all summed:
 *
 *     y[b] = sum over rho, j of w[rho + j * down] * x_rho[b - j]
 *
 * That is the same as above with one phase and `planes` times the channels; a rho that has
 * one tap less than the others gets a zero.
 *
 * With several axes the transforms follow each other and the points multiply: for each
 * of them there remains one product
 *
 *     c[point][row][tile] = sum over c of u[point][row][c] * v[point][c][tile]
 *
 * with a row for each output channel and phase, and c an input channel and its plane.  A
 * tile's column depends on nothing but its own inputs, so tiles of any rows and images are
 * taken together: a unit is a run of `positions` tiles of the window, numbered image by image,
 * and a block of output channels.
 */
#ifndef TCV_ALGO_WINOGRAD_GRID_H
#define TCV_ALGO_WINOGRAD_GRID_H

#include "base/parts.h"
#include "core/problem.h"
#include "kernels/winograd.h"

/* What packed weights depend on; a plan that is resized keeps it. */
struct tcv_winograd_family {
    enum tcv_winograd_form form[TCV_AXES]; /* of the phases with the most taps */
    int64_t shift[TCV_AXES];               /* see above */
    int64_t rows_most; /* of the kernel that multiplies */
    int64_t oc_block, ic_block;
};

struct tcv_winograd_axis {
    int64_t taps, outputs;     /* of the form */
    int64_t inputs;            /* of both forms */
    int64_t rest, stride;      /* phases of the form; all of them */
    enum tcv_winograd_form also; /* of the other phases, or 1_1 */
    int64_t own, points;       /* points of the form; of both */
    int64_t distinct;          /* of their weights: points u >= distinct have the last again */
    int64_t shift, pad;        /* whose sum is pad_begin */
    int64_t first;             /* b where tile 0 begins */
    int64_t down, planes, offset; /* of inputs, see above; offset = 0 where down = 1 */
};

struct tcv_winograd_grid {
    struct tcv_winograd_family family;
    struct tcv_winograd_axis axis[TCV_AXES];
    int64_t points, phases, outputs; /* products over the axes */
    bool dense;           /* packed weights begin with a dense copy: points do not tell all taps */
    int64_t channels;     /* that are summed: of a group's inputs, with all their planes */
    int64_t point_phases; /* of all points together: the phases that each one has */
    int64_t weight_phases; /* likewise, of points that do not share the weights of another */
    int64_t phases_most;  /* of one point */
    int64_t blocks;     /* of output channels, in a group */
    int64_t positions;  /* tiles of a unit, a multiple of the vectors' width */
    int64_t ic_chunk;   /* of `channels`, whose points are kept at once */
    int64_t store_channels; /* output channels that are transformed back at once */
    bool leaves;        /* points and weights of a block leave L2 before they are read again */

    /* Elements between channels of the points, and between points, products, planes. */
    int64_t points_pitch, point_step, product_step, plane_step;
};

/*
 * The phases that have one form on each axis: `count` of them from `phase` on, whose points
 * begin at `point`.
 */
struct tcv_winograd_filter {
    enum tcv_winograd_form form[TCV_AXES];
    int64_t phase[TCV_AXES], phases[TCV_AXES], point[TCV_AXES];
    int64_t taps, distinct, count; /* products over the axes */
};

/* Filter `index`: bit a is set for the phases of axis a of the other form; count 0: none. */
#define TCV_WINOGRAD_FILTERS (1 << TCV_AXES)
struct tcv_winograd_filter tcv_winograd_filter_at(const struct tcv_winograd_grid *g, int index);

/* Where the weights of point [u0][u1][u2] begin, for one pair of channels. */
int64_t tcv_winograd_weights_before(const struct tcv_winograd_grid *g,
                                    const int64_t u[TCV_AXES]);

/* Output channels of block `index`, and rows of a block. */
int64_t tcv_winograd_oc_count(const struct tcv_problem *p, const struct tcv_winograd_grid *g,
                              int64_t index);

/*
 * Channel c of those that are summed: plane rho[] of input channel ic, the first of `run`
 * neighbours in the same plane.  A few input channels have all their planes one after the
 * other, for those lie in the same lines of memory; the plane of the next rho along the rows is
 * `next` channels on, where there are several.
 */
struct tcv_winograd_channel {
    int64_t ic, run, next, rho[TCV_AXES];
};
struct tcv_winograd_channel tcv_winograd_channel_at(const struct tcv_problem *p,
                                                    const struct tcv_winograd_grid *g,
                                                    int64_t c);

/*
 * Chooses for a new family of plans and vectors of `width`, or says why there is none;
 * frugal: the filters that take the least memory.  The batch has no part in it, for its
 * images are to have the same bits in another one.
 */
bool tcv_winograd_family_init(const struct tcv_problem *p, int64_t rows_most, int64_t width,
                              bool frugal, struct tcv_winograd_family *family_out, char *reason,
                              size_t reason_bytes);

/* width: of a vector. */
void tcv_winograd_grid_init(const struct tcv_problem *p,
                            const struct tcv_winograd_family *family, int64_t width,
                            struct tcv_winograd_grid *grid_out);

/*
 * Where packed weights have the one of a group's channels ic and oc and of tap k[], and how many
 * input channels from ic on have it `step` elements apart: in the dense copy if there is one, else
 * among the points, for of one or two taps the first and the last point are the taps.
 */
struct tcv_winograd_weight {
    int64_t at, step, run;
};
struct tcv_winograd_weight tcv_winograd_weight_at(const struct tcv_problem *p,
                                                  const struct tcv_winograd_grid *g, int64_t group,
                                                  int64_t ic, int64_t oc,
                                                  const int64_t k[TCV_AXES]);

/* Elements of the dense copy that comes before the points, if g->dense. */
int64_t tcv_winograd_dense(const struct tcv_problem *p, const struct tcv_winograd_grid *g);

/* Bytes of packed weights: the copy and the points; false if they overflow. */
bool tcv_winograd_packed_bytes(const struct tcv_problem *p, const struct tcv_winograd_grid *g,
                               size_t *bytes_out);

/* Tiles [first, last] of an axis that hold the outputs [begin, end). */
struct tcv_winograd_range {
    int64_t first, last;
};
struct tcv_winograd_range tcv_winograd_tiles(const struct tcv_winograd_grid *g, int a,
                                             const struct tcv_window *window);

/*
 * How many times larger the bound of the error is than that of the direct sums, by
 * docs/numerics.md.
 */
#define TCV_WINOGRAD_RATIO_MOST 4.0 /* that auto may take */
double tcv_winograd_error_ratio(const struct tcv_problem *p, const struct tcv_winograd_grid *g);

#endif
