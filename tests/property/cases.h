/*
 * cases.h - one property as named tests of every algorithm, type and problem
 */
#ifndef PROPERTY_CASES_H
#define PROPERTY_CASES_H

#include "support/arena.h"
#include "support/suite.h"

struct property_case {
    struct problem problem;
    tconv_algorithm algorithm;
    tconv_dtype dtype;
    enum placement placement;
    struct property_case *next;
};

/* Which problems a property is tried on. */
enum property_problems {
    PROPERTY_PLAIN = 1, /* small ones, without an epilogue, batch >= 1 */
    PROPERTY_FULL = 2,  /* the same with their epilogues, and convolutions */
    PROPERTY_LARGE = 4, /* problems of many tiles; not for the reference */
};

/*
 * Adds small/<name>/<algorithm>/<dtype>/<layout>/<problem> for each algorithm,
 * type and problem, or large/... for PROPERTY_LARGE; layouts take turns.  The test's
 * state is a property_case.
 */
void property_add(struct suite *suite, const char *name, CMUnitTestFunction test,
                  CMFixtureFunction teardown, unsigned problems);

/* Runs the suite and frees the cases. */
int property_run(struct suite *suite, int argc, char **argv);

/* Creates an arena for a case on one thread; a refusal skips the test. */
void property_arena(struct arena *arena, const struct sample *sample,
                    const struct property_case *c);

/* Puts y = the case's operation on sample->x with sample->w. */
void property_apply(const struct sample *sample, const struct property_case *c, double *y);

#endif
