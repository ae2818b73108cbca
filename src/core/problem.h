/*
 * problem.h - a checked problem: sizes, places and epilogue, in one form
 *
 * There are always three spatial axes; those that a problem lacks come first
 * and have one input, one output and one tap.  Everything here is a value: made
 * once from the caller's structs by tcv_problem_init(), never changed.
 */
#ifndef TCV_CORE_PROBLEM_H
#define TCV_CORE_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>

#include <tconv/tconv.h>

#define TCV_AXES 3

/*
 * o * down = i * stride - pad_begin + k * dilation, 0 <= i < in, 0 <= o < out.
 *
 * A transposed convolution has down = 1.  A convolution has stride = 1 and its own
 * stride as down: its relation, i = o * s - p + k * d, becomes this one when taps
 * are counted from the other end, k = kernel - 1 - k', with
 * pad_begin = (kernel - 1) * d - p.
 */
struct tcv_axis {
    int64_t in, out, kernel, stride, down, dilation, pad_begin;
};

/* The padding at the beginning, as the operation's own relation has it. */
static inline int64_t tcv_axis_padding(tconv_op op, const struct tcv_axis *axis)
{
    return op == TCONV_CONV ? (axis->kernel - 1) * axis->dilation - axis->pad_begin
                            : axis->pad_begin;
}

/* Strides in elements: batch, channel, spatial axes. */
struct tcv_place {
    int64_t n, c, s[TCV_AXES];
};

/*
 * Weights: from one group, input or output channel of a group, and tap to the next;
 * the first tap of the first channels lies `first` elements behind the data pointer.
 */
struct tcv_weights_place {
    int64_t first, group, ic, oc, s[TCV_AXES];
};

struct tcv_problem {
    tconv_op op;
    tconv_dtype dtype;
    int64_t batch, groups;
    int64_t ic, oc; /* channels of ONE group */
    int64_t taps;   /* product of the kernel extents */
    struct tcv_axis axis[TCV_AXES];
    struct tcv_place x, y;
    struct tcv_weights_place w;
    tconv_epilogue epilogue;
};

/* A box of outputs, and where its elements go. */
struct tcv_window {
    int64_t begin[TCV_AXES], end[TCV_AXES];
    struct tcv_place place;
};

static inline size_t tcv_dtype_bytes(tconv_dtype dtype)
{
    return dtype == TCONV_F64 ? sizeof(double) : sizeof(float);
}

/* Checks everything and fills *problem_out; output NULL leaves .y unset. */
tconv_status tcv_problem_init(const tconv_desc *desc, const tconv_tensor *input,
                              const tconv_tensor *weights, const tconv_tensor *output,
                              struct tcv_problem *problem_out, tconv_error *error);

/* The whole output as a window. */
struct tcv_window tcv_window_whole(const struct tcv_problem *problem);

/*
 * First and last byte, relative to the data pointer, that a box of
 * n * c * extent[] elements at place touches.  False if it overflows or if the
 * box has no elements.
 */
bool tcv_place_bytes(const struct tcv_place *place, int64_t n, int64_t c,
                     const int64_t *extent, size_t element_bytes, int64_t *first_out,
                     int64_t *last_out);

/* Whether no two elements of the box share a place. */
bool tcv_place_is_injective(const struct tcv_place *place, int64_t n, int64_t c,
                            const int64_t *extent);

#endif
