/*
 * test_table.c - every algorithm on problems that have broken others, on real
 * numbers and on small integers, whose sums are exact
 */
#include "conform/cases.h"
#include "support/table.h"

int main(int argc, char **argv)
{
    struct suite suite = {.name = "table"};

    for (size_t i = 0; i < nasty_count; i++) {
        const struct problem problem = problem_from(nasty_problems[i]);
        const tconv_activation activation = problem.desc.epilogue.activation;

        conform_add(&suite, &problem, FILL_REAL, i, "");
        if (activation != TCONV_ACTIVATION_SIGMOID && activation != TCONV_ACTIVATION_TANH)
            conform_add(&suite, &problem, FILL_INTEGER, i, "/integers");
    }
    return conform_run(&suite, argc, argv) != 0;
}
