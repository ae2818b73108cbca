/*
 * problem.h - problems as strings, the notation of tests and error reports
 *
 *     g2mb3ic4oc6_ih5kh3sh2dh0ph1_iw7kw3sw2+bias+relu
 *
 * is oneDNN's benchdnn notation: groups, batch and channels, then per axis
 * (d, h, w; a 1-D problem has w alone) i input, o output, k kernel, s stride,
 * d dilation less one (0 is dense), p padding at the beginning.  Missing ones
 * are g1 mb1 s1 d0 p0; i and k must be there; a `_` may stand anywhere and
 * `_n"name"` at the end.  Without o the padding at the end equals p.
 * What benchdnn cannot say is added:
 *
 *     q  padding at the end           a  output padding
 *     +conv                           a convolution: i is its input, o its output
 *     +same-upper +same-lower +valid  how the paddings are found
 *     +bias +scale +shift +acc        the epilogue, and its activation:
 *     +relu +leaky:ALPHA +clip:ALPHA:BETA +sigmoid +tanh
 */
#ifndef SUPPORT_PROBLEM_H
#define SUPPORT_PROBLEM_H

#include <stdbool.h>

#include <tconv/tconv.h>

#define PROBLEM_TEXT 320

struct problem {
    tconv_desc desc;
    int64_t input[TCONV_MAX_DIMS];   /* N, C_in, I... */
    int64_t weights[TCONV_MAX_DIMS]; /* C_in, C_out / groups, k...; +conv: C_out, C_in / groups */
};

/* False if the text is not of the notation; does not judge the problem. */
bool problem_parse(const char *text, struct problem *problem_out);

/* As problem_parse(), but a text that is wrong fails the test. */
struct problem problem_from(const char *text);

/* The shortest text that parses to the problem; text[PROBLEM_TEXT]. */
void problem_print(const struct problem *problem, char *text);

/* Tensor dimensions: two more than spatial axes. */
static inline int problem_rank(const struct problem *problem)
{
    return problem->desc.spatial_rank + 2;
}

static inline int64_t problem_out_channels(const struct problem *problem)
{
    return problem->desc.op == TCONV_CONV ? problem->weights[0]
                                          : problem->weights[1] * problem->desc.groups;
}

/* Product of size[0] to size[rank - 1]. */
static inline int64_t elements(const int64_t *size, int rank)
{
    int64_t product = 1;

    for (int i = 0; i < rank; i++)
        product *= size[i];
    return product;
}

#endif
