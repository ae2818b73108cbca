/* The col2im kernels, compiled for AVX-512. */
#define TCV_ISA avx512
#define TCV_BYTES 64
#include "kernels/col2im_types.h"
