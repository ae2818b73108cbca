/*
 * fillers.c - how weights begin
 *
 * Random fillers hash the place of a weight, so the bits depend neither on the layout
 * nor on the order: Steele, Lea and Flood's splitmix64 ("Fast splittable pseudorandom
 * number generators", 2014), whose state moves on by a constant from place to place.
 *
 * He: a ReLU halves the mean square, so weights of variance 2 / fan_in keep it; the
 * uniform distribution on [-a, a] has variance a^2 / 3.  Xavier: 2 / (fan_in + fan_out).
 * Source: He et al. 2015; Glorot and Bengio 2010; ICNR: Aitken et al. 2017.
 */
#include <inttypes.h>
#include <math.h>

#include "base/checked.h"
#include "core/error.h"
#include "extra/elements.h"

/* Uniform on [-1, 1): the top 24 bits, which a float holds. */
static double uniform(uint64_t seed, uint64_t place)
{
    uint64_t z = seed + (place + 1) * UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    z ^= z >> 31;
    return (double)(z >> 40) * 0x1p-23 - 1.0;
}

struct filling {
    tconv_filler filler;
    tconv_op op;
    int64_t groups, stride[TCV_AXES], offsets; /* product of the strides */
    uint64_t seed;
    struct tcv_elements e;
    double limit;
};

static double bilinear(const struct filling *f, int64_t ic, int64_t oc, const int64_t k[TCV_AXES])
{
    double value = ic % (f->e.n / f->groups) == oc ? 1.0 : 0.0;

    for (int a = 0; a < TCV_AXES; a++) {
        const double middle = (double)(f->e.size[a] - 1) / 2.0;
        const double here = 1.0 - fabs((double)k[a] - middle) / (double)f->stride[a];

        value *= here > 0.0 ? here : 0.0;
    }
    return value;
}

static double value_of(const struct filling *f, int64_t a, int64_t b, const int64_t k[TCV_AXES])
{
    const int64_t row = f->filler == TCONV_FILL_ICNR ? a / f->offsets : a;
    int64_t place = row * f->e.c + b;

    if (f->filler == TCONV_FILL_BILINEAR)
        return bilinear(f, a, b, k);
    for (int i = 0; i < TCV_AXES; i++)
        place = place * f->e.size[i] + k[i];
    return f->limit * uniform(f->seed, (uint64_t)place);
}

/* How many products an output sums; the stride shares a transposed kernel out. */
static double limit_of(const struct filling *f)
{
    const struct tcv_elements *e = &f->e;
    const double taps = (double)e->size[0] * (double)e->size[1] * (double)e->size[2];
    const double first = (double)e->n / (double)f->groups, second = (double)e->c;
    const double in = f->op == TCONV_CONV ? second * taps : first * taps / (double)f->offsets;
    const double out = f->op == TCONV_CONV ? first * taps / (double)f->offsets : second * taps;

    return f->filler == TCONV_FILL_XAVIER ? sqrt(6.0 / (in + out)) : sqrt(6.0 / in);
}

static tconv_status check(struct filling *f, const tconv_desc *desc, tconv_error *error)
{
    if ((int)f->filler < TCONV_FILL_BILINEAR || f->filler > TCONV_FILL_ICNR)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "filler is %d; it must be one of tconv_filler", (int)f->filler);
    if (desc->op != TCONV_CONV_TRANSPOSE && desc->op != TCONV_CONV)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "op is %d; it must be TCONV_CONV_TRANSPOSE or TCONV_CONV", (int)desc->op);
    if (f->filler == TCONV_FILL_BILINEAR && desc->op != TCONV_CONV_TRANSPOSE)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "filler is bilinear; it is for transposed convolutions");
    if (f->filler == TCONV_FILL_ICNR && desc->op != TCONV_CONV)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "filler is ICNR; it is for convolutions before a pixel shuffle");
    if (desc->spatial_rank != f->e.axes)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "spatial_rank is %" PRId32 "; it must be weights->rank - 2, %d",
                        desc->spatial_rank, f->e.axes);
    if (f->groups < 1 || f->e.n < 1 || f->e.n % f->groups != 0)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "groups is %" PRId64 "; it must divide weights->size[0], %" PRId64,
                        f->groups, f->e.n);
    return tcv_spread(desc->stride, f->e.axes, "stride", f->stride, error);
}

tconv_status tconv_fill_weights(tconv_filler filler, const tconv_desc *desc, uint64_t seed,
                                const tconv_tensor *weights, void *w, tconv_error *error)
{
    struct filling f = {.filler = filler, .seed = seed, .offsets = 1};
    tconv_status status;

    if (desc == NULL || weights == NULL || w == NULL)
        return tcv_fail(error, TCONV_ERR_NULL_POINTER, "%s is NULL",
                        desc == NULL      ? "desc"
                        : weights == NULL ? "weights"
                                          : "w");
    f.op = desc->op;
    f.groups = desc->groups;
    status = tcv_elements_to_write(weights, "weights", &f.e, error);
    if (status == TCONV_OK)
        status = check(&f, desc, error);
    if (status != TCONV_OK)
        return status;
    for (int a = 0; a < TCV_AXES; a++)
        if (!tcv_mul_i64(f.offsets, f.stride[a], &f.offsets))
            return tcv_fail(error, TCONV_ERR_TOO_LARGE,
                            "stride[0] is %" PRId64 "; the product of strides exceeds 63 bits",
                            desc->stride[0]);
    if (filler == TCONV_FILL_ICNR && f.e.n % f.offsets != 0)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "weights->size[0] is %" PRId64 "; for ICNR the product of strides, %" PRId64
                        ", must divide it", f.e.n, f.offsets);
    f.limit = limit_of(&f);
    for (int64_t a = 0; a < f.e.n; a++)
        for (int64_t b = 0; b < f.e.c; b++) {
            int64_t k[TCV_AXES] = {0};

            do {
                tcv_store(f.e.dtype, w, tcv_element_at(&f.e, a, b, k), value_of(&f, a, b, k));
            } while (tcv_next(k, f.e.size));
        }
    return TCONV_OK;
}
