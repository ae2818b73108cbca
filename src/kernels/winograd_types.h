/*
 * winograd_types.h - both element types of Winograd's transforms for one ISA
 *
 * Included by one file per instruction set with TCV_ISA (its name) and
 * TCV_BYTES (of a vector: 16, 32 or 64) defined.
 */
#include <float.h>
#include <stddef.h>

#include "kernels/winograd.h"

#define TCV_JOIN_(name, type, isa) name##_##type##_##isa
#define TCV_JOIN(name, type, isa) TCV_JOIN_(name, type, isa)

/* F(lane, j) for each lane of a vector. */
#define TCV_LIST2(F, j) F(0, j), F(1, j)
#define TCV_LIST4(F, j) TCV_LIST2(F, j), F(2, j), F(3, j)
#define TCV_LIST8(F, j) TCV_LIST4(F, j), F(4, j), F(5, j), F(6, j), F(7, j)
#define TCV_LIST16(F, j) \
    TCV_LIST8(F, j), F(8, j), F(9, j), F(10, j), F(11, j), F(12, j), F(13, j), F(14, j), F(15, j)

#define TCV_REAL float
#define TCV_WIDTH (TCV_BYTES / 4)
#define TCV_KERNEL(name) TCV_JOIN(name, f32, TCV_ISA)
#if TCV_BYTES == 16
#define TCV_LIST TCV_LIST4
#elif TCV_BYTES == 32
#define TCV_LIST TCV_LIST8
#else
#define TCV_LIST TCV_LIST16
#endif
#include "kernels/winograd_template.h"
#undef TCV_REAL
#undef TCV_WIDTH
#undef TCV_KERNEL
#undef TCV_LIST

#define TCV_REAL double
#define TCV_WIDTH (TCV_BYTES / 8)
#define TCV_KERNEL(name) TCV_JOIN(name, f64, TCV_ISA)
#if TCV_BYTES == 16
#define TCV_LIST TCV_LIST2
#elif TCV_BYTES == 32
#define TCV_LIST TCV_LIST4
#else
#define TCV_LIST TCV_LIST8
#endif
#include "kernels/winograd_template.h"
