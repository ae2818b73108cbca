/* error.h - filling the caller's tconv_error */
#ifndef TCV_CORE_ERROR_H
#define TCV_CORE_ERROR_H

#include <tconv/tconv.h>

/*
 * Sets *error, unless it is NULL, and returns status: "return tcv_fail(...)".
 * The message names the argument, its value and the rule.
 */
__attribute__((format(printf, 3, 4))) tconv_status
tcv_fail(tconv_error *error, tconv_status status, const char *format, ...);

#endif
