/* The col2im kernels, compiled for NEON. */
#define TCV_ISA neon
#define TCV_BYTES 16
#include "kernels/col2im_types.h"
