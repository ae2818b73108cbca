#include "kernels/copy_box.h"

#include <string.h>

/* memcpy of a constant size is one load and one store. */
void tcv_copy_row(int64_t n, int64_t stride, size_t element_bytes, const void *from, void *to)
{
    const char *in = from;
    char *out = to;

    if (stride == 1) {
        memcpy(out, in, (size_t)n * element_bytes);
    } else if (element_bytes == 4) {
        for (int64_t i = 0; i < n; i++)
            memcpy(out + 4 * i, in + 4 * i * stride, 4);
    } else {
        for (int64_t i = 0; i < n; i++)
            memcpy(out + 8 * i, in + 8 * i * stride, 8);
    }
}

void tcv_gather(int64_t n, const int64_t *at, size_t element_bytes, const void *from, void *to)
{
    const char *in = from;
    char *out = to;

    if (element_bytes == 4) {
        for (int64_t i = 0; i < n; i++)
            memcpy(out + 4 * i, in + 4 * at[i], 4);
    } else {
        for (int64_t i = 0; i < n; i++)
            memcpy(out + 8 * i, in + 8 * at[i], 8);
    }
}

/* The same elements in the same order: dimensions that follow on each other are one. */
static struct tcv_box joined(const struct tcv_box *box)
{
    struct tcv_box out = {{1, 1, 1, 1, 1, box->size[TCV_BOX_DIMS - 1]},
                          {0, 0, 0, 0, 0, box->from_stride[TCV_BOX_DIMS - 1]}};
    int to = TCV_BOX_DIMS - 1;

    for (int d = TCV_BOX_DIMS - 2; d >= 0; d--) {
        if (box->size[d] == 1)
            continue;
        if (out.size[to] == 1) {
            out.from_stride[to] = box->from_stride[d];
        } else if (box->from_stride[d] != out.size[to] * out.from_stride[to]) {
            to--;
            out.from_stride[to] = box->from_stride[d];
        }
        out.size[to] *= box->size[d];
    }
    return out;
}

/* How many rows of the innermost dimension a box has. */
static int64_t row_count(const struct tcv_box *box)
{
    int64_t rows = 1;

    for (int d = 0; d < TCV_BOX_DIMS - 1; d++)
        rows *= box->size[d];
    return rows;
}

/* Counts the outer dimensions up like an odometer and moves *at along. */
static void next_row(const struct tcv_box *box, int64_t index[TCV_BOX_DIMS], int64_t *at)
{
    for (int d = TCV_BOX_DIMS - 2; d >= 0; d--) {
        *at += box->from_stride[d];
        if (++index[d] < box->size[d])
            return;
        *at -= box->size[d] * box->from_stride[d];
        index[d] = 0;
    }
}

/*
 * Loop order: as the box says, so `to` is written in memory order; whoever
 * describes the box puts a dimension that is contiguous in `from` innermost
 * where there is a choice.
 */
void tcv_copy_box(const struct tcv_box *box, size_t element_bytes, const void *from, void *to)
{
    const struct tcv_box b = joined(box);
    const int64_t row = b.size[TCV_BOX_DIMS - 1], rows = row_count(&b);
    int64_t index[TCV_BOX_DIMS] = {0}, at = 0;
    char *out = to;

    for (int64_t i = 0; i < rows; i++) {
        tcv_copy_row(row, b.from_stride[TCV_BOX_DIMS - 1], element_bytes,
                     (const char *)from + at * (int64_t)element_bytes, out);
        out += row * (int64_t)element_bytes;
        next_row(&b, index, &at);
    }
}

/* An exponent of all ones is an infinity or a NaN. */
static inline bool elements_are_finite(int64_t n, int64_t stride, size_t element_bytes,
                                       const char *from)
{
    const uint32_t ones32 = UINT32_C(0x7F800000);
    const uint64_t ones64 = UINT64_C(0x7FF0000000000000);
    int bad = 0;

    if (element_bytes == 4) {
        for (int64_t i = 0; i < n; i++) {
            uint32_t bits;

            memcpy(&bits, from + 4 * i * stride, 4);
            bad |= (bits & ones32) == ones32;
        }
    } else {
        for (int64_t i = 0; i < n; i++) {
            uint64_t bits;

            memcpy(&bits, from + 8 * i * stride, 8);
            bad |= (bits & ones64) == ones64;
        }
    }
    return !bad;
}

/* Neighbours go into vectors. */
static bool row_is_finite(int64_t n, int64_t stride, size_t element_bytes, const char *from)
{
    return stride == 1 ? elements_are_finite(n, 1, element_bytes, from)
                       : elements_are_finite(n, stride, element_bytes, from);
}

bool tcv_box_is_finite(const struct tcv_box *box, size_t element_bytes, const void *from)
{
    const struct tcv_box b = joined(box);
    const int64_t rows = row_count(&b);
    int64_t index[TCV_BOX_DIMS] = {0}, at = 0;

    for (int64_t i = 0; i < rows; i++) {
        if (!row_is_finite(b.size[TCV_BOX_DIMS - 1], b.from_stride[TCV_BOX_DIMS - 1],
                           element_bytes, (const char *)from + at * (int64_t)element_bytes))
            return false;
        next_row(&b, index, &at);
    }
    return true;
}
