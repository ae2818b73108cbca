/*
 * tconv-bench - how fast libtconv and others compute transposed convolutions and their kin
 */
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "json.h"
#include "peak.h"
#include "report.h"

enum { EXIT_GOOD = 0, EXIT_BAD = 1, EXIT_USAGE = 2 };

static int complain(int status, const struct reason *why)
{
    fprintf(stderr, "tconv-bench: error: %s\n", why->text);
    return status;
}

/* Keeps the problems whose name matches; false, and why, if none does. */
static bool filter_problems(const char *pattern, struct problem *problems, size_t *count,
                            struct reason *why)
{
    regex_t regex;
    size_t kept = 0;
    const int wrong = regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB);

    if (wrong != 0) {
        char text[128];

        regerror(wrong, &regex, text, sizeof text);
        return deny(why, "--filter: \"%s\": %s", pattern, text);
    }
    for (size_t i = 0; i < *count; i++)
        if (regexec(&regex, problems[i].name, 0, NULL, 0) == 0)
            problems[kept++] = problems[i];
    regfree(&regex);
    *count = kept;
    return kept > 0 || deny(why, "--filter: \"%s\" matches no problem's name", pattern);
}

/* Drops the problem of the least work until `most` are left, in their order. */
static void keep_largest(size_t most, struct problem *problems, size_t *count)
{
    for (; *count > most; --*count) {
        size_t least = 0;

        for (size_t i = 1; i < *count; i++)
            if (problem_flops(&problems[i]) <= problem_flops(&problems[least]))
                least = i;
        memmove(&problems[least], &problems[least + 1],
                (*count - least - 1) * sizeof *problems);
    }
}

/* The rates that the head of the table shows. */
static bool measure_machine(struct bench *bench, struct reason *why)
{
    const struct options *options = bench->options;
    struct results *results = &bench->results;

    if (!bandwidth_init(&bench->bandwidth, options->threads, why))
        return false;
    results->bandwidth =
        bandwidth_measure(&bench->bandwidth, (double)bench->bandwidth.bytes);
    results->peak = peak_measure(options->dtype, options->threads);
    if (results->bandwidth <= 0.0 || results->peak <= 0.0)
        return deny(why, "cannot start %d threads to measure the machine", options->threads);
    return true;
}

/* The peak of the whole run: the median over the problems. */
static void settle_peak(struct results *results)
{
    struct samples peaks = {0};

    for (size_t i = 0; i < results->count; i++)
        samples_add(&peaks, results->rows[i].peak);
    results->peak = samples_median(&peaks);
    samples_free(&peaks);
}

static int run_problems(struct bench *bench, const struct problem *problems, size_t count)
{
    const struct options *options = bench->options;
    struct reason why;
    bool good = true;

    if (!measure_machine(bench, &why))
        return complain(EXIT_BAD, &why);
    report_machine(options, &bench->results);
    bench->progress.total = count;
    for (size_t i = 0; i < count; i++) {
        bench->progress.number = i + 1;
        bench->progress.name = problems[i].name;
        good = bench_problem(bench, &problems[i]) && good;
    }
    if (bench->results.count == 0) {
        deny(&why, "nothing could be timed");
        return complain(EXIT_BAD, &why);
    }
    report_means(&bench->results);
    settle_peak(&bench->results);
    if (good && options->json != NULL &&
        !json_write(options->json, options, &bench->results, &why))
        return complain(EXIT_BAD, &why);
    return good ? EXIT_GOOD : EXIT_BAD;
}

int main(int argc, char **argv)
{
    struct options options;
    struct bench bench = {.options = &options};
    struct problem *problems;
    struct reason why;
    size_t count;
    int status;

    switch (options_read(argc, argv, &options, &why)) {
    case OPTIONS_DONE: return EXIT_GOOD;
    case OPTIONS_WRONG: return complain(EXIT_USAGE, &why);
    case OPTIONS_RUN: break;
    }
    problems = problems_read(options.shapes, &count, &why);
    if (problems == NULL)
        return complain(EXIT_BAD, &why);
    if ((options.filter != NULL && !filter_problems(options.filter, problems, &count, &why)) ||
        (options.json != NULL && !json_can_write(options.json, &why))) {
        free(problems);
        return complain(EXIT_BAD, &why);
    }
    if (options.largest > 0)
        keep_largest((size_t)options.largest, problems, &count);
    bench.progress.shown = isatty(STDERR_FILENO) == 1;
    status = run_problems(&bench, problems, count);
    if (fflush(stdout) != 0 && status == EXIT_GOOD) {
        deny(&why, "the table cannot be written");
        status = complain(EXIT_BAD, &why);
    }
    bandwidth_free(&bench.bandwidth);
    results_free(&bench.results);
    free(problems);
    return status;
}
