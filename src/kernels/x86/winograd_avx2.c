/* Winograd's transforms, compiled for AVX2. */
#define TCV_ISA avx2
#define TCV_BYTES 32
#include "kernels/winograd_types.h"
