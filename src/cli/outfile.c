/*
 * outfile.c - an output file that is complete or absent
 */
#include "cli/outfile.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"

static const int fatal_signals[] = {SIGINT, SIGTERM, SIGHUP};
enum { FATAL_SIGNALS = sizeof fatal_signals / sizeof fatal_signals[0] };

/* The new file beside the target, which a signal has to remove while it exists. */
static char temporary[PATH_MAX];
static volatile sig_atomic_t temporary_exists;

/*
 * A signal may arrive in any thread, and OpenBLAS starts some before main().
 * Only the thread that creates and renames files can block it meanwhile, so
 * only there is it acted upon.
 */
static pthread_t writer;

static void remove_and_die(int signal_number)
{
    if (!pthread_equal(pthread_self(), writer)) {
        (void)pthread_kill(writer, signal_number);
        return;
    }
    if (temporary_exists)
        (void)unlink(temporary);
    /* Kept back while its handler runs, the signal then does what it does. */
    (void)signal(signal_number, SIG_DFL);
    (void)raise(signal_number);
}

static void catch_signals(void)
{
    struct sigaction action;

    writer = pthread_self();
    memset(&action, 0, sizeof action);
    action.sa_handler = remove_and_die;
    (void)sigemptyset(&action.sa_mask);
    for (int i = 0; i < FATAL_SIGNALS; i++) {
        struct sigaction old;

        /* nohup and its like have these ignored: then they stay ignored. */
        if (sigaction(fatal_signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            (void)sigaction(fatal_signals[i], &action, NULL);
    }
}

static void block_signals(sigset_t *old)
{
    sigset_t set;

    (void)sigemptyset(&set);
    for (int i = 0; i < FATAL_SIGNALS; i++)
        (void)sigaddset(&set, fatal_signals[i]);
    (void)sigprocmask(SIG_BLOCK, &set, old);
}

/* Names the new file: in the target's directory, so that rename() can work. */
static bool name_temporary(const char *target)
{
    static const char pattern[] = ".tconv-XXXXXX";
    const char *slash = strrchr(target, '/');
    const size_t directory = slash != NULL ? (size_t)(slash - target) + 1 : 0;

    if (directory + sizeof pattern > sizeof temporary)
        return false;
    memcpy(temporary, target, directory);
    memcpy(temporary + directory, pattern, sizeof pattern);
    return true;
}

/* The permissions that the file would have without the detour. */
static mode_t permissions(const struct stat *existing)
{
    mode_t mask;

    if (existing != NULL)
        return existing->st_mode & 07777;
    mask = umask(0);
    (void)umask(mask);
    return 0666 & ~mask;
}

/* Creates and opens the new file; returns an errno value. */
static int open_temporary(struct tcv_outfile *file, const struct stat *existing)
{
    sigset_t old;
    int code = 0;
    int descriptor;

    if (!name_temporary(file->target))
        return ENAMETOOLONG;
    catch_signals();
    block_signals(&old);
    descriptor = mkstemp(temporary);
    if (descriptor < 0)
        code = errno;
    else
        temporary_exists = file->temporary = true;
    (void)sigprocmask(SIG_SETMASK, &old, NULL);
    if (descriptor < 0)
        return code;
    if (fchmod(descriptor, permissions(existing)) != 0 ||
        (file->stream = fdopen(descriptor, "wb")) == NULL) {
        code = errno;
        (void)close(descriptor);
    }
    return code;
}

int tcv_outfile_open(struct tcv_outfile *file, const char *path)
{
    struct stat existing;
    const bool exists = stat(path, &existing) == 0;
    int code = 0;

    *file = (struct tcv_outfile){NULL, path, NULL, false};
    if (exists && !S_ISREG(existing.st_mode)) {
        file->stream = fopen(path, "wb");
        code = file->stream == NULL ? errno : 0;
    } else if (exists && access(path, W_OK) != 0) {
        code = errno;
    } else {
        /* The file that a symbolic link leads to is replaced, not the link. */
        file->target = exists ? realpath(path, NULL) : strdup(path);
        code = file->target == NULL ? errno : open_temporary(file, exists ? &existing : NULL);
    }
    if (code == 0)
        return TCV_EXIT_OK;
    tcv_outfile_discard(file);
    return tcv_cli_fail("cannot write %s: %s", path, strerror(code));
}

int tcv_outfile_write(struct tcv_outfile *file, const void *data, size_t bytes)
{
    if (bytes > 0 && fwrite(data, 1, bytes, file->stream) != bytes)
        return tcv_cli_fail("cannot write %s: %s", file->path, strerror(errno));
    return TCV_EXIT_OK;
}

/* Pushes everything to the device; returns an errno value. */
static int finish_stream(struct tcv_outfile *file)
{
    int code = 0;

    if (fflush(file->stream) != 0 || (file->temporary && fsync(fileno(file->stream)) != 0))
        code = errno;
    else if (ferror(file->stream))
        code = EIO;
    if (fclose(file->stream) != 0 && code == 0)
        code = errno;
    file->stream = NULL;
    return code;
}

int tcv_outfile_commit(struct tcv_outfile *file)
{
    const char *const path = file->path;
    int code = finish_stream(file);

    if (code == 0 && file->temporary && rename(temporary, file->target) != 0)
        code = errno;
    /* After a rename the new file has another name, and discarding finds none. */
    tcv_outfile_discard(file);
    if (code != 0)
        return tcv_cli_fail("cannot write %s: %s", path, strerror(code));
    return TCV_EXIT_OK;
}

void tcv_outfile_discard(struct tcv_outfile *file)
{
    if (file->stream != NULL)
        (void)fclose(file->stream);
    if (file->temporary)
        (void)unlink(temporary);
    temporary_exists = false;
    free(file->target);
    *file = (struct tcv_outfile){NULL, NULL, NULL, false};
}
