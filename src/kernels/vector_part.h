/*
 * vector_part.h - loading some lanes of a vector, and storing the first n
 *
 * Loaded are lanes lo <= i < hi, 0 <= lo <= hi <= lanes, the others are 0; stored are the first n,
 * 0 < n < lanes.  Memory of other lanes is not touched.  With TCV_BYTES (of a vector) defined.
 */
#ifndef TCV_KERNELS_VECTOR_PART_H
#define TCV_KERNELS_VECTOR_PART_H

#if TCV_BYTES == 64

#include <immintrin.h>

#define TCV_FIRST(n) ((1u << (n)) - 1)
#define TCV_LANES(lo, hi) (TCV_FIRST(hi) & ~TCV_FIRST(lo))
#define TCV_LOAD_LANES_F32(p, lo, hi) _mm512_maskz_loadu_ps((__mmask16)TCV_LANES(lo, hi), p)
#define TCV_LOAD_LANES_F64(p, lo, hi) _mm512_maskz_loadu_pd((__mmask8)TCV_LANES(lo, hi), p)
#define TCV_STORE_PART_F32(p, n, v) _mm512_mask_storeu_ps(p, (__mmask16)TCV_FIRST(n), (__m512)(v))
#define TCV_STORE_PART_F64(p, n, v) _mm512_mask_storeu_pd(p, (__mmask8)TCV_FIRST(n), (__m512d)(v))

#elif TCV_BYTES == 32

#include <immintrin.h>

/* The top bit of lane i is set for i < n. */
#define TCV_FIRST_F32(n) \
    _mm256_cmpgt_epi32(_mm256_set1_epi32((int)(n)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7))
#define TCV_FIRST_F64(n) \
    _mm256_cmpgt_epi64(_mm256_set1_epi64x((long long)(n)), _mm256_setr_epi64x(0, 1, 2, 3))
#define TCV_LOAD_LANES_F32(p, lo, hi) \
    _mm256_maskload_ps(p, _mm256_andnot_si256(TCV_FIRST_F32(lo), TCV_FIRST_F32(hi)))
#define TCV_LOAD_LANES_F64(p, lo, hi) \
    _mm256_maskload_pd(p, _mm256_andnot_si256(TCV_FIRST_F64(lo), TCV_FIRST_F64(hi)))
#define TCV_STORE_PART_F32(p, n, v) _mm256_maskstore_ps(p, TCV_FIRST_F32(n), (__m256)(v))
#define TCV_STORE_PART_F64(p, n, v) _mm256_maskstore_pd(p, TCV_FIRST_F64(n), (__m256d)(v))

#else

#define TCV_LANE(p, lo, hi, i) ((lo) <= (i) && (i) < (hi) ? (p)[i] : 0)
#define TCV_LOAD_LANES_F32(p, lo, hi)                      \
    {TCV_LANE(p, lo, hi, 0), TCV_LANE(p, lo, hi, 1), TCV_LANE(p, lo, hi, 2), \
     TCV_LANE(p, lo, hi, 3)}
#define TCV_LOAD_LANES_F64(p, lo, hi) {TCV_LANE(p, lo, hi, 0), TCV_LANE(p, lo, hi, 1)}
#define TCV_STORE_PART_F32(p, n, v)    \
    do {                               \
        for (int i = 0; i < (n); i++)  \
            (p)[i] = (v)[i];           \
    } while (0)
#define TCV_STORE_PART_F64(p, n, v) ((void)(n), (p)[0] = (v)[0])

#endif

#endif
