/*
 * suite.h - named tests, gathered at run time
 *
 *     struct suite suite = {.name = "conform"};
 *
 *     suite_add(&suite, one_case, setup, teardown, &cases[i], "conform/%s", text);
 *     return suite_run(&suite, argc, argv) != 0;
 */
#ifndef SUPPORT_SUITE_H
#define SUPPORT_SUITE_H

#include "support/check.h"

struct suite {
    const char *name;
    struct CMUnitTest *tests;
    size_t count, capacity;
};

/* Adds a test called by the printf() format; setup and teardown may be NULL. */
__attribute__((format(printf, 6, 7))) void
suite_add(struct suite *suite, CMUnitTestFunction test, CMFixtureFunction setup,
          CMFixtureFunction teardown, void *state, const char *format, ...);

/*
 * Runs all, or with an argument those whose name matches it (* and ? are wild),
 * and returns how many failed.  A main() returns that != 0: 256 failures would
 * be an exit status of 0.
 */
int suite_run(struct suite *suite, int argc, char **argv);

#endif
