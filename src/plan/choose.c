/* choose.c - the only place that decides how a problem is computed */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/checked.h"
#include "base/parallel.h"
#include "core/error.h"
#include "plan/choice.h"

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

/* Fills *setup for the algorithm if it does not refuse and auto may take it; else notes why. */
static bool consider(struct tconv_plan *plan, const struct tcv_algo *algo, struct tcv_setup *setup)
{
    char reason[TCV_REASON_BYTES] = "";

    memset(setup, 0, sizeof *setup);
    if (algo->prepare(&plan->problem, plan->features, NULL, setup, reason) &&
        is_recommended(plan, algo, setup, reason))
        return true;
    note(plan, algo, reason);
    return false;
}

static void take(struct tconv_plan *plan, const struct tcv_algo *algo,
                 const struct tcv_setup *setup)
{
    plan->algo = algo;
    plan->setup = *setup;
    plan->cost[algo->id] = algo->cost(&plan->problem, setup);
}

/* Why the others are not taken, where they do not refuse. */
static void note_the_others(struct tconv_plan *plan, const char *format)
{
    char why[TCV_REASON_BYTES];

    for (size_t i = 0; tcv_algo_at(i) != NULL; i++) {
        const struct tcv_algo *algo = tcv_algo_at(i);

        if (algo == plan->algo || plan->refusal[algo->id][0] != '\0')
            continue;
        if (format != NULL)
            snprintf(why, sizeof why, "%s %s", plan->algo->name, format);
        else
            snprintf(why, sizeof why, "by estimate it takes %.1f times as long as %s",
                     plan->cost[algo->id] / plan->cost[plan->algo->id], plan->algo->name);
        note(plan, algo, why);
    }
}

/* The one that was asked for, or that the weights at hand are packed for. */
static tconv_status choose_this(struct tconv_plan *plan, const struct tcv_algo *algo,
                                const struct tcv_setup *like, tconv_error *error)
{
    char reason[TCV_REASON_BYTES] = "";
    struct tcv_setup setup;

    memset(&setup, 0, sizeof setup);
    if (!algo->prepare(&plan->problem, plan->features, like, &setup, reason))
        return tcv_fail(error, TCONV_ERR_UNSUPPORTED, "algorithm is %s; it refuses: %s",
                        algo->name, reason);
    take(plan, algo, &setup);
    note_the_others(plan, like != NULL ? "packed the weights that this plan shares"
                                       : "was asked for");
    return TCONV_OK;
}

/*
 * The cheapest by estimate, or the one that the caller's choices name if it may be taken.
 * The reference refuses nothing, so there is one.
 */
static tconv_status choose_auto(struct tconv_plan *plan, const char *choices, tconv_error *error)
{
    const struct tcv_algo *named;
    struct tcv_setup setup;
    const tconv_status status = tcv_choice_find(plan, choices, &named, error);

    if (status != TCONV_OK)
        return status;
    for (size_t i = 0; tcv_algo_at(i) != NULL; i++) {
        const struct tcv_algo *algo = tcv_algo_at(i);

        if (!consider(plan, algo, &setup))
            continue;
        plan->cost[algo->id] = algo->cost(&plan->problem, &setup);
        if (plan->algo == NULL || algo == named ||
            (plan->algo != named && plan->cost[algo->id] < plan->cost[plan->algo->id]))
            take(plan, algo, &setup);
    }
    note_the_others(plan, plan->algo == named ? "is named by the choices" : NULL);
    return TCONV_OK;
}

tconv_status tcv_plan_choose(struct tconv_plan *plan, const struct tconv_plan *like,
                             tconv_error *error)
{
    const char *const choices = plan->options.choices;
    tconv_status status;

    plan->options.choices = NULL; /* the caller's text need not live on */
    if (like != NULL)
        status = choose_this(plan, like->algo, &like->setup, error);
    else if (plan->options.algorithm != TCONV_ALGORITHM_AUTO)
        status = choose_this(plan, tcv_algo_find(plan->options.algorithm), NULL, error);
    else
        status = choose_auto(plan, choices, error);
    /*
     * A limit that is too small for the best is no reason to take another: the caller
     * wants to hear the number, not to be given something 100 times slower.
     */
    return status == TCONV_OK ? share_workspace(plan, error) : status;
}
