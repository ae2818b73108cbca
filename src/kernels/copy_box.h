/* copy_box.h - copying elements from where they lie to dense memory */
#ifndef TCV_KERNELS_COPY_BOX_H
#define TCV_KERNELS_COPY_BOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TCV_BOX_DIMS 6

/*
 * A box of size[0] x ... x size[5] elements, outermost first; strides in
 * elements.  Dimensions that are not needed have size 1.
 */
struct tcv_box {
    int64_t size[TCV_BOX_DIMS];
    int64_t from_stride[TCV_BOX_DIMS];
};

/*
 * Copies the box from `from` into dense memory at `to`, which it fills in order.
 * element_bytes is 4 or 8.  The two do not overlap.
 */
void tcv_copy_box(const struct tcv_box *box, size_t element_bytes, const void *from, void *to);

/* One row of n elements, `stride` apart in `from`, dense in `to`. */
void tcv_copy_row(int64_t n, int64_t stride, size_t element_bytes, const void *from, void *to);

/* to[i] = from[at[i]] for i in [0, n). */
void tcv_gather(int64_t n, const int64_t *at, size_t element_bytes, const void *from, void *to);

/* Whether no element of the box is infinite or NaN. */
bool tcv_box_is_finite(const struct tcv_box *box, size_t element_bytes, const void *from);

#endif
