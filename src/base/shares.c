#include "base/shares.h"

#include "base/parts.h"

void tcv_shares_init(struct tcv_shares *shares, int64_t units, int64_t workers)
{
    shares->units = units;
    shares->runs = tcv_min(tcv_min(workers, units), TCV_RUNS_MOST);
    for (int64_t i = 0; i < shares->runs; i++)
        atomic_init(&shares->taken[i], 0);
}

/* A worker takes an eighth of what is left of its run, or half of another's. */
#define OWN 8
#define OTHERS 2

/*
 * One part in `parts` of what is left of a run, from its front on.  The order of memory does not
 * matter, for no unit reads what another one writes.
 */
static bool take(_Atomic int64_t *taken, struct tcv_part run, int64_t parts,
                 struct tcv_worker *worker)
{
    int64_t first = atomic_load_explicit(taken, memory_order_relaxed), next;

    do {
        if (first == run.count)
            return false;
        next = first + tcv_ceil_div(run.count - first, parts);
    } while (!atomic_compare_exchange_weak_explicit(taken, &first, next, memory_order_relaxed,
                                                    memory_order_relaxed));
    worker->next = run.first + first;
    worker->end = run.first + next;
    return true;
}

bool tcv_worker_next(struct tcv_worker *worker)
{
    struct tcv_shares *s = worker->shares;
    const struct tcv_parts runs = {s->runs, s->units / s->runs, s->units % s->runs};
    const int64_t last = worker->end;
    bool taken = worker->next < worker->end;

    for (int64_t i = 0; !taken && i < s->runs; i++) {
        const int64_t run = (worker->index + i) % s->runs;

        taken = take(&s->taken[run], tcv_part_at(&runs, run), i == 0 ? OWN : OTHERS, worker);
    }
    if (!taken)
        return false;
    worker->follows = last > 0 && worker->next == worker->unit + 1;
    worker->unit = worker->next++;
    return true;
}
