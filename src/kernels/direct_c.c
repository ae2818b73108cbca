/* The kernels of direct, portable: what every 128-bit vector unit does. */
#define TCV_ISA c
#define TCV_BYTES 16
#define TCV_REGISTERS 16
#include "kernels/direct_types.h"
