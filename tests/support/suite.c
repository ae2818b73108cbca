#include "support/suite.h"

#include <stdio.h>
#include <stdlib.h>

static void *or_exit(void *memory)
{
    if (memory == NULL) {
        fputs("out of memory for the list of tests\n", stderr);
        exit(1);
    }
    return memory;
}

void suite_add(struct suite *suite, CMUnitTestFunction test, CMFixtureFunction setup,
               CMFixtureFunction teardown, void *state, const char *format, ...)
{
    char name[400];
    va_list arguments;
    int length;
    char *copy;

    va_start(arguments, format);
    length = vsnprintf(name, sizeof name, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof name)
        length = (int)sizeof name - 1;
    copy = or_exit(malloc((size_t)length + 1));
    snprintf(copy, (size_t)length + 1, "%s", name);

    if (suite->count == suite->capacity) {
        suite->capacity = suite->capacity * 2 + 64;
        suite->tests = or_exit(
            realloc(suite->tests, suite->capacity * sizeof suite->tests[0]));
    }
    suite->tests[suite->count++] =
        (struct CMUnitTest){copy, test, setup, teardown, state};
}

/*
 * The public macro counts its array with sizeof; this one is filled at run
 * time, so the function behind the macro is called, here and nowhere else.
 */
int suite_run(struct suite *suite, int argc, char **argv)
{
    int failed;

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    failed = _cmocka_run_group_tests(suite->name, suite->tests, suite->count, NULL, NULL);
    for (size_t i = 0; i < suite->count; i++)
        free((void *)(uintptr_t)suite->tests[i].name);
    free(suite->tests);
    return failed;
}
