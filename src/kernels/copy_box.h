/* copy_box.h - copies a strided box of elements: packing in every order */
#ifndef TCV_KERNELS_COPY_BOX_H
#define TCV_KERNELS_COPY_BOX_H

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

#endif
