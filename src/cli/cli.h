/*
 * cli.h - what every part of the command shares: exit statuses and messages
 *
 * A function that can fail returns an exit status, and whoever finds the
 * failure says it: one call to tcv_cli_fail() or tcv_cli_usage() writes the one
 * line that a run may write, and its value is handed up unchanged.
 */
#ifndef TCV_CLI_CLI_H
#define TCV_CLI_CLI_H

#include <tconv/tconv.h>

enum {
    TCV_EXIT_OK = 0,
    TCV_EXIT_FAILED = 1, /* everything but the next */
    TCV_EXIT_USAGE = 2   /* the command line is wrong */
};

/* Writes "tconv: error: ..." as one line on stderr; returns TCV_EXIT_FAILED. */
int tcv_cli_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same for a wrong command line; returns TCV_EXIT_USAGE. */
int tcv_cli_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Writes text to stdout and flushes it; a full disk is a failure. */
int tcv_cli_print(const char *text);

/* Flushes what was printed to stdout; fails if any of it got lost. */
int tcv_cli_flush_stdout(void);

/* The sub-commands: argv[0] is the name of the sub-command. */
int tcv_cli_run(int argc, char **argv);
int tcv_cli_info(int argc, char **argv);
int tcv_cli_upscale(int argc, char **argv);

#endif
