#include "report.h"

#include <string.h>

#include "peak.h"

/* Columns before the peers: name, GFLOP, algorithm, ms, GFLOP/s, limit ms, share. */
#define HEADER "%-16s %9s %-10s %10s %8s %10s %6s"
#define ROW "%-16s %9.4g %-10s %10.4f %8.2f %10.4f %6.3f"

/* A peer's time is as wide as its title. */
static int width_of(const struct peer_result *peer)
{
    const int title = (int)strlen(peer->name) + 3;

    return title < 10 ? 10 : title;
}

void report_machine(const struct options *options, const struct results *results)
{
    printf("libtconv %s, %s\n", tconv_version(), blas_version());
    printf("%s, %d thread%s, %s, %s; peak %.1f GFLOP/s (%s), bandwidth of memory %.1f GB/s\n\n",
           options->operation->name, options->threads, options->threads == 1 ? "" : "s",
           options->dtype == TCONV_F64 ? "f64" : "f32",
           options->layout == TCONV_NXC ? "nxc" : "ncx", results->peak * 1e-9, peak_isa(),
           results->bandwidth * 1e-9);
    fflush(stdout);
}

void report_header(const struct row *row)
{
    printf(HEADER, "name", "GFLOP", "algorithm", "ms", "GFLOP/s", "limit ms", "share");
    for (size_t i = 0; i < row->peer_count; i++)
        printf(" %*s ms %7s", width_of(&row->peers[i]) - 3, row->peers[i].name, "ratio");
    putchar('\n');
}

void report_row(const struct row *row)
{
    printf(ROW, row->problem->name, row->flops * 1e-9, row->algorithm, row->median * 1e3,
           row->flops / row->median * 1e-9, row->limit * 1e3, row->share);
    for (size_t i = 0; i < row->peer_count; i++) {
        const struct peer_result *peer = &row->peers[i];

        if (peer->timed)
            printf(" %*.4f %7.3f", width_of(peer), peer->median * 1e3, peer->ratio);
        else
            printf(" %*s %7s", width_of(peer), "-", "-");
    }
    putchar('\n');
    for (size_t i = 0; i < row->peer_count; i++)
        if (!row->peers[i].timed)
            printf("  %s: not timed: %s\n", row->peers[i].name, row->peers[i].note.text);
    fflush(stdout);
}

/* 0 is the mean of none. */
static void report_mean(const struct peer_result *peer, double ratio)
{
    if (ratio > 0.0)
        printf(" %*s %7.3f", width_of(peer), "", ratio);
    else
        printf(" %*s %7s", width_of(peer), "", "-");
}

void report_means(const struct results *results)
{
    const struct choice_count choices = results_choices(results);
    const struct row *row = &results->rows[0];
    char share[16];

    snprintf(share, sizeof share, "%.3f", results_mean_share(results));
    printf(HEADER, "geometric mean", "", "", "", "", "", share);
    for (size_t i = 0; i < row->peer_count; i++)
        report_mean(&row->peers[i], results_mean_ratio(results, i));
    putchar('\n');
    if (choices.problems > 0)
        printf("auto takes the fastest, or one at most 5 %% slower, on %zu of %zu problems\n",
               choices.right, choices.problems);
}
