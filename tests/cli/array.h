/*
 * array.h - .npy files, written and read without the command's own code
 */
#ifndef TESTS_CLI_ARRAY_H
#define TESTS_CLI_ARRAY_H

#include <stddef.h>
#include <stdint.h>

enum { ARRAY_MAX_RANK = 5, ARRAY_MAX_ELEMENTS = 4096 };

struct array {
    char descr[8]; /* "<f4" or "<f8" */
    int rank;
    int64_t size[ARRAY_MAX_RANK];
    double value[ARRAY_MAX_ELEMENTS];
};

int64_t array_elements(const struct array *array);

/* An array of the shape that a text like "2,3,4" says, values 1, 2, 3 ... */
void array_count_up(struct array *array, const char *descr, const char *shape);

/* The same, filled with these values. */
void array_fill(struct array *array, const char *descr, const char *shape, const double *values);

/* Writes version 1.0 as NumPy does. */
void array_write(const char *name, const struct array *array);

/* Writes any version and header, padded to 64 bytes, before these data. */
void array_write_raw(const char *name, int version, const char *header, const void *data,
                     size_t data_bytes);

/* Reads a file that must be laid out exactly as NumPy would write it. */
void array_read(const char *name, struct array *array);

/* The file holds an array of this type, shape and these very values. */
void assert_array(const char *name, const struct array *want);

#endif
