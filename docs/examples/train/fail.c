/*
 * fail.c - how the examples end when something is wrong
 */
#include "fail.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

_Noreturn void fail(const char *format, ...)
{
    va_list arguments;

    fputs("\nerror: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(EXIT_FAILURE);
}

void must(tconv_status status, const tconv_error *error)
{
    if (status != TCONV_OK)
        fail("%s", error->message);
}

void *get_memory(int64_t count, size_t size)
{
    void *const memory = count < 0 ? NULL : calloc(count > 0 ? (size_t)count : 1, size);

    if (memory == NULL)
        fail("out of memory: %lld times %zu bytes", (long long)count, size);
    return memory;
}
