/* finish.h - handing the epilogue to the kernels */
#ifndef TCV_ALGO_FINISH_H
#define TCV_ALGO_FINISH_H

#include <stdbool.h>
#include <stddef.h>

#include "kernels/col2im.h"

/* The epilogue with its vectors folded: scale and offset of the first lane. */
struct tcv_finish tcv_finish_of(const tconv_epilogue *epilogue, const void *scale,
                                const void *offset, bool per_lane);

/* Stores sums as they are. */
struct tcv_finish tcv_finish_none(tconv_dtype dtype);

/*
 * kernels->sum() with lane_step elements between the lanes of the target.  If
 * that is not 1 it goes pixel by pixel through line[sum->lanes].
 */
void tcv_sum_scattered(const struct tcv_kernels *kernels, const struct tcv_sum *sum,
                       int64_t lane_step, void *line, size_t element);

#endif
