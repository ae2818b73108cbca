/*
 * command.c - runs the built command and keeps what it says
 */
#include "cli/command.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/folder.h"

enum { MAX_WORDS = 64, SECONDS = 120 };

static char command_path[4096];

void command_take_path(int *argc, char **argv)
{
    if (*argc < 2 || realpath(argv[1], command_path) == NULL) {
        (void)fprintf(stderr, "usage: %s COMMAND [PATTERN]\n", argv[0]);
        exit(2);
    }
    /* argv[argc] is NULL and moves along. */
    memmove(argv + 1, argv + 2, (size_t)(*argc - 1) * sizeof *argv);
    (*argc)--;
}

/* Splits text in place; the words point into it. */
static void split(char *text, char **words)
{
    int count = 0;

    words[count++] = command_path;
    for (char *word = strtok(text, " "); word != NULL; word = strtok(NULL, " ")) {
        if (strcmp(word, "\"\"") == 0)
            word[0] = '\0';
        words[count++] = word;
        if (count == MAX_WORDS)
            abort();
    }
    words[count] = NULL;
}

static void set_limit(int resource, unsigned long bytes)
{
    const struct rlimit limit = {bytes, bytes};

    if (bytes > 0 && setrlimit((__rlimit_resource_t)resource, &limit) != 0)
        _exit(126);
}

/* An unnamed file, so that the test's folder holds only what the command left. */
static int capture_file(void)
{
    char name[] = "/tmp/tconv-said-XXXXXX";
    const int file = mkstemp(name);

    assert_true(file >= 0);
    assert_int_equal(unlink(name), 0);
    return file;
}

void command_start(struct command *command, const char *words, struct command_limits limits)
{
    char text[4096];
    char *arguments[MAX_WORDS + 1];

    assert_true(strlen(words) < sizeof text);
    strcpy(text, words);
    split(text, arguments);
    command->out_file = capture_file();
    command->err_file = capture_file();
    (void)fflush(NULL);
    command->pid = fork();
    assert_true(command->pid >= 0);
    if (command->pid != 0)
        return;
    /* The child: nothing here may return into CMocka. */
    if (chdir(folder_path("")) != 0 || dup2(command->out_file, STDOUT_FILENO) < 0 ||
        dup2(command->err_file, STDERR_FILENO) < 0)
        _exit(126);
    if (limits.out_path != NULL && dup2(open(limits.out_path, O_WRONLY), STDOUT_FILENO) < 0)
        _exit(126);
    if (limits.err_path != NULL && dup2(open(limits.err_path, O_WRONLY), STDERR_FILENO) < 0)
        _exit(126);
    set_limit(RLIMIT_FSIZE, limits.file_bytes);
    set_limit(RLIMIT_AS, limits.address_bytes);
    (void)alarm(SECONDS);
    execv(command_path, arguments);
    _exit(127);
}

static void collect(int file, char *text, size_t text_bytes)
{
    const ssize_t bytes = pread(file, text, text_bytes - 1, 0);

    assert_true(bytes >= 0);
    text[bytes] = '\0';
    (void)close(file);
}

bool command_is_running(const struct command *command)
{
    siginfo_t ended;

    /* WNOWAIT leaves the end to be waited for; si_pid stays 0 if there is none. */
    memset(&ended, 0, sizeof ended);
    assert_int_equal(waitid(P_PID, (id_t)command->pid, &ended, WEXITED | WNOHANG | WNOWAIT), 0);
    return ended.si_pid == 0;
}

/*
 * LLVM's OpenMP leaves a file named after its process behind when that is killed,
 * an empty one if files may not grow.  A later process of the same number would map
 * it and die of SIGBUS.
 */
static void remove_traces(pid_t pid)
{
    char path[80];

    snprintf(path, sizeof path, "/dev/shm/__KMP_REGISTERED_LIB_%d_%d", (int)pid, (int)getuid());
    (void)unlink(path);
}

void command_wait(struct command *command)
{
    int status;

    assert_int_equal(waitpid(command->pid, &status, 0), command->pid);
    remove_traces(command->pid);
    command->status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    collect(command->out_file, command->out, sizeof command->out);
    collect(command->err_file, command->err, sizeof command->err);
}

void command_run(struct command *command, const char *words)
{
    command_start(command, words, (struct command_limits){0, 0, NULL, NULL});
    command_wait(command);
}

void assert_succeeded(const struct command *command)
{
    assert_string_equal(command->err, "");
    assert_int_equal(command->status, 0);
}

void assert_refused(const struct command *command, int status, const char *text)
{
    static const char prefix[] = "tconv: error: ";
    const char *const newline = strchr(command->err, '\n');

    if (strncmp(command->err, prefix, sizeof prefix - 1) != 0 || newline == NULL ||
        newline[1] != '\0' || strstr(command->err, text) == NULL)
        fail_msg("expected one line \"%s...%s...\" on stderr, got \"%s\"", prefix, text,
                 command->err);
    assert_string_equal(command->out, "");
    assert_int_equal(command->status, status);
}
