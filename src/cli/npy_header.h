/*
 * npy_header.h - the dictionary at the head of a .npy file
 */
#ifndef TCV_CLI_NPY_HEADER_H
#define TCV_CLI_NPY_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tconv/tconv.h>

struct tcv_npy_header {
    char descr[16]; /* type of the elements, as "<f4" */
    bool fortran_order;
    int rank;
    int64_t size[TCONV_MAX_DIMS];
};

/*
 * Reads text[length].  Returns NULL, or what is wrong with it in a few words.
 * Whether anybody can use the type and the order is not judged here.
 */
const char *tcv_npy_header_read(const char *text, size_t length, struct tcv_npy_header *header_out);

#endif
