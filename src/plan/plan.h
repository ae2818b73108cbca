/* plan.h - the plan and the packed weights: values fixed at creation */
#ifndef TCV_PLAN_PLAN_H
#define TCV_PLAN_PLAN_H

#include "algo/algo.h"

#define TCV_ALGORITHMS 7 /* values of tconv_algorithm, AUTO included */

/*
 * Nothing in a plan changes after creation, which is what lets several threads
 * execute it at once, each with its own output and workspace.
 */
struct tconv_plan {
    tconv_desc desc; /* the caller's, to make plans of other sizes from */
    tconv_tensor weights;
    tconv_options options;
    uint32_t features; /* tcv_cpu_feature that the kernels may use */
    struct tcv_problem problem;
    const struct tcv_algo *algo; /* static storage */
    struct tcv_setup setup;
    int32_t threads; /* most that an execution uses; >= 1 */
    size_t workspace_bytes;
    double cost[TCV_ALGORITHMS];    /* by id, as cost() of struct tcv_algo; 0: not considered */
    char refusal[TCV_ALGORITHMS][TCV_REASON_BYTES]; /* by id; "" for the one taken */
};

/* All that packed weights depend on; equal families share them. */
struct tcv_family {
    tconv_algorithm algorithm;
    tconv_op op;
    tconv_dtype dtype;
    int64_t groups, ic, oc;
    int64_t kernel[TCV_AXES], stride[TCV_AXES], down[TCV_AXES], dilation[TCV_AXES];
    enum tcv_gemm_order columns;     /* of the algorithms that have them, else 0 */
    struct tcv_gemm_means means;     /* likewise */
    struct tcv_direct_family direct; /* of direct and bf16x3, zeros for others */
    struct tcv_winograd_family winograd; /* winograd's, likewise */
};

struct tconv_weights {
    struct tcv_family family;
    const struct tcv_algo *algo; /* that packed them: the plan's, or the reference */
    void *packed;                /* TCV_ALIGNMENT aligned, owned */
};

/*
 * choose.c, the only policy: fills algo, setup, threads, workspace_bytes and the
 * refusals of a plan whose other fields are set.  like is NULL or the plan whose
 * packed weights the new one must be able to use.
 */
tconv_status tcv_plan_choose(struct tconv_plan *plan, const struct tconv_plan *like,
                             tconv_error *error);

struct tcv_family tcv_plan_family(const struct tconv_plan *plan);

bool tcv_family_equal(const struct tcv_family *a, const struct tcv_family *b);

/*
 * Packs weights and gives the algorithm that computes with them: the plan's, unless that
 * one multiplies zeros by weights and some are not finite.
 */
const struct tcv_algo *tcv_plan_pack(const struct tconv_plan *plan, const void *w, void *packed,
                                     void *scratch);

/* Runs a checked execution with an algorithm that tcv_plan_pack() gave. */
void tcv_plan_run(const struct tconv_plan *plan, const struct tcv_algo *algo,
                  const struct tcv_run *run, void *workspace);

#endif
