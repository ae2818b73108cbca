/* overlap.h - the overlap of a transposed convolution, printed and drawn */
#ifndef TCV_CLI_OVERLAP_H
#define TCV_CLI_OVERLAP_H

#include "cli/json.h"
#include "cli/problem.h"

/* The member "overlap", unless strides or kernel are beyond all use. */
void tcv_cli_overlap_json(struct tcv_json *json, const struct tcv_cli_problem *problem);

/* The lines of tconv_overlap_describe(), likewise. */
int tcv_cli_overlap_print(const struct tcv_cli_problem *problem);

/*
 * Writes a PNG file of the last two axes' outputs away from the border, each a square
 * as bright as the number of its hits.
 */
int tcv_cli_overlap_draw(const struct tcv_cli_problem *problem, const char *path);

#endif
