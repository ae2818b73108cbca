/*
 * run.h - what the command line of `tconv run` says
 */
#ifndef TCV_CLI_RUN_H
#define TCV_CLI_RUN_H

#include <stdbool.h>

#include "cli/options.h"

enum tcv_operation { TCV_FORWARD, TCV_BACKWARD_DATA, TCV_BACKWARD_WEIGHTS, TCV_CONV };

struct tcv_run_options {
    enum tcv_operation operation;
    const char *input, *weight, *bias, *output; /* paths; NULL if not given */
    const char *grad_output, *bias_output;
    struct tcv_list input_size, kernel_size;
    struct tcv_geometry_options geometry;
    struct tcv_plan_options plan;
    struct tcv_activation activation;
    bool accumulate;
    struct tcv_ranges window; /* a count of 0 for the whole output */
};

/* Reads and checks the command line; after *help_out nothing else holds. */
int tcv_run_options_read(int argc, char **argv, struct tcv_run_options *run_out, bool *help_out);

/* `tconv run --op backward-weights` */
int tcv_cli_run_weights(const struct tcv_run_options *options);

#endif
