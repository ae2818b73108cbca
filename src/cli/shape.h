/*
 * shape.h - the shape of an array as a file or an option states it
 */
#ifndef TCV_CLI_SHAPE_H
#define TCV_CLI_SHAPE_H

#include <stddef.h>
#include <stdint.h>

#include <tconv/tconv.h>

struct tcv_shape {
    const char *name; /* of the file or option, for messages */
    int rank;         /* 0 to TCONV_MAX_DIMS */
    int64_t size[TCONV_MAX_DIMS];
};

/* Room for every shape's text: 5 sizes of up to 19 digits, ", " and "()". */
#define TCV_SHAPE_TEXT_BYTES 128

/* "(2, 3, 4)", as Python writes it.  Returns text. */
const char *tcv_shape_text(const struct tcv_shape *shape, char text[TCV_SHAPE_TEXT_BYTES]);

/*
 * Bytes of a dense array of elements of element_bytes, or a status: it fails,
 * naming the array, if they are more than PTRDIFF_MAX.
 */
int tcv_shape_bytes(const struct tcv_shape *shape, size_t element_bytes, size_t *bytes_out);

size_t tcv_cli_dtype_bytes(tconv_dtype dtype);

/* "float32" or "float64". */
const char *tcv_cli_dtype_name(tconv_dtype dtype);

#endif
