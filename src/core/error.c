#include "core/error.h"

#include <stdarg.h>
#include <stdio.h>

tconv_status tcv_fail(tconv_error *error, tconv_status status, const char *format, ...)
{
    va_list arguments;

    if (error != NULL) {
        error->status = status;
        va_start(arguments, format);
        vsnprintf(error->message, sizeof error->message, format, arguments);
        va_end(arguments);
    }
    return status;
}
