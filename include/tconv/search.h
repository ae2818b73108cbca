/*
 * search.h - measuring which algorithm is the fastest; a part of <tconv/tconv.h>
 *
 * auto estimates.  Who would rather know has the algorithms timed once, keeps the
 * lines that come out, in a file say, and hands them to every later plan:
 *
 *     tconv_search(&desc, &input, &weights, &output, &options, line, &error);
 *     ... append line to text ...
 *     options.choices = text;
 *     tconv_plan_create(&desc, &input, &weights, &output, &options, &plan, &error);
 *
 * A line holds for one operation, shape, type, layout, number of threads and kind of
 * processor, all of which it names; others look for their own.  Of two lines for the
 * same the later counts, and whatever is no such line is passed over.
 */
#ifndef TCONV_SEARCH_H
#define TCONV_SEARCH_H

#include <tconv/tconv.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes of the longest line that tconv_search() writes, with its NUL. */
#define TCONV_CHOICE_BYTES 640

/**
 * Times the algorithms that auto may take, on zeros, and says which is the fastest.
 *
 * @param desc      The operation.  Not NULL.
 * @param input     As for tconv_plan_create().
 * @param weights   As for tconv_plan_create().
 * @param output    As for tconv_plan_create().
 * @param options   Or NULL for tconv_options_default(); its algorithm and choices
 *                  count for nothing.
 * @param line_out  line[TCONV_CHOICE_BYTES]: receives one line with its newline
 *                  and a NUL, or an empty one on failure.  Not NULL.
 * @param error     Receives the reason on failure, or NULL.
 * @return TCONV_OK.
 *         TCONV_ERR_NULL_POINTER: desc, a tensor or line_out is NULL.
 *         Else as tconv_plan_create(), and
 *         TCONV_ERR_OUT_OF_MEMORY: no memory for tensors of these sizes.
 * Threads: safe from any thread, but others' work falsifies the times.
 * Cost:    about ten executions of each algorithm, and at least some milliseconds;
 *          memory for input, weights, output, packed weights and workspaces.
 * Since:   0.1.0
 */
TCONV_API TCONV_NODISCARD tconv_status
tconv_search(const tconv_desc *desc, const tconv_tensor *input, const tconv_tensor *weights,
             const tconv_tensor *output, const tconv_options *options,
             char line_out[TCONV_CHOICE_BYTES], tconv_error *error);

#ifdef __cplusplus
}
#endif
#endif
