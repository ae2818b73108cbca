/*
 * algo.h - what an algorithm is
 *
 * One file and one row of the table each.  A plan asks prepare() whether and
 * how; the answer is a value, struct tcv_setup, that every later call gets back.
 */
#ifndef TCV_ALGO_ALGO_H
#define TCV_ALGO_ALGO_H

#include "algo/direct_grid.h"
#include "algo/gather.h"
#include "algo/gemm_grid.h"
#include "algo/winograd_grid.h"
#include "base/shares.h"
#include "core/run.h"
#include "kernels/bf16x3.h"
#include "kernels/col2im.h"
#include "kernels/copy_box.h"

#define TCV_REASON_BYTES 200

/* How one algorithm will run one problem. */
struct tcv_setup {
    size_t worker_bytes;  /* workspace of one worker, a multiple of the alignment */
    size_t packed_bytes;  /* of the packed weights */
    size_t pack_bytes;    /* scratch of pack(), or 0 */
    int64_t tile[TCV_AXES]; /* input positions per tile, for explain */
    int64_t tile_channels;
    struct tcv_kernels kernels; /* our copy, for this machine */
    struct tcv_direct_kernels direct_kernels;
    struct tcv_winograd_kernels winograd_kernels;
    struct tcv_bf16x3_kernels bf16x3_kernels;
    struct tcv_gemm_grid gemm;     /* used by gemm, columns and bf16x3, */
    struct tcv_gather_grid gather; /* and this one for convolutions of a stride above 1 */
    struct tcv_direct_grid direct; /* used by direct and bf16x3 alone */
    struct tcv_winograd_grid winograd; /* used by winograd alone */
};

struct tcv_algo {
    tconv_algorithm id;
    const char *name;
    const char *promise; /* of reproducible bits, for explain */

    /*
     * Fills *setup_out for a mask of tcv_cpu_feature and returns true, or says
     * why not.  With `like`, the setup of another size of the problem, weights
     * packed for that one must serve this one too.
     */
    bool (*prepare)(const struct tcv_problem *problem, uint32_t features,
                    const struct tcv_setup *like, struct tcv_setup *setup_out,
                    char reason[TCV_REASON_BYTES]);

    /*
     * Whether auto may take what prepare() allows, or why not; NULL: it may.
     * A caller who asks for the algorithm gets it anyway.
     */
    bool (*recommended)(const struct tcv_problem *problem, const struct tcv_setup *setup,
                        char reason[TCV_REASON_BYTES]);

    /* The time on one thread, in multiply-adds of direct's kernels at full rate. */
    double (*cost)(const struct tcv_problem *problem, const struct tcv_setup *setup);

    /*
     * Writes packed_bytes of packed weights from w, laid out as problem->w, or anything and
     * returns false: it wants finite weights, as it multiplies the zeros around the input too.
     * scratch: of pack_bytes, aligned as allocations are.
     */
    bool (*pack)(const struct tcv_problem *problem, const struct tcv_setup *setup,
                 const void *w, void *packed, void *scratch);

    /* Runs the worker's units of the window with worker_bytes of scratch. */
    void (*work)(const struct tcv_run *run, const struct tcv_setup *setup,
                 struct tcv_worker *worker, void *scratch);

    /* Units of work that can be shared out, into which a window falls; may be 0. */
    int64_t (*units)(const struct tcv_problem *problem, const struct tcv_setup *setup,
                     const struct tcv_window *window);
};

extern const struct tcv_algo tcv_algo_reference;
extern const struct tcv_algo tcv_algo_gemm;
extern const struct tcv_algo tcv_algo_direct;
extern const struct tcv_algo tcv_algo_winograd;
extern const struct tcv_algo tcv_algo_bf16x3;
extern const struct tcv_algo tcv_algo_columns;

/*
 * Whether strides and dilated kernels are small enough for the products of extents
 * that tiles are made of to fit in 63 bits, or why not.  To be asked first.
 */
bool tcv_axes_are_moderate(const struct tcv_problem *p, char reason[TCV_REASON_BYTES]);

/* The weights of a problem as a box, [groups][ic][oc][taps]. */
struct tcv_box tcv_weights_box(const struct tcv_problem *p);

/* Whether weights laid out as p->w are finite. */
bool tcv_weights_are_finite(const struct tcv_problem *p, const void *w);

/* Taps that are dealt out together, at most. */
#define TCV_DEALT_MOST 64

/*
 * Whether the taps of a channel are neighbours in w, forwards or backwards, and few enough to be
 * dealt out; then where they begin there, relative to tap 0.
 */
bool tcv_taps_are_dense(const struct tcv_problem *p, int64_t *lowest_out);

/* Whether one worker's scratch is at most 4 MiB, or why that is not enough. */
bool tcv_worker_fits(size_t worker_bytes, char reason[TCV_REASON_BYTES]);

/* All of them, of equal cost in order of preference; NULL past the end. */
const struct tcv_algo *tcv_algo_at(size_t index);

/* The one with this id, or NULL. */
const struct tcv_algo *tcv_algo_find(tconv_algorithm id);

#endif
