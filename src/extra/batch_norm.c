/* batch_norm.c - batch normalisation folded into weights and bias */
#include <inttypes.h>
#include <math.h>

#include "base/checked.h"
#include "core/error.h"
#include "extra/elements.h"

static double scale_of(const tconv_batch_norm *norm, tconv_dtype dtype, int64_t channel)
{
    const double gamma = norm->gamma == NULL ? 1.0 : tcv_load(dtype, norm->gamma, channel);

    return gamma / sqrt(tcv_load(dtype, norm->variance, channel) + norm->epsilon);
}

static tconv_status check(const tconv_batch_norm *norm, tconv_dtype dtype, int64_t channels,
                          tconv_error *error)
{
    for (int64_t c = 0; c < channels; c++)
        if (!(tcv_load(dtype, norm->variance, c) + norm->epsilon > 0.0))
            return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                            "variance[%" PRId64 "] is %g; with the epsilon of %g it must be above "
                            "0", c, tcv_load(dtype, norm->variance, c), norm->epsilon);
    return TCONV_OK;
}

tconv_status tconv_fold_batch_norm(tconv_op op, int64_t groups, const tconv_batch_norm *norm,
                                   const tconv_tensor *weights, void *w, void *bias,
                                   tconv_error *error)
{
    struct tcv_elements e;
    int64_t channels;
    tconv_status status;

    if (norm == NULL || weights == NULL || w == NULL || bias == NULL || norm->mean == NULL ||
        norm->variance == NULL)
        return tcv_fail(error, TCONV_ERR_NULL_POINTER, "%s is NULL",
                        norm == NULL         ? "norm"
                        : weights == NULL    ? "weights"
                        : w == NULL          ? "w"
                        : bias == NULL       ? "bias"
                        : norm->mean == NULL ? "norm->mean"
                                             : "norm->variance");
    if (op != TCONV_CONV_TRANSPOSE && op != TCONV_CONV)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "op is %d; it must be TCONV_CONV_TRANSPOSE or TCONV_CONV", (int)op);
    status = tcv_elements_to_write(weights, "weights", &e, error);
    if (status != TCONV_OK)
        return status;
    if (groups < 1 || e.n % groups != 0)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "groups is %" PRId64 "; it must divide weights->size[0], %" PRId64, groups,
                        e.n);
    channels = op == TCONV_CONV ? e.n : e.c * groups;
    status = check(norm, e.dtype, channels, error);
    if (status != TCONV_OK)
        return status;

    for (int64_t a = 0; a < e.n; a++)
        for (int64_t b = 0; b < e.c; b++) {
            const int64_t channel = op == TCONV_CONV ? a : a / (e.n / groups) * e.c + b;
            const double scale = scale_of(norm, e.dtype, channel);
            int64_t k[TCV_AXES] = {0};

            do {
                const int64_t at = tcv_element_at(&e, a, b, k);

                tcv_store(e.dtype, w, at, tcv_load(e.dtype, w, at) * scale);
            } while (tcv_next(k, e.size));
        }
    for (int64_t c = 0; c < channels; c++) {
        const double beta = norm->beta == NULL ? 0.0 : tcv_load(e.dtype, norm->beta, c);

        tcv_store(e.dtype, bias, c,
                  (tcv_load(e.dtype, bias, c) - tcv_load(e.dtype, norm->mean, c)) *
                          scale_of(norm, e.dtype, c) +
                      beta);
    }
    return TCONV_OK;
}
