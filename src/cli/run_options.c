/*
 * run_options.c - what the command line of `tconv run` says
 */
#include <stddef.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/run.h"

/* In the order of enum tcv_operation. */
static const char *const operations[] = {"forward", "backward-data", "backward-weights", "conv"};
enum { OPERATIONS = 4 };

static int read_operation(const char *option, const char *text, void *value_out)
{
    for (int i = 0; i < OPERATIONS; i++) {
        if (strcmp(text, operations[i]) == 0) {
            *(enum tcv_operation *)value_out = (enum tcv_operation)i;
            return TCV_EXIT_OK;
        }
    }
    return tcv_cli_usage("--%s is \"%s\"; it must be %s, %s, %s or %s", option, text,
                         operations[0], operations[1], operations[2], operations[3]);
}

/* Which operations, in their order, must have an option, may (optionally), or must not. */
struct use {
    const char *option;
    bool given;
    const char *by; /* 'm', 'o' or '-' each */
};

static int check_uses(const struct tcv_run_options *run)
{
    const struct use uses[] = {
        {"--input", run->input != NULL, "m-mm"},
        {"--weight", run->weight != NULL, "mm-m"},
        {"--grad-output", run->grad_output != NULL, "-mm-"},
        {"--input-size", run->input_size.count > 0, "-m--"},
        {"--kernel-size", run->kernel_size.count > 0, "--m-"},
        {"--output", run->output != NULL, "mmmm"},
        {"--bias", run->bias != NULL, "o--o"},
        {"--bias-output", run->bias_output != NULL, "--o-"},
        {"--accumulate", run->accumulate, "oo-o"},
        {"--activation", run->activation.kind != TCONV_ACTIVATION_NONE, "o--o"},
        {"--window", run->window.count > 0, "oo-o"},
    };

    for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++) {
        if (uses[i].by[run->operation] == 'm' && !uses[i].given)
            return tcv_cli_usage("%s is missing (see tconv run --help)", uses[i].option);
        if (uses[i].by[run->operation] == '-' && uses[i].given)
            return tcv_cli_usage("%s does not go with --op %s (see tconv run --help)",
                                 uses[i].option, operations[run->operation]);
    }
    return TCV_EXIT_OK;
}

static void add_options(struct tcv_options *options, struct tcv_run_options *run)
{
    tcv_options_add(options, "op", read_operation, &run->operation);
    tcv_options_add(options, "input", tcv_value_string, &run->input);
    tcv_options_add(options, "weight", tcv_value_string, &run->weight);
    tcv_options_add(options, "bias", tcv_value_string, &run->bias);
    tcv_options_add(options, "output", tcv_value_string, &run->output);
    tcv_options_add(options, "grad-output", tcv_value_string, &run->grad_output);
    tcv_options_add(options, "bias-output", tcv_value_string, &run->bias_output);
    tcv_options_add(options, "input-size", tcv_value_positive, &run->input_size);
    tcv_options_add(options, "kernel-size", tcv_value_positive, &run->kernel_size);
    tcv_geometry_options_add(options, &run->geometry);
    tcv_plan_options_add(options, &run->plan);
    tcv_options_add(options, "activation", tcv_value_activation, &run->activation);
    tcv_options_add(options, "accumulate", NULL, &run->accumulate);
    tcv_options_add(options, "window", tcv_value_ranges, &run->window);
}

int tcv_run_options_read(int argc, char **argv, struct tcv_run_options *run_out, bool *help_out)
{
    struct tcv_options options = {{{NULL, NULL, NULL}}, 0};
    int first_operand = argc;
    int status;

    memset(run_out, 0, sizeof *run_out);
    run_out->geometry = tcv_geometry_options_default();
    run_out->plan = tcv_plan_options_default();
    add_options(&options, run_out);
    status = tcv_options_read(&options, argc, argv, help_out, &first_operand);
    if (status != TCV_EXIT_OK || *help_out)
        return status;
    if (first_operand < argc)
        return tcv_cli_usage("\"%s\" is not expected (see tconv run --help)", argv[first_operand]);
    status = check_uses(run_out);
    if (status != TCV_EXIT_OK)
        return status;
    if (run_out->operation == TCV_CONV)
        run_out->geometry.op = TCONV_CONV;
    return tcv_geometry_options_check(&run_out->geometry);
}
