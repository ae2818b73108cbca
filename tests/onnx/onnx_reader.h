/*
 * onnx_reader.h - one ConvTranspose test vector of ONNX, read into memory
 *
 * A vector is a directory with a model of one ConvTranspose node and one set of
 * data for it:
 *
 *     model.onnx                     ModelProto: the node, weights maybe
 *     test_data_set_0/input_K.pb     TensorProto: the K-th input not in the model
 *     test_data_set_0/output_0.pb    TensorProto: what the node should give
 *
 * The reader knows protobuf and ONNX's graph; it knows nothing of tconv but the
 * largest rank.  Whatever it does not understand is refused with a reason, so
 * that a vector cannot pass with half of it unread.
 */
#ifndef TESTS_ONNX_ONNX_READER_H
#define TESTS_ONNX_ONNX_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tconv/tconv.h>

/** A dense float tensor in C order; data is NULL for one that is not there. */
struct onnx_array {
    int32_t rank;
    int64_t size[TCONV_MAX_DIMS];
    size_t count; /* product of the sizes */
    float *data;
};

/** A list attribute; count is 0 if the node does not have it. */
struct onnx_ints {
    size_t count;
    int64_t value[2 * TCONV_MAX_SPATIAL];
};

/** The node's attributes, by their ONNX names, with ONNX's defaults. */
struct onnx_attributes {
    char auto_pad[16]; /* "NOTSET" unless said */
    int64_t group;     /* 1 unless said */
    struct onnx_ints strides;
    struct onnx_ints dilations;
    struct onnx_ints pads; /* all beginnings, then all ends */
    struct onnx_ints kernel_shape;
    struct onnx_ints output_padding;
    struct onnx_ints output_shape;
};

struct onnx_vector {
    int64_t opset; /* of the default operator domain */
    struct onnx_attributes attributes;
    struct onnx_array x; /* x[N][C_in][I...] */
    struct onnx_array w; /* w[C_in][C_out / group][k...] */
    struct onnx_array b; /* b[C_out], or none */
    struct onnx_array y; /* y[N][C_out][O...] */
    char reason[320];    /* why it could not be read */
};

/**
 * Reads the vector in a directory.
 *
 * @return true, or false with vector->reason set.  Either way the vector is to
 *         be given to onnx_vector_free().
 */
bool onnx_vector_read(const char *directory, struct onnx_vector *vector);

/** Frees what the vector owns, read wholly or in part. */
void onnx_vector_free(struct onnx_vector *vector);

#endif
