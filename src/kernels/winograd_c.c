/* Winograd's transforms, portable: what every 128-bit vector unit does. */
#define TCV_ISA c
#define TCV_BYTES 16
#include "kernels/winograd_types.h"
