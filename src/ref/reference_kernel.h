/* reference_kernel.h - the definition of the operation, for both dtypes */
#ifndef TCV_REF_REFERENCE_KERNEL_H
#define TCV_REF_REFERENCE_KERNEL_H

#include "core/run.h"

/*
 * Computes the window of one output channel of one image.  run->packed is the
 * weights as dense [groups * ic][oc][taps], last spatial axis innermost.
 */
void tcv_reference_plane_f32(const struct tcv_run *run, int64_t n, int64_t channel);
void tcv_reference_plane_f64(const struct tcv_run *run, int64_t n, int64_t channel);

#endif
