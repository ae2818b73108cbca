#include "plan/gradient.h"

#include "base/alloc.h"
#include "base/checked.h"
#include "base/parallel.h"
#include "core/error.h"
#include "ref/reference_correlate.h"

static int64_t units_of(const struct tconv_gradient *g)
{
    return g->by_definition ? g->correlation.groups * g->correlation.small
                            : tcv_correlate_units(&g->grid);
}

tconv_status tcv_gradient_share(struct tconv_gradient *g, tconv_error *error)
{
    const size_t each = g->by_definition ? 0 : g->grid.worker_bytes;
    const size_t fixed = g->by_definition ? 0 : g->grid.shared_bytes + TCV_ALIGNMENT - 1;
    const size_t limit = g->options.workspace_limit_bytes;
    int64_t threads = g->options.threads > 0 ? g->options.threads : tcv_parallel_default_threads();

    threads = tcv_max(1, tcv_min(threads, units_of(g)));
    if (limit < fixed + each)
        return tcv_fail(error, TCONV_ERR_WORKSPACE_TOO_SMALL,
                        "workspace_limit_bytes is %zu; the gradient needs at least %zu for one "
                        "thread", limit, fixed + each);
    if (each > 0 && (limit - fixed) / each < (size_t)threads)
        threads = (int64_t)((limit - fixed) / each);
    g->threads = (int32_t)threads;
    g->workspace_bytes = fixed + (size_t)threads * each;
    return TCONV_OK;
}

struct share {
    const struct tconv_gradient *g;
    const struct tcv_correlation_run *run;
    char *shared, *scratch;
    struct tcv_shares shares;
    const void *dy;
    void *db;
    bool accumulate;
};

static void work(void *context, int64_t index)
{
    struct share *s = context;
    const struct tcv_correlation *c = &s->g->correlation;
    struct tcv_worker worker = {.shares = &s->shares, .index = index};

    if (!s->g->by_definition) {
        tcv_correlate_work(s->run, &s->g->grid, &worker,
                           s->scratch + (size_t)index * s->g->grid.worker_bytes, s->shared);
        return;
    }
    while (tcv_worker_next(&worker)) {
        const int64_t unit = worker.unit;

        if (c->dtype == TCONV_F64)
            tcv_reference_correlate_f64(s->run, unit / c->small, unit % c->small);
        else
            tcv_reference_correlate_f32(s->run, unit / c->small, unit % c->small);
    }
}

static void join(void *context, int64_t index)
{
    struct share *s = context;
    struct tcv_worker worker = {.shares = &s->shares, .index = index};

    while (tcv_worker_next(&worker))
        tcv_correlate_join(s->run, &s->g->grid, worker.unit, s->shared);
}

static void sum_channels(void *context, int64_t index)
{
    struct share *s = context;
    struct tcv_worker worker = {.shares = &s->shares, .index = index};

    while (tcv_worker_next(&worker))
        tcv_sum_channel(&s->g->problem, worker.unit, s->dy, s->db, s->accumulate);
}

static void run_all(struct share *s, int64_t units, tcv_parallel_task task)
{
    const int64_t workers = tcv_min(s->g->threads, units);

    tcv_shares_init(&s->shares, units, workers);
    tcv_parallel_run(s->g->options.parallel_for, s->g->options.parallel_context, workers, task, s);
}

void tcv_gradient_weights(const struct tconv_gradient *g, const struct tcv_correlation_run *run,
                          void *workspace)
{
    struct share s = {.g = g, .run = run};

    if (!g->by_definition) {
        s.shared = (char *)workspace + (-(uintptr_t)workspace & (TCV_ALIGNMENT - 1));
        s.scratch = s.shared + g->grid.shared_bytes;
    }
    run_all(&s, units_of(g), work);
    if (!g->by_definition && g->grid.chunks > 1)
        run_all(&s, units_of(g) / g->grid.chunks, join);
}

void tcv_gradient_bias(const struct tconv_gradient *g, const void *dy, void *db, bool accumulate)
{
    struct share s = {.g = g, .dy = dy, .db = db, .accumulate = accumulate};

    run_all(&s, g->problem.groups * g->problem.oc, sum_channels);
}
