/*
 * call.h - one valid call of everything, for tests to spoil
 *
 * A 2-D problem, f32, two groups, with a bias; what its fields hold is in
 * call_valid().
 */
#ifndef ROBUST_CALL_H
#define ROBUST_CALL_H

#include <tconv/tconv.h>

struct call {
    tconv_desc desc;
    tconv_tensor input, weights, output;
    tconv_options options;
    tconv_buffers buffers;
    tconv_window window;
    const tconv_weights *packed;
    tconv_tensor other_input, other_output; /* to resize to */
};

/* Fills everything but the buffers' pointers and the packed weights. */
struct call call_valid(void);

/* Allocates what the buffers of a valid call point to; call_free() frees it. */
struct call_memory {
    tconv_plan *plan;
    tconv_weights *packed;
    float *input, *weights, *bias, *output;
    void *workspace;
};

struct call_memory call_allocate(struct call *call);
void call_free(struct call_memory *memory);

/* Elements of the valid call's tensors. */
enum { CALL_INPUTS = 2 * 4 * 3 * 5, CALL_WEIGHTS = 4 * 3 * 3 * 3, CALL_OUTPUTS = 2 * 6 * 5 * 9 };

#endif
