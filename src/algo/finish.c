#include "algo/finish.h"

struct tcv_finish tcv_finish_of(const tconv_epilogue *e, const void *scale, const void *offset,
                                bool per_lane)
{
    return (struct tcv_finish){scale, offset, per_lane, e->accumulate, e->activation, e->alpha,
                               e->beta};
}

struct tcv_finish tcv_finish_none(tconv_dtype dtype)
{
    static const float f32[2] = {1.0F, 0.0F};
    static const double f64[2] = {1.0, 0.0};
    const bool wide = dtype == TCONV_F64;

    return (struct tcv_finish){
        .scale = wide ? (const void *)&f64[0] : &f32[0],
        .offset = wide ? (const void *)&f64[1] : &f32[1],
    };
}

/*
 * The line receives a pixel's lanes, scaled; a second sum of that one source, in
 * which lanes and pixels change places, accumulates, activates and scatters them.
 */
void tcv_sum_scattered(const struct tcv_kernels *kernels, const struct tcv_sum *sum,
                       int64_t lane_step, void *line, size_t element)
{
    const struct tcv_finish none =
        tcv_finish_none(element == sizeof(double) ? TCONV_F64 : TCONV_F32);
    const void *source = line;
    struct tcv_sum gather = *sum, scatter = *sum;

    if (lane_step == 1) {
        kernels->sum(sum);
        return;
    }
    gather.pixels = 1;
    gather.target = line;
    gather.finish.accumulate = 0;
    gather.finish.activation = TCONV_ACTIVATION_NONE;
    scatter.source = &source;
    scatter.sources = scatter.source_step = scatter.lanes = 1;
    scatter.first = 0;
    scatter.pixels = sum->lanes;
    scatter.target_step = lane_step;
    scatter.finish.scale = none.scale;
    scatter.finish.offset = none.offset;
    scatter.finish.per_lane = 0;
    for (int64_t p = 0; p < sum->pixels; p++) {
        gather.first = sum->first + p * sum->source_step;
        scatter.target = (char *)sum->target + p * sum->target_step * (int64_t)element;
        kernels->sum(&gather);
        kernels->sum(&scatter);
    }
}
