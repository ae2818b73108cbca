/*
 * run.h - what the command line of `tconv run` says
 */
#ifndef TCV_CLI_RUN_H
#define TCV_CLI_RUN_H

#include <stdbool.h>

#include "cli/options.h"

struct tcv_run_options {
    const char *input, *weight, *bias, *output; /* paths; NULL if not given */
    struct tcv_geometry_options geometry;
    struct tcv_plan_options plan;
    struct tcv_activation activation;
    bool accumulate;
    struct tcv_ranges window; /* a count of 0 for the whole output */
};

/* Reads and checks the command line; after *help_out nothing else holds. */
int tcv_run_options_read(int argc, char **argv, struct tcv_run_options *run_out, bool *help_out);

#endif
