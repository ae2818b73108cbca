/*
 * test_generated.c - every algorithm on the problems of many seeds
 *
 * A case is named by its problem and by its seed: `conform/.../<problem>#<seed>`.
 */
#include <stdio.h>

#include "conform/cases.h"
#include "support/generate.h"

enum { SEEDS = 400 };

int main(int argc, char **argv)
{
    struct suite suite = {.name = "generated"};

    for (unsigned seed = 0; seed < SEEDS; seed++) {
        const struct problem problem = generate_problem(seed), conv = generate_conv(seed);
        char suffix[16];

        snprintf(suffix, sizeof suffix, "#%u", seed);
        conform_add(&suite, &problem, FILL_REAL, seed, suffix);
        conform_add(&suite, &conv, FILL_REAL, seed, suffix);
    }
    return conform_run(&suite, argc, argv) != 0;
}
