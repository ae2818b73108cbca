#include "extra/enlarge.h"

#include <inttypes.h>

#include "base/checked.h"
#include "core/error.h"

tconv_status tcv_enlargement_of(const tconv_tensor *input, const tconv_tensor *output,
                                const int64_t *factor, bool shrinks, int64_t channels,
                                struct tcv_enlargement *e, tconv_error *error)
{
    int64_t want = 1;
    tconv_status status;

    if (input == NULL || output == NULL || factor == NULL)
        return tcv_fail(error, TCONV_ERR_NULL_POINTER, "%s is NULL",
                        input == NULL    ? "input"
                        : output == NULL ? "output"
                                         : "factor");
    status = tcv_elements_of(input, "input", shrinks ? &e->large : &e->small, error);
    if (status == TCONV_OK)
        status = tcv_elements_to_write(output, "output", shrinks ? &e->small : &e->large, error);
    if (status == TCONV_OK && (input->dtype != output->dtype || input->rank != output->rank))
        status = tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                          "output->dtype and rank are %d and %" PRId32 "; they must be the input's",
                          (int)output->dtype, output->rank);
    if (status == TCONV_OK)
        status = tcv_spread(factor, e->small.axes, "factor", e->factor, error);
    if (status != TCONV_OK)
        return status;

    if (e->small.n != e->large.n)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "output->size[0] is %" PRId64 "; it must be the input's %" PRId64,
                        output->size[0], input->size[0]);
    for (int a = 0; a < TCV_AXES; a++) {
        int64_t size;

        if (!tcv_mul_i64(e->small.size[a], e->factor[a], &size) || size != e->large.size[a])
            return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                            "factor is %" PRId64 "; it does not lead from a spatial size of "
                            "%" PRId64 " to one of %" PRId64,
                            e->factor[a], e->small.size[a], e->large.size[a]);
        if (channels == 0)
            want *= e->factor[a]; /* fits: the large sizes do */
    }
    if (channels > 0)
        want = channels;
    if (e->small.c % want != 0 || e->small.c / want != e->large.c)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "input and output have %" PRId64 " and %" PRId64 " channels; one must have "
                        "%" PRId64 " times the other's",
                        input->size[1], output->size[1], want);
    return TCONV_OK;
}

tconv_status tcv_check_data(const struct tcv_enlargement *e, const void *x, const void *y,
                            tconv_error *error)
{
    if (e->small.n == 0 || (x != NULL && y != NULL))
        return TCONV_OK;
    return tcv_fail(error, TCONV_ERR_NULL_POINTER, "%s is NULL", x == NULL ? "x" : "y");
}
