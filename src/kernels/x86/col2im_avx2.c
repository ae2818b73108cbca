/* The col2im kernels, compiled for AVX2. */
#define TCV_ISA avx2
#define TCV_BYTES 32
#include "kernels/col2im_types.h"
