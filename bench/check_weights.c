/*
 * check_weights.c - dw against the library's reference algorithm
 *
 * The part of dw that belongs to one channel of the small grid and one of the large one is the
 * gradient of a problem of one channel each.  Of a large problem a few of these pairs are computed,
 * the first and the last among them.
 */
#include <float.h>
#include <stdlib.h>

#include "check.h"
#include "engine.h"
#include "verdict.h"

/* Products in all pairs together, a fraction of a second; more if few pairs need it. */
#define MOST_PRODUCTS 2e7
#define FEWEST_PAIRS 4

/* The pair as a workload, on the data of w where it lies. */
static struct workload pair_of(const struct workload *w, int64_t small, int64_t large)
{
    const struct problem *p = w->problem;
    const int64_t first = small / (p->ic / p->groups) * (p->oc / p->groups);
    const int64_t bytes = (int64_t)w->element_bytes;
    struct workload pair = *w;

    pair.desc.groups = 1;
    pair.input.size[1] = pair.output.size[1] = 1;
    pair.weights.size[0] = pair.weights.size[1] = 1;
    pair.x = (char *)w->x + small * w->input.stride[1] * bytes;
    pair.y = (char *)w->y + (first + large) * w->output.stride[1] * bytes;
    return pair;
}

static bool run_pair(const struct workload *w, int64_t small, int64_t large, void *result,
                     struct reason *why)
{
    const struct workload pair = pair_of(w, small, large);
    struct engine engine;
    const bool good = engine_init(&engine, &pair, TCONV_ALGORITHM_REFERENCE, why) &&
                      engine_run(&engine, &pair, result, NULL, why);

    engine_free(&engine);
    return good;
}

static bool check_pair(const struct check *check, int64_t index, void *values, void *sums,
                       struct verdict *verdict, struct reason *why)
{
    const struct workload *w = check->workload;
    const size_t taps = (size_t)problem_product(w->problem, w->problem->kernel);
    const int64_t larges = w->weights.size[1];
    const double bound = relative_bound(w);

    if (!run_pair(w, index / larges, index % larges, values, why) ||
        !run_pair(&check->magnitudes, index / larges, index % larges, sums, why))
        return false;
    for (size_t i = 0; i < taps; i++)
        verdict_add(verdict, array_get(w->result, (size_t)index * taps + i, w->dtype),
                    array_get(values, i, w->dtype),
                    bound * array_get(sums, i, w->dtype) + DBL_MIN);
    return true;
}

/* The first pair, the last, then others drawn; each once if all are wanted. */
static int64_t pair_at(int64_t i, int64_t wanted, int64_t all)
{
    if (wanted == all || i == 0)
        return i;
    return i == 1 ? all - 1 : (int64_t)((uint64_t)i * 0x9e3779b97f4a7c15 % (uint64_t)all);
}

bool check_weights(struct check *check, struct reason *why)
{
    const struct workload *w = check->workload;
    const int64_t taps = problem_product(w->problem, w->problem->kernel);
    const int64_t all = w->weights.size[0] * w->weights.size[1];
    const double affordable = MOST_PRODUCTS / (w->flops / 2.0 / (double)all);
    const int64_t wanted = affordable >= (double)all     ? all
                           : affordable < FEWEST_PAIRS ? (all < FEWEST_PAIRS ? all : FEWEST_PAIRS)
                                                       : (int64_t)affordable;
    void *values = array_alloc((size_t)taps, w->element_bytes);
    void *sums = array_alloc((size_t)taps, w->element_bytes);
    struct verdict verdict = {0};
    bool good = values != NULL && sums != NULL;

    if (!good)
        deny(why, "no memory for the check");
    check->whole = wanted == all;
    for (int64_t i = 0; good && i < wanted; i++)
        good = check_pair(check, pair_at(i, wanted, all), values, sums, &verdict, why);
    free(values);
    free(sums);
    return good && verdict_is_good(&verdict, "the reference", why);
}
