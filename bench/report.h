/*
 * report.h - the results as a table
 */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include "options.h"
#include "result.h"

/* What was measured with, and on what. */
void report_machine(const struct options *options, const struct results *results);

/* The columns' names, those of the peers as the row has them. */
void report_header(const struct row *row);

/* One line, and one more for each peer that could not be timed. */
void report_row(const struct row *row);

/* The geometric means below the columns they are of. */
void report_means(const struct results *results);

#endif
