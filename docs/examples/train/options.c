/*
 * options.c - the command line of a program that trains
 */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void misuse(const char *program, const char *what, const char *value)
{
    fprintf(stderr, "%s: %s%s (see %s --help)\n", program, what, value, program);
    exit(2);
}

static int64_t whole_number(const char *program, const char *text, int64_t least)
{
    char *end;
    long long value;

    errno = 0;
    value = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < least || value > INT32_MAX)
        misuse(program, "not a fitting whole number: ", text);
    return value;
}

static double number(const char *program, const char *text)
{
    char *end;
    const double value = strtod(text, &end);

    if (end == text || *end != '\0')
        misuse(program, "not a number: ", text);
    return value;
}

enum { EPOCHS = 1, STEPS, THREADS, SEED, CHECKPOINT, OUT, REQUIRE, WEIGHTS, HELP };

static const struct option names[] = {
    {"epochs", required_argument, NULL, EPOCHS},
    {"steps", required_argument, NULL, STEPS},
    {"threads", required_argument, NULL, THREADS},
    {"seed", required_argument, NULL, SEED},
    {"checkpoint", required_argument, NULL, CHECKPOINT},
    {"out", required_argument, NULL, OUT},
    {"require", required_argument, NULL, REQUIRE},
    {"weights", required_argument, NULL, WEIGHTS},
    {"help", no_argument, NULL, HELP},
    {NULL, 0, NULL, 0},
};

static void take(struct train_options *o, int option, const char *program, const char *help)
{
    switch (option) {
    case EPOCHS: o->epochs = whole_number(program, optarg, 0); break;
    case STEPS: o->steps_per_epoch = whole_number(program, optarg, 1); break;
    case THREADS: o->threads = (int32_t)whole_number(program, optarg, 1); break;
    case SEED: o->seed = (uint64_t)whole_number(program, optarg, 0); break;
    case CHECKPOINT: o->checkpoint = optarg; break;
    case OUT: o->out = optarg; break;
    case REQUIRE: o->require = number(program, optarg); break;
    case WEIGHTS:
        if (!o->takes_weights)
            misuse(program, "--weights is not an option here", "");
        o->weights = optarg;
        break;
    case HELP: fputs(help, stdout); exit(0);
    default: exit(2); /* getopt_long() has said why */
    }
}

int train_options_read(struct train_options *options, int argc, char **argv, const char *help,
                       const char **operand, int operands)
{
    int option;

    while ((option = getopt_long(argc, argv, "", names, NULL)) != -1)
        take(options, option, argv[0], help);
    if (argc - optind > operands)
        misuse(argv[0], "not expected: ", argv[optind + operands]);
    for (int i = optind; i < argc; i++)
        operand[i - optind] = argv[i];
    return argc - optind;
}
