/* reference_correlate.h - the weight gradient as it is defined */
#ifndef TCV_REF_REFERENCE_CORRELATE_H
#define TCV_REF_REFERENCE_CORRELATE_H

#include "core/correlation.h"

/* Small channel `small` of group `group`: dw[small][every large][every tap]. */
void tcv_reference_correlate_f32(const struct tcv_correlation_run *run, int64_t group,
                                 int64_t small);
void tcv_reference_correlate_f64(const struct tcv_correlation_run *run, int64_t group,
                                 int64_t small);

#endif
