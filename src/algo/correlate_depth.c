/*
 * correlate_depth.c - weight gradients of depthwise layers
 *
 * A group has one product for each tap and position, so vectors are groups: what depth() of
 * kernels/col2im.h sums, with taps in the place of its pixels and positions in that of its taps.
 */
#include "algo/correlate_tile.h"
#include "algo/finish.h"

#define W (TCV_AXES - 1)

void tcv_correlate_depth(const struct tcv_correlate_tile *t, bool add, void *sums)
{
    const struct tcv_correlate_block *b = t->b;
    const int64_t element = (int64_t)t->element;
    struct tcv_depth call = {
        .x_pixel = t->c->axis[W].dilation * b->pixel,
        .tap = t->position_at,
        .taps = t->rows * t->width,
        .w = t->small,
        .target_pixel = b->runs == 1 ? b->pixel : b->lanes,
        .lanes = b->larges,
        .pixels = b->taps[W],
        .finish = tcv_finish_none(t->c->dtype),
    };
    int64_t tap[TCV_AXES] = {0};

    call.finish.per_lane = 1;
    call.finish.accumulate = add;
    for (tap[0] = 0; tap[0] < b->taps[0]; tap[0]++)
        for (tap[1] = 0; tap[1] < b->taps[1]; tap[1]++) {
            call.x = t->large + tcv_correlate_tap_at(t, tap, 0) * element;
            call.target = (char *)sums + tcv_correlate_sum_at(b, tap, 0) * element;
            t->g->kernels.depth(&call);
        }
}
