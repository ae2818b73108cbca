/*
 * fma.h - a * b + c for vectors, rounded once where the machine can
 *
 * By name, since the files that use it must not have their other products and sums
 * contracted.  With TCV_BYTES (of a vector) defined.
 */
#ifndef TCV_KERNELS_FMA_H
#define TCV_KERNELS_FMA_H

#if TCV_BYTES == 64
#include <immintrin.h>
#define TCV_FMA_F32(a, b, c) (TCV_KERNEL(vec))_mm512_fmadd_ps((__m512)(a), (__m512)(b), (__m512)(c))
#define TCV_FMA_F64(a, b, c) \
    (TCV_KERNEL(vec))_mm512_fmadd_pd((__m512d)(a), (__m512d)(b), (__m512d)(c))
#elif TCV_BYTES == 32
#include <immintrin.h>
#define TCV_FMA_F32(a, b, c) (TCV_KERNEL(vec))_mm256_fmadd_ps((__m256)(a), (__m256)(b), (__m256)(c))
#define TCV_FMA_F64(a, b, c) \
    (TCV_KERNEL(vec))_mm256_fmadd_pd((__m256d)(a), (__m256d)(b), (__m256d)(c))
#elif defined(__aarch64__)
#include <arm_neon.h>
#define TCV_FMA_F32(a, b, c) \
    (TCV_KERNEL(vec))vfmaq_f32((float32x4_t)(c), (float32x4_t)(a), (float32x4_t)(b))
#define TCV_FMA_F64(a, b, c) \
    (TCV_KERNEL(vec))vfmaq_f64((float64x2_t)(c), (float64x2_t)(a), (float64x2_t)(b))
#else
#define TCV_FMA_F32(a, b, c) ((a) * (b) + (c))
#define TCV_FMA_F64(a, b, c) ((a) * (b) + (c))
#endif

#endif
