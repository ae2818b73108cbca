/*
 * problem.h - from shapes and options to what the library wants
 */
#ifndef TCV_CLI_PROBLEM_H
#define TCV_CLI_PROBLEM_H

#include <stdbool.h>

#include "cli/options.h"
#include "cli/shape.h"

/*
 * Arrays of 3, 4 or 5 dimensions have 1, 2 or 3 spatial axes; two arrays of 2
 * dimensions are one picture of one channel and its kernel, short for
 * (1, 1, H, W) and (1, 1, KH, KW), and so is the output then.
 */
struct tcv_cli_problem {
    tconv_desc desc; /* without an epilogue */
    tconv_layout layout;
    bool is_picture;
    tconv_tensor input, weights, output;
};

/* Fills *problem_out, or says what does not fit; the shapes are as stored. */
int tcv_cli_problem_make(const struct tcv_geometry_options *geometry, tconv_layout layout,
                         tconv_dtype dtype, const struct tcv_shape *input,
                         const struct tcv_shape *weights, struct tcv_cli_problem *problem_out);

/*
 * The data gradient of the operation as a problem of its own: its input is the
 * gradient of outputs, its output that of inputs of the size that was given.
 */
int tcv_cli_problem_backward_data(const struct tcv_geometry_options *geometry, tconv_layout layout,
                                  const struct tcv_list *input_size, tconv_dtype dtype,
                                  const struct tcv_shape *gradient,
                                  const struct tcv_shape *weights,
                                  struct tcv_cli_problem *problem_out);

/* The operation whose weights, of the kernel size that was given, want a gradient. */
int tcv_cli_problem_backward_weights(const struct tcv_geometry_options *geometry,
                                     tconv_layout layout, const struct tcv_list *kernel_size,
                                     tconv_dtype dtype, const struct tcv_shape *input,
                                     const struct tcv_shape *gradient,
                                     struct tcv_cli_problem *problem_out);

/* The shape in which a file stores a tensor of logical size (N, C, spatial...). */
struct tcv_shape tcv_cli_problem_stored_shape(const struct tcv_cli_problem *problem,
                                              const int64_t *size, const char *name);

#endif
