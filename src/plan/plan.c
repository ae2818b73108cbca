#include "plan/plan.h"

#include <string.h>

#include "base/alloc.h"
#include "base/checked.h"
#include "base/parallel.h"

struct tcv_family tcv_plan_family(const struct tconv_plan *plan)
{
    const struct tcv_problem *p = &plan->problem;
    struct tcv_family family = {.algorithm = plan->algo->id, .dtype = p->dtype,
                                .groups = p->groups, .ic = p->ic, .oc = p->oc};

    for (int a = 0; a < TCV_AXES; a++) {
        family.kernel[a] = p->axis[a].kernel;
        family.stride[a] = p->axis[a].stride;
        family.dilation[a] = p->axis[a].dilation;
    }
    if (plan->algo->id == TCONV_ALGORITHM_GEMM)
        family.columns = (int64_t)plan->setup.gemm.order;
    return family;
}

bool tcv_family_equal(const struct tcv_family *a, const struct tcv_family *b)
{
    bool equal = a->algorithm == b->algorithm && a->dtype == b->dtype &&
                 a->groups == b->groups && a->ic == b->ic && a->oc == b->oc &&
                 a->columns == b->columns;

    for (int i = 0; i < TCV_AXES; i++)
        equal = equal && a->kernel[i] == b->kernel[i] && a->stride[i] == b->stride[i] &&
                a->dilation[i] == b->dilation[i];
    return equal;
}

struct share {
    const struct tconv_plan *plan;
    const struct tcv_run *run;
    char *scratch; /* on a boundary */
    int64_t units, workers;
};

/* Worker w takes the w-th of `workers` equal runs of units. */
static void work(void *context, int64_t worker)
{
    const struct share *s = context;
    const int64_t each = s->units / s->workers, rest = s->units % s->workers;
    const int64_t begin = worker * each + tcv_min(worker, rest);
    const int64_t end = begin + each + (worker < rest ? 1 : 0);

    s->plan->algo->work(s->run, &s->plan->setup, begin, end,
                        s->scratch + (size_t)worker * s->plan->setup.worker_bytes);
}

void tcv_plan_run(const struct tconv_plan *plan, const struct tcv_run *run, void *workspace)
{
    struct share share = {.plan = plan, .run = run};

    for (int a = 0; a < TCV_AXES; a++)
        if (run->window.begin[a] >= run->window.end[a])
            return;
    share.units = plan->algo->units(&plan->problem, &plan->setup, &run->window);
    share.workers = tcv_min(plan->threads, share.units);
    if (share.workers < 1)
        return;
    /* Only the address is rounded up; without scratch it is never used. */
    share.scratch = workspace == NULL
                        ? NULL
                        : (char *)workspace +
                              (TCV_ALIGNMENT - (uintptr_t)workspace % TCV_ALIGNMENT) % TCV_ALIGNMENT;
    tcv_parallel_run(plan->options.parallel_for, plan->options.parallel_context, share.workers,
                     work, &share);
}
