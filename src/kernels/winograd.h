/*
 * winograd.h - the transforms of Winograd's minimal filters along one axis
 *
 * F(m, r) computes m neighbouring outputs of a filter of r taps,
 *
 *     y[j] = sum over k of d[j + k] * h[k]     j < m,  k < r
 *
 * from n = m + r - 1 products instead of m * r:  y = A ((G h) * (B d)), where B
 * combines the n inputs, G the taps and A the products.
 *
 * In memory the vectors lie along the positions, so a transform combines whole
 * rows: row i of a set begins i steps behind row 0.
 */
#ifndef TCV_KERNELS_WINOGRAD_H
#define TCV_KERNELS_WINOGRAD_H

#include <stdint.h>

#include <tconv/tconv.h>

enum tcv_winograd_form {
    TCV_WINOGRAD_1_1 = 0, /* one tap, nothing to transform */
    TCV_WINOGRAD_2_2 = 1,
    TCV_WINOGRAD_3_2 = 2,
    TCV_WINOGRAD_2_3 = 3,
    TCV_WINOGRAD_2_1 = 4, /* one tap at 2 or 3 outputs: beside 2 taps, see `also` below */
    TCV_WINOGRAD_3_1 = 5,
    TCV_WINOGRAD_3_3 = 6,
    TCV_WINOGRAD_FORMS = 7
};

/* Outputs m, taps r and products n of a form. */
static inline int64_t tcv_winograd_outputs(enum tcv_winograd_form form)
{
    static const int8_t m[TCV_WINOGRAD_FORMS] = {
        [TCV_WINOGRAD_1_1] = 1, [TCV_WINOGRAD_2_2] = 2, [TCV_WINOGRAD_3_2] = 3,
        [TCV_WINOGRAD_2_3] = 2, [TCV_WINOGRAD_2_1] = 2, [TCV_WINOGRAD_3_1] = 3,
        [TCV_WINOGRAD_3_3] = 3,
    };

    return m[form];
}

static inline int64_t tcv_winograd_taps(enum tcv_winograd_form form)
{
    static const int8_t r[TCV_WINOGRAD_FORMS] = {
        [TCV_WINOGRAD_1_1] = 1, [TCV_WINOGRAD_2_2] = 2, [TCV_WINOGRAD_3_2] = 2,
        [TCV_WINOGRAD_2_3] = 3, [TCV_WINOGRAD_2_1] = 1, [TCV_WINOGRAD_3_1] = 1,
        [TCV_WINOGRAD_3_3] = 3,
    };

    return r[form];
}

static inline int64_t tcv_winograd_points(enum tcv_winograd_form form)
{
    return tcv_winograd_outputs(form) + tcv_winograd_taps(form) - 1;
}

/* Weights of a form: each point has its own, but those of one tap share it. */
static inline int64_t tcv_winograd_distinct(enum tcv_winograd_form form)
{
    return tcv_winograd_taps(form) == 1 ? 1 : tcv_winograd_points(form);
}

/* The form for as many outputs and one tap less, or 1_1 if there is none. */
static inline enum tcv_winograd_form tcv_winograd_shorter(enum tcv_winograd_form form)
{
    return form == TCV_WINOGRAD_2_2   ? TCV_WINOGRAD_2_1
           : form == TCV_WINOGRAD_3_2 ? TCV_WINOGRAD_3_1
           : form == TCV_WINOGRAD_2_3 ? TCV_WINOGRAD_2_2
           : form == TCV_WINOGRAD_3_3 ? TCV_WINOGRAD_3_2
                                      : TCV_WINOGRAD_1_1;
}

/*
 * What can stand beside a form, on its inputs but the first: the shorter one, and for 2_2
 * itself, which then has one input more.  The inputs and points of both:
 */
static inline int64_t tcv_winograd_inputs(enum tcv_winograd_form form,
                                          enum tcv_winograd_form also)
{
    return tcv_winograd_points(form) + (also == form && form != TCV_WINOGRAD_1_1 ? 1 : 0);
}

static inline int64_t tcv_winograd_all_points(enum tcv_winograd_form form,
                                              enum tcv_winograd_form also)
{
    return tcv_winograd_points(form) +
           (also == TCV_WINOGRAD_1_1 ? 0 : tcv_winograd_points(also));
}

/* The most inputs, or points, of a form. */
#define TCV_WINOGRAD_POINTS 5

/*
 * Inputs of a magnitude below the largest number / 128 overflow in no transform of 3 axes: a
 * point is at most 5 times the largest input.
 */
#define TCV_WINOGRAD_HEADROOM 128

/*
 * Steps are in elements.  `count` positions are computed in whole vectors: as many
 * as fill the last one are read and written as well.
 */
struct tcv_winograd {
    enum tcv_winograd_form form;
    enum tcv_winograd_form also; /* forward: then its points, of inputs 1, 2 ...; 1_1: none */
    const void *from;
    int64_t from_step;
    void *to;
    int64_t to_step;
    int64_t count;
    void *watch; /* forward_row(): [width], see there */
};

struct tcv_winograd_kernels {
    /*
     * B along a row: position p of row u of `to` is that point of inputs m * p ...
     * m * p + n - 1 of the row `from`, n being the inputs of the form and `also`.  Reads m vectors
     * for one that it writes, and n - m elements behind the last; if one of them is not
     * finite or not below the largest number / TCV_WINOGRAD_HEADROOM, NaN is added to some
     * element of the watch, else 0 to all.
     */
    void (*forward_row)(const struct tcv_winograd *args);
    /* B, A and G across rows: rows of inputs, products or taps to rows of points,
     * outputs or distinct weights. */
    void (*forward)(const struct tcv_winograd *args);
    void (*inverse)(const struct tcv_winograd *args);
    void (*weights)(const struct tcv_winograd *args);
    /* A into a row: output j of position p is element m * p + j of `to`. */
    void (*inverse_row)(const struct tcv_winograd *args);
    int64_t width; /* elements per vector */
};

struct tcv_winograd_kernels tcv_winograd_select(uint32_t features, tconv_dtype dtype);

#define TCV_WINOGRAD_DECLARE(type_isa)                                    \
    void tcv_winograd_forward_row_##type_isa(const struct tcv_winograd *); \
    void tcv_winograd_forward_##type_isa(const struct tcv_winograd *);     \
    void tcv_winograd_inverse_##type_isa(const struct tcv_winograd *);     \
    void tcv_winograd_weights_##type_isa(const struct tcv_winograd *);     \
    void tcv_winograd_inverse_row_##type_isa(const struct tcv_winograd *)

TCV_WINOGRAD_DECLARE(f32_c);
TCV_WINOGRAD_DECLARE(f64_c);
TCV_WINOGRAD_DECLARE(f32_avx2);
TCV_WINOGRAD_DECLARE(f64_avx2);
TCV_WINOGRAD_DECLARE(f32_avx512);
TCV_WINOGRAD_DECLARE(f64_avx512);
TCV_WINOGRAD_DECLARE(f32_neon);
TCV_WINOGRAD_DECLARE(f64_neon);

#endif
