/*
 * test_outputs.c - an output file is complete or absent, whatever happens
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/array.h"
#include "cli/command.h"
#include "cli/folder.h"

#define RUN "run --input x.npy --weight w.npy --output "

static struct array array;
static struct command command;

static void put_inputs(void)
{
    array_count_up(&array, "<f4", "1,1,3");
    array_write("x.npy", &array);
    array_count_up(&array, "<f4", "1,1,1");
    array_write("w.npy", &array);
    array_count_up(&array, "<f4", "1,1,3"); /* what the output must be */
}

static void full_device(void **state)
{
    struct stat about;

    (void)state;
    put_inputs();
    command_run(&command, RUN "/dev/full");
    assert_refused(&command, 1, "cannot write /dev/full: No space left on device");
    assert_int_equal(stat("/dev/full", &about), 0);
    assert_true(S_ISCHR(about.st_mode)); /* written to, not replaced */
}

/* A file that may not grow is as good as a full disk, and needs none. */
static void full_disk(void **state)
{
    static const struct command_limits limits = {2000, 0, NULL, NULL};

    (void)state;
    put_inputs();
    command_start(&command, RUN "y.npy --output-size 500", limits);
    command_wait(&command);
    assert_refused(&command, 1, "cannot write y.npy: File too large");
    assert_int_equal(folder_count(), 2);
    /* What was there before stays. */
    folder_write("y.npy", "old", 3);
    command_start(&command, RUN "y.npy --output-size 500", limits);
    command_wait(&command);
    assert_refused(&command, 1, "cannot write y.npy: File too large");
    assert_int_equal(folder_count(), 3);
    assert_int_equal(folder_read("y.npy", command.out, sizeof command.out), 3);
}

static void full_stdout(void **state)
{
    static const struct command_limits limits = {0, 0, "/dev/full", NULL};
    static const char *const words[] = {
        "--help",
        "run --help",
        "info --input-shape 1,1,3 --weight-shape 1,1,3",
        "info --input-shape 1,1,3 --weight-shape 1,1,3 --json",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        command_start(&command, words[i], limits);
        command_wait(&command);
        assert_refused(&command, 1, "cannot write to standard output: No space left");
    }
}

static void unwritable_places(void **state)
{
    (void)state;
    put_inputs();
    command_run(&command, RUN "none/y.npy");
    assert_refused(&command, 1, "cannot write none/y.npy: No such file or directory");
    command_run(&command, RUN ".");
    assert_refused(&command, 1, "cannot write .: Is a directory");
    command_run(&command, RUN "x.npy/y.npy");
    assert_refused(&command, 1, "cannot write x.npy/y.npy: Not a directory");
    assert_int_equal(folder_count(), 2);
    if (geteuid() == 0)
        return; /* who may write everything cannot see the rest */
    folder_write("y.npy", "old", 3);
    assert_int_equal(chmod(folder_path("y.npy"), 0444), 0);
    command_run(&command, RUN "y.npy");
    assert_refused(&command, 1, "cannot write y.npy: Permission denied");
}

static void takes_its_place(void **state)
{
    struct stat about;

    (void)state;
    put_inputs();
    folder_write("y.npy", "old", 3);
    assert_int_equal(chmod(folder_path("y.npy"), 0640), 0);
    command_run(&command, RUN "y.npy");
    assert_succeeded(&command);
    assert_array("y.npy", &array);
    assert_int_equal(stat(folder_path("y.npy"), &about), 0);
    assert_int_equal(about.st_mode & 07777, 0640); /* its permissions are kept */
    command_run(&command, RUN "x.npy");            /* over its own input */
    assert_succeeded(&command);
    assert_array("x.npy", &array);
    assert_int_equal(folder_count(), 3);
}

static void permissions_follow_the_mask(void **state)
{
    const mode_t mask = umask(027);
    struct stat about;

    (void)state;
    put_inputs();
    command_run(&command, RUN "y.npy");
    (void)umask(mask);
    assert_succeeded(&command);
    assert_int_equal(stat(folder_path("y.npy"), &about), 0);
    assert_int_equal(about.st_mode & 07777, 0640);
}

static void links_stay_links(void **state)
{
    struct stat about;

    (void)state;
    put_inputs();
    folder_write("target.npy", "old", 3);
    assert_int_equal(symlink("target.npy", folder_path("y.npy")), 0);
    command_run(&command, RUN "y.npy");
    assert_succeeded(&command);
    assert_array("target.npy", &array);
    assert_int_equal(lstat(folder_path("y.npy"), &about), 0);
    assert_true(S_ISLNK(about.st_mode));
    assert_int_equal(folder_count(), 4);
}

/* A sanitizer reserves terabytes of addresses for itself: no limit on them then. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { IS_SANITIZED = 1 };
#elif defined(__has_feature)
enum { IS_SANITIZED = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) };
#else
enum { IS_SANITIZED = 0 };
#endif

static void memory_runs_out(void **state)
{
    static const struct command_limits limits = {0, 4ul << 30, NULL, NULL};

    (void)state;
    if (IS_SANITIZED)
        skip();
    put_inputs();
    command_start(&command, RUN "y.npy --output-size 2000000000", limits);
    command_wait(&command);
    assert_refused(&command, 1, "out of memory: y.npy needs 8000000000 bytes");
    assert_int_equal(folder_count(), 2);
}

/* A file name is quoted in the message, and a message is one line. */
static void names_with_newlines(void **state)
{
    (void)state;
    put_inputs();
    command_run(&command, "run --input a\nb.npy --weight w.npy --output y.npy");
    assert_refused(&command, 1, "cannot read a?b.npy: No such file");
}

static void nap(void)
{
    const struct timespec time = {0, 2000000};

    (void)nanosleep(&time, NULL);
}

/*
 * Ten billion multiply-adds by the reference algorithm take many seconds; the
 * signal comes as soon as the file beside the target is seen.
 */
static void dies_of(int signal_number)
{
    array_count_up(&array, "<f4", "1,64,8,8");
    array_write("x.npy", &array);
    array_count_up(&array, "<f4", "64,64,1,1");
    array_write("w.npy", &array);
    command_start(&command, RUN "y.npy --algorithm reference --threads 1 --output-size 3000,3000",
                  (struct command_limits){0, 0, NULL, NULL});
    while (folder_count() == 2 && command_is_running(&command))
        nap();
    assert_int_equal(folder_count(), 3);
    assert_false(folder_has("y.npy"));
    assert_int_equal(kill(command.pid, signal_number), 0);
    command_wait(&command);
    assert_int_equal(command.status, -signal_number);
    assert_string_equal(command.err, "");
    assert_int_equal(folder_count(), 2);
}

static void interrupted(void **state)
{
    (void)state;
    dies_of(SIGINT);
}

static void terminated(void **state)
{
    (void)state;
    dies_of(SIGTERM);
}

static void hung_up(void **state)
{
    (void)state;
    dies_of(SIGHUP);
}

int main(int argc, char **argv)
{
    struct suite suite = {.name = "cli_outputs"};

#define ADD(test) suite_add(&suite, test, folder_setup, folder_teardown, NULL, "cli/outputs/" #test)
    command_take_path(&argc, argv);
    ADD(full_device);
    ADD(full_disk);
    ADD(full_stdout);
    ADD(unwritable_places);
    ADD(takes_its_place);
    ADD(permissions_follow_the_mask);
    ADD(links_stay_links);
    ADD(memory_runs_out);
    ADD(names_with_newlines);
    ADD(interrupted);
    ADD(terminated);
    ADD(hung_up);
    return suite_run(&suite, argc, argv) != 0;
}
