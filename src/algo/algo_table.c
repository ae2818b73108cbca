#include "algo/algo.h"

#include <stdio.h>

/*
 * In order of preference: the default takes the first that does not refuse, so
 * the reference, which never does, stands last.
 */
static const struct tcv_algo *const algos[] = {
    &tcv_algo_direct,
    &tcv_algo_gemm,
    &tcv_algo_reference,
};

bool tcv_worker_fits(size_t worker_bytes, char reason[TCV_REASON_BYTES])
{
    const size_t most = (size_t)4 << 20;

    if (worker_bytes <= most)
        return true;
    snprintf(reason, TCV_REASON_BYTES, "one thread would need %zu bytes of workspace, over %zu",
             worker_bytes, most);
    return false;
}

const struct tcv_algo *tcv_algo_at(size_t index)
{
    return index < sizeof algos / sizeof algos[0] ? algos[index] : NULL;
}

const struct tcv_algo *tcv_algo_find(tconv_algorithm id)
{
    for (size_t i = 0; tcv_algo_at(i) != NULL; i++)
        if (tcv_algo_at(i)->id == id)
            return tcv_algo_at(i);
    return NULL;
}
