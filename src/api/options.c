#include "api/options.h"

#include <inttypes.h>

#include "core/error.h"
#include "plan/plan.h"

tconv_status tcv_check_options(const tconv_options *options, tconv_error *error)
{
    if (options->struct_size != sizeof *options)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "options->struct_size is %zu; start from tconv_options_default()",
                        options->struct_size);
    if (options->algorithm != TCONV_ALGORITHM_AUTO && tcv_algo_find(options->algorithm) == NULL)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "algorithm is %d; it must be one of tconv_algorithm",
                        (int)options->algorithm);
    if (options->forbid_winograd != 0 && options->forbid_winograd != 1)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "forbid_winograd is %" PRId32 "; it must be 0 or 1",
                        options->forbid_winograd);
    if (options->threads < 0)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "threads is %" PRId32 "; it must be at least 1, or 0 for OpenMP's number",
                        options->threads);
    return TCONV_OK;
}
