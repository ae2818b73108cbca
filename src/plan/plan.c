#include "plan/plan.h"

#include "base/alloc.h"
#include "base/checked.h"
#include "base/cpu.h"
#include "base/parallel.h"
#include "base/shares.h"

struct tcv_family tcv_plan_family(const struct tconv_plan *plan)
{
    const struct tcv_problem *p = &plan->problem;
    struct tcv_family family = {.algorithm = plan->algo->id, .dtype = p->dtype,
                                .op = p->op, .groups = p->groups, .ic = p->ic, .oc = p->oc};

    for (int a = 0; a < TCV_AXES; a++) {
        family.kernel[a] = p->axis[a].kernel;
        family.stride[a] = p->axis[a].stride;
        family.down[a] = p->axis[a].down;
        family.dilation[a] = p->axis[a].dilation;
    }
    family.columns = plan->setup.gemm.order;
    family.means = plan->setup.gemm.means;
    if (plan->algo->id == TCONV_ALGORITHM_DIRECT ||
        plan->algo->id == TCONV_ALGORITHM_BF16X3)
        family.direct = plan->setup.direct.family;
    if (plan->algo->id == TCONV_ALGORITHM_WINOGRAD)
        family.winograd = plan->setup.winograd.family;
    return family;
}

static bool direct_equal(const struct tcv_direct_family *a, const struct tcv_direct_family *b)
{
    return a->form == b->form && a->merged == b->merged &&
           a->turned == b->turned && a->channels_inside == b->channels_inside &&
           a->width == b->width && a->rows_most == b->rows_most && a->oc_block == b->oc_block &&
           a->ic_block == b->ic_block;
}

bool tcv_family_equal(const struct tcv_family *a, const struct tcv_family *b)
{
    bool equal = a->algorithm == b->algorithm && a->op == b->op && a->dtype == b->dtype &&
                 a->groups == b->groups && a->ic == b->ic && a->oc == b->oc &&
                 a->columns == b->columns && a->means.by == b->means.by &&
                 a->means.width == b->means.width &&
                 a->means.rows == b->means.rows && direct_equal(&a->direct, &b->direct) &&
                 a->winograd.rows_most == b->winograd.rows_most &&
                 a->winograd.oc_block == b->winograd.oc_block &&
                 a->winograd.ic_block == b->winograd.ic_block;

    for (int i = 0; i < TCV_AXES; i++)
        equal = equal && a->kernel[i] == b->kernel[i] && a->stride[i] == b->stride[i] &&
                a->down[i] == b->down[i] && a->dilation[i] == b->dilation[i] &&
                a->winograd.form[i] == b->winograd.form[i] &&
                a->winograd.shift[i] == b->winograd.shift[i];
    return equal;
}

const struct tcv_algo *tcv_plan_pack(const struct tconv_plan *plan, const void *w, void *packed,
                                     void *scratch)
{
    if (plan->algo->pack(&plan->problem, &plan->setup, w, packed, scratch))
        return plan->algo;
    /* What any algorithm needs is at least the reference's dense copy. */
    (void)tcv_algo_reference.pack(&plan->problem, &plan->setup, w, packed, NULL);
    return &tcv_algo_reference;
}

struct share {
    const struct tconv_plan *plan;
    const struct tcv_algo *algo;
    const struct tcv_run *run;
    char *scratch; /* on a boundary */
    struct tcv_shares shares;
};

static void work(void *context, int64_t index)
{
    struct share *s = context;
    struct tcv_worker worker = {.shares = &s->shares, .index = index};

    /* Without scratch there is no address to count from. */
    s->algo->work(s->run, &s->plan->setup, &worker,
                  s->scratch == NULL ? NULL
                                     : s->scratch + (size_t)index * s->plan->setup.worker_bytes);
    if (s->run->streams)
        tcv_cpu_fence();
}

static double output_bytes(const struct tcv_run *run)
{
    const struct tcv_problem *p = run->problem;
    double bytes = (double)tcv_dtype_bytes(p->dtype) * (double)p->batch * (double)p->groups *
                   (double)p->oc;

    for (int a = 0; a < TCV_AXES; a++)
        bytes *= (double)(run->window.end[a] - run->window.begin[a]);
    return bytes;
}

static double input_bytes(const struct tcv_problem *p)
{
    double bytes = (double)tcv_dtype_bytes(p->dtype) * (double)p->batch * (double)p->groups *
                   (double)p->ic;

    for (int a = 0; a < TCV_AXES; a++)
        bytes *= (double)p->axis[a].in;
    return bytes;
}

void tcv_plan_run(const struct tconv_plan *plan, const struct tcv_algo *algo,
                  const struct tcv_run *run, void *workspace)
{
    const double bytes = output_bytes(run);
    struct tcv_run whole = *run;
    struct share share = {.plan = plan, .algo = algo, .run = &whole};
    int64_t units, workers;

    whole.streams = !plan->problem.epilogue.accumulate && bytes >= TCV_STREAM_BYTES;
    whole.x_leaves = input_bytes(run->problem) >= 2 * TCV_KEPT_BYTES;
    whole.y_leaves = bytes >= 2 * TCV_KEPT_BYTES;
    for (int a = 0; a < TCV_AXES; a++)
        if (run->window.begin[a] >= run->window.end[a])
            return;
    units = algo->units(&plan->problem, &plan->setup, &run->window);
    workers = tcv_min(plan->threads, units);
    if (workers < 1)
        return;
    tcv_shares_init(&share.shares, units, workers);
    /* Only the address is rounded up; without scratch it is never used. */
    if (workspace != NULL)
        share.scratch = (char *)workspace + (-(uintptr_t)workspace & (TCV_ALIGNMENT - 1));
    tcv_parallel_run(plan->options.parallel_for, plan->options.parallel_context, workers, work,
                     &share);
}
