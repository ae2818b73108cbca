/*
 * shape.c - the shape of an array as a file or an option states it
 */
#include "cli/shape.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "cli/cli.h"

const char *tcv_shape_text(const struct tcv_shape *shape, char text[TCV_SHAPE_TEXT_BYTES])
{
    size_t used = 0;

    text[used++] = '(';
    for (int a = 0; a < shape->rank; a++)
        used += (size_t)snprintf(text + used, TCV_SHAPE_TEXT_BYTES - used, "%s%" PRId64,
                                 a > 0 ? ", " : "", shape->size[a]);
    (void)snprintf(text + used, TCV_SHAPE_TEXT_BYTES - used, shape->rank == 1 ? ",)" : ")");
    return text;
}

int tcv_shape_bytes(const struct tcv_shape *shape, size_t element_bytes, size_t *bytes_out)
{
    char text[TCV_SHAPE_TEXT_BYTES];
    size_t bytes = element_bytes;
    bool fits = true;

    /* An extent of 0 empties the array, however large the others are. */
    for (int a = 0; a < shape->rank; a++) {
        if (shape->size[a] == 0) {
            *bytes_out = 0;
            return TCV_EXIT_OK;
        }
    }
    for (int a = 0; a < shape->rank && fits; a++) {
        fits = (uint64_t)shape->size[a] <= (size_t)PTRDIFF_MAX / bytes;
        if (fits)
            bytes *= (size_t)shape->size[a];
    }
    if (!fits)
        return tcv_cli_fail("%s: an array of shape %s has more bytes than memory can hold",
                            shape->name, tcv_shape_text(shape, text));
    *bytes_out = bytes;
    return TCV_EXIT_OK;
}

size_t tcv_cli_dtype_bytes(tconv_dtype dtype)
{
    return dtype == TCONV_F64 ? sizeof(double) : sizeof(float);
}

const char *tcv_cli_dtype_name(tconv_dtype dtype)
{
    return dtype == TCONV_F64 ? "float64" : "float32";
}
