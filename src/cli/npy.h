/*
 * npy.h - arrays in NumPy's .npy files
 *
 * Read are versions 1.0, 2.0 and 3.0 with float32 or float64 of either byte
 * order, in C order.  Nothing is believed that the file's size does not
 * confirm, so the memory asked for never exceeds the file.
 */
#ifndef TCV_CLI_NPY_H
#define TCV_CLI_NPY_H

#include <stdbool.h>
#include <stdio.h>

#include "cli/outfile.h"
#include "cli/shape.h"

struct tcv_npy {
    FILE *stream;           /* stands at the first element; NULL when not open */
    struct tcv_shape shape; /* its name is the path */
    tconv_dtype dtype;
    bool swapped; /* bytes are in the order that this machine has not */
    size_t bytes; /* of all elements */
};

/* Opens a file and checks all but its elements.  Start with {0}. */
int tcv_npy_open(struct tcv_npy *npy, const char *path);

/* Reads the elements into memory from malloc() (NULL if there are none); once. */
int tcv_npy_read(struct tcv_npy *npy, void **data_out);

/* Closes the file; one that is not open is left alone. */
void tcv_npy_close(struct tcv_npy *npy);

/* Writes a file of version 1.0. */
int tcv_npy_write(struct tcv_outfile *file, tconv_dtype dtype, const struct tcv_shape *shape,
                  const void *data);

#endif
