/*
 * options.h - the command line of a program that trains
 */
#ifndef TRAIN_OPTIONS_H
#define TRAIN_OPTIONS_H

#include <stdint.h>

struct train_options {
    int64_t epochs; /* set before reading: the default, and so below */
    int64_t steps_per_epoch;
    int32_t threads; /* 1 or more */
    uint64_t seed;
    const char *checkpoint; /* NULL: none is kept */
    const char *out;        /* where results are written */
    double require;         /* the least result that counts as success */
    const char *weights;    /* NULL if not given; allowed if takes_weights */
    int takes_weights;
};

/* The lines of a --help that belong to these options. */
#define TRAIN_OPTIONS_HELP                                                                         \
    "  --epochs N         train until N epochs are done\n"                                         \
    "  --steps N          of an epoch\n"                                                           \
    "  --threads N        1 or more (default: 2); the result has the same bits with any\n"         \
    "  --seed N           another seed, other random numbers (default: 1)\n"                       \
    "  --checkpoint FILE  kept after every epoch; where it exists, training goes on\n"             \
    "                     from it\n"                                                               \
    "  --require X        exit with 1 if the result falls short of X\n"                            \
    "  --help             print this text\n"

#define TRAIN_EXIT_HELP "Exit status: 0, 2 for a wrong command line, 1 for everything else.\n"

/*
 * Reads the options and at most `operands` operands, which it stores at operand[].  Prints help
 * or a message and exits where one is due.  Returns how many operands there were.
 */
int train_options_read(struct train_options *options, int argc, char **argv, const char *help,
                       const char **operand, int operands);

#endif
