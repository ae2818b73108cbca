/*
 * resize.c - enlarging by integer factors
 *
 * With half-pixel centres output o lies at (o + 1/2) / f - 1/2 of the input's grid;
 * in halves of 1 / f that is the integer 2 o + 1 - f over 2 f.
 */
#include "base/checked.h"
#include "core/error.h"
#include "extra/enlarge.h"

/* The two inputs around an output of one axis, and the weight of the second. */
struct between {
    int64_t low, high;
    double weight;
};

static struct between between_of(tconv_resize_mode mode, int64_t o, int64_t factor, int64_t size)
{
    const int64_t twice = 2 * o + 1 - factor, low = tcv_floor_div(twice, 2 * factor);

    if (mode == TCONV_RESIZE_NEAREST)
        return (struct between){o / factor, o / factor, 0.0};
    return (struct between){
        .low = tcv_max(low, 0),
        .high = tcv_min(low + 1, size - 1),
        .weight = (double)(twice - low * 2 * factor) / (double)(2 * factor),
    };
}

static double value_at(const struct tcv_enlargement *e, const void *x, int64_t n, int64_t c,
                       const struct between b[TCV_AXES])
{
    double sum = 0.0;

    for (int corner = 0; corner < 8; corner++) {
        int64_t i[TCV_AXES];
        double weight = 1.0;

        for (int a = 0; a < TCV_AXES; a++) {
            const bool high = (corner >> a & 1) != 0;

            i[a] = high ? b[a].high : b[a].low;
            weight *= high ? b[a].weight : 1.0 - b[a].weight;
        }
        if (weight > 0.0) /* an infinity that has no part in it must not make NaN */
            sum += weight * tcv_load(e->small.dtype, x, tcv_element_at(&e->small, n, c, i));
    }
    return sum;
}

tconv_status tconv_resize(tconv_resize_mode mode, const tconv_tensor *input,
                          const tconv_tensor *output, const int64_t *factor, const void *x,
                          void *y, tconv_error *error)
{
    struct tcv_enlargement e;
    tconv_status status;

    if (mode != TCONV_RESIZE_NEAREST && mode != TCONV_RESIZE_LINEAR)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "mode is %d; it must be one of tconv_resize_mode", (int)mode);
    status = tcv_enlargement_of(input, output, factor, false, 1, &e, error);
    if (status == TCONV_OK)
        status = tcv_check_data(&e, x, y, error);
    if (status != TCONV_OK)
        return status;

    for (int64_t n = 0; n < e.large.n; n++)
        for (int64_t c = 0; c < e.large.c; c++) {
            int64_t o[TCV_AXES] = {0};

            do {
                struct between b[TCV_AXES];

                for (int a = 0; a < TCV_AXES; a++)
                    b[a] = between_of(mode, o[a], e.factor[a], e.small.size[a]);
                tcv_store(e.large.dtype, y, tcv_element_at(&e.large, n, c, o),
                          value_at(&e, x, n, c, b));
            } while (tcv_next(o, e.large.size));
        }
    return TCONV_OK;
}
