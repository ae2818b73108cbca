/* options.h - the rules of tconv_options */
#ifndef TCV_API_OPTIONS_H
#define TCV_API_OPTIONS_H

#include <tconv/tconv.h>

tconv_status tcv_check_options(const tconv_options *options, tconv_error *error);

#endif
