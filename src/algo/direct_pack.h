/* direct_pack.h - packing weights for direct */
#ifndef TCV_ALGO_DIRECT_PACK_H
#define TCV_ALGO_DIRECT_PACK_H

#include "algo/algo.h"

bool tcv_direct_pack(const struct tcv_problem *p, const struct tcv_setup *setup, const void *w,
                     void *packed, void *scratch);

#endif
