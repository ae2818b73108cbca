#include "bench.h"

#include <string.h>

#include "check.h"
#include "report.h"
#include "turns.h"

#define MOST_CONTESTANTS 16

/* Everybody who was asked for, ours first; [0, count). */
struct field {
    struct contestant list[MOST_CONTESTANTS];
    size_t count;
};

static bool complain(const struct bench *bench, const struct problem *problem, const char *who,
                     const struct reason *why)
{
    progress_clear(&bench->progress);
    fprintf(stderr, "tconv-bench: error: %s: %s%s%s\n", problem->name, who,
            who[0] == '\0' ? "" : ": ", why->text);
    return false;
}

/* Our algorithms: the one by name, auto, or all but auto and the reference. */
static void enter_ours(const char *wanted, const struct workload *workload, struct field *field)
{
    const bool all = strcmp(wanted, "all") == 0;

    for (int i = 0; tconv_algorithm_name((tconv_algorithm)i) != NULL; i++) {
        const tconv_algorithm algorithm = (tconv_algorithm)i;
        const bool chosen =
            all ? algorithm != TCONV_ALGORITHM_AUTO && algorithm != TCONV_ALGORITHM_REFERENCE
                : strcmp(wanted, tconv_algorithm_name(algorithm)) == 0;

        if (chosen && field->count < MOST_CONTESTANTS - MOST_PEERS)
            ours_open(workload, algorithm, &field->list[field->count++]);
    }
}

static void enter_peers(const struct bench *bench, const struct workload *workload,
                        struct field *field)
{
    const char *wanted = bench->options->peers;

    for (size_t i = 0; peer_at(i) != NULL; i++) {
        const struct peer *peer = peer_at(i);
        struct contestant *entries = &field->list[field->count];

        if (!list_holds(wanted, peer->name))
            continue;
        for (size_t e = 0; e < 2 && peer->entries[e] != NULL; e++, field->count++) {
            snprintf(entries[e].name, sizeof entries[e].name, "%s", peer->entries[e]);
            entries[e].is_peer = true;
        }
        progress_show(&bench->progress, peer->name);
        peer->open(workload, entries);
    }
}

/* Everybody's result.  Ours come first in the list, so the first that is there is one of ours. */
static bool check_field(const struct bench *bench, const struct workload *workload,
                        struct field *field, bool *whole)
{
    struct check check;
    struct reason why;
    bool good = check_init(&check, workload, &why);

    if (!good)
        complain(bench, workload->problem, "", &why);
    for (size_t i = 0; good && i < field->count; i++) {
        progress_show(&bench->progress, "checking the results");
        if (field->list[i].present && !check_contestant(&check, &field->list[i], &why))
            good = complain(bench, workload->problem, field->list[i].name, &why);
    }
    *whole = check.whole;
    check_free(&check);
    return good;
}

static bool add_rows(struct bench *bench, const struct workload *workload, struct field *field,
                     bool whole)
{
    struct results *results = &bench->results;
    struct reason why;

    progress_clear(&bench->progress);
    for (size_t i = 0; i < field->count; i++) {
        struct contestant *c = &field->list[i];

        if (c->is_peer || !c->present)
            continue;
        if (!results_add(results, workload, c, field->list, field->count)) {
            deny(&why, "no memory for the results");
            return complain(bench, workload->problem, "", &why);
        }
        results->rows[results->count - 1].checked_whole = whole;
        if (results->count == 1)
            report_header(&results->rows[0]);
        report_row(&results->rows[results->count - 1]);
    }
    return true;
}

/* Tells which of ours refuse, and whether any is left. */
static bool some_of_ours(const struct bench *bench, const struct workload *workload,
                         const struct field *field)
{
    bool some = false;

    progress_clear(&bench->progress);
    for (size_t i = 0; i < field->count; i++) {
        const struct contestant *c = &field->list[i];

        if (c->is_peer || c->present)
            some = some || !c->is_peer;
        else
            fprintf(stderr, "tconv-bench: %s: not run: %s\n", workload->problem->name,
                    c->note.text);
    }
    return some;
}

bool bench_problem(struct bench *bench, const struct problem *problem)
{
    const struct options *options = bench->options;
    const struct turns turns = {options->min_time, &bench->bandwidth, &bench->progress};
    struct workload workload = {
        .problem = problem, .operation = options->operation, .dtype = options->dtype,
        .layout = options->layout, .threads = options->threads,
    };
    struct field field = {.count = 0};
    struct reason why;
    bool good, whole = false;

    progress_show(&bench->progress, "making the data");
    good = workload_init(&workload, &why);
    if (!good)
        complain(bench, problem, "", &why);
    else
        enter_ours(options->algorithms, &workload, &field);
    if (good && some_of_ours(bench, &workload, &field)) {
        if (options->peers != NULL)
            enter_peers(bench, &workload, &field);
        good = check_field(bench, &workload, &field, &whole);
        if (good && !turns_take(&turns, &workload, field.list, field.count, &why))
            good = complain(bench, problem, "", &why);
        good = good && add_rows(bench, &workload, &field, whole);
    }
    for (size_t i = 0; i < field.count; i++)
        contestant_close(&field.list[i]);
    workload_free(&workload);
    return good;
}
