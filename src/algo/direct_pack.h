/* direct_pack.h - packing weights for direct */
#ifndef TCV_ALGO_DIRECT_PACK_H
#define TCV_ALGO_DIRECT_PACK_H

#include "algo/algo.h"

/* Taps that are dealt out together, at most. */
#define TCV_DEALT_MOST 64

bool tcv_direct_pack(const struct tcv_problem *p, const struct tcv_setup *setup, const void *w,
                     void *packed, void *scratch);

/*
 * Whether the taps of a channel are neighbours in w, forwards or backwards, and few enough to be
 * dealt out; then where they begin there, relative to tap 0.
 */
bool tcv_taps_are_dense(const struct tcv_problem *p, int64_t *lowest_out);

#endif
