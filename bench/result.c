#include "result.h"

#include <stdlib.h>
#include <string.h>

static void add_peer(struct row *row, struct contestant *peer)
{
    struct peer_result *r = &row->peers[row->peer_count++];

    memcpy(r->name, peer->name, sizeof r->name);
    memcpy(r->detail, peer->detail, sizeof r->detail);
    r->note = peer->note;
    r->timed = peer->present;
    if (!r->timed)
        return;
    r->repeats = peer->timing.seconds.count;
    r->median = samples_median(&peer->timing.seconds);
    r->ratio = r->median / row->median;
    r->setup_seconds = peer->setup_seconds;
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

static void fill(struct row *row, const struct workload *workload, struct contestant *ours)
{
    *row = (struct row){.problem = workload->problem, .flops = workload->flops,
                        .compulsory_bytes = workload->compulsory_bytes};
    memcpy(row->algorithm, ours->name, sizeof row->algorithm);
    row->median = samples_median(&ours->timing.seconds);
    row->repeats = ours->timing.seconds.count;
    row->peak = samples_median(&ours->timing.peak);
    row->bandwidth = samples_median(&ours->timing.bandwidth);
    row->limit = larger(row->flops / row->peak, row->compulsory_bytes / row->bandwidth);
    row->share = row->limit / row->median;
    row->setup_seconds = ours->setup_seconds;
    row->resize_seconds = ours->resize_seconds;
    row->workspace_bytes = ours_workspace_bytes(ours);
    row->is_auto = ours->is_auto;
}

bool results_add(struct results *results, const struct workload *workload,
                 struct contestant *ours, struct contestant *contestants, size_t count)
{
    struct row *row;

    if (results->count == results->capacity) {
        const size_t capacity = results->capacity == 0 ? 64 : 2 * results->capacity;
        struct row *rows = realloc(results->rows, capacity * sizeof *rows);

        if (rows == NULL)
            return false;
        results->rows = rows;
        results->capacity = capacity;
    }
    row = &results->rows[results->count++];
    fill(row, workload, ours);
    for (size_t i = 0; i < count; i++)
        if (contestants[i].is_peer && row->peer_count < MOST_PEERS)
            add_peer(row, &contestants[i]);
    return true;
}

void results_free(struct results *results)
{
    free(results->rows);
    *results = (struct results){.rows = NULL};
}

struct choice_count results_choices(const struct results *results)
{
    struct choice_count count = {0, 0};
    size_t end;

    /* The rows of a problem follow each other. */
    for (size_t begin = 0; begin < results->count; begin = end) {
        const struct row *rows = results->rows;
        double best = rows[begin].median, chosen = 0.0;

        for (end = begin; end < results->count && rows[end].problem == rows[begin].problem; end++) {
            best = rows[end].median < best ? rows[end].median : best;
            if (rows[end].is_auto)
                chosen = rows[end].median;
        }
        if (end - begin > 1) {
            count.problems++;
            count.right += chosen > 0.0 && chosen <= 1.05 * best;
        }
    }
    return count;
}

double results_mean_share(const struct results *results)
{
    struct samples shares = {0};
    double mean;

    for (size_t i = 0; i < results->count; i++)
        samples_add(&shares, results->rows[i].share);
    mean = samples_geomean(&shares);
    samples_free(&shares);
    return mean;
}

double results_mean_ratio(const struct results *results, size_t peer)
{
    struct samples ratios = {0};
    double mean;

    for (size_t i = 0; i < results->count; i++)
        if (peer < results->rows[i].peer_count && results->rows[i].peers[peer].timed)
            samples_add(&ratios, results->rows[i].peers[peer].ratio);
    mean = samples_geomean(&ratios);
    samples_free(&ratios);
    return mean;
}
