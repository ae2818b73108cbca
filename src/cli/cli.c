/*
 * cli.c - the one line that a failing command writes
 */
#include "cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/progress.h"

/*
 * A message quotes file names and arguments, which may hold anything.  Control
 * characters become '?', so that one message is always one line and cannot
 * drive the terminal.
 */
static void write_error(const char *format, va_list arguments)
{
    char line[8192];

    (void)vsnprintf(line, sizeof line, format, arguments);
    for (char *at = line; *at != '\0'; at++) {
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            *at = '?';
    }
    tcv_progress_end();
    (void)fprintf(stderr, "tconv: error: %s\n", line);
}

int tcv_cli_fail(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    write_error(format, arguments);
    va_end(arguments);
    return TCV_EXIT_FAILED;
}

int tcv_cli_usage(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    write_error(format, arguments);
    va_end(arguments);
    return TCV_EXIT_USAGE;
}

int tcv_cli_print(const char *text)
{
    (void)fputs(text, stdout); /* what goes wrong stays noted in the stream */
    return tcv_cli_flush_stdout();
}

int tcv_cli_flush_stdout(void)
{
    errno = 0;
    if (fflush(stdout) != 0 || ferror(stdout))
        return tcv_cli_fail("cannot write to standard output: %s",
                            errno != 0 ? strerror(errno) : "write error");
    return TCV_EXIT_OK;
}
