/*
 * test_status.c - status strings, the version, names of algorithms
 */
#include <stdio.h>
#include <string.h>

#include <tconv/tconv.h>

#include "support/suite.h"

/* The numbers are ABI: a program compiled against an old header compares them. */
static void numbers_are_pinned(void **state)
{
    assert_int_equal(TCONV_OK, 0);
    assert_int_equal(TCONV_ERR_NULL_POINTER, 1);
    assert_int_equal(TCONV_ERR_INVALID_ARGUMENT, 2);
    assert_int_equal(TCONV_ERR_UNSUPPORTED, 3);
    assert_int_equal(TCONV_ERR_TOO_LARGE, 4);
    assert_int_equal(TCONV_ERR_OUT_OF_MEMORY, 5);
    assert_int_equal(TCONV_ERR_WORKSPACE_TOO_SMALL, 6);
    assert_int_equal(TCONV_ALGORITHM_AUTO, 0);
    assert_int_equal(TCONV_ALGORITHM_REFERENCE, 1);
    assert_int_equal(TCONV_ALGORITHM_GEMM, 2);
    assert_int_equal(TCONV_ALGORITHM_DIRECT, 3);
    assert_int_equal(TCONV_ALGORITHM_WINOGRAD, 4);
    assert_int_equal(TCONV_ALGORITHM_BF16X3, 5);
    assert_int_equal(TCONV_ALGORITHM_COLUMNS, 6);
    (void)state;
}

static void each_status_has_words(void **state)
{
    const char *unknown = tconv_status_string((tconv_status)7);

    assert_string_equal(unknown, "unknown tconv status");
    assert_string_equal(tconv_status_string((tconv_status)-1), unknown);
    for (int a = TCONV_OK; a <= TCONV_ERR_WORKSPACE_TOO_SMALL; a++) {
        const char *text = tconv_status_string((tconv_status)a);

        assert_non_null(text);
        assert_string_not_equal(text, unknown);
        for (int b = TCONV_OK; b < a; b++)
            assert_string_not_equal(text, tconv_status_string((tconv_status)b));
    }
    (void)state;
}

static void version_is_the_headers(void **state)
{
    char text[64];

    snprintf(text, sizeof text, "%d.%d.%d", TCONV_VERSION_MAJOR, TCONV_VERSION_MINOR,
             TCONV_VERSION_PATCH);
    assert_string_equal(tconv_version(), text);
    (void)state;
}

static void algorithms_are_named_without_a_gap(void **state)
{
    int count = 0;

    assert_string_equal(tconv_algorithm_name(TCONV_ALGORITHM_AUTO), "auto");
    assert_string_equal(tconv_algorithm_name(TCONV_ALGORITHM_REFERENCE), "reference");
    assert_string_equal(tconv_algorithm_name(TCONV_ALGORITHM_GEMM), "gemm");
    assert_string_equal(tconv_algorithm_name(TCONV_ALGORITHM_DIRECT), "direct");
    while (tconv_algorithm_name((tconv_algorithm)count) != NULL)
        count++;
    for (int i = count; i < count + 100; i++)
        assert_null(tconv_algorithm_name((tconv_algorithm)i));
    assert_null(tconv_algorithm_name((tconv_algorithm)-1));
    (void)state;
}

int main(int argc, char **argv)
{
    struct suite suite = {.name = "status"};

    suite_add(&suite, numbers_are_pinned, NULL, NULL, NULL, "status/numbers");
    suite_add(&suite, each_status_has_words, NULL, NULL, NULL, "status/words");
    suite_add(&suite, version_is_the_headers, NULL, NULL, NULL, "status/version");
    suite_add(&suite, algorithms_are_named_without_a_gap, NULL, NULL, NULL,
              "status/algorithms");
    return suite_run(&suite, argc, argv) != 0;
}
