/*
 * json.c - the results as one JSON object
 *
 * The object is written to a new file beside the one asked for, which takes its name when it is
 * complete.  What is not a regular file (a pipe, /dev/stdout) cannot be replaced and is written to.
 */
#include "json.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_BYTES 4096

static void put_string(FILE *file, const char *text)
{
    putc('"', file);
    for (; *text != '\0'; text++) {
        const unsigned char c = (unsigned char)*text;

        if (c == '"' || c == '\\')
            fprintf(file, "\\%c", c);
        else if (c < 0x20)
            fprintf(file, "\\u%04x", (unsigned)c);
        else
            putc(c, file);
    }
    putc('"', file);
}

/* JSON has no infinity and no NaN. */
static void put_number(FILE *file, const char *key, double value)
{
    if (isfinite(value))
        fprintf(file, "\"%s\": %.9g", key, value);
    else
        fprintf(file, "\"%s\": null", key);
}

static void put_text(FILE *file, const char *key, const char *text)
{
    fprintf(file, "\"%s\": ", key);
    put_string(file, text);
}

static void put_peer(FILE *file, const struct peer_result *peer)
{
    put_string(file, peer->name);
    fputs(": {", file);
    if (!peer->timed) {
        put_text(file, "skipped", peer->note.text);
        putc('}', file);
        return;
    }
    put_number(file, "median_ms", peer->median * 1e3);
    fputs(", ", file);
    put_number(file, "ratio", peer->ratio);
    fprintf(file, ", \"repeats\": %zu, ", peer->repeats);
    put_number(file, "setup_ms", peer->setup_seconds * 1e3);
    if (peer->detail[0] != '\0') {
        fputs(", ", file);
        put_text(file, "implementation", peer->detail);
    }
    putc('}', file);
}

static void put_row(FILE *file, const struct row *row)
{
    const struct {
        const char *key;
        double value;
    } numbers[] = {
        {"gflop", row->flops * 1e-9},
        {"median_ms", row->median * 1e3},
        {"limit_ms", row->limit * 1e3},
        {"share_of_limit", row->share},
        {"gflops", row->flops / row->median * 1e-9},
        {"peak_gflops", row->peak * 1e-9},
        {"bandwidth_gbs", row->bandwidth * 1e-9},
        {"compulsory_bytes", row->compulsory_bytes},
        {"setup_ms", row->setup_seconds * 1e3},
        {"resize_us", row->resize_seconds * 1e6},
    };

    fputs("    {", file);
    put_text(file, "name", row->problem->name);
    fputs(", ", file);
    put_text(file, "problem", row->problem->text);
    fputs(", ", file);
    put_text(file, "algorithm", row->algorithm);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        fputs(", ", file);
        put_number(file, numbers[i].key, numbers[i].value);
    }
    fprintf(file, ", \"repeats\": %zu, \"workspace_bytes\": %zu, \"checked\": \"%s\"",
            row->repeats, row->workspace_bytes, row->checked_whole ? "whole" : "windows");
    if (row->is_auto)
        fputs(", \"auto\": true", file);
    fputs(", \"peers\": {", file);
    for (size_t i = 0; i < row->peer_count; i++) {
        if (i > 0)
            fputs(", ", file);
        put_peer(file, &row->peers[i]);
    }
    fputs("}}", file);
}

static void put_means(FILE *file, const struct results *results)
{
    fputs("  \"geomean\": {", file);
    put_number(file, "share_of_limit", results_mean_share(results));
    for (size_t i = 0; i < results->rows[0].peer_count; i++) {
        const double ratio = results_mean_ratio(results, i);

        fputs(", ", file);
        put_number(file, results->rows[0].peers[i].name, ratio > 0.0 ? ratio : NAN);
    }
    fputs("}\n", file);
}

static void put_all(FILE *file, const struct options *options, const struct results *results)
{
    const struct choice_count choices = results_choices(results);

    fprintf(file, "{\n  \"threads\": %d, ", options->threads);
    put_number(file, "peak_gflops", results->peak * 1e-9);
    fputs(", ", file);
    put_number(file, "bandwidth_gbs", results->bandwidth * 1e-9);
    fputs(",\n  ", file);
    put_text(file, "op", options->operation->name);
    fprintf(file, ", \"dtype\": \"%s\", \"layout\": \"%s\", ",
            options->dtype == TCONV_F64 ? "f64" : "f32",
            options->layout == TCONV_NXC ? "nxc" : "ncx");
    put_number(file, "min_time_s", options->min_time);
    fputs(",\n  ", file);
    put_text(file, "version", tconv_version());
    fputs(", ", file);
    put_text(file, "blas", blas_version());
    fputs(",\n  \"problems\": [\n", file);
    for (size_t i = 0; i < results->count; i++) {
        put_row(file, &results->rows[i]);
        fputs(i + 1 < results->count ? ",\n" : "\n", file);
    }
    fputs("  ],\n", file);
    if (choices.problems > 0)
        fprintf(file, "  \"auto_within_5_percent\": %zu, \"auto_problems\": %zu,\n", choices.right,
                choices.problems);
    put_means(file, results);
    fputs("}\n", file);
}

/* Where to write: a new name, or the path itself if it is nothing that can be replaced. */
static bool choose_path(const char *path, char *chosen, struct reason *why)
{
    struct stat status;
    const bool replaced = stat(path, &status) != 0 || S_ISREG(status.st_mode);
    int length;

    if (replaced)
        length = snprintf(chosen, PATH_BYTES, "%s.%ld.tmp", path, (long)getpid());
    else
        length = snprintf(chosen, PATH_BYTES, "%s", path);
    if (length < 0 || length >= PATH_BYTES)
        return deny(why, "%.64s...: the name is too long", path);
    return true;
}

bool json_can_write(const char *path, struct reason *why)
{
    char chosen[PATH_BYTES];
    FILE *file;

    if (!choose_path(path, chosen, why))
        return false;
    file = fopen(chosen, "a");
    if (file == NULL)
        return deny(why, "%s: %s", path, strerror(errno));
    fclose(file);
    if (strcmp(chosen, path) != 0)
        remove(chosen);
    return true;
}

bool json_write(const char *path, const struct options *options, const struct results *results,
                struct reason *why)
{
    char chosen[PATH_BYTES];
    FILE *file;
    bool good;

    if (!choose_path(path, chosen, why))
        return false;
    file = fopen(chosen, "w");
    if (file == NULL)
        return deny(why, "%s: %s", path, strerror(errno));
    put_all(file, options, results);
    errno = 0;
    good = !ferror(file);
    good = fclose(file) == 0 && good;
    if (strcmp(chosen, path) == 0)
        return good || deny(why, "%s: %s", path, errno ? strerror(errno) : "cannot be written");
    if (good && rename(chosen, path) == 0)
        return true;
    deny(why, "%s: %s", path, errno ? strerror(errno) : "cannot be written");
    remove(chosen);
    return false;
}
