/*
 * options.h - command lines, read by a table of options
 */
#ifndef TCV_CLI_OPTIONS_H
#define TCV_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/values.h"

/* --name VALUE, read by read into *value; with no read a flag: bool *value. */
struct tcv_option {
    const char *name;
    tcv_value_reader *read;
    void *value;
};

#define TCV_MAX_OPTIONS 40

/* The options of one sub-command.  Start with {0}. */
struct tcv_options {
    struct tcv_option option[TCV_MAX_OPTIONS];
    size_t count;
};

/* Appends an option; there must be room. */
void tcv_options_add(struct tcv_options *options, const char *name, tcv_value_reader *read,
                     void *value);

/*
 * Reads argv[1] and on into the options' values, leaving untouched those that
 * are not given; --help and -h set *help_out and end the reading.  The operands
 * end up in argv[*first_operand_out] and on.  Takes a process's command line
 * once, as getopt_long() does.
 */
int tcv_options_read(const struct tcv_options *options, int argc, char **argv, bool *help_out,
                     int *first_operand_out);

/* Where the output lies and how large it is. */
struct tcv_geometry_options {
    struct tcv_list stride, dilation;
    struct tcv_list pad, pad_begin, pad_end;
    struct tcv_list output_padding, output_size;
    tconv_auto_pad auto_pad;
    int64_t groups;
    tconv_op op; /* not an option of its own: --op says more */
};

struct tcv_geometry_options tcv_geometry_options_default(void);
void tcv_geometry_options_add(struct tcv_options *options, struct tcv_geometry_options *geometry);

/* Refuses options that exclude each other. */
int tcv_geometry_options_check(const struct tcv_geometry_options *geometry);

/* How it is stored and computed. */
struct tcv_plan_options {
    tconv_layout layout;
    tconv_options options;
};

struct tcv_plan_options tcv_plan_options_default(void);
void tcv_plan_options_add(struct tcv_options *options, struct tcv_plan_options *plan);

/* What the help of every sub-command with these options says about them. */
#define TCV_GEOMETRY_HELP                                                                          \
    "Geometry (comma-separated, outermost axis first; one value serves all axes):\n"               \
    "  --stride S           upsampling factor (default 1)\n"                                       \
    "  --dilation D         distance of the kernel's taps, 1 is dense (default 1)\n"               \
    "  --pad P              outputs cropped at both ends; negative adds (default 0)\n"             \
    "  --pad-begin P        cropped at the beginning only\n"                                       \
    "  --pad-end P          cropped at the end only\n"                                             \
    "  --output-padding P   outputs added at the end (default 0)\n"                                \
    "  --output-size O      size of the output; --pad then crops the beginning only\n"             \
    "  --auto-pad RULE      same-upper, same-lower or valid, instead of paddings\n"                \
    "  --groups G           groups of channels (default 1)\n"

#define TCV_PLAN_HELP                                                                              \
    "  --layout ORDER       of input and output: ncx (default) or nxc, channels last\n"            \
    "  --algorithm NAME     auto (default), gemm, direct, winograd, bf16x3, columns,\n"            \
    "                       reference\n"                                                           \
    "  --threads N          at most N threads; 0 (default): as OpenMP would\n"                     \
    "  --workspace-limit B  at most B bytes of workspace; K, M, G are powers of 1024\n"

#define TCV_EXIT_HELP                                                                              \
    "Exit status: 0 done; 1 failed, one line on standard error says why; 2 wrong\n"                \
    "command line, likewise.\n"

#endif
