/*
 * png_guard.c - libpng's errors as return values
 */
#include "cli/png_guard.h"

#include <setjmp.h>
#include <stdio.h>

bool tcv_png_guarded(png_structp png, void (*step)(void *context), void *context)
{
    if (setjmp(png_jmpbuf(png)) != 0)
        return false;
    step(context);
    return true;
}

void tcv_png_note_error(png_structp png, png_const_charp message)
{
    struct tcv_png_error *const error = png_get_error_ptr(png);

    (void)snprintf(error->message, sizeof error->message, "%s", message);
    png_longjmp(png, 1);
}

void tcv_png_ignore_warning(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}
