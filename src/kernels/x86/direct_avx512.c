/* The kernels of direct, compiled for AVX-512. */
#define TCV_ISA avx512
#define TCV_BYTES 64
#define TCV_REGISTERS 32
#include "kernels/direct_types.h"
