#include "support/runs_here.h"

#include "base/cpu.h"
#include "kernels/bf16x3.h"

bool runs_here(tconv_algorithm algorithm)
{
    return algorithm != TCONV_ALGORITHM_BF16X3 ||
           (tcv_bf16x3_select(tcv_cpu_features()).sums != NULL && tcv_cpu_permit_tiles());
}
