/*
 * stream.h - stores that go past the caches
 *
 * TCV_STREAM_F32(p, v) and _F64 store a vector of TCV_BYTES at p, a multiple of that, without
 * reading its line of memory first or keeping it.  A line whose vectors follow each other
 * leaves in one piece.  Where there is no such store it is an ordinary one.
 */
#ifndef TCV_KERNELS_STREAM_H
#define TCV_KERNELS_STREAM_H

#define TCV_LINE 64 /* bytes of a line of memory */

#if defined(__x86_64__)
#include <immintrin.h>
#if TCV_BYTES == 16
#define TCV_STREAM_F32(p, v) _mm_stream_ps(p, (__m128)(v))
#define TCV_STREAM_F64(p, v) _mm_stream_pd(p, (__m128d)(v))
#elif TCV_BYTES == 32
#define TCV_STREAM_F32(p, v) _mm256_stream_ps(p, (__m256)(v))
#define TCV_STREAM_F64(p, v) _mm256_stream_pd(p, (__m256d)(v))
#else
#define TCV_STREAM_F32(p, v) _mm512_stream_ps(p, (__m512)(v))
#define TCV_STREAM_F64(p, v) _mm512_stream_pd(p, (__m512d)(v))
#endif
#else
#define TCV_STREAM_F32(p, v) ((void)(*(TCV_KERNEL(vec) *)(p) = (v)))
#define TCV_STREAM_F64(p, v) TCV_STREAM_F32(p, v)
#endif

#endif
