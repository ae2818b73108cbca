/* enlarge.h - two tensors of which one has `factor` times the other's spatial sizes */
#ifndef TCV_EXTRA_ENLARGE_H
#define TCV_EXTRA_ENLARGE_H

#include "extra/elements.h"

struct tcv_enlargement {
    struct tcv_elements small, large;
    int64_t factor[TCV_AXES];
};

/*
 * Checks everything: input is the small one unless shrinks; small has `channels` times
 * large's channels, or their factor's product if that is 0.
 */
tconv_status tcv_enlargement_of(const tconv_tensor *input, const tconv_tensor *output,
                                const int64_t *factor, bool shrinks, int64_t channels,
                                struct tcv_enlargement *out, tconv_error *error);

/* x and y are there unless there are no images. */
tconv_status tcv_check_data(const struct tcv_enlargement *e, const void *x, const void *y,
                            tconv_error *error);

#endif
