/*
 * cases.h - one problem as named tests of every algorithm, type and layout
 */
#ifndef CONFORM_CASES_H
#define CONFORM_CASES_H

#include "support/arena.h"
#include "support/suite.h"

/*
 * Adds conform/<algorithm>/<dtype>/<layout>/<problem><suffix> for each
 * algorithm, each type and each layout.  FILL_REAL compares
 * with the derived bound, FILL_INTEGER asks for equality.  The seed draws the
 * numbers.
 */
void conform_add(struct suite *suite, const struct problem *problem, enum fill fill,
                 uint64_t seed, const char *suffix);

/* The same on real numbers, and for the algorithm "auto" as well. */
void conform_add_network(struct suite *suite, const struct problem *problem,
                         const char *suffix);

/*
 * The same for a problem of many tiles: real numbers, and the naive scatter
 * instead of the reference, which is slow and is left out.
 */
void conform_add_large(struct suite *suite, const struct problem *problem);

/* Runs the suite and says how many cases each algorithm refused. */
int conform_run(struct suite *suite, int argc, char **argv);

#endif
