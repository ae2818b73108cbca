/*
 * explain.h - what a plan will do and why; a part of <tconv/tconv.h>
 */
#ifndef TCONV_EXPLAIN_H
#define TCONV_EXPLAIN_H

#include <tconv/tconv.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a plan will do, as data. */
typedef struct tconv_explanation {
    size_t struct_size;        /* set by the caller to sizeof */
    tconv_algorithm algorithm; /* never AUTO */
    int32_t threads;           /* that an execution uses at most */
    int64_t tile[TCONV_MAX_SPATIAL]; /* input positions per tile and axis */
    int64_t tile_channels;     /* output channels per tile, of one group */
    double flops;              /* 2 * N * C_in * C_out / groups * taps * inputs (outputs) */
    double compulsory_bytes;   /* each tensor once: x, w, y (twice to accumulate) */
    size_t workspace_bytes;    /* for all threads */
    size_t weights_bytes;      /* of the packed weights */
} tconv_explanation;

/**
 * What a plan will do, as data.
 *
 * @param plan            Not NULL.
 * @param explanation_out Filled on success.  Not NULL.  Its struct_size must be
 *                        set before the call.
 * @param error           Receives the reason on failure, or NULL.
 * @return TCONV_OK.
 *         TCONV_ERR_NULL_POINTER: plan or explanation_out is NULL.
 *         TCONV_ERR_INVALID_ARGUMENT: struct_size is not a known one.
 * Threads: safe from any thread.  Cost: constant.  Since: 0.1.0
 */
TCONV_API TCONV_NODISCARD tconv_status
tconv_plan_explain(const tconv_plan *plan, tconv_explanation *explanation_out,
                   tconv_error *error);

/**
 * Why a plan does not use an algorithm.
 *
 * @param plan       Not NULL.
 * @param algorithm  Any value.
 * @return One line that lives as long as the plan, or NULL if the algorithm is
 *         the plan's own, AUTO or none.
 * Threads: safe from any thread.  Cost: constant.  Since: 0.1.0
 */
TCONV_API const char *tconv_plan_refusal(const tconv_plan *plan,
                                         tconv_algorithm algorithm);

/**
 * How long an algorithm would take, by estimate.
 *
 * The unit is one multiply-add at the full rate of the processor's vectors, so
 * that the costs of one plan compare; auto takes the lowest.  The estimate is for
 * one thread, and was calibrated with AVX-512 (docs/performance.md says how often
 * it is right); tconv_search() measures instead.
 *
 * @param plan       Not NULL.
 * @param algorithm  Any value.
 * @return The cost, above 0; or 0 if the plan did not consider the algorithm: it
 *         refuses, auto may not take it, another was asked for, or it is none.
 * Threads: safe from any thread.  Cost: constant.  Since: 0.1.0
 */
TCONV_API double tconv_plan_cost(const tconv_plan *plan, tconv_algorithm algorithm);

/**
 * What a plan will do, in words: several lines, each ending in a newline.
 *
 * @param plan        Not NULL.
 * @param text        Receives text[text_bytes], cut short if need be and then
 *                    still NUL-terminated; may be NULL if text_bytes is 0.
 * @param text_bytes  Its size.
 * @return Bytes that the whole text has, without the NUL, as snprintf().
 * Threads: safe from any thread.
 * Cost:    microseconds.
 * Since:   0.1.0
 */
TCONV_API size_t tconv_plan_describe(const tconv_plan *plan, char *text,
                                     size_t text_bytes);

#ifdef __cplusplus
}
#endif
#endif
