/*
 * json.h - the results as one JSON object
 */
#ifndef BENCH_JSON_H
#define BENCH_JSON_H

#include "options.h"
#include "result.h"

/* False, and why, if the file could not be written: better known before the measuring. */
bool json_can_write(const char *path, struct reason *why);

/* Writes the file; it is complete afterwards, or as it was before. */
bool json_write(const char *path, const struct options *options, const struct results *results,
                struct reason *why);

#endif
