#include "progress.h"

#include <stdio.h>

/* Back to the line's beginning, and erase to its end. */
#define REWIND "\r\033[K"

void progress_show(const struct progress *progress, const char *what)
{
    if (!progress->shown)
        return;
    fprintf(stderr, REWIND "[%zu/%zu] %.40s: %s", progress->number, progress->total,
            progress->name, what);
    fflush(stderr);
}

void progress_clear(const struct progress *progress)
{
    if (!progress->shown)
        return;
    fputs(REWIND, stderr);
    fflush(stderr);
}
