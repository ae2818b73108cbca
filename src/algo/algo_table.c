#include "algo/algo.h"

/*
 * In order of preference: the default takes the first that does not refuse, so
 * the reference, which never does, stands last.
 */
static const struct tcv_algo *const algos[] = {
    &tcv_algo_direct,
    &tcv_algo_gemm,
    &tcv_algo_reference,
};

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
