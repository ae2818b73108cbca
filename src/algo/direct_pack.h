/* direct_pack.h - packing weights for direct */
#ifndef TCV_ALGO_DIRECT_PACK_H
#define TCV_ALGO_DIRECT_PACK_H

#include "algo/algo.h"

bool tcv_direct_pack(const struct tcv_problem *p, const struct tcv_setup *setup, const void *w,
                     void *packed, void *scratch);

/*
 * TILES: splits a block of output channels and one of ic_count input channels, [classes][vectors]
 * [taps][ic_count][16 rows] at `from`, into parts at *to, and advances that.  False if one is too
 * large for it.
 */
bool tcv_bf16x3_split_weights(const struct tcv_setup *setup,
                              const struct tcv_direct_tables *tables, int64_t oc_count,
                              int64_t ic_count, const float *from, uint16_t **to);

/* TILES: floats of such a block, at most. */
int64_t tcv_bf16x3_pack_floats(const struct tcv_problem *p, const struct tcv_direct_grid *g);

#endif
