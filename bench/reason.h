/*
 * reason.h - why something failed, in one line that the caller may show
 */
#ifndef BENCH_REASON_H
#define BENCH_REASON_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

struct reason {
    char text[320];
};

/* Sets the text and returns false, so that `return deny(why, ...)` says it all. */
__attribute__((format(printf, 2, 3)))
static inline bool deny(struct reason *why, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(why->text, sizeof why->text, format, arguments);
    va_end(arguments);
    return false;
}

#endif
