/*
 * ours.c - libtconv as a contestant, by its public interface alone
 *
 * The plan, the packed weights and the workspace are made outside the timing, as an engine that
 * runs a network many times makes them.
 */
#include <stdlib.h>

#include "clock.h"
#include "contestant.h"
#include "engine.h"

struct ours {
    const struct workload *workload;
    struct engine engine;
};

static bool ours_run(void *state, struct reason *why)
{
    const struct ours *ours = state;
    const struct workload *w = ours->workload;

    return engine_run(&ours->engine, w, w->result, NULL, why);
}

static void ours_close(void *state)
{
    struct ours *ours = state;

    engine_free(&ours->engine);
    free(ours);
}

/* The median of a few plans for one more image, that use the same packed weights. */
static double time_resize(const struct ours *ours)
{
    const struct workload *w = ours->workload;
    const int32_t rank = w->input.rank;
    tconv_tensor input = w->input, output = w->output;
    struct samples seconds = {0};
    double median;

    input.size[0]++;
    output.size[0]++;
    if (ours->engine.plan == NULL ||
        tconv_tensor_dense(&input, w->dtype, w->layout, rank, input.size, NULL) != TCONV_OK ||
        tconv_tensor_dense(&output, w->dtype, w->layout, rank, output.size, NULL) != TCONV_OK)
        return 0.0;
    for (int i = 0; i < 9; i++) {
        const double begin = now_seconds();
        tconv_plan *other;

        if (tconv_plan_resize(ours->engine.plan, &input, &output, &other, NULL) == TCONV_OK)
            samples_add(&seconds, now_seconds() - begin);
        tconv_plan_destroy(other);
    }
    median = samples_median(&seconds);
    samples_free(&seconds);
    return median;
}

/* The median of a few times of making everything ready; the last one stays. */
static bool time_setup(struct ours *ours, tconv_algorithm algorithm, double *seconds_out,
                       struct reason *why)
{
    struct samples seconds = {0};
    bool good = true;

    for (int i = 0; good && i < 5; i++) {
        double begin;

        engine_free(&ours->engine);
        begin = now_seconds();
        good = engine_init(&ours->engine, ours->workload, algorithm, why);
        samples_add(&seconds, now_seconds() - begin);
    }
    *seconds_out = samples_median(&seconds);
    samples_free(&seconds);
    return good;
}

/* Whether auto would take the same. */
static bool is_auto(const struct ours *ours)
{
    const struct workload *w = ours->workload;
    tconv_options options = tconv_options_default();
    tconv_explanation e = {.struct_size = sizeof e};
    tconv_plan *plan;
    bool same;

    options.threads = w->threads;
    if (ours->engine.plan == NULL ||
        tconv_plan_create(&w->desc, &w->input, &w->weights, &w->output, &options, &plan, NULL) !=
            TCONV_OK)
        return false;
    same = tconv_plan_explain(plan, &e, NULL) == TCONV_OK && e.algorithm == ours->engine.algorithm;
    tconv_plan_destroy(plan);
    return same;
}

void ours_open(const struct workload *workload, tconv_algorithm algorithm,
               struct contestant *entry)
{
    struct ours *ours = calloc(1, sizeof *ours);

    snprintf(entry->name, sizeof entry->name, "%s", tconv_algorithm_name(algorithm));
    if (ours == NULL) {
        deny(&entry->note, "no memory");
        return;
    }
    entry->state = ours;
    entry->run = ours_run;
    entry->close = ours_close;
    ours->workload = workload;
    if (!time_setup(ours, algorithm, &entry->setup_seconds, &entry->note))
        return;
    entry->resize_seconds = time_resize(ours);
    entry->algorithm = ours->engine.algorithm;
    entry->is_auto = is_auto(ours);
    snprintf(entry->name, sizeof entry->name, "%s", tconv_algorithm_name(entry->algorithm));
    entry->present = true;
}

size_t ours_workspace_bytes(const struct contestant *entry)
{
    const struct ours *ours = entry->state;

    return entry->present ? ours->engine.workspace_bytes : 0;
}
