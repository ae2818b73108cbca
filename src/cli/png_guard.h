/*
 * png_guard.h - libpng's errors as return values
 *
 * libpng leaves a function that failed by longjmp().  Here setjmp() is called
 * in one place, around a step: a function of one argument, which owns nothing,
 * because a jump would lose it; what must survive hangs on the argument.
 */
#ifndef TCV_CLI_PNG_GUARD_H
#define TCV_CLI_PNG_GUARD_H

#include <stdbool.h>

#include <png.h>

/* The error pointer of a png_struct: what went wrong in its last step. */
struct tcv_png_error {
    char message[160];
};

/* Runs step(context); false if libpng reported an error meanwhile. */
bool tcv_png_guarded(png_structp png, void (*step)(void *context), void *context);

/* For png_create_read_struct() and its sister, with a struct tcv_png_error. */
void tcv_png_note_error(png_structp png, png_const_charp message);
void tcv_png_ignore_warning(png_structp png, png_const_charp message);

#endif
