/*
 * test_networks.c - every algorithm, and auto, on the layers of published networks
 */
#include <string.h>

#include "conform/cases.h"
#include "support/table.h"

int main(int argc, char **argv)
{
    struct suite suite = {.name = "networks"};

    for (size_t i = 0; i < network_count; i++) {
        const struct problem problem = problem_from(network_problems[i]);

        conform_add_network(&suite, &problem, strstr(network_problems[i], "_n\""));
    }
    return conform_run(&suite, argc, argv) != 0;
}
