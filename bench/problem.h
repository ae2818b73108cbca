/*
 * problem.h - problems in the notation of oneDNN's benchdnn
 *
 *     g2mb1ic64oc32_ih14oh28kh4sh2dh0ph1_iw14ow28kw4sw2dw0pw1_n"name"
 *
 * Groups, batch, channels of input and output; then per axis (d, h, w; a 1-D problem has w alone)
 * i input, o output, k kernel, s stride, d dilation less one (0 is dense), p padding at the
 * beginning.  Missing ones are g1 mb1 s1 d0 p0; the padding at the end follows from o, and without
 * o it equals p.  A `_` may stand between any two.
 */
#ifndef BENCH_PROBLEM_H
#define BENCH_PROBLEM_H

#include <stdint.h>

#include "reason.h"

#define PROBLEM_TEXT 256
#define PROBLEM_NAME 48

struct problem {
    char text[PROBLEM_TEXT]; /* as it was read, without the name */
    char name[PROBLEM_NAME]; /* the text's beginning if it has none */
    int rank;                /* 1 to 3 spatial axes */
    int64_t groups, batch, ic, oc;
    /* Per axis, outermost first; [0] to [rank - 1]. */
    int64_t in[3], out[3], kernel[3], stride[3], pad[3];
    int64_t dilation[3]; /* 1 is dense, as in tconv.h */
};

/* False, and why, if the text is not of the notation or describes no problem. */
bool problem_parse(const char *text, struct problem *problem_out, struct reason *why);

/*
 * Reads a file of problems, one a line; empty lines and those that begin with # are skipped.
 * The array is the caller's to free(); NULL, and why, with the number of the line.
 */
struct problem *problems_read(const char *path, size_t *count_out, struct reason *why);

/* Product over the axes of an array of the problem. */
static inline int64_t problem_product(const struct problem *problem, const int64_t *extent)
{
    int64_t product = 1;

    for (int a = 0; a < problem->rank; a++)
        product *= extent[a];
    return product;
}

/*
 * Useful work: every input meets every weight of its group once, and a meeting is a product and a
 * sum.  What falls into the cropped padding counts, for every contestant alike.
 */
double problem_flops(const struct problem *problem);

#endif
