/*
 * check.c - every result against the definition, within the rounding a sum may have
 *
 * n products summed in any order are off by at most gamma(n) * sum |x| |w|, with gamma(n) =
 * n u / (1 - n u) and u = 2^-24 or 2^-53 (Higham, "Accuracy and Stability of Numerical
 * Algorithms", section 3.1).  The sum of magnitudes is what the same computation gives on the
 * magnitudes of the data.  So nothing is tuned: a wrong index is orders of magnitude outside, and
 * a NaN left from the poison fails.
 *
 * Winograd's bound (docs/numerics.md) takes the largest of neighbouring inputs and weights in place
 * of each, and is some 3 times larger even so.  Here both are drawn evenly from [-1, 1], where the
 * largest of a few is up to twice the mean magnitude: 4 times in a product, and 4 more for what
 * auto accepts.
 */
#include "check.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "verdict.h"

#define WINOGRAD_LEEWAY 16.0

bool check_init(struct check *check, const struct workload *workload, struct reason *why)
{
    *check = (struct check){.workload = workload, .leeway = 1.0};
    check->expected = array_alloc(workload->result_count, workload->element_bytes);
    check->sums = array_alloc(workload->result_count, workload->element_bytes);
    if (check->expected == NULL || check->sums == NULL)
        return deny(why, "no memory for the check");
    return workload_magnitudes(workload, &check->magnitudes, why);
}

void check_free(struct check *check)
{
    workload_free(&check->magnitudes);
    free(check->expected);
    free(check->sums);
    *check = (struct check){.workload = NULL};
}

/* Keeps the result, and the sums of magnitudes by the same algorithm, for the others. */
static bool become_expected(struct check *check, tconv_algorithm algorithm, struct reason *why)
{
    const struct workload *w = check->workload;
    struct engine engine;
    const bool good = engine_init(&engine, &check->magnitudes, algorithm, why) &&
                      engine_run(&engine, &check->magnitudes, check->sums, NULL, why);

    engine_free(&engine);
    memcpy(check->expected, w->result, w->result_count * w->element_bytes);
    check->has_expected = good;
    return good;
}

/* Whether the result is near what the first of ours left. */
static bool agrees_with_ours(const struct check *check, struct reason *why)
{
    const struct workload *w = check->workload;
    const double bound = check->leeway * relative_bound(w);
    struct verdict verdict = {0};

    for (size_t i = 0; i < w->result_count; i++)
        verdict_add(&verdict, array_get(w->result, i, w->dtype),
                    array_get(check->expected, i, w->dtype),
                    bound * array_get(check->sums, i, w->dtype) + DBL_MIN);
    return verdict_is_good(&verdict, "ours", why);
}

bool check_contestant(struct check *check, const struct contestant *contestant,
                      struct reason *why)
{
    const bool weights = check->workload->operation->gives_weights;

    if (!contestant->is_peer && contestant->algorithm == TCONV_ALGORITHM_WINOGRAD)
        check->leeway = WINOGRAD_LEEWAY;
    workload_poison(check->workload);
    if (!contestant->run(contestant->state, why))
        return false;
    if (contestant->fetch != NULL && !contestant->fetch(contestant->state, why))
        return false;
    if (!contestant->is_peer && !(weights ? check_weights : check_reference)(check, why))
        return false;
    if (!check->has_expected)
        return become_expected(check, contestant->algorithm, why);
    return agrees_with_ours(check, why);
}
