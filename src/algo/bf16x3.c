/*
 * bf16x3.c - direct's phases or gemm's columns, each float the sum of three bfloat16
 *
 * Where a processor multiplies bfloat16 sixteen times as fast as floats, six of the nine products
 * of the parts of two floats take less time than the product of the floats, and lose no more than
 * two roundings of it (kernels/bf16x3.h).
 *
 * The rest is direct: its phases, tiles, packed input with zeros around, and stores.  Or, where
 * that costs less, gemm: few output channels leave tiles of 16 rows empty, but with their taps
 * they fill them; nothing is shifted or padded; and what col2im adds is little.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "algo/bf16x3_parts.h"
#include "algo/cost.h"
#include "algo/direct_pack.h"
#include "algo/direct_tile.h"
#include "algo/gemm_tile.h"
#include "base/cpu.h"

/* Of a direct sum's bound, where auto may take it. */
#define BOUND_MOST 4.0

static bool refuse(const char *why, char reason[TCV_REASON_BYTES])
{
    snprintf(reason, TCV_REASON_BYTES, "%s", why);
    return false;
}

static bool by_columns(const struct tcv_setup *setup)
{
    return setup->gemm.means.by == TCV_GEMM_PARTS;
}

static bool prepare_phases(const struct tcv_problem *p, uint32_t features,
                           const struct tcv_setup *like, struct tcv_setup *setup_out,
                           char reason[TCV_REASON_BYTES])
{
    const struct tcv_direct_family family =
        like != NULL ? like->direct.family : tcv_bf16x3_family_init(p);

    if (!tcv_direct_prepare(p, features, &family, setup_out, reason))
        return false;
    setup_out->pack_bytes =
        (size_t)tcv_bf16x3_pack_floats(p, &setup_out->direct) * sizeof(float);
    return true;
}

static bool prepare_columns(const struct tcv_problem *p, uint32_t features,
                            const struct tcv_setup *like, struct tcv_setup *setup_out,
                            char reason[TCV_REASON_BYTES])
{
    const struct tcv_gemm_means parts = {TCV_GEMM_PARTS, TCV_BF16X3_ROWS, 0};

    if (tcv_gathers(p))
        return refuse("a convolution of a stride above 1 has no columns to sum", reason);
    setup_out->bf16x3_kernels = tcv_bf16x3_select(features);
    return tcv_gemm_prepare_packed(p, features, like, parts, setup_out, reason);
}

/* Whether columns take less time.  Asked of one image, as bits must not depend on the batch. */
static bool prefers_columns(const struct tcv_problem *p, uint32_t features)
{
    struct tcv_problem image = *p;
    struct tcv_setup phases = {0}, columns = {0};
    char reason[TCV_REASON_BYTES];

    image.batch = 1;
    if (!prepare_columns(&image, features, NULL, &columns, reason))
        return false;
    return !prepare_phases(&image, features, NULL, &phases, reason) ||
           tcv_bf16x3_columns_cost(&image, &columns) < tcv_bf16x3_cost(&image, &phases);
}

static bool prepare(const struct tcv_problem *p, uint32_t features,
                    const struct tcv_setup *like, struct tcv_setup *setup_out,
                    char reason[TCV_REASON_BYTES])
{
    if (p->dtype != TCONV_F32)
        return refuse("it computes in float only", reason);
    if (tcv_bf16x3_select(features).sums == NULL)
        return refuse("this processor or its system has no AMX tiles of bfloat16", reason);
    if (!tcv_axes_are_moderate(p, reason))
        return false;
    if (!tcv_cpu_permit_tiles())
        return refuse("the system gives this process no AMX tiles, as a signal stack of its is too "
                      "small for their state", reason);
    return (like != NULL ? by_columns(like) : prefers_columns(p, features))
               ? prepare_columns(p, features, like, setup_out, reason)
               : prepare_phases(p, features, like, setup_out, reason);
}

/* The bound of docs/numerics.md against that of a direct sum. */
static bool recommended(const struct tcv_problem *p, const struct tcv_setup *setup,
                        char reason[TCV_REASON_BYTES])
{
    const double ic = (double)p->ic, steps = ceil(ic / TCV_BF16X3_STEP);
    const double taps = (double)tcv_direct_phase_taps(p);
    const double bound = (1.01 * (fmin(ic, 16.0) + 6.0 * taps * steps) + 3.0) / (ic * taps);

    (void)setup;
    if (bound <= BOUND_MOST)
        return true;
    snprintf(reason, TCV_REASON_BYTES, "with %" PRId64 " input channels its bound of the error is "
             "%.1f times a direct sum's, over %.0f", p->ic, bound, BOUND_MOST);
    return false;
}

static double cost(const struct tcv_problem *p, const struct tcv_setup *setup)
{
    return by_columns(setup) ? tcv_bf16x3_columns_cost(p, setup) : tcv_bf16x3_cost(p, setup);
}

static bool pack(const struct tcv_problem *p, const struct tcv_setup *setup, const void *w,
                 void *packed, void *scratch)
{
    return by_columns(setup) ? tcv_bf16x3_pack_columns(p, setup, w, packed, scratch)
                             : tcv_direct_pack(p, setup, w, packed, scratch);
}

static int64_t units(const struct tcv_problem *p, const struct tcv_setup *setup,
                     const struct tcv_window *window)
{
    return by_columns(setup) ? tcv_gemm_units(p, setup, window)
                             : tcv_direct_units(p, setup, window);
}

static void work(const struct tcv_run *run, const struct tcv_setup *setup,
                 struct tcv_worker *worker, void *scratch)
{
    if (by_columns(setup))
        tcv_gemm_work(run, setup, worker, scratch);
    else
        tcv_direct_work(run, setup, worker, scratch);
}

const struct tcv_algo tcv_algo_bf16x3 = {
    .id = TCONV_ALGORITHM_BF16X3,
    .name = "bf16x3",
    .promise = "the same bits for any threads, window, workspace and batch split",
    .prepare = prepare,
    .recommended = recommended,
    .cost = cost,
    .pack = pack,
    .units = units,
    .work = work,
};
