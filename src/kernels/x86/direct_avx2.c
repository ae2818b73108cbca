/* The kernels of direct, compiled for AVX2. */
#define TCV_ISA avx2
#define TCV_BYTES 32
#define TCV_REGISTERS 16
#include "kernels/direct_types.h"
