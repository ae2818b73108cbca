/*
 * options.h - the command line of tconv-bench
 */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include <tconv/tconv.h>

#include "operation.h"

struct options {
    const char *shapes;     /* the file of problems */
    const char *filter;     /* a regular expression on names, or NULL */
    const char *json;       /* where to write, or NULL */
    const char *algorithms; /* "auto", "all" or a name */
    const char *peers;      /* names with commas, or "" */
    const struct operation *operation;
    int threads;
    int largest; /* keeps so many problems of the most work; 0: all */
    double min_time; /* seconds a contestant and problem */
    tconv_dtype dtype;
    tconv_layout layout;
};

enum options_result { OPTIONS_RUN, OPTIONS_DONE, OPTIONS_WRONG };

/* Reads the command line; OPTIONS_DONE if it asked for text that has been printed. */
enum options_result options_read(int argc, char **argv, struct options *options,
                                 struct reason *why);

/* Whether the comma-separated list holds the word. */
bool list_holds(const char *list, const char *word);

#endif
