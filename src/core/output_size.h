/* output_size.h - from the descriptor's paddings to (pad_begin, O) of one axis */
#ifndef TCV_CORE_OUTPUT_SIZE_H
#define TCV_CORE_OUTPUT_SIZE_H

#include "core/problem.h"

/*
 * Fills axis_out for spatial axis a of the descriptor, given the input extent
 * and the kernel extent.  Every step is checked.
 */
tconv_status tcv_axis_init(const tconv_desc *desc, int a, int64_t in, int64_t kernel,
                           struct tcv_axis *axis_out, tconv_error *error);

#endif
