/*
 * options.c - command lines, read by a table of options
 */
#include "cli/options.h"

#include <assert.h>
#include <getopt.h>

#include "cli/cli.h"

void tcv_options_add(struct tcv_options *options, const char *name, tcv_value_reader *read,
                     void *value)
{
    assert(options->count < TCV_MAX_OPTIONS);
    options->option[options->count++] = (struct tcv_option){name, read, value};
}

/* What getopt_long() returns: code 0x100 + i is option[i], above every char. */
enum { FIRST_CODE = 0x100 };

/*
 * The option that getopt_long() has refused: a short one is in optopt, a long
 * one stands in the argument it has just passed.  -h exists, so there it is
 * --help that was given a value.
 */
static int refuse_unknown(const char *command, char **argv)
{
    if (optopt > 0 && optopt < FIRST_CODE && optopt != 'h')
        return tcv_cli_usage("there is no option -%c (see tconv %s --help)", optopt, command);
    return tcv_cli_usage("there is no option %s (see tconv %s --help)", argv[optind - 1], command);
}

static void fill_long_options(const struct tcv_options *options, struct option *table)
{
    size_t i;

    for (i = 0; i < options->count; i++) {
        const struct tcv_option *option = &options->option[i];

        table[i] =
            (struct option){option->name, option->read != NULL ? required_argument : no_argument,
                            NULL, FIRST_CODE + (int)i};
    }
    table[i++] = (struct option){"help", no_argument, NULL, 'h'};
    table[i] = (struct option){NULL, 0, NULL, 0};
}

int tcv_options_read(const struct tcv_options *options, int argc, char **argv, bool *help_out,
                     int *first_operand_out)
{
    struct option table[TCV_MAX_OPTIONS + 2];
    int code;

    *help_out = false;
    fill_long_options(options, table);
    /* The leading ':' keeps it silent, and a missing value apart from an unknown option. */
    while ((code = getopt_long(argc, argv, ":h", table, NULL)) != -1) {
        const struct tcv_option *option;
        int status = TCV_EXIT_OK;

        if (code == 'h') {
            *help_out = true;
            return TCV_EXIT_OK;
        }
        if (code == ':')
            return tcv_cli_usage("%s needs a value (see tconv %s --help)", argv[optind - 1],
                                 argv[0]);
        if (code < FIRST_CODE)
            return refuse_unknown(argv[0], argv);
        option = &options->option[code - FIRST_CODE];
        if (option->read == NULL)
            *(bool *)option->value = true;
        else
            status = option->read(option->name, optarg, option->value);
        if (status != TCV_EXIT_OK)
            return status;
    }
    *first_operand_out = optind;
    return TCV_EXIT_OK;
}

struct tcv_geometry_options tcv_geometry_options_default(void)
{
    const struct tcv_list none = {0, {0}};
    struct tcv_geometry_options geometry;

    geometry.stride = geometry.dilation = none;
    geometry.pad = geometry.pad_begin = geometry.pad_end = none;
    geometry.output_padding = geometry.output_size = none;
    geometry.auto_pad = TCONV_PAD_EXPLICIT;
    geometry.groups = 1;
    geometry.op = TCONV_CONV_TRANSPOSE;
    return geometry;
}

void tcv_geometry_options_add(struct tcv_options *options, struct tcv_geometry_options *geometry)
{
    tcv_options_add(options, "stride", tcv_value_positive, &geometry->stride);
    tcv_options_add(options, "dilation", tcv_value_positive, &geometry->dilation);
    tcv_options_add(options, "pad", tcv_value_signed, &geometry->pad);
    tcv_options_add(options, "pad-begin", tcv_value_signed, &geometry->pad_begin);
    tcv_options_add(options, "pad-end", tcv_value_signed, &geometry->pad_end);
    tcv_options_add(options, "output-padding", tcv_value_natural, &geometry->output_padding);
    tcv_options_add(options, "output-size", tcv_value_positive, &geometry->output_size);
    tcv_options_add(options, "auto-pad", tcv_value_auto_pad, &geometry->auto_pad);
    tcv_options_add(options, "groups", tcv_value_count, &geometry->groups);
}

int tcv_geometry_options_check(const struct tcv_geometry_options *geometry)
{
    const bool ends = geometry->pad_begin.count != 0 || geometry->pad_end.count != 0;
    const bool pads = ends || geometry->pad.count != 0;

    if (geometry->pad.count != 0 && ends)
        return tcv_cli_usage("--pad and --pad-begin or --pad-end exclude each other");
    if (geometry->auto_pad != TCONV_PAD_EXPLICIT && pads)
        return tcv_cli_usage("--auto-pad and --pad, --pad-begin or --pad-end exclude each other");
    if (geometry->output_size.count != 0 && geometry->output_padding.count != 0)
        return tcv_cli_usage("--output-size and --output-padding exclude each other");
    if (geometry->output_size.count != 0 && geometry->pad_end.count != 0)
        return tcv_cli_usage("--output-size and --pad-end exclude each other: "
                             "what is cropped at the end follows from the size");
    return TCV_EXIT_OK;
}

struct tcv_plan_options tcv_plan_options_default(void)
{
    return (struct tcv_plan_options){TCONV_NCX, tconv_options_default()};
}

void tcv_plan_options_add(struct tcv_options *options, struct tcv_plan_options *plan)
{
    tcv_options_add(options, "layout", tcv_value_layout, &plan->layout);
    tcv_options_add(options, "algorithm", tcv_value_algorithm, &plan->options.algorithm);
    tcv_options_add(options, "threads", tcv_value_threads, &plan->options.threads);
    tcv_options_add(options, "workspace-limit", tcv_value_bytes,
                    &plan->options.workspace_limit_bytes);
}
