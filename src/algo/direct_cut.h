/* direct_cut.h - into which tiles direct cuts a problem */
#ifndef TCV_ALGO_DIRECT_CUT_H
#define TCV_ALGO_DIRECT_CUT_H

#include "algo/direct_grid.h"
#include "base/cpu.h"

/*
 * Sums of a block of channels, and the packed input beside them, in a 1 MiB L2.  Packed input of
 * all channels, to be used again by every block of output channels, may take TCV_KEPT_BYTES.
 */
#define TCV_DIRECT_SUM_BYTES (192 * 1024)
#define TCV_DIRECT_INPUT_BYTES (320 * 1024)

/* Sets the blocks of the axes, for tiles of about `most` positions, and the images of a tile. */
void tcv_direct_cut(const struct tcv_problem *p, struct tcv_direct_grid *g, int64_t most);

#endif
