/*
 * test_progress.c - the bar of a long `tconv upscale`
 *
 * On a terminal it appears after a second and is wiped out at the end, before
 * an error's line too.  Elsewhere there is none: test_upscale.c's stderr is a
 * file and stays empty.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/folder.h"
#include "cli/picture.h"

static struct command command;
static char seen[1 << 16]; /* by the terminal */

/* A terminal's master side; *name_out is the other, for the command. */
static int open_terminal(const char **name_out)
{
    const int master = posix_openpt(O_RDWR | O_NOCTTY);

    assert_true(master >= 0);
    assert_int_equal(grantpt(master), 0);
    assert_int_equal(unlockpt(master), 0);
    *name_out = ptsname(master);
    assert_non_null(*name_out);
    assert_int_equal(fcntl(master, F_SETFL, O_NONBLOCK), 0);
    return master;
}

/* Over a hundred million samples: seconds of work for any machine. */
static void upscale_on_a_terminal(unsigned long file_bytes)
{
    const struct picture_extras none = {0};
    const struct timespec time = {0, 10000000};
    struct command_limits limits = {file_bytes, 0, NULL, NULL};
    struct picture in = picture_make(600, 600, 3, 8);
    const int master = open_terminal(&limits.err_path);
    const int slave = open(limits.err_path, O_RDWR | O_NOCTTY); /* keeps it readable */
    size_t used = 0;
    bool is_running;

    picture_randomise(&in, 1);
    picture_write("in.png", &in, &none);
    picture_free(&in);
    command_start(&command, "upscale in.png out.png --scale 10", limits);
    do {
        ssize_t bytes;

        is_running = command_is_running(&command);
        while ((bytes = read(master, seen + used, sizeof seen - 1 - used)) > 0)
            used += (size_t)bytes;
        (void)nanosleep(&time, NULL);
    } while (is_running);
    seen[used] = '\0';
    (void)close(slave);
    (void)close(master);
    command_wait(&command);
}

/* What stands on the line that was written last. */
static const char *last_line(void)
{
    const char *const last = strrchr(seen, '\r');

    return last != NULL ? last + 1 : seen;
}

static void bar_comes_and_goes(void **state)
{
    (void)state;
    upscale_on_a_terminal(0);
    assert_int_equal(command.status, 0);
    assert_non_null(strstr(seen, "\r[####"));
    assert_non_null(strstr(seen, "....] "));
    assert_non_null(strstr(seen, "%"));
    assert_string_equal(last_line(), "");
    assert_null(strchr(seen, '\n'));
}

static void error_has_a_clean_line(void **state)
{
    static const char want[] = "\rtconv: error: cannot write out.png: File too large\r\n";

    (void)state;
    upscale_on_a_terminal(40000000);
    assert_int_equal(command.status, 1);
    assert_non_null(strstr(seen, "....] "));
    assert_true(strlen(seen) > sizeof want);
    assert_string_equal(seen + strlen(seen) - (sizeof want - 1), want);
    assert_int_equal(folder_count(), 1);
}

int main(int argc, char **argv)
{
    struct suite suite = {.name = "cli_progress"};

#define ADD(test)                                                                                  \
    suite_add(&suite, test, folder_setup, folder_teardown, NULL, "cli/progress/" #test)
    command_take_path(&argc, argv);
    ADD(bar_comes_and_goes);
    ADD(error_has_a_clean_line);
    return suite_run(&suite, argc, argv) != 0;
}
