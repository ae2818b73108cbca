/* Winograd's transforms, compiled for AVX-512. */
#define TCV_ISA avx512
#define TCV_BYTES 64
#include "kernels/winograd_types.h"
