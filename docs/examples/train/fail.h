/*
 * fail.h - how the examples end when something is wrong
 *
 * These are programs, so they may: a library would hand the message on.
 */
#ifndef TRAIN_FAIL_H
#define TRAIN_FAIL_H

#include <stddef.h>
#include <stdint.h>

#include <tconv/tconv.h>

/* Prints "error: ..." to stderr and exits with 1. */
_Noreturn void fail(const char *format, ...);

/* Fails with the library's own message unless status is TCONV_OK. */
void must(tconv_status status, const tconv_error *error);

/* Zeroed memory for count things of size bytes; fails if there is none. */
void *get_memory(int64_t count, size_t size);

#endif
