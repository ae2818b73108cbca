/*
 * progress.h - what is going on, on a terminal only
 */
#ifndef BENCH_PROGRESS_H
#define BENCH_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

struct progress {
    bool shown; /* standard error is a terminal */
    size_t number, total;
    const char *name; /* of the problem */
};

/* Replaces the line that is shown: "[3/37] unet_up1: onednn". */
void progress_show(const struct progress *progress, const char *what);

/* Removes it, before anything else is printed. */
void progress_clear(const struct progress *progress);

#endif
