/*
 * command.h - runs the built command and keeps what it says
 */
#ifndef TESTS_CLI_COMMAND_H
#define TESTS_CLI_COMMAND_H

#include <stdbool.h>
#include <sys/types.h>

#include "support/suite.h"

/*
 * A main() of these tests: takes the command's path off argv[1], so that what
 * is left is what suite_run() wants.
 */
void command_take_path(int *argc, char **argv);

/*
 * Limits on a run; 0 or NULL for none.  A file limit as a full disk must leave
 * a kilobyte, which LLVM's OpenMP wants for itself when it starts.
 */
struct command_limits {
    unsigned long file_bytes;    /* no file may grow beyond */
    unsigned long address_bytes; /* no more memory than this */
    const char *out_path;        /* what stdout is; then nothing is kept of it */
    const char *err_path;        /* likewise */
};

struct command {
    pid_t pid;
    int status;        /* exit status, or minus the signal it died of */
    char out[1 << 16]; /* what it wrote to stdout and stderr, both cut to fit */
    char err[1 << 16];
    int out_file, err_file;
};

/*
 * Starts the command in the folder of the test with these words as arguments,
 * separated by blanks; "" is an empty word.  Dies after two minutes.
 */
void command_start(struct command *command, const char *words, struct command_limits limits);

/* Whether it has not ended yet. */
bool command_is_running(const struct command *command);

/* Waits for its end. */
void command_wait(struct command *command);

/* Both, without limits. */
void command_run(struct command *command, const char *words);

/* The command succeeded, and said nothing on stderr. */
void assert_succeeded(const struct command *command);

/*
 * The command failed with this status, said nothing on stdout, and one line on
 * stderr that contains the text.
 */
void assert_refused(const struct command *command, int status, const char *text);

#endif
