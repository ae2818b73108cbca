/*
 * values.h - the values of options: numbers, lists, windows, words
 *
 * Each tcv_value_... function reads text, the value given to --option, and
 * stores it in *value_out; what it cannot read is a wrong command line.  The
 * pointers are void so that a table of options can hold any of them.
 */
#ifndef TCV_CLI_VALUES_H
#define TCV_CLI_VALUES_H

#include <stdint.h>

#include <tconv/tconv.h>

/* Numbers separated by commas; no option given is a count of 0. */
struct tcv_list {
    int count;
    int64_t value[TCONV_MAX_DIMS];
};

/* Half-open ranges of outputs, one or one per axis. */
struct tcv_ranges {
    int count;
    int64_t begin[TCONV_MAX_SPATIAL];
    int64_t end[TCONV_MAX_SPATIAL];
};

struct tcv_activation {
    tconv_activation kind;
    double alpha;
    double beta;
};

typedef int tcv_value_reader(const char *option, const char *text, void *value_out);

tcv_value_reader tcv_value_string;     /* const char *: any text but "" */
tcv_value_reader tcv_value_shape;      /* struct tcv_list: 1 to 5 values >= 0 */
tcv_value_reader tcv_value_positive;   /* struct tcv_list: 1 to 3 values >= 1 */
tcv_value_reader tcv_value_natural;    /* struct tcv_list: 1 to 3 values >= 0 */
tcv_value_reader tcv_value_signed;     /* struct tcv_list: 1 to 3 values */
tcv_value_reader tcv_value_count;      /* int64_t >= 1 */
tcv_value_reader tcv_value_threads;    /* int32_t >= 0 */
tcv_value_reader tcv_value_bytes;      /* size_t, with K, M or G for powers of 1024 */
tcv_value_reader tcv_value_ranges;     /* struct tcv_ranges: B:E[,B:E...] */
tcv_value_reader tcv_value_auto_pad;   /* tconv_auto_pad */
tcv_value_reader tcv_value_layout;     /* tconv_layout */
tcv_value_reader tcv_value_dtype;      /* tconv_dtype */
tcv_value_reader tcv_value_algorithm;  /* tconv_algorithm */
tcv_value_reader tcv_value_method;     /* enum tcv_method */
tcv_value_reader tcv_value_activation; /* struct tcv_activation */

#endif
