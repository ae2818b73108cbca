/*
 * values.c - the values of options that are numbers
 */
#include "cli/values.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

/*
 * Reads the whole number that *text begins with and moves *text past it.
 * strtoll() alone would also take blanks, a plus sign and what does not fit.
 */
static bool read_integer(const char **text, int64_t *value_out)
{
    const char *digits = **text == '-' ? *text + 1 : *text;
    long long value;
    char *end;

    if (*digits < '0' || *digits > '9')
        return false;
    errno = 0;
    value = strtoll(*text, &end, 10);
    if (errno != 0)
        return false;
    *text = end;
    *value_out = value;
    return true;
}

static int read_list(const char *option, const char *text, int64_t least, int most,
                     struct tcv_list *list_out)
{
    struct tcv_list list = {0, {0}};
    const char *at = text;

    do {
        if (list.count == most)
            return tcv_cli_usage("--%s is \"%s\"; it must have at most %d values", option, text,
                                 most);
        if (!read_integer(&at, &list.value[list.count]) || (*at != '\0' && *at != ','))
            return tcv_cli_usage("--%s is \"%s\"; it must be whole numbers separated by commas",
                                 option, text);
        if (list.value[list.count] < least)
            return tcv_cli_usage("--%s is \"%s\"; every value must be at least %d", option, text,
                                 (int)least);
        list.count++;
    } while (*at++ == ',');
    *list_out = list;
    return TCV_EXIT_OK;
}

int tcv_value_string(const char *option, const char *text, void *value_out)
{
    if (text[0] == '\0')
        return tcv_cli_usage("--%s is empty", option);
    *(const char **)value_out = text;
    return TCV_EXIT_OK;
}

int tcv_value_shape(const char *option, const char *text, void *value_out)
{
    return read_list(option, text, 0, TCONV_MAX_DIMS, value_out);
}

int tcv_value_positive(const char *option, const char *text, void *value_out)
{
    return read_list(option, text, 1, TCONV_MAX_SPATIAL, value_out);
}

int tcv_value_natural(const char *option, const char *text, void *value_out)
{
    return read_list(option, text, 0, TCONV_MAX_SPATIAL, value_out);
}

int tcv_value_signed(const char *option, const char *text, void *value_out)
{
    return read_list(option, text, INT64_MIN, TCONV_MAX_SPATIAL, value_out);
}

int tcv_value_count(const char *option, const char *text, void *value_out)
{
    const char *at = text;
    int64_t value;

    if (!read_integer(&at, &value) || *at != '\0' || value < 1)
        return tcv_cli_usage("--%s is \"%s\"; it must be a whole number of at least 1", option,
                             text);
    *(int64_t *)value_out = value;
    return TCV_EXIT_OK;
}

int tcv_value_threads(const char *option, const char *text, void *value_out)
{
    const char *at = text;
    int64_t value;

    if (!read_integer(&at, &value) || *at != '\0' || value < 0 || value > INT32_MAX)
        return tcv_cli_usage("--%s is \"%s\"; it must be a whole number from 0 to %d", option, text,
                             INT32_MAX);
    *(int32_t *)value_out = (int32_t)value;
    return TCV_EXIT_OK;
}

/* The power of two that a suffix stands for, or -1. */
static int suffix_shift(const char *suffix)
{
    if (suffix[0] == '\0')
        return 0;
    if (suffix[1] != '\0')
        return -1;
    switch (suffix[0]) {
    case 'K': return 10;
    case 'M': return 20;
    case 'G': return 30;
    default: return -1;
    }
}

int tcv_value_bytes(const char *option, const char *text, void *value_out)
{
    const char *at = text;
    int64_t value = 0;
    const bool is_number = read_integer(&at, &value) && value >= 0;
    const int shift = is_number ? suffix_shift(at) : -1;

    if (shift < 0)
        return tcv_cli_usage("--%s is \"%s\"; it must be a number of bytes, as 4194304 or 4M",
                             option, text);
    if ((uint64_t)value > SIZE_MAX >> shift)
        return tcv_cli_usage("--%s is \"%s\"; that is more than an address can count", option,
                             text);
    *(size_t *)value_out = (size_t)value << shift;
    return TCV_EXIT_OK;
}

int tcv_value_ranges(const char *option, const char *text, void *value_out)
{
    struct tcv_ranges ranges = {0, {0}, {0}};
    const char *at = text;

    do {
        const int axis = ranges.count++;

        if (axis == TCONV_MAX_SPATIAL)
            return tcv_cli_usage("--%s is \"%s\"; it must have at most %d ranges", option, text,
                                 TCONV_MAX_SPATIAL);
        if (!read_integer(&at, &ranges.begin[axis]) || *at++ != ':' ||
            !read_integer(&at, &ranges.end[axis]) || (*at != '\0' && *at != ','))
            return tcv_cli_usage("--%s is \"%s\"; it must be BEGIN:END[,BEGIN:END...]", option,
                                 text);
        if (ranges.begin[axis] < 0 || ranges.begin[axis] > ranges.end[axis])
            return tcv_cli_usage("--%s is \"%s\"; in each range 0 <= BEGIN <= END must hold",
                                 option, text);
    } while (*at++ == ',');
    *(struct tcv_ranges *)value_out = ranges;
    return TCV_EXIT_OK;
}
