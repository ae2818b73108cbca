/*
 * progress.c - a bar on stderr, for a person who waits
 */
#include "cli/progress.h"

#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { WIDTH = 40 };

static struct {
    bool is_terminal;
    bool is_shown;
    int64_t total;
    struct timespec start;
    struct timespec last; /* when the bar was drawn */
} bar;

static double seconds_since(const struct timespec *then)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - then->tv_sec) + 1e-9 * (double)(now.tv_nsec - then->tv_nsec);
}

void tcv_progress_begin(int64_t total)
{
    bar.is_terminal = isatty(STDERR_FILENO) == 1;
    bar.is_shown = false;
    bar.total = total;
    (void)clock_gettime(CLOCK_MONOTONIC, &bar.start);
    bar.last = bar.start;
}

void tcv_progress_advance(int64_t done)
{
    static const char full[WIDTH + 1] = "########################################";
    static const char empty[WIDTH + 1] = "........................................";
    const double share = (double)done / (double)bar.total;
    const int length = (int)(share * WIDTH);

    if (!bar.is_terminal || seconds_since(&bar.start) < 1.0 ||
        (bar.is_shown && seconds_since(&bar.last) < 0.1))
        return;
    (void)fprintf(stderr, "\r[%.*s%.*s] %3d%%", length, full, WIDTH - length, empty,
                  (int)(share * 100.0));
    (void)fflush(stderr);
    (void)clock_gettime(CLOCK_MONOTONIC, &bar.last);
    bar.is_shown = true;
}

void tcv_progress_end(void)
{
    /* Blanks rather than an escape sequence: every terminal knows them. */
    if (bar.is_shown)
        (void)fprintf(stderr, "\r%*s\r", WIDTH + 7, "");
    bar.is_shown = bar.is_terminal = false;
}
