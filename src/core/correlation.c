#include "core/correlation.h"

/* A problem counts a convolution's taps from the end; here they count from the front. */
struct tcv_correlation tcv_correlation_of(const struct tcv_problem *p)
{
    const bool conv = p->op == TCONV_CONV;
    struct tcv_correlation c = {
        .dtype = p->dtype, .batch = p->batch, .groups = p->groups, .taps = p->taps,
        .small = conv ? p->oc : p->ic, .large = conv ? p->ic : p->oc,
        .s = conv ? p->y : p->x, .l = conv ? p->x : p->y,
        .w_group = p->w.group, .w_small = conv ? p->w.oc : p->w.ic,
        .w_large = conv ? p->w.ic : p->w.oc, .small_is_input = !conv,
    };

    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_axis *axis = &p->axis[a];

        c.axis[a] = (struct tcv_correlation_axis){
            .small = conv ? axis->out : axis->in, .large = conv ? axis->in : axis->out,
            .kernel = axis->kernel, .stride = conv ? axis->down : axis->stride,
            .dilation = axis->dilation, .pad = tcv_axis_padding(p->op, axis),
        };
        c.w_tap[a] = conv && axis->kernel > 1 ? -p->w.s[a] : p->w.s[a];
    }
    return c;
}
