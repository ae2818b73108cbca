/*
 * run_options.c - what the command line of `tconv run` says
 */
#include <stddef.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/run.h"

/* The operations that --op is documented to have; this version has the first. */
static const char *const operations[] = {"forward", "backward-data", "backward-weights", "conv"};
enum { FORWARD, BACKWARD_DATA, BACKWARD_WEIGHTS, CONV, OPERATIONS };

/* Options of the other operations. */
struct other_options {
    int operation;
    const char *grad_output, *bias_output;
    struct tcv_list input_size, kernel_size;
};

static int read_operation(const char *option, const char *text, void *value_out)
{
    for (int i = 0; i < OPERATIONS; i++) {
        if (strcmp(text, operations[i]) == 0) {
            *(int *)value_out = i;
            return TCV_EXIT_OK;
        }
    }
    return tcv_cli_usage("--%s is \"%s\"; it must be %s, %s, %s or %s", option, text,
                         operations[FORWARD], operations[BACKWARD_DATA],
                         operations[BACKWARD_WEIGHTS], operations[CONV]);
}

static int check_other(const struct other_options *other)
{
    const char *given = other->grad_output != NULL      ? "--grad-output"
                        : other->bias_output != NULL    ? "--bias-output"
                        : other->input_size.count != 0  ? "--input-size"
                        : other->kernel_size.count != 0 ? "--kernel-size"
                                                        : NULL;

    if (other->operation != FORWARD)
        return tcv_cli_fail("--op %s is not available in this version (%s)",
                            operations[other->operation], tconv_version());
    if (given != NULL)
        return tcv_cli_usage("%s goes with --op %s or %s only", given, operations[BACKWARD_DATA],
                             operations[BACKWARD_WEIGHTS]);
    return TCV_EXIT_OK;
}

static int check_required(const struct tcv_run_options *run)
{
    const char *missing = run->input == NULL    ? "--input"
                          : run->weight == NULL ? "--weight"
                          : run->output == NULL ? "--output"
                                                : NULL;

    if (missing != NULL)
        return tcv_cli_usage("%s is missing (see tconv run --help)", missing);
    return TCV_EXIT_OK;
}

static void add_options(struct tcv_options *options, struct tcv_run_options *run,
                        struct other_options *other)
{
    tcv_options_add(options, "input", tcv_value_string, &run->input);
    tcv_options_add(options, "weight", tcv_value_string, &run->weight);
    tcv_options_add(options, "bias", tcv_value_string, &run->bias);
    tcv_options_add(options, "output", tcv_value_string, &run->output);
    tcv_geometry_options_add(options, &run->geometry);
    tcv_plan_options_add(options, &run->plan);
    tcv_options_add(options, "activation", tcv_value_activation, &run->activation);
    tcv_options_add(options, "accumulate", NULL, &run->accumulate);
    tcv_options_add(options, "window", tcv_value_ranges, &run->window);
    tcv_options_add(options, "op", read_operation, &other->operation);
    tcv_options_add(options, "grad-output", tcv_value_string, &other->grad_output);
    tcv_options_add(options, "bias-output", tcv_value_string, &other->bias_output);
    tcv_options_add(options, "input-size", tcv_value_positive, &other->input_size);
    tcv_options_add(options, "kernel-size", tcv_value_positive, &other->kernel_size);
}

int tcv_run_options_read(int argc, char **argv, struct tcv_run_options *run_out, bool *help_out)
{
    struct tcv_options options = {{{NULL, NULL, NULL}}, 0};
    struct other_options other = {FORWARD, NULL, NULL, {0, {0}}, {0, {0}}};
    int first_operand = argc;
    int status;

    memset(run_out, 0, sizeof *run_out);
    run_out->geometry = tcv_geometry_options_default();
    run_out->plan = tcv_plan_options_default();
    add_options(&options, run_out, &other);
    status = tcv_options_read(&options, argc, argv, help_out, &first_operand);
    if (status != TCV_EXIT_OK || *help_out)
        return status;
    if (first_operand < argc)
        return tcv_cli_usage("\"%s\" is not expected (see tconv run --help)", argv[first_operand]);
    if ((status = check_other(&other)) != TCV_EXIT_OK ||
        (status = check_required(run_out)) != TCV_EXIT_OK)
        return status;
    return tcv_geometry_options_check(&run_out->geometry);
}
