#include "kernels/copy_box.h"

#include <string.h>

/* One innermost row.  memcpy of a constant size is one load and one store. */
static void copy_row(int64_t n, int64_t stride, size_t element_bytes, const char *from, char *to)
{
    if (stride == 1) {
        memcpy(to, from, (size_t)n * element_bytes);
    } else if (element_bytes == 4) {
        for (int64_t i = 0; i < n; i++)
            memcpy(to + 4 * i, from + 4 * i * stride, 4);
    } else {
        for (int64_t i = 0; i < n; i++)
            memcpy(to + 8 * i, from + 8 * i * stride, 8);
    }
}

/*
 * Loop order: as the box says, so `to` is written in memory order; whoever
 * describes the box puts a dimension that is contiguous in `from` innermost
 * where there is a choice.
 */
void tcv_copy_box(const struct tcv_box *box, size_t element_bytes, const void *from, void *to)
{
    const int64_t row = box->size[TCV_BOX_DIMS - 1];
    int64_t index[TCV_BOX_DIMS] = {0}, rows = 1, at = 0;
    char *out = to;

    for (int d = 0; d < TCV_BOX_DIMS - 1; d++)
        rows *= box->size[d];
    for (int64_t i = 0; i < rows; i++) {
        copy_row(row, box->from_stride[TCV_BOX_DIMS - 1], element_bytes,
                 (const char *)from + at * (int64_t)element_bytes, out);
        out += row * (int64_t)element_bytes;
        /* Count up like an odometer. */
        for (int d = TCV_BOX_DIMS - 2; d >= 0; d--) {
            at += box->from_stride[d];
            if (++index[d] < box->size[d])
                break;
            at -= box->size[d] * box->from_stride[d];
            index[d] = 0;
        }
    }
}
