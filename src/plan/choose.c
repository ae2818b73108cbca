/* choose.c - the only place that decides how a problem is computed */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/checked.h"
#include "base/parallel.h"
#include "core/error.h"
#include "plan/plan.h"

/*
 * As many workers as asked for, as there are units of work, and as fit in the
 * limit.  A workspace of w workers is w * worker_bytes and the slack that puts
 * the first on a boundary; without scratch it is nothing at all.
 */
static tconv_status share_workspace(struct tconv_plan *plan, tconv_error *error)
{
    const size_t each = plan->setup.worker_bytes, slack = TCV_ALIGNMENT - 1;
    const size_t limit = plan->options.workspace_limit_bytes;
    const struct tcv_window whole = tcv_window_whole(&plan->problem);
    const int64_t units = plan->algo->units(&plan->problem, &plan->setup, &whole);
    int64_t threads = plan->options.threads > 0 ? plan->options.threads
                                                : tcv_parallel_default_threads();

    threads = tcv_max(1, tcv_min(threads, units));
    if (each > 0) {
        if (limit < each + slack)
            return tcv_fail(error, TCONV_ERR_WORKSPACE_TOO_SMALL,
                            "workspace_limit_bytes is %zu; %s needs at least %zu for one thread",
                            limit, plan->algo->name, each + slack);
        if ((limit - slack) / each < (size_t)threads)
            threads = (int64_t)((limit - slack) / each);
    }
    plan->threads = (int32_t)threads;
    plan->workspace_bytes = each > 0 ? (size_t)threads * each + slack : 0;
    return TCONV_OK;
}

static void note(struct tconv_plan *plan, const struct tcv_algo *algo, const char *why)
{
    snprintf(plan->refusal[algo->id], TCV_REASON_BYTES, "%s", why);
}

/* Whether auto may take an algorithm that does not refuse, or why not. */
static bool is_recommended(const struct tconv_plan *plan, const struct tcv_algo *algo,
                           const struct tcv_setup *setup, char reason[TCV_REASON_BYTES])
{
    if (algo->id == TCONV_ALGORITHM_WINOGRAD && plan->options.forbid_winograd != 0) {
        snprintf(reason, TCV_REASON_BYTES, "forbid_winograd is 1");
        return false;
    }
    return algo->recommended == NULL || algo->recommended(&plan->problem, setup, reason);
}

/* One candidate: taken if it neither refuses nor exceeds the limit. */
static tconv_status try_algorithm(struct tconv_plan *plan, const struct tcv_algo *algo,
                                  const struct tcv_setup *like, tconv_error *error)
{
    char reason[TCV_REASON_BYTES] = "";
    struct tcv_setup setup;
    tconv_status status;

    memset(&setup, 0, sizeof setup);
    if (!algo->prepare(&plan->problem, plan->features, like, &setup, reason) ||
        (plan->options.algorithm == TCONV_ALGORITHM_AUTO && like == NULL &&
         !is_recommended(plan, algo, &setup, reason))) {
        note(plan, algo, reason);
        return tcv_fail(error, TCONV_ERR_UNSUPPORTED, "algorithm is %s; it refuses: %s",
                        algo->name, reason);
    }
    plan->algo = algo;
    plan->setup = setup;
    status = share_workspace(plan, error);
    if (status != TCONV_OK)
        note(plan, algo, "the workspace limit is below what one thread needs");
    return status;
}

static void note_the_untried(struct tconv_plan *plan)
{
    char why[TCV_REASON_BYTES];

    snprintf(why, sizeof why,
             plan->options.algorithm == TCONV_ALGORITHM_AUTO
                 ? "%s stands before it in the order of preference and does not refuse"
                 : "%s was asked for",
             plan->algo->name);
    for (size_t i = 0; tcv_algo_at(i) != NULL; i++)
        if (tcv_algo_at(i) != plan->algo && plan->refusal[tcv_algo_at(i)->id][0] == '\0')
            note(plan, tcv_algo_at(i), why);
}

tconv_status tcv_plan_choose(struct tconv_plan *plan, const struct tconv_plan *like,
                             tconv_error *error)
{
    tconv_status status = TCONV_ERR_UNSUPPORTED;

    if (like != NULL) {
        status = try_algorithm(plan, like->algo, &like->setup, error);
    } else if (plan->options.algorithm != TCONV_ALGORITHM_AUTO) {
        status = try_algorithm(plan, tcv_algo_find(plan->options.algorithm), NULL, error);
    } else {
        /*
         * A limit that is too small for the best stops the search: the caller
         * wants to hear the number, not to be given something 100 times slower.
         */
        for (size_t i = 0; status == TCONV_ERR_UNSUPPORTED && tcv_algo_at(i) != NULL; i++)
            status = try_algorithm(plan, tcv_algo_at(i), NULL, error);
    }
    if (status == TCONV_OK)
        note_the_untried(plan);
    return status;
}
