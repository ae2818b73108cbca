/* winograd_bound.h - how far off Winograd's transforms may be; see docs/numerics.md */
#ifndef SUPPORT_WINOGRAD_BOUND_H
#define SUPPORT_WINOGRAD_BOUND_H

#include "support/sample.h"

/*
 * magnitude[y_count] with which gamma(sample->bound_terms) * magnitude bounds what
 * `winograd` computes; no less than the sample's own, since some outputs are
 * direct sums.  To be freed.
 */
double *winograd_magnitude(const struct sample *sample);

#endif
