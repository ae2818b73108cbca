/* gemm_pack.c - weights of a block as an operand of its GEMM */
#include "algo/gemm_tile.h"
#include "base/checked.h"
#include "kernels/copy_box.h"

void tcv_gemm_pack_block(const struct tcv_problem *p, const struct tcv_gemm_grid *g,
                         const struct tcv_gemm_block *b, int64_t ic_count, const char *from,
                         char *to)
{
    const size_t element = tcv_dtype_bytes(p->dtype);
    const struct tcv_axis *ax = p->axis;
    const struct tcv_weights_place *w = &p->w;

    from += b->oc * w->oc * (int64_t)element;
    if (g->order == TCV_GEMM_CHANNELS) {
        const struct tcv_box box = {
            {1, ic_count, ax[0].kernel, ax[1].kernel, ax[2].kernel, b->oc_count},
            {0, w->ic, w->s[0], w->s[1], w->s[2], w->oc},
        };

        tcv_copy_box(&box, element, from, to);
    } else if (b->run_count == ax[2].stride) {
        const struct tcv_box box = {
            {1, ic_count, b->oc_count, ax[0].kernel, ax[1].kernel, ax[2].kernel},
            {0, w->ic, w->oc, w->s[0], w->s[1], w->s[2]},
        };

        tcv_copy_box(&box, element, from, to);
    } else {
        /* One channel, one row of taps: each input's runs, the last one shorter. */
        for (int64_t ic = 0; ic < ic_count; ic++)
            for (int64_t k = b->run; k < ax[2].kernel; k += ax[2].stride) {
                const struct tcv_box box = {
                    {1, 1, 1, 1, 1, tcv_min(b->run_count, ax[2].kernel - k)},
                    {0, 0, 0, 0, 0, w->s[2]},
                };

                tcv_copy_box(&box, element,
                             from + (ic * w->ic + k * w->s[2]) * (int64_t)element, to);
                to += (size_t)box.size[TCV_BOX_DIMS - 1] * element;
            }
    }
}
