/* Winograd's transforms, compiled for NEON. */
#define TCV_ISA neon
#define TCV_BYTES 16
#include "kernels/winograd_types.h"
