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

void ours_open(const struct workload *workload, tconv_algorithm algorithm,
               struct contestant *entry)
{
    struct ours *ours = calloc(1, sizeof *ours);
    const double begin = now_seconds();

    snprintf(entry->name, sizeof entry->name, "%s", tconv_algorithm_name(algorithm));
    if (ours == NULL) {
        deny(&entry->note, "no memory");
        return;
    }
    entry->state = ours;
    entry->run = ours_run;
    entry->close = ours_close;
    ours->workload = workload;
    if (!engine_init(&ours->engine, workload, algorithm, &entry->note))
        return;
    entry->setup_seconds = now_seconds() - begin;
    entry->algorithm = ours->engine.algorithm;
    snprintf(entry->name, sizeof entry->name, "%s", tconv_algorithm_name(entry->algorithm));
    entry->present = true;
}

size_t ours_workspace_bytes(const struct contestant *entry)
{
    const struct ours *ours = entry->state;

    return entry->present ? ours->engine.workspace_bytes : 0;
}
