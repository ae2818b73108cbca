/* finish.h - handing the epilogue to the kernels */
#ifndef TCV_ALGO_FINISH_H
#define TCV_ALGO_FINISH_H

#include "base/arena.h"
#include "core/run.h"
#include "kernels/col2im.h"

/* Scratch for the epilogue's vectors of a few channels, neutral where there are none. */
struct tcv_vectors {
    char *bias, *scale, *shift;
};

void tcv_vectors_lay_out(struct tcv_vectors *vectors, int64_t channels, size_t element,
                         struct tcv_arena *arena);

/* Fills them for channels [first, first + count) of the run. */
void tcv_vectors_fill(const struct tcv_vectors *vectors, const struct tcv_run *run, int64_t first,
                      int64_t count);

/* Repeats what was filled until it is there `times` times. */
void tcv_vectors_repeat(const struct tcv_vectors *vectors, int64_t count, int64_t times,
                        size_t element);

/* The epilogue from channel oc of the vectors on: one for all, or one a lane or plane. */
struct tcv_finish tcv_finish_of(const struct tcv_run *run, const struct tcv_vectors *vectors,
                                int64_t oc, bool per_lane);

/* Stores sums as they are, those of one lane or of a vector of them. */
struct tcv_finish tcv_finish_none(tconv_dtype dtype);

/* Of an epilogue what comes before the old output: bias, scale and shift. */
struct tcv_finish tcv_finish_before(const struct tcv_finish *finish);

/* The rest of it for `lanes` lanes of a line, stored lane_step elements apart. */
void tcv_finish_scattered(const struct tcv_kernels *kernels, const struct tcv_finish *finish,
                          const void *line, int64_t lanes, void *target, int64_t lane_step,
                          tconv_dtype dtype);

/*
 * kernels->sum() with lane_step elements between the lanes of the target.  If
 * that is not 1 it goes pixel by pixel through line[sum->lanes].
 */
void tcv_sum_scattered(const struct tcv_kernels *kernels, const struct tcv_sum *sum,
                       int64_t lane_step, void *line, tconv_dtype dtype);

#endif
