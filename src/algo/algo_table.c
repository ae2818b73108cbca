#include "algo/algo.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/checked.h"

/* The reference refuses nothing and costs most. */
static const struct tcv_algo *const algos[] = {
    &tcv_algo_bf16x3,
    &tcv_algo_winograd,
    &tcv_algo_direct,
    &tcv_algo_columns,
    &tcv_algo_gemm,
    &tcv_algo_reference,
};

bool tcv_axes_are_moderate(const struct tcv_problem *p, char reason[TCV_REASON_BYTES])
{
    const int64_t most = INT64_C(1) << 18; /* three of them and the bytes of a tile: 2^57 */

    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_axis *axis = &p->axis[a];

        if (axis->stride > most || axis->down > most ||
            (axis->kernel - 1) * axis->dilation > most) {
            snprintf(reason, TCV_REASON_BYTES,
                     "a stride of %" PRId64 " or a kernel that spans %" PRId64
                     " positions; at most %" PRId64,
                     tcv_max(axis->stride, axis->down), (axis->kernel - 1) * axis->dilation + 1,
                     most);
            return false;
        }
    }
    return true;
}

struct tcv_box tcv_weights_box(const struct tcv_problem *p)
{
    return (struct tcv_box){
        {p->groups, p->ic, p->oc, p->axis[0].kernel, p->axis[1].kernel, p->axis[2].kernel},
        {p->w.group, p->w.ic, p->w.oc, p->w.s[0], p->w.s[1], p->w.s[2]},
    };
}

bool tcv_weights_are_finite(const struct tcv_problem *p, const void *w)
{
    const struct tcv_box box = tcv_weights_box(p);

    return tcv_box_is_finite(&box, tcv_dtype_bytes(p->dtype), w);
}

bool tcv_taps_are_dense(const struct tcv_problem *p, int64_t *lowest_out)
{
    int64_t step = 1;

    *lowest_out = 0;
    if (p->taps > TCV_DEALT_MOST)
        return false;
    for (int a = TCV_AXES - 1; a >= 0; a--) {
        const int64_t kernel = p->axis[a].kernel, s = p->w.s[a];

        if (kernel == 1)
            continue;
        if (s != step && s != -step)
            return false;
        *lowest_out += tcv_min(0, (kernel - 1) * s);
        step *= kernel;
    }
    return true;
}

bool tcv_worker_fits(size_t worker_bytes, char reason[TCV_REASON_BYTES])
{
    const size_t most = (size_t)4 << 20;

    if (worker_bytes <= most)
        return true;
    snprintf(reason, TCV_REASON_BYTES, "one thread would need %zu bytes of workspace, over %zu",
             worker_bytes, most);
    return false;
}

const struct tcv_algo *tcv_algo_at(size_t index)
{
    return index < sizeof algos / sizeof algos[0] ? algos[index] : NULL;
}

const struct tcv_algo *tcv_algo_find(tconv_algorithm id)
{
    for (size_t i = 0; tcv_algo_at(i) != NULL; i++)
        if (tcv_algo_at(i)->id == id)
            return tcv_algo_at(i);
    return NULL;
}
