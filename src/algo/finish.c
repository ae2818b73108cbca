#include "algo/finish.h"

#include <string.h>

void tcv_vectors_lay_out(struct tcv_vectors *vectors, int64_t channels, size_t element,
                         struct tcv_arena *arena)
{
    vectors->bias = tcv_arena_take(arena, channels, element);
    vectors->scale = tcv_arena_take(arena, channels, element);
    vectors->shift = tcv_arena_take(arena, channels, element);
}

/* to[count] = from[first ...], or count times `neutral` where there is no vector. */
static void fill(void *to, const void *from, const void *neutral, int64_t first, int64_t count,
                 size_t element)
{
    if (from != NULL) {
        memcpy(to, (const char *)from + (size_t)first * element, (size_t)count * element);
        return;
    }
    for (int64_t i = 0; i < count; i++)
        memcpy((char *)to + (size_t)i * element, neutral, element);
}

/*
 * A bias of -0 would tell the sign of a sum that is zero, and that is all that zeros which were
 * added to it or not can change.
 */
static void drop_sign_of_zero(void *bias, int64_t count, tconv_dtype dtype)
{
    for (int64_t i = 0; i < count; i++)
        if (dtype == TCONV_F64)
            ((double *)bias)[i] += 0.0;
        else
            ((float *)bias)[i] += 0.0F;
}

void tcv_vectors_fill(const struct tcv_vectors *vectors, const struct tcv_run *run, int64_t first,
                      int64_t count)
{
    const struct tcv_finish none = tcv_finish_none(run->problem->dtype);
    const size_t element = tcv_dtype_bytes(run->problem->dtype);

    fill(vectors->bias, run->bias, none.bias, first, count, element);
    drop_sign_of_zero(vectors->bias, count, run->problem->dtype);
    fill(vectors->scale, run->scale, none.scale, first, count, element);
    fill(vectors->shift, run->shift, none.shift, first, count, element);
}

void tcv_vectors_repeat(const struct tcv_vectors *vectors, int64_t count, int64_t times,
                        size_t element)
{
    const size_t bytes = (size_t)count * element;

    for (size_t i = 1; i < (size_t)times; i++) {
        memcpy(vectors->bias + i * bytes, vectors->bias, bytes);
        memcpy(vectors->scale + i * bytes, vectors->scale, bytes);
        memcpy(vectors->shift + i * bytes, vectors->shift, bytes);
    }
}

struct tcv_finish tcv_finish_of(const struct tcv_run *run, const struct tcv_vectors *vectors,
                                int64_t oc, bool per_lane)
{
    const tconv_epilogue *e = &run->problem->epilogue;
    const size_t at = (size_t)oc * tcv_dtype_bytes(run->problem->dtype);

    return (struct tcv_finish){
        .bias = vectors->bias + at,
        .scale = vectors->scale + at,
        .shift = vectors->shift + at,
        .per_lane = per_lane,
        .accumulate = e->accumulate,
        .stream = run->streams,
        .activation = e->activation,
        .alpha = e->alpha,
        .beta = e->beta,
    };
}

struct tcv_finish tcv_finish_none(tconv_dtype dtype)
{
    static const float zeros32[16], ones32[16] = {1.0F, 1.0F, 1.0F, 1.0F, 1.0F, 1.0F, 1.0F, 1.0F,
                                                  1.0F, 1.0F, 1.0F, 1.0F, 1.0F, 1.0F, 1.0F, 1.0F};
    static const double zeros64[8], ones64[8] = {1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0};
    const bool wide = dtype == TCONV_F64;
    const void *zeros = wide ? (const void *)zeros64 : zeros32;

    return (struct tcv_finish){
        .bias = zeros,
        .scale = wide ? (const void *)ones64 : ones32,
        .shift = zeros,
    };
}

struct tcv_finish tcv_finish_before(const struct tcv_finish *finish)
{
    struct tcv_finish before = *finish;

    before.accumulate = before.stream = 0;
    before.activation = TCONV_ACTIVATION_NONE;
    return before;
}

/* A sum of one source, in which lanes and pixels change places. */
void tcv_finish_scattered(const struct tcv_kernels *kernels, const struct tcv_finish *finish,
                          const void *line, int64_t lanes, void *target, int64_t lane_step,
                          tconv_dtype dtype)
{
    const void *source = line;
    struct tcv_sum scatter = {
        .source = &source,
        .sources = 1,
        .source_step = 1,
        .target = target,
        .target_step = lane_step,
        .lanes = 1,
        .pixels = lanes,
        .finish = tcv_finish_none(dtype),
    };

    scatter.finish.accumulate = finish->accumulate;
    scatter.finish.activation = finish->activation;
    scatter.finish.alpha = finish->alpha;
    scatter.finish.beta = finish->beta;
    kernels->sum(&scatter);
}

/* The line receives a pixel's lanes, scaled. */
void tcv_sum_scattered(const struct tcv_kernels *kernels, const struct tcv_sum *sum,
                       int64_t lane_step, void *line, tconv_dtype dtype)
{
    struct tcv_sum gather = *sum;

    if (lane_step == 1) {
        kernels->sum(sum);
        return;
    }
    gather.pixels = 1;
    gather.target = line;
    gather.finish = tcv_finish_before(&sum->finish);
    for (int64_t p = 0; p < sum->pixels; p++) {
        gather.first = sum->first + p * sum->source_step;
        kernels->sum(&gather);
        tcv_finish_scattered(kernels, &sum->finish, line, sum->lanes,
                             (char *)sum->target +
                                 p * sum->target_step * (int64_t)tcv_dtype_bytes(dtype),
                             lane_step, dtype);
    }
}
