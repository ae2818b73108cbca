/*
 * bf16x3.c - direct's phases, each float the sum of three bfloat16
 *
 * Where a processor multiplies bfloat16 sixteen times as fast as floats, six of the nine products
 * of the parts of two floats take less time than the product of the floats, and lose no more than
 * two roundings of it (kernels/bf16x3.h).  The rest is direct: its phases, tiles, packed
 * input with zeros around, and stores.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "algo/cost.h"
#include "algo/direct_pack.h"
#include "algo/direct_tile.h"
#include "base/cpu.h"

/* Of a direct sum's bound, where auto may take it. */
#define BOUND_MOST 4.0

static bool refuse(const char *why, char reason[TCV_REASON_BYTES])
{
    snprintf(reason, TCV_REASON_BYTES, "%s", why);
    return false;
}

static bool prepare(const struct tcv_problem *p, uint32_t features,
                    const struct tcv_setup *like, struct tcv_setup *setup_out,
                    char reason[TCV_REASON_BYTES])
{
    struct tcv_direct_family family;

    if (p->dtype != TCONV_F32)
        return refuse("it computes in float only", reason);
    if (tcv_bf16x3_select(features).sums == NULL)
        return refuse("this processor or its system has no AMX tiles of bfloat16", reason);
    if (!tcv_axes_are_moderate(p, reason))
        return false;
    if (!tcv_cpu_permit_tiles())
        return refuse("the system gives this process no AMX tiles, as a signal stack of its is too "
                      "small for their state", reason);
    family = like != NULL ? like->direct.family : tcv_bf16x3_family_init(p);
    if (!tcv_direct_prepare(p, features, &family, setup_out, reason))
        return false;
    setup_out->pack_bytes =
        (size_t)tcv_bf16x3_pack_floats(p, &setup_out->direct) * sizeof(float);
    return true;
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

const struct tcv_algo tcv_algo_bf16x3 = {
    .id = TCONV_ALGORITHM_BF16X3,
    .name = "bf16x3",
    .promise = "the same bits for any threads, window, workspace and batch split",
    .prepare = prepare,
    .recommended = recommended,
    .cost = tcv_bf16x3_cost,
    .pack = tcv_direct_pack,
    .units = tcv_direct_units,
    .work = tcv_direct_work,
};
