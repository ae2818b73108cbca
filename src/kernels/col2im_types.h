/*
 * col2im_types.h - both element types of the col2im kernels for one ISA
 *
 * Included by one file per instruction set with TCV_ISA (its name) and
 * TCV_BYTES (of a vector: 16, 32 or 64) defined.
 */
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "kernels/col2im.h"
#include "kernels/fma.h"
#include "kernels/stream.h"
#include "kernels/vector_part.h"

#define TCV_JOIN_(name, type, isa) name##_##type##_##isa
#define TCV_JOIN(name, type, isa) TCV_JOIN_(name, type, isa)

/* Any lanes of two vectors; narrower vectors have no such instruction, and go lane by lane. */
#if TCV_BYTES == 64
#define TCV_TAKE4(a, all, b) _mm512_permutex2var_ps((__m512)(a), (__m512i)(all), (__m512)(b))
#define TCV_TAKE8(a, all, b) _mm512_permutex2var_pd((__m512d)(a), (__m512i)(all), (__m512d)(b))
#endif

/* Low and high halves of two vectors, element by element in turns; their even and odd elements. */
#if TCV_BYTES == 16
#define TCV_LOW4(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define TCV_HIGH4(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#define TCV_LOW8(a, b) __builtin_shufflevector(a, b, 0, 2)
#define TCV_HIGH8(a, b) __builtin_shufflevector(a, b, 1, 3)
#define TCV_EVEN4(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6)
#define TCV_EVEN8(a, b) __builtin_shufflevector(a, b, 0, 2)
#define TCV_ODD4(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7)
#define TCV_ODD8(a, b) __builtin_shufflevector(a, b, 1, 3)
#elif TCV_BYTES == 32
#define TCV_LOW4(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define TCV_HIGH4(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#define TCV_LOW8(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define TCV_HIGH8(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#define TCV_EVEN4(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14)
#define TCV_EVEN8(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6)
#define TCV_ODD4(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15)
#define TCV_ODD8(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7)
#else
#define TCV_LOW4(a, b) \
    __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define TCV_HIGH4(a, b) \
    __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#define TCV_LOW8(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define TCV_HIGH8(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#define TCV_EVEN4(a, b) \
    __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)
#define TCV_EVEN8(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14)
#define TCV_ODD4(a, b) \
    __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31)
#define TCV_ODD8(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15)
#endif

#define TCV_UNROLL _Pragma("GCC unroll 8")

#define TCV_REAL float
#define TCV_INT int32_t
#define TCV_WIDTH (TCV_BYTES / 4)
#define TCV_KERNEL(name) TCV_JOIN(name, f32, TCV_ISA)
#define TCV_EXP expf
#define TCV_TANH tanhf
#define TCV_LOAD_LANES TCV_LOAD_LANES_F32
#define TCV_STORE_PART TCV_STORE_PART_F32
#define TCV_STREAM TCV_STREAM_F32
#define TCV_FMA TCV_FMA_F32
#define TCV_ZIP_LOW TCV_LOW4
#define TCV_ZIP_HIGH TCV_HIGH4
#define TCV_EVEN TCV_EVEN4
#define TCV_ODD TCV_ODD4
#define TCV_TAKE TCV_TAKE4
#include "kernels/col2im_template.h"
#include "kernels/zip_template.h"
#include "kernels/interleave_template.h"
#include "kernels/transpose_template.h"
#include "kernels/depth_template.h"
#include "kernels/pad_template.h"
#include "kernels/pick_template.h"
#include "kernels/split_template.h"
#undef TCV_REAL
#undef TCV_INT
#undef TCV_WIDTH
#undef TCV_KERNEL
#undef TCV_EXP
#undef TCV_TANH
#undef TCV_LOAD_LANES
#undef TCV_STORE_PART
#undef TCV_STREAM
#undef TCV_FMA
#undef TCV_ZIP_LOW
#undef TCV_ZIP_HIGH
#undef TCV_EVEN
#undef TCV_ODD
#undef TCV_TAKE

#define TCV_REAL double
#define TCV_INT int64_t
#define TCV_WIDTH (TCV_BYTES / 8)
#define TCV_KERNEL(name) TCV_JOIN(name, f64, TCV_ISA)
#define TCV_EXP exp
#define TCV_TANH tanh
#define TCV_LOAD_LANES TCV_LOAD_LANES_F64
#define TCV_STORE_PART TCV_STORE_PART_F64
#define TCV_STREAM TCV_STREAM_F64
#define TCV_FMA TCV_FMA_F64
#define TCV_ZIP_LOW TCV_LOW8
#define TCV_ZIP_HIGH TCV_HIGH8
#define TCV_EVEN TCV_EVEN8
#define TCV_ODD TCV_ODD8
#define TCV_TAKE TCV_TAKE8
#include "kernels/col2im_template.h"
#include "kernels/zip_template.h"
#include "kernels/interleave_template.h"
#include "kernels/transpose_template.h"
#include "kernels/depth_template.h"
#include "kernels/pad_template.h"
#include "kernels/pick_template.h"
#include "kernels/split_template.h"
