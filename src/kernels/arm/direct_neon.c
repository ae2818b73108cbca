/* The kernels of direct, compiled for NEON: the vectors of the portable ones, twice as many. */
#define TCV_ISA neon
#define TCV_BYTES 16
#define TCV_REGISTERS 32
#include "kernels/direct_types.h"
